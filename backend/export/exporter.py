"""Exports a run's network as a file, once for each checkpoint; what needs torch runs in another process."""

import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

import msgspec

from backend.errors import ALL_DAMAGED, DamagedCheckpoint, ExportCheckFailed, NotFound, NothingTrained, ProcessFailed, RunUnusable
from backend.export.file_details import SUFFIX as DETAILS_SUFFIX
from backend.export.file_details import Checked, is_damaged, read_details, remove_file, write_details
from backend.export.formats import format_of
from backend.process.durable import replacing, write_atomically
from backend.process.process import run_in_process
from backend.runs.checkpoint_files import Summary, is_whole
from backend.runs.run_folder import RunFolder

logger = logging.getLogger(__name__)
TIMEOUT_S = 300.0
BEST, LAST = "best", "last"
CHECKPOINT_PATTERN = f"^({BEST}|{LAST}|[0-9]{{1,18}})\\Z"
"""the `checkpoint` parameter: the best one, the last one, or a number of moves; `$` would let a line break pass at the end"""
EXPORT_FOLDER = re.compile("(?:(best|last|[0-9]{1,18})-)?([0-9]{1,19})")
"""the checkpoint, and when it was stored, in nanoseconds since 1970"""
SUMMARY_NAME = "checkpoint.json"
PINNED_SUFFIX = ".pinned.pt"
LEFT_OVER_S = 60.0
"""age above which unfinished details belong to a server that was killed"""

_one_at_a_time = threading.Lock()


class Export(NamedTuple):
    """A file, and which network it is of."""

    path: Path
    checkpoint: str
    """`best`, `last`, or the moves after which it was stored"""
    steps: int | None
    """moves played; None where an older version wrote the file and its checkpoint is missing"""
    note: str | None
    """why it is not of the requested checkpoint, or not complete"""

    def with_note(self, note: str | None) -> "Export":
        """The same with one more sentence in its note."""
        return self._replace(note=" ".join(filter(None, (note, self.note))) or None)


class WrittenFile(NamedTuple):
    """An export on disk: `exports/<checkpoint>-<time of the checkpoint>/<design>.<format>`; older versions left the first out."""

    path: Path
    checkpoint: str
    version: int
    summary: Summary | None

    def as_export(self, note: str | None = None) -> Export:
        """The file as an export, with what is noted of the file itself."""
        details = read_details(self.path)
        steps = None if self.summary is None else self.summary.steps
        return Export(self.path, self.checkpoint, steps, details.note if details else None).with_note(note)


class _Task(NamedTuple):
    """A file to export."""

    folder: RunFolder
    fmt: str
    niceness: int


def export_run(run_folder: Path, fmt: str) -> Path:
    """The file of `export_checkpoint`, of a run's best checkpoint."""
    return export_checkpoint(run_folder, fmt).path


def export_checkpoint(run_folder: Path, fmt: str, requested: str | None = None, niceness: int = 0) -> Export:
    """The file of a checkpoint, requested as `CHECKPOINT_PATTERN` says; it is written at the first call.

    By default it is the best, or the newest when none has been called best. Where the best or the last can no longer be read,
    it is a file written from it earlier, or else the newest that can be read, and a note says so. A file that is not as it was
    written is written again. Blocks: seconds for ONNX, less for the others, nothing for a file that exists; `niceness` lowers
    the priority of the processes that write it.
    NothingTrained if there is no checkpoint, NotFound if no checkpoint has that number of moves or the run was deleted in the
    meantime, DamagedCheckpoint if no usable one is undamaged, RunUnusable where other files of the run are missing or damaged,
    NoInspection where there is nothing to look into, ExportCheckFailed where an ONNX does not agree with torch (an archive is
    written without it), OutOfSpace or ProcessFailed if the file could not be written.
    """
    folder = RunFolder(run_folder)
    try:
        with _one_at_a_time:
            _remove_left_over(folder)
            return _export(_Task(folder, fmt, niceness), requested)
    except (FileNotFoundError, NothingTrained, ProcessFailed, DamagedCheckpoint) as error:
        if not folder.path.exists():
            raise NotFound("the run was deleted before its file was written") from None
        if isinstance(error, FileNotFoundError):
            raise missing_file(error) from error
        raise


