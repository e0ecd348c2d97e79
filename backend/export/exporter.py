"""Exports a run's network as a file, once for each checkpoint; what needs torch runs in another process."""

import re
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

import msgspec

from backend.errors import ALL_DAMAGED, DamagedCheckpoint, NotFound, NothingTrained, ProcessFailed
from backend.export.formats import Suffix, format_of
from backend.process.durable import replacing, write_atomically
from backend.process.process import run_in_process
from backend.runs.checkpoint_files import Summary, is_whole
from backend.runs.run_folder import RunFolder

TIMEOUT_S = 300.0
BEST, LAST = "best", "last"
CHECKPOINT_PATTERN = f"^({BEST}|{LAST}|[0-9]{{1,18}})\\Z"
"""the `checkpoint` parameter: the best one, the last one, or a number of moves; `$` would let a line break pass at the end"""
SUMMARY_NAME = "checkpoint.json"

_one_at_a_time = threading.Lock()


class Export(NamedTuple):
    """A file, and which network it is of."""

    path: Path
    checkpoint: str
    """`best`, `last`, or the moves after which it was stored"""
    steps: int | None
    """moves played; None where an older version wrote the file and its checkpoint is missing"""
    note: str | None
    """why it is not of the requested checkpoint"""


class _Written(NamedTuple):
    """An export on disk: `exports/<checkpoint>-<time of the checkpoint>/<design>.<format>`; older versions left the first out."""

    path: Path
    checkpoint: str
    version: int
    summary: Summary | None

    def as_export(self, note: str | None = None) -> Export:
        """The file as an export."""
        return Export(self.path, self.checkpoint, None if self.summary is None else self.summary.steps, note)


def export_run(run_folder: Path, fmt: Suffix) -> Path:
    """The file of `export_checkpoint`, of a run's best checkpoint."""
    return export_checkpoint(run_folder, fmt).path


def export_checkpoint(run_folder: Path, fmt: Suffix, requested: str | None = None) -> Export:
    """The file of a checkpoint, requested as `CHECKPOINT_PATTERN` says; it is written at the first call.

    By default it is the best, or the newest when none has been called best. Where the best or the last can no longer be read,
    it is a file written from it earlier, or else the newest that can be read, and a note says so. Blocks: seconds for ONNX, less
    for the others, nothing for a file that exists.
    NothingTrained if there is no checkpoint, NotFound if no checkpoint has that number of moves or the run was deleted in the
    meantime, DamagedCheckpoint if no usable one is undamaged, ProcessFailed if the file could not be written or, for ONNX, does
    not agree with torch.
    """
    folder = RunFolder(run_folder)
    try:
        with _one_at_a_time:
            return _export(folder, fmt, requested)
    except (FileNotFoundError, NothingTrained, ProcessFailed, DamagedCheckpoint):
        if folder.path.exists():
            raise
        raise NotFound("the run was deleted before its file was written") from None


def _export(folder: RunFolder, fmt: Suffix, requested: str | None) -> Export:
    written = _written(folder, fmt)
    if not folder.checkpoints() and not written:
        raise NothingTrained("the run has no checkpoint yet; its first update brings one")
    if requested in (None, BEST, LAST):
        return _export_named(folder, fmt, written, requested)
    return _export_of_steps(folder, fmt, written, int(requested or 0))


def _export_named(folder: RunFolder, fmt: Suffix, written: list[_Written], requested: str | None) -> Export:
    name = requested or BEST
    path = folder.checkpoint if name == LAST else folder.best
    if export := _export_of(folder, fmt, written, path, name):
        return export
    is_lost = name == LAST or path.exists() or folder.set_aside(path).exists()
    earlier = [export for export in written if export.checkpoint == name]
    if name == BEST and earlier:
        kept = max(earlier, key=lambda export: (export.summary is not None, export.version))
        after = f" after {kept.summary.steps:,} moves" if kept.summary else ""
        return kept.as_export(f"The best checkpoint can no longer be read; this file was written from it earlier{after}.")
    for path in folder.checkpoints():
        steps = _summary(folder, path).steps
        if export := _export_of(folder, fmt, written, path, LAST if path == folder.checkpoint else str(steps)):
            if is_lost:
                return export._replace(
                    note=f"The {name} checkpoint can no longer be read; this is the network after {steps:,} moves."
                )
            none_yet = f"No checkpoint has been called best yet; this is the newest network, after {steps:,} moves."
            return export._replace(note=none_yet if requested == BEST else None)
    if written:
        kept = max(written, key=lambda export: export.summary.steps if export.summary else -1)
        return kept.as_export("No checkpoint of this run can be read any more; this file was written from one earlier.")
    raise DamagedCheckpoint(ALL_DAMAGED)


