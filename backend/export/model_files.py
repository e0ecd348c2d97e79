"""Weights as files that can be read without running anything in them: a state dict, and safetensors."""

import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file

from backend.models import GameTransformer
from backend.models.source import load_file
from backend.training.checkpoints import load_checkpoint
from backend.training.run_folder import RunFolder, RunRequest


def load_trained(run_folder: Path, checkpoint: Path) -> tuple[GameTransformer, RunRequest]:
    """A run's network with the weights of a checkpoint, in evaluation mode on the CPU, and what was asked of the run."""
    folder = RunFolder(run_folder)
    request = folder.request
    model: GameTransformer = load_file(folder.model, f"run_{request.id}").GeneratedModel(**request.model_config)
    model.load_state_dict(load_checkpoint(checkpoint)["model"])
    return model.eval(), request


def write_state_dict(run_folder: str, checkpoint: str, target: str) -> None:
    """Write a plain `state_dict` for `torch.load(weights_only=True)`, with the design as one more record of the archive."""
    model, _ = load_trained(Path(run_folder), Path(checkpoint))
    torch.save(model.state_dict(), target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as archive:
        root = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{root}/design.json", RunFolder(Path(run_folder)).design.read_bytes())


def write_safetensors(run_folder: str, checkpoint: str, target: str) -> None:
    """Write safetensors with the design, its hash and the run in the metadata."""
    model, request = load_trained(Path(run_folder), Path(checkpoint))
    metadata = {
        "format": "pt",
        "design": RunFolder(Path(run_folder)).design.read_text(encoding="utf-8"),
        "design_hash": request.design_hash,
        "run_id": request.id,
    }
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, target, metadata)
