"""What the formulas say is what torch builds, to the last parameter and the last shape."""

from collections import Counter

import pytest
from hypothesis import given, settings
from support.strategies import valid_designs

from backend.compile.checks import check_gradients, sample_boards
from backend.models import GameTransformer
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.estimation import estimate
from shared_py.templates import load_templates

BOARDS = sample_boards(4)


def assert_formula_is_torch(design: ModelArchitecture) -> None:
    """Count component by component, then play boards through the network and back."""
    analysis = analyse(design)
    assert analysis.problems == []
    told = {name: block.parameters for name, block in estimate(analysis).blocks.items()}
    model = GameTransformer.from_architecture(design)
    held = held_by_component(model)
    assert {name: {told[name]} for name in told if told[name]} == held
    assert sum(parameter.numel() for parameter in model.parameters()) == analysis.sizes.parameters
    logits, value = model(BOARDS)
    assert logits.shape == (4, 4)
    assert value.shape == (4,)
    assert logits.isfinite().all()
    passed, detail = check_gradients(model, BOARDS)
    assert passed, detail


def held_by_component(model: GameTransformer) -> dict[str, set[int]]:
    """Parameters in each component's modules, copy by copy; `block_c3.bodies.1.block_c4.weight` counts for both."""
    held: Counter[tuple[str, str]] = Counter()
    for name, parameter in model.named_parameters():
        path = name.split(".")
        for index, part in enumerate(path):
            prefix, _, component = part.partition("_")
            if prefix in ("block", "router"):
                held[".".join(path[:index]), component] += parameter.numel()
    found: dict[str, set[int]] = {}
    for (_, component), count in held.items():
        found.setdefault(component, set()).add(count)
    return found


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_templates(design: ModelArchitecture) -> None:
    assert_formula_is_torch(design)


@settings(max_examples=300)
@given(valid_designs())
def test_generated_designs(design: ModelArchitecture) -> None:
    assert_formula_is_torch(design)
