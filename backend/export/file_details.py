"""Hash and check results of each exported file, in a small JSON file beside it. No torch here."""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from backend.process.durable import write_atomically

logger = logging.getLogger(__name__)
SUFFIX = ".json"
"""added to the name of the file"""


class Checked(NamedTuple):
    """What the check of a file found; the result of a writer that checks."""

    largest_difference: float
    boards: int


class FileDetails(Struct, frozen=True):
    """What is known of a written file; fields added later need a default."""

    bytes: int
    sha256: str
    """hexadecimal"""
    largest_difference: float | None = None
    """null where nothing was checked, or an older version wrote the file"""
    checked_boards: int | None = None
    note: str | None = None
    """what is missing in the file, and why"""


def details_file(path: Path) -> Path:
    """Where the details of a file are."""
    return path.with_name(path.name + SUFFIX)


def write_details(path: Path, checked: Checked | None = None, note: str | None = None) -> FileDetails:
    """Hash a file and write its details beside it; where that cannot be done they are computed again next time. OSError."""
    difference, boards = checked or (None, None)
    details = FileDetails(path.stat().st_size, _sha256(path), difference, boards, note)
    try:
        write_atomically(details_file(path), msgspec.json.encode(details))
    except FileNotFoundError:
        raise  # the run was deleted
    except OSError:
        logger.exception("the details of %s could not be written", path)
    return details


def read_details(path: Path) -> FileDetails | None:
    """The details of a file as written beside it; None if there are none, or they are of a file of another size."""
    with suppress(FileNotFoundError, IsADirectoryError, msgspec.DecodeError, UnicodeDecodeError):
        details = msgspec.json.decode(details_file(path).read_bytes(), type=FileDetails)
        return details if details.bytes == path.stat().st_size else None
    return None


def details_of(path: Path) -> FileDetails:
    """The details of a file, computed and written where there are none. OSError."""
    return read_details(path) or write_details(path)


def is_damaged(path: Path) -> bool:
    """Whether a file is not as it was written; reads all of it. A file without details counts as whole. OSError."""
    try:
        details = msgspec.json.decode(details_file(path).read_bytes(), type=FileDetails)
    except (FileNotFoundError, IsADirectoryError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return details.bytes != path.stat().st_size or details.sha256 != _sha256(path)


def remove_file(path: Path) -> None:
    """Remove a file and its details, if they are there."""
    path.unlink(missing_ok=True)
    with suppress(IsADirectoryError):
        details_file(path).unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
