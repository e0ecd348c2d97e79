"""What each block has against its place or its properties, and what it only warns of: said in words, mended by the fix."""

import pytest
from support.design_edits import mended, with_edges, with_more, with_props, without
from support.row_designs import GRIDLESS, chain, leaves, only_problem

from shared_py.design import Component, ModelArchitecture
from shared_py.limits import MAX_CALLS
from shared_py.problems import RemoveEdge, SetProperty, label
from shared_py.shapes import format_dims
from shared_py.validation import validate_design


@pytest.mark.parametrize(
    ("design", "code", "field", "message"),
    [
        (
            chain(Component("k", "conv2d", {"stride": 2})),
            "stride_needs_valid", "stride", "padding same allows only stride 1",
        ),
        (
            chain(Component("k", "conv2d", {"groups": 3})),
            "groups_do_not_divide", "groups", "groups must divide the channels: 3 does not divide both 16 and 16",
        ),
        (
            chain(Component("k", "conv2d", {"padding": "valid"}), Component("m", "conv2d", {"padding": "valid"})),
            "shape_mismatch", "kernel_size", "its kernel is larger than the 2 × 2 cells that arrive",
        ),
        (
            chain(Component("k", "conv2d"), embedding=GRIDLESS),
            "shape_mismatch", None,
            "takes cells on a grid of rows and columns, (B, 16, d), got (B, 17, d) with d = 16 without a grid from Embedding",
        ),
        (
            chain(Component("k", "pool", {"pool": "cls"})),
            "no_class_token", "pool", "pools the class token, but no class token arrives; the embedding can add one",
        ),
        (
            chain(Component("p", "pool"), Component("t", "transformer_layer")),
            "shape_mismatch", None, "takes one vector for each cell, (B, 16, d), got (B, 256) from Pool",
        ),
        (
            chain(Component("p", "pool"), Component("k", "pool")),
            "shape_mismatch", None, "takes one vector for each cell, (B, 16, d), got (B, 256) from Pool 2",
        ),
        (
            chain(Component("p", "pool"), Component("m", "moe_layer")),
            "shape_mismatch", "d_model", "d_model is 16, but Pool gives (B, 256)",
        ),
        (
            chain(Component("p", "pool"), Component("l", "linear", {"out_features": 20}), Component("k", "load_balance_router")),
            "shape_mismatch", "d_model", "d_model is 16, but Linear gives (B, 20)",
        ),
        (
            without(with_edges(chain(Component("m", "moe_layer")), ("b", "m"), ("m", "o")), "e"),
            "shape_mismatch", None, "takes tokens (B, 16, d) or a vector, got a board (B, 16) from Board",
        ),
        (
            chain(Component("k", "attention", {"n_heads": 3})),
            "heads_do_not_divide", "n_heads", "n_heads must divide d_model: 3 does not divide 16",
        ),
        (
            chain(Component("k", "attention", {"n_heads": 4, "num_key_value_heads": 3})),
            "groups_of_heads", "num_key_value_heads", "num_key_value_heads must divide n_heads: 3 does not divide 4",
        ),
        (
            chain(Component("k", "transformer_layer", {"n_heads": 16, "rotary": True})),
            "odd_rotary_heads", "rotary", "rotary turns pairs of numbers, but each head sees 1, an odd number",
        ),
        (
            chain(Component("k", "linear", {"out_features": 24}), Component("t", "attention")),
            "shape_mismatch", "d_model", "d_model is 16, but Linear gives (B, 16, 24)",
        ),
        (
            chain(Component("r", "load_balance_router", {"top_k": 5}), Component("m", "moe_layer")),
            "too_few_experts", "top_k", "top_k must be at most n_experts: 5 is more than 4",
        ),
        (
            chain(Component("r", "load_balance_router"), Component("m", "moe_layer", {"n_experts": 3})),
            "experts_differ", "n_experts", "has 3 experts, but Router chooses from 4",
        ),
        (
            chain(Component("g", "grad_checkpoint"), Component("h", "grad_checkpoint")),
            "nothing_to_recompute", None, "has nothing to recompute: Gradient checkpoint 1 has no module of its own",
        ),
        (
            chain(Component("k", "linear", {"out_features": 0})),
            "out_of_range", "out_features", "out_features must be from 1 to 8192, not 0",
        ),
        (
            with_props(chain(), "o", hidden_sizes=[8, 0, 9000, 4, 4]),
            "out_of_range", "hidden_sizes", "hidden_sizes must be at most 4 numbers, each from 1 to 4096, not [8, 0, 9000, 4, 4]",
        ),
        (
            chain(Component("k", "concat")),
            "too_few_inputs", None, "needs at least 2 inputs, got 1",
        ),
        (
            chain(Component("k", "conv2d", {"kernel_size": "3x4"})),
            "not_a_choice", "kernel_size",
            "kernel_size must be one of 1x1, 1x2, 2x1, 2x2, 1x3, 3x1, 3x3, 1x4, 4x1, 4x4, not \"3x4\"",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value and " " not in value else "",
)  # fmt: skip
def test_a_block_says_what_is_wrong(design: ModelArchitecture, code: str, field: str | None, message: str) -> None:
    problems = [
        problem for problem in validate_design(design).problems if problem.code != "too_few_experts" or code == problem.code
    ]
    assert [(problem.code, problem.field, problem.message) for problem in problems][:1] == [(code, field, message)]
    after = validate_design(mended(design, problems[0].fix)) if problems[0].fix else None
    assert after is None or problems[0] not in after.problems


NO_DROPOUT = "above 0 has no effect under PPO: it is kept off, so that the ratio of new to old probability starts at 1"


@pytest.mark.parametrize(
    ("design", "code", "field", "message"),
    [
        (
            chain(Component("k", "dropout", {"p": 0.2})),
            "dropout_is_off", "p", "p " + NO_DROPOUT,
        ),
        (
            chain(Component("k", "transformer_layer", {"dropout": 0.2})),
            "dropout_is_off", "dropout", "dropout " + NO_DROPOUT,
        ),
        (
            with_props(chain(), "e", dropout=0.2),
            "dropout_is_off", "dropout", "dropout " + NO_DROPOUT,
        ),
        (
            chain(Component("k", "attention", {"dropout": 0.2})),
            "dropout_is_off", "dropout", "dropout " + NO_DROPOUT,
        ),
        (
            chain(Component("k", "attention", {"rope_theta": 50})),
            "no_effect", "rope_theta", "rope_theta has no effect without rotary",
        ),
        (
            with_props(chain(), "o", pool="mean"),
            "blind_pool", "pool", "pool mean hides where the tiles are: it learns several times slower than flatten",
        ),
        (
            chain(Component("k", "pool", {"pool": "max"})),
            "blind_pool", "pool", "pool max hides where the tiles are: it learns several times slower than flatten",
        ),
        (
            chain(Component("k", "load_balance_router", {"router_jitter_noise": 0.1}), Component("m", "moe_layer")),
            "jitter_is_off", "router_jitter_noise", "router_jitter_noise has no effect under PPO, which trains without noise",
        ),
        (
            chain(Component("m", "moe_layer", {"norm": False, "layer_norm_eps": 0.01})),
            "no_effect", "layer_norm_eps", "layer_norm_eps has no effect without a norm",
        ),
        (
            chain(Component("k", "load_balance_router", {"reward_coef": 0}), Component("m", "moe_layer")),
            "no_balance", "reward_coef", "with reward_coef 0 some experts may never be chosen",
        ),
        (
            chain(Component("k", "subnetwork", {"share_weights": True}), Component("n", "linear", inside="k")),
            "nothing_to_share", "share_weights", "shares weights only when it is linked to another component",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value and " " not in value else "",
)  # fmt: skip
def test_a_block_warns_of_what_is_seldom_wanted(design: ModelArchitecture, code: str, field: str, message: str) -> None:
    verdict = validate_design(design)
    assert verdict.valid
    (warning,) = verdict.warnings
    assert (warning.code, warning.field, warning.message) == (code, field, message)
    assert validate_design(mended(design, warning.fix)).warnings == []


def test_no_warning_where_there_is_nothing_to_warn_of() -> None:
    aux = Component("a", "aux_loss_head", {"pool": "mean"})
    whole = Component("k", "load_balance_router", {"reward_coef": 0, "top_k": 4})
    design = with_more(chain(whole, Component("m", "moe_layer"), Component("p", "pool")), aux, edges=(("e", "a"),))
    warnings = validate_design(with_props(design, "o", pool="mean")).warnings
    assert [(warning.code, warning.field) for warning in warnings] == [("no_effect", "reward_coef"), ("no_effect", "pool")]


@pytest.mark.parametrize(
    ("props", "shape"),
    [
        ({}, "(B, 16, d)"),
        ({"out_channels": 5}, "(B, 16, 5)"),
        ({"kernel_size": "2x2", "padding": "valid"}, "(B, 9, d)"),
        ({"kernel_size": "2x2", "padding": "valid", "stride": 2}, "(B, 4, d)"),
        ({"kernel_size": "1x2", "padding": "valid", "dilation": 3}, "(B, 4, d)"),
        ({"kernel_size": "4x1", "padding": "valid"}, "(B, 4, d)"),
        ({"kernel_size": "4x4", "padding": "valid"}, "(B, 1, d)"),
    ],
)
def test_the_shape_that_leaves_a_convolution(props: dict[str, object], shape: str) -> None:
    assert leaves(chain(Component("k", "conv2d", props)), "k") == shape


@pytest.mark.parametrize(
    ("pool", "shape"), [("flatten", "(B, 256)"), ("weighted", "(B, 16)"), ("attention", "(B, 16)"), ("mean", "(B, 16)")]
)
def test_the_shape_that_leaves_a_pool(pool: str, shape: str) -> None:
    assert leaves(chain(Component("k", "pool", {"pool": pool})), "k") == shape


def test_a_class_token_comes_along_until_the_cells_are_mixed() -> None:
    layers = [Component("t", "transformer_layer"), Component("n", "rms_norm"), Component("k", "pool", {"pool": "cls"})]
    assert leaves(chain(*layers, embedding=GRIDLESS), "k") == format_dims(("B", 16), 16)


def test_concatenation_along_features_and_along_cells() -> None:
    branch = Component("k", "concat")
    design = with_more(chain(branch), Component("l", "linear", {"out_features": 8}), edges=(("e", "l"), ("l", "k")))
    assert leaves(design, "k") == "(B, 16, 24)"
    problem = only_problem(with_props(design, "k", dim="cells"))
    assert (
        problem.message
        == "its inputs must have the same width: Embedding gives (B, 16, d) with d = 16, but Linear gives (B, 16, 8)"
    )
    same = with_props(with_props(design, "l", out_features=16), "k", dim="cells")
    assert leaves(same, "k") == "(B, 32, d)"


def test_an_end_feeds_nothing() -> None:
    design = with_more(chain(), Component("v", "value_output"), edges=(("o", "v"),))
    problem = only_problem(design)
    assert (problem.code, problem.message) == ("nothing_leaves", "takes its input from Action output, which has no output")


def test_too_many_calls_are_refused() -> None:
    inner = [
        Component("r2", "repeat", {"times": 64, "share_weights": True}, inside="r1"),
        Component("a", "activation", inside="r2"),
    ]
    design = chain(Component("r1", "repeat", {"times": 64, "share_weights": True}), *inner)
    problem = only_problem(design)
    assert problem.code == "too_many_calls"
    assert f"at most {MAX_CALLS:,}" in problem.message
    assert validate_design(with_props(design, "r2", times=60)).valid


def test_what_no_small_server_could_run_is_refused() -> None:
    often = Component("r", "repeat", {"times": 64, "share_weights": True})
    bends = [Component(f"a{n}", "activation", inside="r") for n in range(3)]
    row = [("a0", "a1"), ("a1", "a2")]
    kept = chain(Component("l", "linear", {"out_features": 8192}), often, *bends)
    kept = with_edges(kept, *kept.edges, *row)
    assert [problem.code for problem in validate_design(kept).problems] == ["too_much_memory"]
    heavy = chain(often, Component("t", "transformer_layer", inside="r"), d_model=1024)
    assert "too_heavy" in {problem.code for problem in validate_design(heavy).problems}


@pytest.mark.parametrize(
    "design",
    [
        chain(Component("l", "linear", {"out_features": 10}), Component("t", "transformer_layer")),
        chain(Component("k", "conv2d", {"kernel_size": "4x4", "stride": 2, "dilation": 2, "padding": "valid"})),
        chain(
            Component("p", "pool"),
            Component("r", "repeat"),
            Component("l", "linear", {"out_features": 128}, inside="r"),
            d_model=1024,
        ),
    ],
    ids=["a width no block may have", "a kernel too large", "wider than any linear map"],
)
def test_fixes_applied_one_after_the_other_come_to_an_end(design: ModelArchitecture) -> None:
    for _ in range(5):
        fixes = [problem.fix for problem in validate_design(design).problems if problem.fix is not None]
        if not fixes:
            break
        design = mended(design, fixes[0])
    assert validate_design(design).problems == []


def test_a_circle_through_an_output_is_opened_behind_it() -> None:
    circle = with_edges(chain(), *chain().edges, ("o", "e"))
    (problem,) = [problem for problem in validate_design(circle).problems if problem.code == "cycle"]
    assert problem.fix == RemoveEdge("o", "e", **label("remove_edge", source="Action output", target="Embedding"))


def test_a_vector_stays_a_vector_behind_a_router() -> None:
    mixture = Component("m", "moe_layer", {"d_model": 64})
    routed = chain(
        Component("p", "pool"), Component("l", "linear", {"out_features": 64}), Component("k", "load_balance_router"), mixture
    )
    design = with_props(routed, "k", d_model=64)
    assert leaves(design, "m") == "(B, 64)"
    (problem,) = validate_design(with_props(design, "m", d_model=16)).problems
    assert (problem.field, problem.expected, problem.received) == ("d_model", "(B, 16)", "(B, 64)")
    assert isinstance(problem.fix, SetProperty)
    assert (problem.fix.field, problem.fix.value) == ("d_model", 64)
