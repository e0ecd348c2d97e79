"""Checkpoint files without torch: whether one is undamaged, its summary, and which of a run are kept."""

import errno
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

SUMMARY = "summary.json"
SIGNS_OF_DAMAGE = (errno.ENOENT, errno.EINVAL, errno.EIO, errno.EISDIR)
"""no such file, an impossible offset in the archive, a disk that cannot read it, a folder"""

MAX_SPACED = 8
MAX_SPACED_BYTES = 1 << 30


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint file is undamaged, by the checksums of its archive, which torch ignores; reads the whole file.

    OSError or MemoryError if the file cannot be checked: it may be undamaged.
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
    except Exception:  # a damaged archive may raise anything
        return False


class Summary(Struct, frozen=True):
    """Moves and score of a checkpoint, in its archive as `summary.json`."""

    steps: int
    score: float | None = None

    def is_not_better_than(self, other: "Summary") -> bool:
        """Whether `other` has at least as many steps and at least the same score; no score is the lowest."""
        is_as_good = self.score is None or (other.score is not None and other.score >= self.score)
        return other.steps >= self.steps and is_as_good


def read_summary(checkpoint: Path) -> Summary | None:
    """The summary of a checkpoint; None if it is damaged, or was written by an older version."""
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            name = next((name for name in archive.namelist() if name.endswith(f"/{SUMMARY}")), None)
            return None if name is None else msgspec.json.decode(archive.read(name), type=Summary)
    except FileNotFoundError:
        raise
    except Exception:  # a damaged archive may raise anything
        return None


def thin_out(spaced: Mapping[int, Path], most_bytes: int = MAX_SPACED_BYTES) -> None:
    """Keep eight of the checkpoints spaced over a run, by their steps, or fewer where they are large: first, newest, even gaps.

    The one whose neighbours are closest to each other is removed. Called after every checkpoint, this keeps the gaps equal within
    a factor of three, however long the run becomes.
    """
    left = sorted(spaced)
    total = sum(path.stat().st_size for path in spaced.values())
    while len(left) > 2 and (len(left) > MAX_SPACED or total > most_bytes):
        index_to_remove = min(range(1, len(left) - 1), key=lambda index: left[index + 1] - left[index - 1])
        path = spaced[left.pop(index_to_remove)]
        total -= path.stat().st_size
        path.unlink()