def missing_file(error: FileNotFoundError) -> RunUnusable:
    """What to tell of a file of a run that vanished while it was exported; never a path of this machine."""
    logger.error("a file vanished while a run was exported", exc_info=error)
    return RunUnusable("A file of this run was removed while it was exported; try again")


def existing_export(run_folder: Path, fmt: str, requested: str | None = None) -> Export | None:
    """The file of a checkpoint that is there, if it has been written and is whole; never waits for another export. OSError."""
    folder = RunFolder(run_folder)
    written = written_files(folder, fmt)
    name = requested or BEST
    if name in (BEST, LAST):
        candidates = [folder.best if name == BEST else folder.checkpoint]
    else:
        candidates = [path for path in folder.checkpoints() if (folder.summary(path) or Summary(-1)).steps == int(name)]
    for path in candidates:
        kept = file_of(written, path, name)
        if kept is not None and not is_damaged(kept.path):
            return kept.as_export()
    return None


def _export(task: _Task, requested: str | None) -> Export:
    written = _whole_files(task.folder, task.fmt)
    if not task.folder.checkpoints() and not written:
        raise NothingTrained("the run has no checkpoint yet; its first update brings one")
    if requested in (None, BEST, LAST):
        return _export_named(task, written, requested)
    return _export_of_steps(task, written, int(requested or 0))


def _export_named(task: _Task, written: list[WrittenFile], requested: str | None) -> Export:
    folder, name = task.folder, requested or BEST
    path = folder.checkpoint if name == LAST else folder.best
    if export := _export_of(task, written, path, name):
        return export
    is_lost = name == LAST or path.exists() or folder.set_aside(path).exists()
    earlier = [export for export in written if export.checkpoint == name]
    if name == BEST and earlier:
        kept = max(earlier, key=lambda export: (export.summary is not None, export.version))
        after = f" after {kept.summary.steps:,} moves" if kept.summary else ""
        return kept.as_export(f"The best checkpoint can no longer be read; this file was written from it earlier{after}.")
    for path in folder.checkpoints():
        steps = _summary(folder, path).steps
        if export := _export_of(task, written, path, LAST if path == folder.checkpoint else str(steps)):
            if is_lost:
                return export.with_note(
                    f"The {name} checkpoint can no longer be read; this is the network after {steps:,} moves."
                )
            none_yet = f"No checkpoint has been called best yet; this is the newest network, after {steps:,} moves."
            return export.with_note(none_yet if requested == BEST else None)
    if written:
        kept = max(written, key=lambda export: export.summary.steps if export.summary else -1)
        return kept.as_export("No checkpoint of this run can be read any more; this file was written from one earlier.")
    raise DamagedCheckpoint(ALL_DAMAGED)


def _export_of_steps(task: _Task, written: list[WrittenFile], steps: int) -> Export:
    folder = task.folder
    of_steps = [path for path in folder.checkpoints() if _summary(folder, path).steps == steps]
    for path in of_steps:
        if export := _export_of(task, written, path, str(steps)):
            return export
    for kept in written:
        if kept.summary is not None and kept.summary.steps == steps:
            return kept.as_export()
    others = sorted({_summary(folder, path).steps for path in folder.checkpoints()} - {steps})
    there_are = "there are some after " + ", ".join(f"{other:,}" for other in others) if others else "there is no other"
    if of_steps:
        raise DamagedCheckpoint(f"The checkpoint after {steps:,} moves can no longer be read; {there_are}")
    raise NotFound(f"The run has no checkpoint after {steps:,} moves; {there_are}")


