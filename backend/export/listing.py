"""What can be exported of a run: its checkpoints, and the files of each, written or not. No torch here."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from backend.export.archive import MAX_COMPRESSED_BYTES
from backend.export.exporter import BEST, LAST, WrittenFile, file_of, written_files
from backend.export.file_details import details_of
from backend.export.formats import FORMATS, INSPECTION, Format, format_of
from backend.export.run_metrics import RunMetrics, read_metrics
from backend.runs.run_folder import RunFolder, RunRequest
from shared_py.analysis import analyse
from shared_py.decoding import DesignError, decode_design
from shared_py.inspection import inspected_calls
from shared_py.protocol import (
    Evaluation,
    ExportableCheckpoint,
    ExportableRun,
    ExportEvaluation,
    ExportFile,
    Run,
    ValueUnit,
)

logger = logging.getLogger(__name__)
BYTES_PER_PARAMETER = 4
LINES_BYTES = 18**4 * 4
"""of the table of what a move makes of every line, and of the table of the points it gives"""
SOURCE_BYTES = 25_000
"""of the definitions that the generated text uses"""
CALL_BYTES = 4_000
"""of the operators and the names of one block"""
FILE_BYTES = 10_000
ARCHIVE_BYTES = 6_000
"""of the README, the design, the tables and the programs in an archive, compressed"""


class DesignFacts(NamedTuple):
    """What the design of a run says about its files."""

    parameters: int = 0
    calls: int = 0
    """blocks computed for one board"""
    inspectable: bool = False
    is_readable: bool = True
    computes_moves: bool = False
    """whether the network itself computes the boards after the four moves"""


UNREADABLE = DesignFacts(is_readable=False)


class _Checkpoint(NamedTuple):
    """A network of a run; without a path where only files that were exported from it are left."""

    name: str
    steps: int
    stored_ns: int
    path: Path | None


def exportable_run(path: Path, run: Run) -> ExportableRun | None:
    """What can be exported of a run; None if nothing can, or its files cannot be read."""
    folder = RunFolder(path)
    try:
        if not folder.is_exportable:
            return None
        return _describe(folder, folder.request, run)
    except (OSError, ValueError, msgspec.DecodeError):
        if path.exists():
            logger.exception("the exports of run %s cannot be listed", run.id)
        return None


def facts_of(folder: RunFolder) -> DesignFacts:
    """Facts of the design of a run; all 0 where it can no longer be read."""
    try:
        return _facts_of(folder.design, folder.design.stat().st_mtime_ns)
    except (FileNotFoundError, IsADirectoryError):
        return UNREADABLE


@lru_cache(maxsize=512)
def _facts_of(design: Path, _version: int) -> DesignFacts:
    try:
        analysis = analyse(decode_design(design.read_bytes()))
    except (DesignError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UNREADABLE
    sizes, moves = analysis.sizes, any(node.block.computes_moves() for node in analysis.nodes.values())
    return DesignFacts(sizes.parameters, sizes.calls, bool(inspected_calls(analysis)), computes_moves=moves)


@lru_cache(maxsize=128)
def _metrics_of(path: Path, run_id: str, _size: int) -> RunMetrics:
    return read_metrics(RunFolder(path), run_id, only_last_update=True)


def _describe(folder: RunFolder, request: RunRequest, run: Run) -> ExportableRun:
    metrics = _metrics_of(folder.path, run.id, folder.metrics.stat().st_size)
    facts = facts_of(folder)
    evaluations = metrics.evaluations
    rows = [*FORMATS, INSPECTION] if facts.inspectable else FORMATS
    written = {row.suffix: written_files(folder, row.suffix) for row in (*FORMATS, INSPECTION)}
    checkpoints = []
    for checkpoint in _checkpoints(folder, run, written):
        files = list(_files(folder, request, checkpoint, rows, written, facts))
        if files:
            stored = datetime.fromtimestamp(checkpoint.stored_ns / 1e9, UTC).isoformat(timespec="milliseconds")
            score = _score_at(evaluations, checkpoint.steps)
            checkpoints.append(ExportableCheckpoint(checkpoint.name, checkpoint.steps, stored, score, files))
    return ExportableRun(
        run_id=run.id,
        algorithm=request.trainer if request.is_external else request.config.algorithm,
        status=run.status,
        steps=run.steps,
        created_at=run.created_at,
        ended_at=run.ended_at,
        design_hash=run.design_hash,
        score=max((evaluation.mean_score for evaluation in evaluations), default=None),
        best_score=run.best_score,
        evaluation=_shown(evaluations[-1]) if evaluations else None,
        train_seconds=metrics.updates[-1].elapsed_s if metrics.updates else None,
        parameters=facts.parameters,
        inspectable=facts.inspectable,
        checkpoints=checkpoints,
        name=run.name,
        tags=run.tags,
        total_steps=run.total_steps,
        value_unit=_value_unit(request),
    )


def _value_unit(request: RunRequest) -> ValueUnit | None:
    """Null for networks that do not value boards after moves: they would play worse with search (decision 0093)."""
    algorithm = request.built_in_algorithm
    if algorithm is None or not algorithm.evaluates_afterstates:
        return None
    return ValueUnit(request.config.gamma, request.config.reward)


def _score_at(evaluations: Sequence[Evaluation], steps: int) -> float | None:
    """The mean score of the newest test games at a number of moves."""
    return next((evaluation.mean_score for evaluation in reversed(evaluations) if evaluation.steps == steps), None)


def _shown(evaluation: Evaluation) -> ExportEvaluation:
    return ExportEvaluation(
        evaluation.mean_score,
        evaluation.median_score,
        evaluation.games,
        evaluation.max_tile_frequency,
        evaluation.baselines,
    )


def _checkpoints(folder: RunFolder, run: Run, written: dict[str, list[WrittenFile]]) -> Iterator[_Checkpoint]:
    """The best, the last, then the others, the newest first; networks that have a name already are not repeated."""
    seen: set[int] = set()
    for name, path in ((BEST, folder.best), (LAST, folder.checkpoint)):
        if path.is_file():
            summary = folder.summary(path)
            steps = run.steps if summary is None else summary.steps
            seen.add(steps)
            yield _Checkpoint(name, steps, path.stat().st_mtime_ns, path)
        elif left := _left_of(written, name):
            seen.add(left.steps)
            yield left
    others = {steps: _Checkpoint(str(steps), steps, path.stat().st_mtime_ns, path) for steps, path in folder.spaced().items()}
    for files in written.values():
        for file in files:
            if file.checkpoint.isdecimal() and (steps := int(file.checkpoint)) not in others:
                others[steps] = _Checkpoint(file.checkpoint, steps, file.version, None)
    for steps in sorted(others.keys() - seen, reverse=True):
        yield others[steps]


def _left_of(written: dict[str, list[WrittenFile]], name: str) -> _Checkpoint | None:
    """The newest files of the best or the last network whose checkpoint is gone."""
    files = [file for files in written.values() for file in files if file.checkpoint == name and file.summary is not None]
    if not files:
        return None
    newest = max(files, key=lambda file: file.version)
    assert newest.summary is not None
    return _Checkpoint(name, newest.summary.steps, newest.version, None)


def _files(
    folder: RunFolder,
    request: RunRequest,
    checkpoint: _Checkpoint,
    rows: Sequence[Format],
    written: dict[str, list[WrittenFile]],
    facts: DesignFacts,
) -> Iterator[ExportFile]:
    """The files of a checkpoint, in the order of the formats: those written, and where it is there, those that can be."""
    for row in rows:
        is_inspection = row is INSPECTION
        fmt = row.parts[0] if is_inspection else row.suffix
        if checkpoint.path is None:
            there = (
                kept for kept in written[row.suffix] if (kept.checkpoint, kept.version) == (checkpoint.name, checkpoint.stored_ns)
            )
            file = next(there, None)
        else:
            file = file_of(written[row.suffix], checkpoint.path, checkpoint.name)
        if file is not None:
            details = details_of(file.path)
            checked = (details.largest_difference, details.checked_boards)
            yield ExportFile(fmt, is_inspection, details.bytes, True, details.sha256, *checked, details.note)
        elif checkpoint.path is not None and _can_be_written(row, folder):
            yield ExportFile(fmt, is_inspection, _estimate(row, folder, request, facts), False)


def _can_be_written(row: Format, folder: RunFolder) -> bool:
    return folder.model.is_file() and (not row.needs_design or folder.design.is_file())


class _Size(NamedTuple):
    """The bytes of a file by how well they can be compressed."""

    weights: int = 0
    tables: int = 0
    text: int = 0

    @property
    def compressed(self) -> int:
        """In an archive, by the rates that were measured; large files are stored there as they are."""
        size = sum(self)
        return size if size > MAX_COMPRESSED_BYTES else (90 * self.weights + 25 * self.tables + 30 * self.text) // 100


def _estimate(row: Format, folder: RunFolder, request: RunRequest, facts: DesignFacts) -> int:
    """About how large a file will be."""
    if row.parts and row is not INSPECTION:
        return ARCHIVE_BYTES + sum(_size_of(format_of(part), folder, request, facts).compressed for part in row.parts)
    return sum(_size_of(row, folder, request, facts))


def _size_of(row: Format, folder: RunFolder, request: RunRequest, facts: DesignFacts) -> _Size:
    if not row.needs:
        return _Size(text=folder.model.stat().st_size + SOURCE_BYTES)
    weights = BYTES_PER_PARAMETER * facts.parameters
    if "onnx" not in row.needs:
        return _Size(weights, text=FILE_BYTES)
    algorithm = request.built_in_algorithm
    values_moves = algorithm is not None and algorithm.evaluates_afterstates
    tables = LINES_BYTES * (2 if values_moves else int(facts.computes_moves))
    return _Size(weights, tables, FILE_BYTES + CALL_BYTES * facts.calls)
