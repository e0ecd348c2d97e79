"""Writes designs, their history, messages and optionally runs into one file, also while a server uses the data."""

import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

from backend.backup.archive import RUNS, VERSION, About, ArchiveWriter, new_archive, read_archive
from backend.errors import BackupFailed, is_disk_full
from backend.ids import is_identifier
from backend.process.durable import replacing
from backend.runs.run_folder import REQUEST
from backend.store.copies import DesignCounts, copy_database
from backend.store.database import now_text
from backend.store.names import DATABASE, EPOCH, LOCK, RESTORING

_METRICS = "metrics.jsonl"
MACHINE, GENERATED = "machine.json", "generated"
"""also in the data folder, and not in a backup"""


class BackupSize(Struct, frozen=True):
    """What a backup contains."""

    designs: DesignCounts
    database_bytes: int
    runs: int
    runs_bytes: int
    total_bytes: int


def back_up(data_dir: Path, out: Path, *, with_runs: bool, force: bool) -> BackupSize:
    """Write a backup file, complete and checked before it gets its name. DataUnusable, BackupFailed, OSError.

    Runs are copied after the database, so that the backup has all lines that the database has counted.
    """
    if out.is_dir():
        raise BackupFailed(f"{out} is a folder: name a file to write the backup to")
    if not out.absolute().parent.is_dir():
        raise BackupFailed(f"There is no folder {out.parent}: create it, or name another file")
    if _is_data(data_dir, out):
        raise BackupFailed(f"{out} is the name of a file of the server's data: name another file; --force does not help")
    if (out.exists() or out.is_symlink()) and not force:
        raise BackupFailed(f"{out} exists already: name another file, or overwrite it with --force")
    try:
        return _write(data_dir, out, with_runs=with_runs)
    except OSError as error:
        if is_disk_full(error):
            sentence = f"There is no space left for {out}: free some, or name a file elsewhere. Nothing was written"
            raise BackupFailed(sentence) from error
        if Path(error.filename or "").name.startswith(".new-"):
            error.filename = str(out.absolute().parent)
        raise


def _is_data(data_dir: Path, out: Path) -> bool:
    """Whether the server keeps its data under this name, also where that is not there at present, or in the same file."""
    for place in (out.resolve(), out.parent.resolve() / out.name):
        if place.is_relative_to(data_dir.resolve()):
            name, *inside = place.relative_to(data_dir.resolve()).parts
            if name.startswith((DATABASE, EPOCH, LOCK, RESTORING, MACHINE)) or (
                inside and name.startswith((RUNS, GENERATED, "before-"))
            ):
                return True
    return out.exists() and any(out.samefile(path) for path in data_dir.glob(f"{DATABASE}*"))


def _write(data_dir: Path, out: Path, *, with_runs: bool) -> BackupSize:
    about = About(version=VERSION, created_at=now_text(), program=version("model-studio"), runs=with_runs)
    with replacing(out) as unfinished, tempfile.TemporaryDirectory(dir=out.parent, prefix=".new-") as folder:
        copy = Path(folder) / DATABASE
        counts = copy_database(data_dir, copy)
        with new_archive(unfinished, about) as archive:
            database_bytes = archive.add_file(DATABASE, copy)
            runs = [_add_run(archive, path) for path in _run_folders(data_dir / RUNS)] if with_runs else []
        read_archive(unfinished)
        total = unfinished.stat().st_size
    return BackupSize(counts, database_bytes, len(runs), sum(runs), total)


def _run_folders(runs_dir: Path) -> list[Path]:
    """The folders of complete runs that were not deleted."""
    if not runs_dir.is_dir():
        return []
    return sorted(path for path in runs_dir.iterdir() if is_identifier(path.name) and (path / REQUEST).is_file())


def _add_run(archive: ArchiveWriter, folder: Path) -> int:
    """Add the files of a run and return their size.

    `metrics.jsonl` comes first: a checkpoint that it does not mention yet is what a crash leaves too. A file that is removed
    meanwhile, such as an older checkpoint, is left out.
    """
    paths = [path for path in sorted(folder.rglob("*")) if not path.name.startswith(".")]
    size = 0
    for path in sorted(paths, key=lambda path: path.name != _METRICS):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                size += archive.add_file(f"{RUNS}/{folder.name}/{path.relative_to(folder).as_posix()}", path)
    return size
