"""Networks of the pieces that publications use are the same in onnxruntime as in torch."""

from pathlib import Path

import pytest
import torch
from support.designs import rotary_design
from support.published_networks import PUBLISHED

from backend.export import onnx_file
from backend.models import GameTransformer
from shared_py.design import ModelArchitecture

DESIGNS = {
    "rotary": rotary_design(),
    **{
        name: PUBLISHED[name]().design
        for name in (
            "pooled_dqn",
            "depthwise_ppo",
            "jumanji_a2c",
            "default_mlp",
            "one_token_transformer",
            "residual_tower",
            "llama_like",
        )
    },
}


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_onnx_agrees(design: ModelArchitecture, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(design).eval()
    onnx_file.to_onnx(model).save(tmp_path / "model.onnx", external_data=False)
    boards = onnx_file.played_boards(sum(onnx_file.CHECKED_BATCHES))
    difference, compared = onnx_file.largest_difference(model, tmp_path / "model.onnx", boards)
    assert difference < 1e-4
    assert compared >= onnx_file.MIN_BOARDS