def _export_of_steps(folder: RunFolder, fmt: Suffix, written: list[_Written], steps: int) -> Export:
    of_steps = [path for path in folder.checkpoints() if _summary(folder, path).steps == steps]
    for path in of_steps:
        if export := _export_of(folder, fmt, written, path, str(steps)):
            return export
    for kept in written:
        if kept.summary is not None and kept.summary.steps == steps:
            return kept.as_export()
    others = sorted({_summary(folder, path).steps for path in folder.checkpoints()} - {steps})
    there_are = "there are some after " + ", ".join(f"{other:,}" for other in others) if others else "there is no other"
    if of_steps:
        raise DamagedCheckpoint(f"The checkpoint after {steps:,} moves can no longer be read; {there_are}")
    raise NotFound(f"The run has no checkpoint after {steps:,} moves; {there_are}")


def _export_of(folder: RunFolder, fmt: Suffix, written: list[_Written], checkpoint: Path, name: str) -> Export | None:
    """The file of this checkpoint, written now if it is not there; none if that can no longer be done."""
    if not checkpoint.exists():
        return None
    version = checkpoint.stat().st_mtime_ns
    for kept in written:
        if kept.checkpoint == name and kept.version == version:
            return kept.as_export()
    if not is_whole(checkpoint):
        return None
    summary = _summary(folder, checkpoint)
    target = folder.exports / f"{name}-{version}" / f"{folder.request.design_id}.{fmt}"
    folder.exports.mkdir(exist_ok=True)  # never its parent: the folder of a deleted run must not come back
    target.parent.mkdir(exist_ok=True)
    write_atomically(target.parent / SUMMARY_NAME, msgspec.json.encode(summary))
    _write(folder, checkpoint, target, fmt, name)
    now_written = _Written(target, name, version, summary)
    _remove_superseded(written, now_written)
    return now_written.as_export()


def _written(folder: RunFolder, fmt: Suffix) -> list[_Written]:
    """The existing exports in a format."""
    exports = []
    for path in sorted(folder.exports.glob(f"*/[!.]*.{fmt}")):
        if named := re.fullmatch(r"(?:(best|last|\d+)-)?(\d+)", path.parent.name):
            exports.append(_Written(path, named[1] or BEST, int(named[2]), _read_summary(path.parent)))
    return exports


def _read_summary(export: Path) -> Summary | None:
    try:
        return msgspec.json.decode((export / SUMMARY_NAME).read_bytes(), type=Summary)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _summary(folder: RunFolder, checkpoint: Path) -> Summary:
    """The summary of a checkpoint; read with torch where an older version wrote it."""
    summary = folder.summary(checkpoint)
    if summary is None and is_whole(checkpoint):
        summary = run_in_process("backend.export.model_files:checkpoint_summary", str(checkpoint), timeout_s=TIMEOUT_S)
    return summary or Summary(-1)


def _write(folder: RunFolder, checkpoint: Path, target: Path, fmt: Suffix, name: str) -> None:
    with replacing(target) as unfinished:
        row, arguments = format_of(fmt), (str(folder.path), str(checkpoint), str(unfinished), name)
        if row.needs:
            run_in_process(row.writer, *arguments, timeout_s=TIMEOUT_S)
        else:
            resolve_name(row.writer)(*arguments)


def _remove_superseded(written: Iterable[_Written], new: _Written) -> None:
    """Remove older files of the best or the last network once there is a new one, unless an older network is better."""
    for old in written:
        if (
            old.checkpoint != new.checkpoint
            or old.summary is None
            or new.summary is None
            or not old.summary.is_not_better_than(new.summary)
        ):
            continue
        old.path.unlink()
        if {path.name for path in old.path.parent.glob("[!.]*")} <= {SUMMARY_NAME}:
            shutil.rmtree(old.path.parent)
