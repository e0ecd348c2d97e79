"""Writes test networks as .onnx, each with boards and what torch gives for them, for a Python that has no torch.

Usage: export_networks.py FOLDER. Every template as it plays after PPO and after afterstate TD, and the hand-made networks.
"""

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from support.handwritten_networks import TEXTS

from backend.export import onnx_file
from backend.models import AfterstatePlayer, GameTransformer
from backend.models.loading import load_source
from backend.training.loop import Player
from shared_py.templates import load_templates

BOARDS = 400


def networks() -> Iterator[tuple[str, Player]]:
    """Every network with weights away from their start, so that its logits differ."""
    for design in load_templates():
        network = trained_a_little(GameTransformer.from_architecture(design))
        yield f"{design.id}-ppo", network
        yield f"{design.id}-afterstate_td", AfterstatePlayer(network, 0.99, "log_points", views=2).eval()
    for name, text in TEXTS.items():
        yield name, trained_a_little(load_source(text, name).GeneratedModel())


def trained_a_little(network: GameTransformer) -> GameTransformer:
    """Add to each weight a tenth of the spread of its tensor."""
    for parameter in network.parameters():
        parameter.data += 0.1 * parameter.std(unbiased=False) * torch.randn_like(parameter)
    return network.eval()


def main(folder: Path) -> None:
    """Write `NAME.onnx` and `NAME.npz` for each network."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    boards = onnx_file.played_boards(BOARDS)
    for name, network in networks():
        onnx_file.to_onnx(network).save(folder / f"{name}.onnx", external_data=False)
        with torch.inference_mode():
            logits, value = network(torch.from_numpy(boards))
            decided = network.is_decided(torch.from_numpy(boards))
        np.savez(folder / f"{name}.npz", boards=boards, logits=logits, value=value, decided=decided)
        print(f"exported {name}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
