"""What a worker sends to the server, and what the server has of it; both sides import this, and it imports nothing of either."""

from msgspec import Struct

FileNames = dict[str, str]
"""checkpoints by their place in the run's folder, each with the id of its content"""


class Piece(Struct, frozen=True):
    """A part of a checkpoint."""

    content_id: str
    offset: int
    content: bytes
    size: int
    """of the whole checkpoint"""


class Batch(Struct, frozen=True):
    """What has happened in the folder of a run since the last acknowledgement, a few megabytes at most."""

    lines: bytes = b""
    """whole lines of `metrics.jsonl`, from the acknowledged offset on"""
    log: bytes = b""
    """of `log.txt`, from the acknowledged offset on"""
    piece: Piece | None = None
    """the next part of a new checkpoint"""
    names: FileNames | None = None
    """the checkpoints there are, once the server has the content of each"""
    progress: bytes | None = None
    """`progress.json`, where it has changed"""
    steps: int = 0
    """moves played at the last heartbeat"""
    is_saving: bool = False
    is_responding: bool = True
    """whether the trainer responds, as its node sees it"""
    has_ended: bool = False
    """whether the trainer is gone, and the server has everything"""


class Received(Struct):
    """What the server has stored: the next batch begins there, so a batch that was lost is sent again, and no byte twice."""

    lines: int = 0
    log: int = 0
    content_id: str = ""
    content_bytes: int = 0
    names: FileNames = {}  # msgspec copies it
