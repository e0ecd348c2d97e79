"""What the formulas say of multiply-adds is what torch counts: those of matrix products and convolutions."""

import pytest
import torch
from hypothesis import given, settings
from support.chain_designs import CHAINS, chain_named
from support.strategies import valid_designs
from torch.utils.flop_counter import FlopCounterMode

from backend.models import GameTransformer
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates

BOARDS = 3
FLOPS_PER_MULTIPLY_ADD = 2


def assert_counted(design: ModelArchitecture) -> None:
    model = GameTransformer.from_architecture(design).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.evaluate(torch.randint(0, 8, (BOARDS, 16)))
    assert counter.get_total_flops() == FLOPS_PER_MULTIPLY_ADD * BOARDS * analyse(design).sizes.flops


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_templates(design: ModelArchitecture) -> None:
    assert_counted(design)


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str) -> None:
    assert_counted(chain_named(name))


@settings(max_examples=100)
@given(valid_designs())
def test_generated_designs(design: ModelArchitecture) -> None:
    assert_counted(design)
