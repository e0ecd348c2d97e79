"""Each rule of the contract, broken by itself, gives its problem with a fix that mends it."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from support.design_edits import mended, with_edges, with_meta, with_more, with_props, without
from support.designs import template
from support.strategies import drawings, valid_designs

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block
from shared_py.decoding import decode_design
from shared_py.design import Component, Defaults, ModelArchitecture, canonical_bytes
from shared_py.limits import MAX_PARAMETERS
from shared_py.message_catalogue import EDGE_RULES
from shared_py.problems import AddEdge, Problem, RemoveComponent, SetProperty, label
from shared_py.templates import load_templates
from shared_py.validation import UNFINISHED, check_connection, validate_design, validate_document

TEMPLATE = template("cell_experts")


def codes(design: ModelArchitecture) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for problem in validate_design(design).problems:
        found.setdefault(problem.component_id, []).append(problem.code)
    return found


def test_templates_are_valid() -> None:
    for design in load_templates():
        assert validate_design(design).errors == []


@pytest.mark.parametrize("d_model", [12, 4, 2000])
def test_rule_1_width_is_a_multiple_of_eight(d_model: int) -> None:
    design = with_props(with_meta(TEMPLATE, n_heads=1), "c2", d_model=d_model)
    problem = next(p for p in validate_design(design).problems if p.field == "d_model")
    assert problem.component_id == "c2"
    assert isinstance(problem.fix, SetProperty)
    assert problem.fix.value % 8 == 0


def test_rule_1_speaks_once_of_a_default_that_many_take() -> None:
    assert codes(with_meta(TEMPLATE, d_model=12)) == {None: ["not_a_multiple"]}


def test_rule_2_heads_divide_width() -> None:
    design = with_props(TEMPLATE, "c3", n_heads=3)
    (problem,) = validate_design(design).problems
    assert (problem.code, problem.component_id, problem.field) == ("heads_do_not_divide", "c3", "n_heads")
    assert validate_design(mended(design, problem.fix)).valid


def test_rule_3_at_most_eight_experts() -> None:
    design = with_props(with_props(TEMPLATE, "c5", n_experts=9), "c6", n_experts=9)
    assert codes(design) == {"c5": ["out_of_range"], "c6": ["out_of_range"]}
    assert codes(with_meta(TEMPLATE, n_experts=9)) == {None: ["out_of_range"]}


def test_rule_4_needs_an_input_and_an_output() -> None:
    assert "no_input" in codes(without(TEMPLATE, "c1"))[None]
    found = codes(without(TEMPLATE, "c7"))
    assert found == {None: ["no_output"], "c6": ["dead_end"]}
    empty = ModelArchitecture(id="d1")
    assert codes(empty) == {None: ["no_input", "no_output"]}
    assert [problem.fix for problem in validate_design(empty).problems if problem.fix is None] == []


def test_rule_5_no_cycle() -> None:
    design = with_edges(TEMPLATE, *TEMPLATE.edges, ("c4", "c3"))
    found = codes(design)
    assert "cycle" in found["c3"]
    problem = next(p for p in validate_design(design).problems if p.code == "cycle")
    assert "Transformer layer 1 → Transformer layer 2 → Transformer layer 1" in problem.message
    assert validate_design(mended(design, problem.fix)).valid


def test_rule_5_every_component_is_reached() -> None:
    stray = msgspec.structs.replace(TEMPLATE, components=[*TEMPLATE.components, Component(id="c9", type="transformer_layer")])
    assert sorted(codes(stray)["c9"]) == ["dead_end", "unreachable"]


def test_rule_6_shapes_agree() -> None:
    design = with_props(TEMPLATE, "c4", d_model=32)
    (problem,) = validate_design(design).problems
    assert (problem.code, problem.component_id) == ("shape_mismatch", "c4")
    assert (problem.expected, problem.received) == ("(B, 16, 32)", "(B, 16, 64)")
    assert validate_design(mended(design, problem.fix)).valid


def test_rule_6_only_the_first_cause_is_named() -> None:
    edges = [edge for edge in TEMPLATE.edges if edge != ("c1", "c2")]
    design = with_edges(without(TEMPLATE, "c2"), ("c1", "c3"), *(edge for edge in edges if "c2" not in edge))
    assert codes(design) == {"c3": ["shape_mismatch"]}


def test_rule_6_experts_agree_with_their_router() -> None:
    design = with_props(TEMPLATE, "c6", n_experts=2)
    (problem,) = validate_design(design).problems
    assert problem.code == "experts_differ"
    assert validate_design(mended(design, problem.fix)).valid


def test_rule_7_properties_are_known_and_within_bounds() -> None:
    design = with_props(TEMPLATE, "c3", n_head=4, dropout=2.0, activation="selu", bias="yes")
    found = {problem.field: problem for problem in validate_design(design).problems}
    assert {field: problem.code for field, problem in found.items()} == {
        "n_head": "unknown_property",
        "dropout": "out_of_range",
        "activation": "not_a_choice",
        "bias": "wrong_type",
    }
    assert "did you mean n_heads?" in found["n_head"].message


def test_rule_8_everything_leads_to_an_output() -> None:
    design = msgspec.structs.replace(
        TEMPLATE,
        components=[*TEMPLATE.components, Component(id="c9", type="transformer_layer")],
        edges=[*TEMPLATE.edges, ("c2", "c9")],
    )
    assert codes(design) == {"c9": ["dead_end"]}
    sink = msgspec.structs.replace(
        TEMPLATE,
        components=[*TEMPLATE.components, Component(id="c9", type="aux_loss_head")],
        edges=[*TEMPLATE.edges, ("c2", "c9")],
    )
    assert validate_design(sink).valid


def dead_end(design: ModelArchitecture, name: str) -> Problem:
    """The problem of a dead end."""
    return next(p for p in validate_design(design).problems if (p.code, p.component_id) == ("dead_end", name))


BRANCHES = template("conv_stem")
SUM = next(component.id for component in BRANCHES.components if component.type == "add")


def test_a_dead_end_is_connected_to_what_can_take_it() -> None:
    (first, *_) = [source for source, target in BRANCHES.edges if target == SUM]
    beside = Component(id="c99", type="layer_norm")
    stray = with_more(BRANCHES, beside, edges=((first, "c99"),))
    assert dead_end(stray, "c99").fix == AddEdge("c99", SUM, **label("connect_to", target="Add"))
    assert validate_design(mended(stray, dead_end(stray, "c99").fix)).valid
    cut = with_edges(BRANCHES, *(edge for edge in BRANCHES.edges if edge != (first, SUM)))
    assert dead_end(cut, first).fix == AddEdge(first, SUM, **label("connect_to", target="Add"))


def test_a_dead_end_that_fits_nowhere_is_removed_where_the_drawing_does_without_it() -> None:
    around = with_edges(TEMPLATE, *(edge for edge in TEMPLATE.edges if edge != ("c4", "c5")), ("c3", "c5"))
    assert dead_end(around, "c4").fix == RemoveComponent("c4", **label("remove", component="Transformer layer 2"))
    assert validate_design(mended(around, dead_end(around, "c4").fix)).valid
    narrow = with_more(BRANCHES, Component(id="c99", type="linear", props={"out_features": 3}), edges=((SUM, "c99"),))
    assert dead_end(narrow, "c99").fix == RemoveComponent("c99", **label("remove", component="Linear"))


def test_a_dead_end_is_kept_while_the_drawing_is_not_finished() -> None:
    assert dead_end(without(TEMPLATE, "c7"), "c6").fix is None
    assert dead_end(with_edges(TEMPLATE, *(edge for edge in TEMPLATE.edges if edge[1] != "c7")), "c6").fix == AddEdge(
        "c6", "c7", **label("connect_to", target="Action output")
    )
    row = with_more(
        TEMPLATE,
        Component(id="c8", type="transformer_layer"),
        Component(id="c9", type="transformer_layer"),
        edges=(("c2", "c8"), ("c8", "c9")),
    )
    assert dead_end(row, "c9").fix is None, "c8 leads only to it"


@settings(max_examples=60)
@given(drawings())
def test_fixes_of_dead_ends_come_to_an_end(design: ModelArchitecture) -> None:
    for _ in range(60):
        fixes = [p.fix for p in validate_design(design).problems if p.code == "dead_end" and p.fix is not None]
        if not fixes:
            return
        design = mended(design, fixes[0])
    raise AssertionError("they go on")


def test_all_problems_are_reported() -> None:
    design = with_props(with_props(without(TEMPLATE, "c7"), "c3", n_heads=3), "c5", top_k=8)
    assert codes(design) == {None: ["no_output"], "c3": ["heads_do_not_divide"], "c5": ["too_few_experts"], "c6": ["dead_end"]}


def test_fan_in() -> None:
    design = with_edges(TEMPLATE, *TEMPLATE.edges, ("c2", "c4"))
    (problem,) = validate_design(design).problems
    assert problem.code == "too_many_inputs"
    assert validate_design(mended(design, problem.fix)).valid


def test_a_block_after_an_output() -> None:
    design = msgspec.structs.replace(
        TEMPLATE,
        components=[*TEMPLATE.components, Component(id="c8", type="value_output")],
        edges=[*TEMPLATE.edges, ("c7", "c8")],
    )
    assert codes(design) == {"c8": ["nothing_leaves"]}


@pytest.mark.parametrize("first", BLOCKS, ids=lambda block: block.type)
@pytest.mark.parametrize("second", BLOCKS, ids=lambda block: block.type)
def test_any_block_may_be_fed_by_any_other(first: type[Block], second: type[Block]) -> None:
    """Whatever a person connects is checked with a sentence; a refusal by shape names the problem that the edge would have."""
    design = msgspec.structs.replace(
        TEMPLATE,
        components=[*TEMPLATE.components, Component(id="a", type=first.type), Component(id="b", type=second.type)],
        edges=[*TEMPLATE.edges, *([("c4", "a")] if first.min_inputs else [])],
    )
    verdict = check_connection(design, "a", "b")
    joined = validate_design(with_edges(design, *design.edges, ("a", "b")))
    assert verdict.ok == (verdict.reason is None)
    if verdict.problem is not None and verdict.problem.code not in EDGE_RULES:
        assert verdict.reason in joined.errors
    grave = {problem.code for problem in joined.problems if problem.component_id == "b"} - UNFINISHED
    assert verdict.ok == (not grave)


def test_too_large() -> None:
    components = [Component(id="c1", type="board_input"), Component(id="c2", type="embedding", props={"d_model": 1024})]
    components += [Component(id=f"t{n}", type="transformer_layer", props={"d_model": 1024}) for n in range(8)]
    components += [Component(id="c3", type="action_output")]
    names = [component.id for component in components]
    design = ModelArchitecture(id="d1", components=components, edges=list(pairwise(names)))
    result = validate_design(design)
    assert result.parameters > MAX_PARAMETERS
    assert [problem.code for problem in result.problems] == ["too_large"]


def test_unknown_block_suggests_the_nearest() -> None:
    raw = msgspec.to_builtins(TEMPLATE)
    raw["components"][2]["type"] = "TRANSFORMER_LAYR"
    (problem,) = [p for p in validate_document(raw).problems if p.code == "unknown_block"]
    assert "did you mean transformer_layer?" in problem.message


def test_type_is_read_in_either_case() -> None:
    raw = msgspec.to_builtins(TEMPLATE)
    for component in raw["components"]:
        component["type"] = component["type"].upper()
    assert validate_document(raw) == validate_design(TEMPLATE)


def test_connections_are_refused_with_a_reason() -> None:
    def refusal(source: str, target: str) -> str | None:
        return check_connection(TEMPLATE, source, target).reason

    assert refusal("c3", "c3") == "A block cannot feed itself"
    assert refusal("c4", "c3") == "This connection would close a cycle"
    assert refusal("c2", "c3") == "These two are connected already"
    assert refusal("c3", "c1") == "This block takes no input"
    assert refusal("c7", "c3") == "This block has no output"
    assert "takes at most 1 input" in str(refusal("c2", "c4"))
    assert refusal("c2", "c99") == "That block no longer exists"
    free = with_edges(TEMPLATE, *(edge for edge in TEMPLATE.edges if edge != ("c3", "c4")))
    assert check_connection(free, "c3", "c4").ok
    assert "board" in str(check_connection(free, "c1", "c4").reason)


@given(valid_designs())
def test_generated_valid_designs_are_valid(design: ModelArchitecture) -> None:
    result = validate_design(design)
    assert result.errors == []
    outermost = [component.id for component in design.components if component.inside is None]
    assert result.parameters == sum(result.blocks[name].parameters for name in outermost)
    assert 0 < result.active_parameters <= result.parameters


@given(drawings())
def test_never_raises_and_always_says_why(design: ModelArchitecture) -> None:
    result = validate_design(design)
    assert result.valid == (not result.problems)
    assert len(result.errors) == len(result.problems)
    assert validate_document(msgspec.to_builtins(design)) == result


def identity(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.component_id, problem.field, problem.message


@settings(max_examples=200)
@given(drawings())
def test_every_fix_mends_its_problem(design: ModelArchitecture) -> None:
    verdict = validate_design(design)
    for problem in [*verdict.problems, *verdict.warnings]:
        if problem.fix is None:
            continue
        after = mended(design, problem.fix)
        assert decode_design(canonical_bytes(after)) == after
        left = validate_design(after)
        assert identity(problem) not in [identity(other) for other in [*left.problems, *left.warnings]], problem


@given(drawings())
def test_order_of_components_does_not_matter(design: ModelArchitecture) -> None:
    turned = msgspec.structs.replace(design, components=design.components[::-1])
    assert sorted(validate_design(design).errors) == sorted(validate_design(turned).errors)


def test_defaults_stand_in() -> None:
    design = with_meta(TEMPLATE, d_model=32)
    assert validate_design(design).valid
    assert validate_design(design).parameters < validate_design(TEMPLATE).parameters
    assert Defaults().d_model == 128
