"""What the formulas say a network keeps for the backward pass is what torch keeps, block by block and design by design."""

import pytest
from hypothesis import given, settings
from support.chain_designs import CHAINS, POOLS, chain, chain_named
from support.saved_tensors import kept_bytes
from support.strategies import valid_designs

from backend.models import GameTransformer
from shared_py.analysis import analyse
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.estimation import LOSS_BYTES_PER_BOARD
from shared_py.templates import load_templates

BOARDS = 6
VALUE_LOSS_BYTES = 4
"""kept of one board by the loss of a network without a policy; the estimate counts that of both"""
SCALARS_BYTES = 64
"""of losses of the whole batch, for each router and auxiliary head and for each expert of it"""


def assert_kept(design: ModelArchitecture, tolerance: float = 0.0) -> None:
    """Compare the formula with torch; what is kept once for all boards may come on top."""
    analysis = analyse(design)
    assert not analysis.problems
    of_losses = LOSS_BYTES_PER_BOARD if "policy" in analysis.roles else VALUE_LOSS_BYTES
    predicted = BOARDS * (analysis.sizes.activation_bytes + analysis.sizes.loss_bytes + of_losses)
    measured = kept_bytes(GameTransformer.from_architecture(design), BOARDS)
    slack = SCALARS_BYTES * analysis.sizes.calls + tolerance * measured
    assert predicted - tolerance * measured <= measured <= predicted + slack, f"{predicted} by the formula, {measured} in torch"


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_templates(design: ModelArchitecture) -> None:
    assert_kept(design)


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str) -> None:
    assert_kept(chain_named(name))


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("activation", ["gelu", "tanh"])
@pytest.mark.parametrize("detach", [False, True])
def test_heads(pool: str, activation: str, detach: bool) -> None:
    heads = {"pool": pool, "hidden_sizes": (20, 12), "activation": activation}
    design = chain()
    design.components[-1].props.update(heads)
    design.components.append(Component("v", "value_output", {"pool": pool}))
    for target in ("empty_cells", "legal_moves"):
        design.components.append(Component(f"a_{target}", "aux_loss_head", {"target": target, "detach": detach, **heads}))
        design.edges.append(("c2", f"a_{target}"))
    design.edges.append(("c2", "v"))
    assert_kept(design)


def test_branches() -> None:
    layer, wide = {"n_heads": 2}, {"out_features": 40}
    components = [Component("c1", "board_input"), Component("c2", "embedding"), Component("c3", "transformer_layer", layer)]
    components += [Component("c4", "linear", {}), Component("c5", "linear", wide), Component("c6", "add", {})]
    components += [Component("c7", "concat", {}), Component("c8", "concat", {"dim": "cells"}), Component("c9", "action_output")]
    edges = [("c1", "c2"), ("c2", "c3"), ("c2", "c4"), ("c3", "c5"), ("c3", "c6"), ("c4", "c6"), ("c2", "c6")]
    edges += [("c6", "c7"), ("c5", "c7"), ("c7", "c8"), ("c7", "c8b"), ("c8b", "c8"), ("c8", "c9")]
    components.append(Component("c8b", "activation", {"activation": "relu"}))
    assert_kept(ModelArchitecture("d0", meta=Defaults(d_model=16), components=components, edges=edges))


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_convolution_of_one_channel_with_two_readers(padding: str) -> None:
    """torch chooses another order of memory for it, so that each reader would keep its own copy."""
    components = [Component("c1", "board_input"), Component("c2", "embedding", {"encoding": "scaled"})]
    components += [Component("c3", "conv2d", {"kernel_size": "3x3", "padding": padding, "out_channels": 2})]
    components += [Component("c4", "action_output"), Component("c5", "value_output")]
    edges = [("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c3", "c5")]
    assert_kept(ModelArchitecture("d0", meta=Defaults(d_model=8), components=components, edges=edges))


@pytest.mark.parametrize("pool", ["weighted", "mean", "sum"])
@pytest.mark.parametrize("with_norm", [False, True])
def test_a_number_that_is_the_value(pool: str, with_norm: bool) -> None:
    """It is kept once, by the loss or by what else reads it."""
    design = ModelArchitecture(
        "d0",
        meta=Defaults(d_model=8),
        components=[
            Component("c1", "board_input"),
            Component("c2", "n_tuple"),
            Component("c3", "layer_norm"),
            Component("c4", "action_output"),
            Component("c5", "value_output", {"pool": pool, "linear": False}),
        ],
        edges=[("c1", "c2"), ("c2", "c5"), *([("c2", "c3"), ("c3", "c4")] if with_norm else [("c2", "c4")])],
    )
    if not with_norm:
        del design.components[2]
    assert_kept(design)


@pytest.mark.parametrize("share_weights", [False, True])
@pytest.mark.parametrize("kind", ["transformer_layer", "activation", "dropout", "conv2d", "moe_layer"])
def test_repeats(kind: str, share_weights: bool) -> None:
    inside = [Component("x1", kind, inside="x0"), Component("x2", "grad_checkpoint", inside="x0")]
    design = chain(Component("x0", "repeat", {"times": 3, "share_weights": share_weights}))
    design.components.extend(inside)
    design.edges.append(("x1", "x2"))
    assert_kept(design)
    design.components.remove(inside[1])
    design.edges.remove(("x1", "x2"))
    assert_kept(design)


@settings(max_examples=100)
@given(valid_designs())
def test_generated_designs(design: ModelArchitecture) -> None:
    assert_kept(design)
