"""The pieces of which public networks for 2048 consist: max pooling, gates, heads of keys, boards as plain numbers."""

import msgspec
import pytest
from support.design_edits import mended, with_edges, with_more, with_props
from support.row_designs import GRIDLESS, chain, leaves, only_problem

from shared_py.decoding import DesignError, design_from, read_design
from shared_py.design import Component, ModelArchitecture
from shared_py.problems import ReplaceBlock, label
from shared_py.validation import validate_design, validate_document


@pytest.mark.parametrize(
    ("props", "shape"),
    [
        ({}, "(B, 4, d)"),
        ({"stride": 1}, "(B, 9, d)"),
        ({"kernel_size": "1x2"}, "(B, 8, d)"),
        ({"kernel_size": "3x3"}, "(B, 1, d)"),
        ({"kernel_size": "2x1", "stride": 2}, "(B, 4, d)"),
    ],
)
def test_the_shape_that_leaves_a_max_pool(props: dict[str, object], shape: str) -> None:
    assert leaves(chain(Component("k", "max_pool2d", props)), "k") == shape


def test_a_max_pool_needs_a_grid_that_holds_its_kernel() -> None:
    problem = only_problem(chain(Component("k", "max_pool2d"), embedding=GRIDLESS))
    assert problem.message.startswith("takes cells on a grid of rows and columns, (B, 16, d), got (B, 17, d)")
    small = chain(Component("m", "max_pool2d"), Component("k", "max_pool2d", {"kernel_size": "3x3"}))
    problem = only_problem(small)
    assert (problem.field, problem.message) == ("kernel_size", "its kernel is larger than the 2 × 2 cells that arrive")


def test_a_stride_of_a_max_pool_that_changes_nothing_says_so() -> None:
    design = chain(Component("k", "max_pool2d", {"stride": 2}))
    (warning,) = validate_design(design).warnings
    assert (warning.code, warning.field) == ("no_effect", "stride")
    assert validate_design(mended(design, warning.fix)).warnings == []
    assert validate_design(with_props(design, "k", stride=1)).warnings == []


@pytest.mark.parametrize(
    ("props", "shape"),
    [({"encoding": "one_hot"}, "(B, 16, 18)"), ({"encoding": "one_hot", "num_classes": 12}, "(B, 16, 12)"),
     ({"encoding": "scaled"}, "(B, 16, 1)")],
)  # fmt: skip
def test_boards_can_be_plain_numbers(props: dict[str, object], shape: str) -> None:
    design = chain(Component("k", "conv2d"), embedding=props)
    verdict = validate_design(design)
    assert (verdict.errors, verdict.warnings) == ([], [])
    assert (verdict.blocks["e"].shape, verdict.blocks["e"].parameters) == (shape, 0)
    for field, value in (
        ("position", "none"),
        ("lookahead", True),
        ("cls_token", True),
        ("num_embeddings", 20),
        ("dropout", 0.1),
    ):
        (warning,) = validate_design(with_props(design, "e", **{field: value})).warnings
        assert (warning.code, warning.field) == ("no_effect", field)


def test_what_only_another_encoding_reads_says_so() -> None:
    for props in ({"num_classes": 16}, {"divisor": 11}, {"encoding": "scaled", "num_classes": 3}):
        (warning,) = validate_design(chain(embedding=props)).warnings
        assert (warning.code, warning.field) == ("no_effect", list(props)[-1])


@pytest.mark.parametrize(
    ("props", "parameters"),
    [
        ({}, 4 * 16 * 17),
        ({"num_key_value_heads": 2}, 2 * 16 * 17 + 2 * 8 * 17),
        ({"num_key_value_heads": 1, "bias": False}, 2 * 16 * 16 + 2 * 4 * 16),
        ({"rotary": True}, 4 * 16 * 17),
    ],
)
def test_fewer_heads_of_keys_have_fewer_parameters(props: dict[str, object], parameters: int) -> None:
    verdict = validate_design(chain(Component("k", "attention", {"n_heads": 4, **props})))
    assert verdict.blocks["k"].parameters == parameters


