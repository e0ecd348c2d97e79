"""Derives the kind of a run's failure from its reason, so that runs of older versions have one too.

Imports neither torch nor the server.
"""

from backend.errors import ADVICE, ALL_DAMAGED
from shared_py.protocol import RunFailure, RunStatus

DISK_FULL = "no space left on the server's disk; free some and resume"
NODE_DISK_FULL = "no space left on the disk of the node where it was trained; free some there and resume"
FILES_GONE = "the files of this run are missing"
OUT_OF_MEMORY = "needs more memory than"
CANNOT_COMPILE = "this machine cannot prepare the network with torch.compile"
CANNOT_START = "the training process could not be started"
DIED_AT_START = "the training process exited without a message"
FILES_UNUSABLE = "the server cannot use the files of this run"
NOT_REGISTERED = "which has not been registered"
IGNORED_STOP = "it did not respond to a stop"
UNKILLABLE = "its process does not end even when killed, as when a disk or a device hangs; restart the machine if it stays so"

_KINDS: tuple[tuple[str, RunFailure], ...] = (
    (DISK_FULL, "disk_full"),
    (NODE_DISK_FULL, "disk_full"),
    (FILES_GONE, "files_missing"),
    (OUT_OF_MEMORY, "out_of_memory"),
    (CANNOT_COMPILE, "compiler"),
    (ALL_DAMAGED, "damaged_checkpoint"),
    (CANNOT_START, "not_started"),
    (DIED_AT_START, "not_started"),
    (FILES_UNUSABLE, "files_unusable"),
    (NOT_REGISTERED, "unknown_trainer"),
    (IGNORED_STOP, "unresponsive"),
    (UNKILLABLE, "unkillable"),
    (ADVICE, "diverged"),
    ("killed by SIGKILL", "killed"),
    ("killed by ", "crashed"),
    ("ended without a result", "crashed"),
)
"""a part of the reason (the last three are of `process.describe_exit`) and what it stands for; the first one counts"""


def failure_of(status: RunStatus, reason: str | None) -> RunFailure | None:
    """The kind of failure of a run with this status and reason; None where it did not fail."""
    if status == "interrupted":
        return "interrupted"
    if status not in ("failed", "stopped") or reason is None:
        return "error" if status == "failed" else None
    found = next((kind for part, kind in _KINDS if part in reason), None)
    return found or ("error" if status == "failed" else None)
