"""The form of a backup: a tar archive whose first entry says what it is and whose last has the checksums of all others.

A file that was cut off has no last entry, and a changed byte does not match its checksum.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Protocol

import msgspec
from msgspec import Struct

from backend.errors import BackupFailed, BackupUnusable
from backend.ids import is_identifier
from backend.store.names import DATABASE

ABOUT, CHECKSUMS = "model-studio-backup.json", "checksums.json"
VERSION = 1
RUNS = "runs"
_MAX_JSON_BYTES = 1 << 28
_CHUNK_BYTES = 1 << 20


class About(Struct, frozen=True):
    """What a backup contains."""

    version: int
    created_at: str
    """RFC 3339"""
    program: str
    """version of the program that wrote it"""
    runs: bool
    """whether the folders of runs are in it"""
    kind: Literal["model-studio backup"] = "model-studio backup"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _HashingReader:
    """A file that hashes what is read from it."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        return self._hash.hexdigest()


class ArchiveWriter:
    """Adds files to a backup; made by `new_archive`."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self.checksums: dict[str, str] = {}

    def add_file(self, name: str, path: Path) -> int:
        """Add a file as long as it is now, even if it grows meanwhile; returns its size. OSError; BackupFailed if it shrinks."""
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = status.st_size, status.st_mtime
            content = _HashingReader(file)
            try:
                self._archive.addfile(entry, content)  # type: ignore[arg-type]  # it is only read
            except OSError as error:
                if error.errno is not None:
                    raise
                raise BackupFailed(f"{path} became shorter while it was copied: run the command again") from error
        self.checksums[name] = content.digest()
        return entry.size

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a small entry that is not in the checksums."""
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        self._archive.addfile(entry, io.BytesIO(data))


@contextmanager
def new_archive(path: Path, about: About) -> Iterator[ArchiveWriter]:
    """Write a backup file, which is complete when the block ends without an error."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        writer = ArchiveWriter(archive)
        writer.add_bytes(ABOUT, msgspec.json.encode(about))
        yield writer
        writer.add_bytes(CHECKSUMS, msgspec.json.encode(writer.checksums))


def read_archive(path: Path, target: Path | None = None) -> About:
    """Check every byte of a backup, and extract it into a new folder if one is given; BackupUnusable, OSError."""
    if path.stat().st_size == 0:
        raise BackupUnusable(f"{path} is empty (0 bytes): {_TAKE_ANOTHER}")
    about: About | None = None
    checksums: dict[str, str] = {}
    try:
        with tarfile.open(path, "r:") as archive:
            for entry in archive:
                if about is None:
                    about = _read_about(path, archive, entry)
                elif entry.name == CHECKSUMS:
                    _compare(path, checksums, _read_json(archive, entry))
                    return about
                else:
                    _check_name(path, entry)
                    checksums[entry.name] = _read_entry(archive, entry, target)
    except tarfile.TarError as error:
        if about is None:
            raise _foreign(path) from error
        raise _damaged(path, str(error)) from error
    if about is None:
        raise _foreign(path)
    raise _damaged(path, "its end is missing")


_TAKE_ANOTHER = "take another backup. Nothing was changed"


def _foreign(path: Path) -> BackupUnusable:
    return BackupUnusable(
        f"{path} is no backup of Model Studio: name a file that `model-studio backup` wrote. Nothing was changed"
    )


def _damaged(path: Path, what: str) -> BackupUnusable:
    return BackupUnusable(f"{path} was cut off or is damaged ({what}): {_TAKE_ANOTHER}")


def _read_about(path: Path, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> About:
    if entry.name != ABOUT:
        raise _foreign(path)
    try:
        about = msgspec.json.decode(_read_json(archive, entry), type=About)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _foreign(path) from error
    if about.version > VERSION:
        raise BackupUnusable(
            f"{path} was written by a newer version of Model Studio ({about.program}): install that version or a newer one."
            " Nothing was changed"
        )
    return about


def _read_json(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry) if entry.size <= _MAX_JSON_BYTES else None
    if file is None:
        raise tarfile.ReadError(f"{entry.name} is no list")
    data = file.read()
    if len(data) != entry.size:
        raise tarfile.ReadError(f"{entry.name} is incomplete")
    return data


def _check_name(path: Path, entry: tarfile.TarInfo) -> None:
    """Raise BackupUnusable if no backup has an entry of this name, so that nothing is extracted to any other place."""
    parts = PurePosixPath(entry.name).parts
    in_a_run = len(parts) > 2 and parts[0] == RUNS and is_identifier(parts[1]) and ".." not in parts
    if not entry.isreg() or not (entry.name == DATABASE or in_a_run):
        raise _damaged(path, f"it contains {entry.name!r}, which no backup has")


def _read_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path | None) -> str:
    """The checksum of an entry, which is extracted if there is a target."""
    file = archive.extractfile(entry)
    assert file is not None  # it is a regular file
    content = _HashingReader(file)
    if target is None:
        _copy(content, None)
    else:
        path = target / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as copy:
            _copy(content, copy)
            copy.flush()
            os.fsync(copy.fileno())
        os.utime(path, (entry.mtime, entry.mtime))
    return content.digest()


def _copy(content: _HashingReader, copy: IO[bytes] | None) -> None:
    while data := content.read(_CHUNK_BYTES):
        if copy is not None:
            copy.write(data)


def _compare(path: Path, found: dict[str, str], listed: bytes) -> None:
    try:
        expected = msgspec.json.decode(listed, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _damaged(path, "its checksums cannot be read") from error
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise _damaged(path, f"{name} is not as it was written")
    if DATABASE not in found:
        raise _damaged(path, f"there is no {DATABASE} in it")
