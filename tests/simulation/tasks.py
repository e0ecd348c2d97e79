"""What a run is made of."""

import msgspec

MODES = ("none", "restore", "copyback", "rollback", "clone")
"""no disaster; data restored by command; data folder copied back; a phone's storage put back; a phone cloned"""


class Task(msgspec.Struct, frozen=True):
    """One run."""

    seed: int
    mode: str
    edits: int = 200
    trace: bool = False
