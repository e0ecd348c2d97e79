"""What can be told of a checkpoint's file without torch: whether it is whole, and what it is of."""

import errno
import zipfile
from pathlib import Path

import msgspec
from msgspec import Struct

SUMMARY = "summary.json"
SIGNS_OF_DAMAGE = (errno.ENOENT, errno.EINVAL, errno.EIO)
"""not there, a place in the archive that cannot be, a disk that does not give it back"""


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint is as it was written, by its archive's checksums, which torch does not look at; reads all of it.

    OSError or MemoryError where that cannot be told: such a file may be sound.
    """
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            return archive.testzip() is None
    except MemoryError:
        raise
    except OSError as error:
        if error.errno not in SIGNS_OF_DAMAGE:
            raise
        return False
    except Exception:  # there is no end to what a damaged archive makes of its reader
        return False


class Summary(Struct, frozen=True):
    """What a checkpoint is of, inside its archive as `summary.json`; read without torch."""

    steps: int
    score: float | None = None

    def yields_to(self, other: "Summary") -> bool:
        """Whether the other is at least as far and, where both have a score, as good."""
        is_as_good = self.score is None or (other.score is not None and other.score >= self.score)
        return other.steps >= self.steps and is_as_good


def read_summary(checkpoint: Path) -> Summary | None:
    """What a checkpoint says of itself; none if it is damaged there, or written by an older version."""
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            name = next((name for name in archive.namelist() if name.endswith(f"/{SUMMARY}")), None)
            return None if name is None else msgspec.json.decode(archive.read(name), type=Summary)
    except FileNotFoundError:
        raise
    except Exception:  # there is no end to what a damaged archive makes of its reader
        return None
