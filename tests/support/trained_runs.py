"""Run folders with the checkpoint of a network that looks trained, written without training."""

from pathlib import Path

import torch

from backend.models.loading import load_file
from backend.runs.checkpoints import save_checkpoint
from backend.runs.journal import create_run_folder
from backend.runs.run_folder import RunFolder, RunRequest, now
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.training_config import TrainConfig

from .designs import small_design

PPO = TrainConfig()
NOISE = 0.2


def make_run(
    path: Path, seed: int = 1, config: TrainConfig = PPO, design: ModelArchitecture | None = None, noise: float = NOISE
) -> RunFolder:
    """A run with one checkpoint of a network whose weights are far from their start."""
    design = design or small_design(checkpoint=True)
    generated = generate_source(design)
    request = RunRequest(path.name, design.id, generated.design_hash, now(), config, generated.config)
    folder = create_run_folder(path, request, design, generated)
    write_checkpoint(folder, folder.checkpoint, seed, noise=noise)
    return folder


def write_checkpoint(folder: RunFolder, path: Path, seed: int, score: float | None = None, noise: float = NOISE) -> None:
    """A checkpoint after `seed` moves, with noise of this size added to the weights."""
    torch.manual_seed(seed)
    model = load_file(folder.model, "run").GeneratedModel(**folder.request.model_config)
    for parameter in model.parameters():
        parameter.data += noise * torch.randn_like(parameter)
    save_checkpoint(path, {"model": model.state_dict(), "steps": seed, "score": score})
