"""Limits on the size of a network: beyond them it could not be trained or played here."""

from shared_py.blocks.base import Sizes
from shared_py.messages import Params
from shared_py.problems import Problem, make_problem

MAX_PARAMETERS = 100_000_000
"""a network beyond this is refused: no phone could play it, and a small server could not hold it while training"""

MAX_CALLS = 4000
"""blocks computed for one board; repeats within repeats would run for ever"""

MAX_MULTIPLY_ADDS = 4_000_000_000
"""of one board's forward pass; beyond it the checks of a compile alone take minutes on a small server"""

MAX_BOARD_BYTES = 64_000_000
"""kept of one board for the backward pass; a small server trains dozens at once"""

MAX_LEVELS = 32
"""containers that run within each other, links followed"""


def check_limits(sizes: Sizes) -> list[Problem]:
    """Check the sums over a design."""
    found = []
    if sizes.parameters > MAX_PARAMETERS:
        found.append(_beyond("too_large", sizes.parameters, MAX_PARAMETERS))
    if sizes.calls > MAX_CALLS:
        found.append(_beyond("too_many_calls", sizes.calls, MAX_CALLS))
    if sizes.flops > MAX_MULTIPLY_ADDS:
        found.append(_beyond("too_heavy", sizes.flops, MAX_MULTIPLY_ADDS))
    kept = max(sizes.activation_bytes, sizes.uncheckpointed_bytes)
    if kept > MAX_BOARD_BYTES:
        params: Params = {"megabytes": kept // 1_000_000, "most": MAX_BOARD_BYTES // 1_000_000}
        found.append(make_problem("too_much_memory", params, expected=str(MAX_BOARD_BYTES), received=str(kept)))
    if sizes.levels > MAX_LEVELS:
        params = {"case": "levels", "most": MAX_LEVELS}
        found.append(make_problem("too_deep", params, expected=str(MAX_LEVELS), received=str(sizes.levels)))
    return found


def _beyond(code: str, count: int, most: int) -> Problem:
    return make_problem(code, {"count": count, "most": most}, expected=str(most), received=str(count))