def _export_of(task: _Task, written: list[WrittenFile], checkpoint: Path, name: str) -> Export | None:
    """The file of this checkpoint, written now if it is not there; none if that can no longer be done."""
    if (kept := file_of(written, checkpoint, name)) is not None:
        return kept.as_export()
    if not checkpoint.exists() or not is_whole(checkpoint):
        return None
    _require_readable(task)
    with _pinned(task.folder, checkpoint) as pinned:
        try:
            source = _Source(pinned, name, pinned.stat().st_mtime_ns, _summary(task.folder, pinned))
            return _write_from(task, source, written).as_export()
        except DamagedCheckpoint:
            if not pinned.exists():
                raise FileNotFoundError(f"{pinned} was removed") from None
            logger.warning("%s of run %s was damaged while it was exported", checkpoint.name, task.folder.path.name)
            return None


def _require_readable(task: _Task) -> None:
    """RunUnusable where a file that every checkpoint needs is missing or damaged; else the failure of a writer would tell it."""
    folder = task.folder
    needed = [folder.model, folder.design] if format_of(task.fmt).needs_design else [folder.model]
    missing = [path.name for path in needed if not path.is_file()]
    if missing and folder.path.exists():
        raise RunUnusable(f"{' and '.join(missing)} of this run cannot be read, and the .{task.fmt} file is made of it")
    try:
        _ = folder.request
    except (msgspec.DecodeError, UnicodeDecodeError, IsADirectoryError):
        raise RunUnusable("run.json of this run is damaged; nothing more can be exported from it") from None


def _remove_left_over(folder: RunFolder) -> None:
    """Remove the unfinished files of a server that was killed; called while nothing else exports.

    Details are also written while the exports are listed, so unfinished ones are removed only when they are old.
    """
    for left in (*folder.exports.glob(f".*{PINNED_SUFFIX}"), *folder.exports.glob("*/.*")):
        with suppress(OSError):
            if left.suffix != DETAILS_SUFFIX or time.time() - left.stat().st_mtime > LEFT_OVER_S:
                left.unlink()


class _Source(NamedTuple):
    """A checkpoint that is exported."""

    path: Path
    name: str
    version: int
    summary: Summary


@contextmanager
def _pinned(folder: RunFolder, checkpoint: Path) -> Iterator[Path]:
    """Another name for a checkpoint file, so that all that is written in the block is of one network while a run saves others."""
    folder.exports.mkdir(exist_ok=True)  # never its parent: the folder of a deleted run must not come back
    pinned = folder.exports / f".{secrets.token_hex(4)}{PINNED_SUFFIX}"
    os.link(checkpoint, pinned)
    try:
        yield pinned
    finally:
        pinned.unlink(missing_ok=True)


def _write_from(task: _Task, source: _Source, written: list[WrittenFile]) -> WrittenFile:
    """Write a file, after the files that it is made of where they are missing."""
    folder, row, parts, notes = task.folder, format_of(task.fmt), [], []
    for suffix in row.parts:
        try:
            parts.append(_part(task._replace(fmt=suffix), source))
        except ExportCheckFailed as error:
            if suffix not in row.dispensable:
                raise
            logger.warning("the .%s of %s is written without .%s: %s", task.fmt, folder.path.name, suffix, error.detail)
            notes.append(f"It is without the .{suffix} file. {error.detail}.")
    target = folder.exports / f"{source.name}-{source.version}" / f"{folder.request.design_id}.{task.fmt}"
    target.parent.mkdir(exist_ok=True)
    try:
        write_atomically(target.parent / SUMMARY_NAME, msgspec.json.encode(source.summary))
    except IsADirectoryError:
        logger.exception("the summary of the exports in %s cannot be written", target.parent)
    _write(task, source, target, [part.path for part in parts], " ".join(notes) or None)
    now_written = WrittenFile(target, source.name, source.version, source.summary)
    _remove_superseded(written, now_written)
    return now_written


