"""Puts a backup in the place of a server's data, which is kept beside it; what follows is a new history.

While it works, the file `restore.unfinished` names the folder that the earlier data is moved to. A server refuses to start while
this file is there, and the next restore continues with the same folder, so an interruption loses nothing.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from backend.backup.archive import RUNS, About, read_archive
from backend.errors import BackupFailed, BackupUnusable, DataUnusable, is_disk_full
from backend.process.durable import sync_folder, write_atomically
from backend.runs.run_folder import RunFolder
from backend.store.copies import check_copy
from backend.store.database import take_lock
from backend.store.epoch import write_new_epoch
from backend.store.names import DATABASE, EPOCH, LOCK, RESTORING

_STAGING, _KEPT = ".restore-", "before-restore-"
"""how the names of the folders begin for what is extracted, and for what was there before"""
_OLD_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", EPOCH)


class Restored(Struct, frozen=True):
    """What was put back, and where the data that was there before is kept; None if there was none."""

    about: About
    kept: Path | None


def restore(data_dir: Path, file: Path) -> Restored:
    """Replace the data of a stopped server by a backup. BackupUnusable, BackupFailed, DataInUse, DataUnusable, OSError."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = take_lock(data_dir / LOCK)
    try:
        for left in data_dir.glob(f"{_STAGING}*"):
            shutil.rmtree(left)  # by a restore that was killed
        with tempfile.TemporaryDirectory(dir=data_dir, prefix=_STAGING) as folder:
            about = read_archive(file, Path(folder))
            if (problem := check_copy(Path(folder) / DATABASE)) is not None:
                raise BackupUnusable(f"The {DATABASE} in {file} {problem}")
            if about.runs:
                _require_no_training(data_dir / RUNS)
                (Path(folder) / RUNS).mkdir(exist_ok=True)
            for path in (Path(folder), *Path(folder).rglob("*")):
                if path.is_dir():
                    sync_folder(path)
            return Restored(about, _exchange(data_dir, Path(folder), with_runs=about.runs))
    except OSError as error:
        if is_disk_full(error):
            raise BackupFailed(
                f"There is no space left in {data_dir} for the content of {file}: free some and try again"
            ) from error
        raise
    finally:
        os.close(lock)


def _require_no_training(runs_dir: Path) -> None:
    """Raise DataUnusable if a run whose folder would be moved is still training, which continues without a server."""
    for path in sorted(runs_dir.iterdir()) if runs_dir.is_dir() else ():
        folder = RunFolder(path)
        if folder.lock.is_file() and folder.is_locked():
            raise DataUnusable(
                f"Run {path.name} is still training: start the server and stop the run, then stop the server and restore."
                " Nothing was changed"
            )


def _exchange(data_dir: Path, new: Path, *, with_runs: bool) -> Path | None:
    """Move the present data away and the new one in; returns the folder of the present data, if there was any."""
    names = [*_OLD_FILES, RUNS] if with_runs else list(_OLD_FILES)
    kept = _folder_for_present_data(data_dir)
    kept.mkdir(exist_ok=True)
    if not with_runs and (kept / RUNS).exists():  # an interrupted restore of another backup, which had runs, has moved them
        _remove(data_dir / RUNS)
        (kept / RUNS).rename(data_dir / RUNS)
    for name in names:
        present, place = data_dir / name, kept / name
        if place.exists():  # moved by the interrupted restore, which then put a new one there
            _remove(present)
        elif present.exists():
            present.rename(place)
    sync_folder(kept)
    for name in (DATABASE, RUNS) if with_runs else (DATABASE,):
        (new / name).rename(data_dir / name)
    write_new_epoch(data_dir / EPOCH)
    sync_folder(data_dir)
    (data_dir / RESTORING).unlink()
    sync_folder(data_dir)
    with suppress(OSError):
        kept.rmdir()  # it is empty where there was no data
        return None
    return kept


def _folder_for_present_data(data_dir: Path) -> Path:
    """The folder that an interrupted restore has begun to fill, or the name of a new one, which is noted first."""
    marker = data_dir / RESTORING
    with suppress(FileNotFoundError):
        name = marker.read_text(encoding="utf-8").strip()
        if name.startswith(_KEPT) and "/" not in name:
            return data_dir / name
    name = f"{_KEPT}{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"
    number = 1
    while (data_dir / name).exists():
        number += 1
        name = f"{name.partition('.')[0]}.{number}"
    write_atomically(marker, name.encode())
    return data_dir / name


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
