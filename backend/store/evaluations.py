"""The test games of runs by the processor time that training had used before them."""

import logging

import msgspec
from msgspec import Struct

from backend.store.database import Transaction
from backend.store.stored import text_of
from shared_py.protocol import Evaluation

_log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(Evaluation)
# the first condition is that of the index `evaluations`, which is used only where the text is the same
_WITHIN = """SELECT run_id, max(processor_s), payload FROM messages
    WHERE series IN ('evaluation greedy', 'evaluation sampled') AND superseded = 0
    AND processor_s <= ? AND typeof(processor_s) IN ('real', 'integer')
    GROUP BY run_id, series ORDER BY run_id, series DESC"""
LAST_MEASURED = """SELECT run_id, max(processor_s) FROM messages
    WHERE series IN ('evaluation greedy', 'evaluation sampled') AND superseded = 0 GROUP BY run_id"""


class RunTests(Struct, frozen=True):
    """What test games say about the runs of a server."""

    within: dict[str, Evaluation]
    """by run, its last test games within the budget"""
    unmeasured: frozenset[str]
    """runs of which no test games have a processor time, because an older version trained them"""


def tested_within(transaction: Transaction, processor_s: float) -> RunTests:
    """The last test games of each run at or before a processor time: of the best move, else of sampled moves."""
    rows = transaction.rows(_WITHIN, processor_s)
    within: dict[str, Evaluation] = {}
    for run_id, _, payload in rows:
        try:
            within[text_of(run_id)] = _decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeError, TypeError) as error:
            _log.warning("test games of run %s cannot be read and are left out: %s", text_of(run_id), error)
    everyone = transaction.rows(LAST_MEASURED)
    return RunTests(within, frozenset(text_of(run_id) for run_id, used_s in everyone if used_s is None))