def _part(task: _Task, source: _Source) -> WrittenFile:
    """A file of the same checkpoint, written now if it is not there."""
    there = _whole_files(task.folder, task.fmt)
    same = (kept for kept in there if (kept.checkpoint, kept.version) == (source.name, source.version))
    return next(same, None) or _write_from(task, source, there)


def file_of(written: Iterable[WrittenFile], checkpoint: Path, name: str) -> WrittenFile | None:
    """The file that was written from a checkpoint as it is now; None if there is none, or no checkpoint."""
    if not checkpoint.exists():
        return None
    version = checkpoint.stat().st_mtime_ns
    return next((kept for kept in written if kept.checkpoint == name and kept.version == version), None)


def written_files(folder: RunFolder, fmt: str) -> list[WrittenFile]:
    """The existing exports in a format."""
    exports = []
    for path in sorted(folder.exports.glob(f"*/[!.]*.{fmt}")):
        named = EXPORT_FOLDER.fullmatch(path.parent.name)
        if named and path.name != SUMMARY_NAME and path.name.partition(".")[2] == fmt and _has_content(path):
            exports.append(WrittenFile(path, named[1] or BEST, int(named[2]), _read_summary(path.parent)))
    return exports


def _has_content(path: Path) -> bool:
    """Whether it is a file that is not empty, as one is whose content a power cut has lost."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _whole_files(folder: RunFolder, fmt: str) -> list[WrittenFile]:
    """The existing exports in a format, after those that are not as they were written have been removed."""
    written = written_files(folder, fmt)
    for file in written:
        if is_damaged(file.path):
            logger.warning("%s is damaged and was removed", file.path)
            remove_file(file.path)
    return [file for file in written if file.path.exists()]


def _read_summary(export: Path) -> Summary | None:
    try:
        return msgspec.json.decode((export / SUMMARY_NAME).read_bytes(), type=Summary)
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError, msgspec.DecodeError):
        return None


def _summary(folder: RunFolder, checkpoint: Path) -> Summary:
    """The summary of a checkpoint; read with torch where an older version wrote it."""
    summary = folder.summary(checkpoint)
    if summary is None and is_whole(checkpoint):
        summary = run_in_process("backend.export.model_files:checkpoint_summary", str(checkpoint), timeout_s=TIMEOUT_S)
    return summary or Summary(-1)


def _write(task: _Task, source: _Source, target: Path, parts: Iterable[Path], note: str | None) -> None:
    """Write a file, and its details with the note; nothing unfinished stays behind, also when the writing process is killed."""
    row = format_of(task.fmt)
    write: Callable[..., Checked | None]
    if row.needs:
        write = partial(run_in_process, row.writer, timeout_s=TIMEOUT_S, niceness=task.niceness)
    else:
        write = resolve_name(row.writer)
    with replacing(target) as unfinished:
        try:
            checked = write(str(task.folder.path), str(source.path), str(unfinished), source.name, *map(str, parts))
        except ProcessFailed:
            if not target.parent.exists():
                raise FileNotFoundError(f"{target.parent} was removed") from None
            raise
        finally:
            for left in unfinished.parent.glob(f"{unfinished.name}.*"):
                left.unlink(missing_ok=True)
    write_details(target, checked, note)


def _remove_superseded(written: Iterable[WrittenFile], new: WrittenFile) -> None:
    """Remove older files of the best or the last network once there is a new one, unless an older network is better."""
    for old in written:
        if (
            old.checkpoint != new.checkpoint
            or old.summary is None
            or new.summary is None
            or not old.summary.is_not_better_than(new.summary)
        ):
            continue
        remove_file(old.path)
        if {path.name for path in old.path.parent.glob("[!.]*")} <= {SUMMARY_NAME}:
            shutil.rmtree(old.path.parent)