def test_a_gate_adds_a_map() -> None:
    plain, gated = (
        validate_design(chain(Component("k", "transformer_layer", {"activation": name, "dim_feedforward": 40})))
        for name in ("silu", "swiglu")
    )
    assert gated.parameters - plain.parameters == 17 * 40


def gated(grid: str = "4x4", padding: str = "same") -> ModelArchitecture:
    """Squeeze-and-excitation: features, their mean over the cells, a gate for each channel, and their product."""
    features = Component("f", "conv2d", {"out_channels": 16, "kernel_size": "2x2", "padding": padding})
    gate = [
        Component("p", "pool", {"pool": "mean"}),
        Component("l", "linear", {"out_features": 16}),
        Component("s", "activation", {"activation": "sigmoid"}),
        Component("c", "broadcast", {"grid": grid}),
        Component("m", "multiply"),
    ]
    design = chain(features, *gate)
    return with_edges(design, *design.edges, ("f", "m"))


def test_squeeze_and_excitation_can_be_drawn_without_a_warning() -> None:
    verdict = validate_design(gated())
    assert (verdict.errors, verdict.warnings) == ([], [])
    assert verdict.blocks["m"].shape == "(B, 16, d)"
    assert verdict.blocks["l"].parameters == 17 * 16
    read = with_more(gated(), Component("v", "value_output"), edges=(("p", "v"),))
    assert [warning.code for warning in validate_design(read).warnings] == ["blind_pool"]


def test_a_product_needs_equal_shapes_and_says_how_to_get_them() -> None:
    problem = only_problem(gated(padding="valid"))
    assert problem.message.startswith("its inputs must have equal shapes: Broadcast gives (B, 16, d) with d = 16")
    assert problem.fix is not None
    assert problem.fix.label == "Set grid of Broadcast to 3x3"
    design = gated()
    without = [edge for edge in design.edges if "c" not in edge]
    bare = with_edges(design, *without, ("s", "m"))
    bare = msgspec.structs.replace(bare, components=[item for item in bare.components if item.id != "c"])
    problem = only_problem(bare)
    assert problem.fix is not None
    assert problem.fix.label == "Insert broadcast"


def test_a_broadcast_takes_one_vector() -> None:
    problem = only_problem(chain(Component("c", "broadcast"), Component("t", "attention")))
    assert problem.message.startswith("takes one vector for the board, (B, d), got (B, 16, d)")


def test_batch_norm_says_why_it_is_left_out_and_is_replaced_with_its_id_and_edges() -> None:
    layers = [Component("k", "conv2d"), Component("n", "batch_norm", {"momentum": 0.1}), Component("a", "activation")]
    document = msgspec.to_builtins(chain(*layers))
    (problem,) = validate_document(document).problems
    assert (problem.code, problem.component_id, problem.field) == ("unknown_block", "n", "type")
    assert problem.message == (
        "is a batch norm, which is left out: its answer for one board would depend on the other boards of the batch; "
        "layer norm depends on the board alone"
    )
    assert problem.fix == ReplaceBlock("n", "layer_norm", **label("replace_block", block="layer norm"))
    assert problem.fix.label == "Use layer norm instead"
    design, _ = read_design(document)
    assert design is not None
    replaced = mended(design, problem.fix)
    assert replaced == chain(layers[0], Component("n", "layer_norm"), layers[2])
    assert validate_design(replaced).valid
    with pytest.raises(DesignError, match="batch norm"):
        design_from(document)


def test_the_board_after_a_full_convolution_is_larger() -> None:
    full = Component("k", "conv2d", {"kernel_size": "2x2", "padding": "full"})
    assert leaves(chain(full), "k") == "(B, 25, d)"
    assert leaves(chain(full, Component("l", "conv2d", {"kernel_size": "2x2", "padding": "valid"})), "l") == "(B, 16, d)"
    assert leaves(chain(Component("k", "conv2d", {"padding": "full", "stride": 2})), "k") == "(B, 9, d)"
