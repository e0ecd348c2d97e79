"""A trained network with everything that belongs to it as one zip file. No torch here."""

import shutil
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backend.export.archive_texts import FILES_WITHOUT_ONNX, PLAY, PLAY_FILES, PLAY_SECTION, README, WITHOUT_ONNX
from backend.export.metrics_csv import evaluations_table, metrics_table
from backend.export.run_metrics import read_metrics
from backend.runs.checkpoint_files import read_summary
from backend.runs.run_folder import RunFolder, RunRequest
from shared_py import game_2048
from shared_py.protocol import Evaluation

STEM = "design"
MAX_COMPRESSED_BYTES = 8_000_000
"""larger files are stored as they are: weights hardly become smaller, and compressing them takes long"""
FILE_MODE = 0o644 << 16


def write_archive(run_folder: str, checkpoint: str, target: str, name: str, *parts: str) -> None:
    """Write the design, the files of `parts`, metrics up to the checkpoint, a README and, with an ONNX, a program that plays.

    The files are dated as the checkpoint.
    """
    folder = RunFolder(Path(run_folder))
    request, summary = folder.request, read_summary(Path(checkpoint))
    stored = datetime.fromtimestamp(Path(checkpoint).stat().st_mtime, UTC)
    steps = summary.steps if summary is not None else None
    metrics = read_metrics(folder, request.id, steps)
    design = folder.design.read_bytes()
    has_onnx = any(Path(part).suffix == ".onnx" for part in parts)
    facts = _facts(request, name, steps, stored, metrics.evaluations)
    texts = {
        "README.md": _readme(design, request, facts, has_onnx=has_onnx),
        **({"play.py": PLAY} if has_onnx else {}),
        "game_2048.py": Path(game_2048.__file__).read_text(encoding="utf-8"),
        f"{STEM}.json": design.decode(),
        "metrics.csv": metrics_table(metrics.updates),
        "evaluations.csv": evaluations_table(metrics.evaluations),
    }
    with zipfile.ZipFile(target, "w") as archive:
        for file, text in texts.items():
            archive.writestr(_entry(file, stored, len(text)), text.encode())
        for part in map(Path, parts):
            size = part.stat().st_size
            entry = _entry(STEM + part.suffix, stored, size)
            with part.open("rb") as source, archive.open(entry, "w", force_zip64=size >= zipfile.ZIP64_LIMIT) as copy:
                shutil.copyfileobj(source, copy, 1 << 20)


def _entry(name: str, stored: datetime, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (max(stored.year, 1980), *stored.timetuple()[1:6]))
    entry.external_attr = FILE_MODE
    entry.compress_type = zipfile.ZIP_DEFLATED if size <= MAX_COMPRESSED_BYTES else zipfile.ZIP_STORED
    return entry


def _readme(design: bytes, request: RunRequest, facts: dict[str, str], *, has_onnx: bool) -> str:
    return README.format(
        name=_name_of(design) or request.design_id,
        facts="\n".join(f"| {key} | {value} |" for key, value in facts.items() if value),
        play=PLAY_SECTION if has_onnx else WITHOUT_ONNX,
        files=PLAY_FILES if has_onnx else FILES_WITHOUT_ONNX,
        arguments=", ".join(f"{key}={value}" for key, value in request.model_config.items()),
    )


def _facts(
    request: RunRequest, name: str, steps: int | None, stored: datetime, evaluations: Sequence[Evaluation]
) -> dict[str, str]:
    """What the README says of the network; empty values are left out there."""
    algorithm = request.built_in_algorithm
    facts = {
        "design": f"`{request.design_id}`, hash `{request.design_hash}`",
        "run": f"`{request.id}`, checkpoint {name}",
        "moves played in training": "" if steps is None else f"{steps:,}",
        "trained by": request.trainer if algorithm is None else algorithm.term,
        "stored": stored.isoformat(sep=" ", timespec="minutes"),
    }
    if evaluations:
        newest = evaluations[-1]
        facts["newest test games"] = (
            f"mean score {newest.mean_score:,.0f}, median {newest.median_score:,.0f} of {newest.games} games after"
            f" {newest.steps:,} moves (random moves {newest.random_score:,.0f}, greedy moves {newest.greedy_score:,.0f})"
        )
    return facts


def _name_of(design: bytes) -> str:
    """The name of a design on one line; empty where it cannot be read."""
    try:
        document = msgspec.json.decode(design)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    name = document.get("name") if isinstance(document, dict) else None
    return " ".join(name.split()) if isinstance(name, str) else ""
