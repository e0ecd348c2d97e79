"""The progress of test games: a small file in the folder of each run, which is overwritten.

Its content is sent to connected phones only. Lines of `metrics.jsonl` are kept, and there would be two a second.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.runs.run_folder import RunFolder
from shared_py.protocol import EvaluationProgress, Run

REPEAT_S = 5.0
"""progress that has not changed, as in a pause, is sent again after this time"""
_decoder = msgspec.json.Decoder(EvaluationProgress)
_encoder = msgspec.json.Encoder()


def write_progress(path: Path, progress: EvaluationProgress) -> None:
    """Replace the file; an error, as on a full disk, does not stop the training."""
    unfinished = path.with_suffix(".tmp")
    with suppress(OSError):
        unfinished.write_bytes(_encoder.encode(progress))
        unfinished.replace(path)


class _Seen(Struct, frozen=True):
    """The state of a file when it was last read."""

    written_ns: int = 0
    read_s: float = 0.0


class ProgressReader:
    """Reads files that have changed, and repeats others for phones that have connected since."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._seen: dict[str, _Seen] = {}

    def read(self, active: Sequence[Run]) -> list[EvaluationProgress]:
        """The progress to send, of the active runs that play test games."""
        self._seen = {run.id: self._seen.get(run.id, _Seen()) for run in active}
        found, now_s = [], time.monotonic()
        for run in active:
            path = RunFolder(self._runs_dir / run.id).progress
            with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                seen, written_ns = self._seen[run.id], path.stat().st_mtime_ns
                is_due = written_ns != seen.written_ns or now_s >= seen.read_s + REPEAT_S
                if run.phase == "evaluating" and is_due:
                    found.append(msgspec.structs.replace(_decoder.decode(path.read_bytes()), run_id=run.id))
                    self._seen[run.id] = _Seen(written_ns, now_s)
        return found
