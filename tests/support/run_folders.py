"""Run folders with any history of statuses, written without training."""

from pathlib import Path
from typing import Any

from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunFolder, RunRequest, now
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.protocol import RunStatus
from shared_py.training_config import TrainConfig

from .designs import plain_design


def write_run(
    runs_dir: Path, run_id: str, *statuses: RunStatus, design: ModelArchitecture | None = None, **request: Any
) -> RunFolder:
    """A run that was queued and then had these statuses."""
    design = design or plain_design()
    generated = generate_source(design)
    runs_dir.mkdir(parents=True, exist_ok=True)
    members = {"created_at": now(), "config": TrainConfig(), "model_config": generated.config} | request
    asked = RunRequest(run_id, design.id, generated.design_hash, **members)
    folder = create_run_folder(runs_dir / run_id, asked, design, generated)
    with Journal(folder, asked) as journal:
        for status in statuses:
            journal.status(status)
    return folder
