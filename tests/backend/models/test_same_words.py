"""Modules of `backend/models` are written into exported files, which know no `shared_py`: what both name is named alike."""

from typing import Any, get_args

import pytest

from backend.models import activation, attention, convolution, embedding, heads, moe, outputs, pooling, rewards, rules, swiglu
from shared_py import game_2048, training_config
from shared_py.blocks import BLOCKS, common
from shared_py.properties import properties_of

BY_TYPE = {block.type: block for block in BLOCKS}


def choices(block: str, name: str) -> tuple[str, ...]:
    """The words that a property of a block may have."""
    return tuple(properties_of(BY_TYPE[block])[name].choices or ())


@pytest.mark.parametrize(
    ("words", "shared"),
    [
        (activation.Activation, get_args(common.ActivationName)),
        (swiglu.GatedActivation, choices("moe_layer", "activation")),
        (convolution.Padding, choices("conv2d", "padding")),
        (embedding.Position, choices("embedding", "position")),
        (moe.ScoreFunction, choices("load_balance_router", "score_func")),
        (outputs.Target, choices("aux_loss_head", "target")),
        (pooling.Pooling, get_args(common.PoolName)),
        (rewards.RewardForm, get_args(training_config.RewardForm)),
    ],
    ids=["activation", "activation of an expert", "padding", "position", "scores", "target", "pooling", "reward"],
)
def test_the_words_are_those_of_the_blocks_and_settings(words: Any, shared: tuple[str, ...]) -> None:
    assert get_args(words) == shared


def test_every_activation_has_its_function() -> None:
    assert {name: kind.__name__ for name, kind in activation.ACTIVATIONS.items()} == common.TORCH_NAMES
    assert tuple(common.TORCH_NAMES) == get_args(common.ActivationName)
    functions = {name: function.__name__ for name, function in attention.LAYER_ACTIVATIONS.items()}
    assert functions == {name: name for name in get_args(common.ActivationName)}
    assert choices("transformer_layer", "activation") == (*get_args(common.ActivationName), "swiglu")


def test_constants_of_the_board_are_those_of_the_rules() -> None:
    assert (rules.CELLS, rules.MAX_EXPONENT, heads.ACTIONS) == (game_2048.CELLS, game_2048.MAX_EXPONENT, game_2048.N_ACTIONS)
