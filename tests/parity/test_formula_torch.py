"""What the formulas say is what torch builds, to the last parameter and the last shape."""

import pytest
import torch
from hypothesis import given, settings
from strategies import valid_designs

from backend.models import GameTransformer
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates
from shared_py.validation import validate_design


def assert_formula_is_torch(design: ModelArchitecture) -> None:
    """Count block by block, then play three boards through the network."""
    verdict = validate_design(design)
    model = GameTransformer.from_architecture(design)
    counted = {component.id: 0 for component in design.components}
    for name, parameter in model.named_parameters():
        counted[name.split(".")[0].partition("_")[2]] += parameter.numel()
    assert counted == {name: block.parameters for name, block in verdict.blocks.items()}
    assert sum(parameter.numel() for parameter in model.parameters()) == verdict.parameters
    board = torch.randint(0, 18, (3, 16))
    logits, value = model(board)
    assert logits.shape == (3, 4)
    assert value.shape == (3,)
    assert logits.isfinite().all()


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_templates(design: ModelArchitecture) -> None:
    assert_formula_is_torch(design)


@settings(max_examples=300)
@given(valid_designs())
def test_generated_designs(design: ModelArchitecture) -> None:
    assert_formula_is_torch(design)
