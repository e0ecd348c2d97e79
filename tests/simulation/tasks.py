"""What a run is made of."""

import msgspec

MODES = ("none", "restore", "copyback", "rollback", "clone")
"""no disaster; data restored by command; data folder copied back; a phone's storage put back; a phone cloned"""
COMBINED_MODES = ("rollback+copyback", "clone+copyback")
"""two kinds of disaster in one run"""


class Task(msgspec.Struct, frozen=True):
    """One run."""

    seed: int
    mode: str
    edits: int = 200
    trace: bool = False
