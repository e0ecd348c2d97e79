"""Weights as files that can be read without running anything in them: a state dict, and safetensors."""

import zipfile
from pathlib import Path

import msgspec
import torch
from safetensors.torch import save_file

from backend.models import GameTransformer
from backend.models.loading import load_file
from backend.runs.checkpoint_files import Summary, read_summary
from backend.runs.checkpoints import load_checkpoint
from backend.runs.run_folder import RunFolder, RunRequest
from backend.training.loop import Player
from backend.training.trainers import TRAINERS


def checkpoint_summary(checkpoint: str) -> Summary:
    """The summary of a checkpoint that has none in its archive; DamagedCheckpoint."""
    state = load_checkpoint(Path(checkpoint))
    return Summary(state["steps"], state.get("score"))


def load_trained(run_folder: Path, checkpoint: Path) -> tuple[GameTransformer, RunRequest]:
    """A run's network with the weights of a checkpoint, in evaluation mode on the CPU, and the request of the run."""
    folder = RunFolder(run_folder)
    request = folder.request
    model: GameTransformer = load_file(folder.model, f"run_{request.id}").GeneratedModel(**request.model_config)
    model.load_state_dict(load_checkpoint(checkpoint)["model"])
    return model.eval(), request


def load_player(run_folder: Path, checkpoint: Path) -> tuple[Player, RunRequest]:
    """The player of a run's network, in evaluation mode on the CPU, and the request of the run."""
    model, request = load_trained(run_folder, checkpoint)
    player = model if request.is_external else TRAINERS[request.config.algorithm]().player_of(model, request.config)
    return player.eval(), request


def about_checkpoint(checkpoint: str, name: str) -> dict[str, str]:
    """Metadata of an exported file: the checkpoint as it was requested, and after how many moves it was stored."""
    return {"checkpoint": name, "steps": str((read_summary(Path(checkpoint)) or checkpoint_summary(checkpoint)).steps)}


def write_state_dict(run_folder: str, checkpoint: str, target: str, name: str) -> None:
    """Write a plain `state_dict` for `torch.load(weights_only=True)`, with design and settings beside it in the archive."""
    model, request = load_trained(Path(run_folder), Path(checkpoint))
    with Path(target).open("wb") as file:  # a file that torch opens itself does not tell why a write failed
        torch.save(model.state_dict(), file)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as archive:
        root = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{root}/design.json", RunFolder(Path(run_folder)).design.read_bytes())
        archive.writestr(f"{root}/train_config.json", msgspec.json.encode(request.config))
        archive.writestr(f"{root}/checkpoint.json", msgspec.json.encode(about_checkpoint(checkpoint, name)))


def write_safetensors(run_folder: str, checkpoint: str, target: str, name: str) -> None:
    """Write safetensors with the design, its hash and the run in the metadata."""
    model, request = load_trained(Path(run_folder), Path(checkpoint))
    metadata = {
        "format": "pt",
        "design": RunFolder(Path(run_folder)).design.read_text(encoding="utf-8"),
        "design_hash": request.design_hash,
        "run_id": request.id,
        "train_config": msgspec.json.encode(request.config).decode(),
        **about_checkpoint(checkpoint, name),
    }
    save_file({key: tensor.contiguous() for key, tensor in model.state_dict().items()}, target, metadata)
