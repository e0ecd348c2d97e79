"""What a person reads of a problem: what differs is named, one cause is one problem, a fix leaves fewer, and it is English."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.design_edits import mended, with_edges, with_props
from support.designs import template
from support.mutated_designs import mutated
from support.strategies import drawings

from shared_py.blocks import BLOCKS
from shared_py.decoding import DesignError, design_from
from shared_py.design import Component, ModelArchitecture
from shared_py.problems import Problem, SetDefault, SetProperty, label
from shared_py.shapes import Signal, describe_apart
from shared_py.validation import check_connection, validate_design, validate_document

CONV = template("conv_stem")
ROUTED = template("cell_experts")


# --- shapes that print alike


def grids() -> ModelArchitecture:
    """A sum of a 3 × 4 and a 4 × 3 grid: both are (B, 12, 64)."""
    narrow = with_props(CONV, "c3", kernel_size="1x2", padding="valid")
    narrow = with_props(narrow, "c4", kernel_size="2x1", padding="valid")
    return with_edges(narrow, *(edge for edge in narrow.edges if edge != ("c2", "c5")))


def test_grids_of_equal_shape_are_told_apart_and_the_fix_makes_them_equal() -> None:
    (problem,) = validate_design(grids()).problems
    assert problem.message == (
        "its inputs must have equal shapes: Convolution 1 gives (B, 12, d) with d = 64 on a 4 × 3 grid, "
        "but Convolution 2 gives (B, 12, d) with d = 64 on a 3 × 4 grid"
    )
    assert problem.expected != problem.received
    assert isinstance(problem.fix, SetProperty)
    assert validate_design(mended(grids(), problem.fix)).errors == []


def test_a_refused_connection_says_how_equal_shapes_differ() -> None:
    apart = with_edges(grids(), *(edge for edge in grids().edges if edge != ("c4", "c5")))
    reason = str(check_connection(apart, "c4", "c5").reason)
    assert "on a 4 × 3 grid" in reason
    assert "on a 3 × 4 grid" in reason


def test_a_class_token_and_a_lost_grid_are_named() -> None:
    """17 cells with a class token, and 17 that were put together from a board and a kernel as large as the board."""
    design = ModelArchitecture(
        "d1",
        components=[
            Component("b", "board_input"),
            Component("e", "embedding", {"cls_token": True}),
            Component("f", "embedding"),
            Component("k", "conv2d", {"kernel_size": "4x4", "padding": "valid"}),
            Component("j", "concat", {"dim": "cells"}),
            Component("a", "add"),
            Component("o", "action_output"),
        ],
        edges=[("b", "e"), ("b", "f"), ("f", "k"), ("f", "j"), ("k", "j"), ("e", "a"), ("j", "a"), ("a", "o")],
    )
    (problem,) = validate_design(design).problems
    assert "(B, 17, d) with d = 128 with a class token" in problem.message
    assert "(B, 17, d) with d = 128 without a class token" in problem.message


signals = st.builds(
    Signal,
    st.sampled_from(["values", "routing", "board"]),
    st.sampled_from([("B", 12, 32), ("B", 16, 32), ("B", 32), ("B", 16)]),
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from([None, (3, 4), (4, 3)]),
    st.booleans(),
)


@given(signals, signals)
def test_two_signals_that_differ_never_read_alike(one: Signal, other: Signal) -> None:
    if one.kind == "routing":
        other = msgspec.structs.replace(other, kind="routing")
    one, other = (msgspec.structs.replace(s, n_experts=0, top_k=0) if s.kind != "routing" else s for s in (one, other))
    texts = describe_apart(one, other, 32)
    assert (texts[0] == texts[1]) == (one == other), (one, other)


# --- one cause, one problem


def in_component(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda raw: raw["components"][2].update(fields)


def in_design(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda raw: raw.update(fields)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (in_component(colour="red"), "Transformer layer 1: has no field 'colour'"),
        (in_component(prop={}), "Transformer layer 1: has no field 'prop'; did you mean props?"),
        (in_component(x="left"), 'Transformer layer 1: x must be a number from -1,000,000 to 1,000,000, not "left"'),
        (in_component(props=[1]), "Transformer layer 1: props must be an object of at most 64 properties"),
        (in_component(props={"n_head": 3}), "Transformer layer 1: has no property 'n_head'; did you mean n_heads?"),
        (in_component(props={"bias": "yes"}), 'Transformer layer 1: bias must be true or false, not "yes"'),
        (in_component(inside="c99"), "Transformer layer 1: is inside c99, which does not exist"),
        (in_component(type="transformer"), "Component c3: there is no block 'transformer'; did you mean transformer_layer?"),
        (in_component(type=7), "Component c3: type must be the name of a block, not 7"),
        (lambda raw: raw["components"][2].pop("type"), "Component c3: has no type, the name of its block"),
        (lambda raw: raw["components"][2].pop("id"), "Component 3 of the list (Transformer layer) has no id"),
        (in_component(id="C3"), "Transformer layer 1: id must be a small letter, then up to 63 small letters, digits"),
        (in_component(id="c2"), "Components 2 and 3 of the list have the same id, c2"),
        (lambda raw: raw["components"].append(7), "A component must be an object, not 7"),
        (in_design(nam="x"), "A design has no field 'nam'; did you mean name?"),
        (in_design(name=""), 'The design\'s name must be text of 1 to 120 characters, not ""'),
        (in_design(meta={"d_modell": 8}), "The design's meta has no field 'd_modell'; did you mean d_model?"),
        (in_design(meta={"d_model": "x"}), 'The design\'s d_model must be a whole number, not "x"'),
        (in_design(components=3), "The design's components must be a list of at most 2000, not 3"),
        (in_design(edges={}), "The design's edges must be a list of at most 8000, not {}"),
        (lambda raw: raw["edges"].append(["c1", "c2"]), "The edge from c1 to c2 is listed twice"),
        (lambda raw: raw["edges"].__setitem__(1, ["c2"]), 'An edge must be a list of two ids, from and to, not ["c2"]'),
        (lambda raw: raw["edges"].__setitem__(1, ["c2", "c33"]), "There is no component c33; did you mean c3?"),
        (lambda raw: raw.pop("id"), "The design has no id"),
    ],
)
def test_one_fault_of_a_document_is_one_problem_that_names_it(spoil: Callable[[dict[str, Any]], None], sentence: str) -> None:
    raw = msgspec.json.decode(msgspec.json.encode(ROUTED))
    spoil(raw)
    (said,) = validate_document(raw).errors
    assert said.startswith(sentence)
    with pytest.raises(DesignError) as refused:
        design_from(raw)
    (error,) = refused.value.errors
    assert error["message"].lower() == said.lower()
    assert "`" not in said


# --- fixes


def worse(design: ModelArchitecture) -> list[tuple[Problem, int]]:
    """The problems of a design whose fix leaves as many problems as before, or more."""
    problems = validate_design(design).problems
    left = [(problem, len(validate_design(mended(design, problem.fix)).problems)) for problem in problems if problem.fix]
    return [(problem, count) for problem, count in left if count >= len(problems)]


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_a_fix_leaves_fewer_problems_never_more(first: int) -> None:
    for seed in range(first, first + 40):
        assert worse(mutated(seed)) == [], seed


def test_a_width_out_of_bounds_is_fixed_by_the_width_that_arrives() -> None:
    (problem,) = validate_design(with_props(ROUTED, "c4", d_model=12)).problems
    assert isinstance(problem.fix, SetProperty)
    assert problem.fix.value == 64


def test_a_default_of_the_design_out_of_bounds_has_a_fix() -> None:
    design = msgspec.structs.replace(ROUTED, meta=msgspec.structs.replace(ROUTED.meta, d_model=12))
    (problem,) = validate_design(design).problems
    assert problem.message == "the design's d_model must be a multiple of 8 from 8 to 1024, not 12"
    assert problem.fix == SetDefault("d_model", 16, **label("set_default", field="d_model", value=16))
    assert problem.fix.label == "Set the design's d_model to 16"
    assert validate_design(mended(design, problem.fix)).valid


def test_an_output_is_added_where_the_drawing_ends() -> None:
    open_end = msgspec.structs.replace(ROUTED, components=ROUTED.components[:-1], edges=ROUTED.edges[:-1])
    problem = validate_design(open_end).problems[0]
    assert problem.code == "no_output"
    assert validate_design(mended(open_end, problem.fix)).valid


def test_what_lies_behind_a_property_out_of_bounds_is_checked_as_well() -> None:
    design = with_props(with_props(ROUTED, "c2", dropout=2.0), "c4", n_heads=3)
    assert [problem.code for problem in validate_design(design).problems] == ["out_of_range", "heads_do_not_divide"]


# --- language

ODD = [
    (re.compile(r"\bnone inputs\b|\btakes none\b"), "none as a number"),
    (re.compile(r"(?<![\d.,×\[] )(?<![\d.,])\b1 (?!does\b|of\b|and\b|chooses\b|gives\b|must\b)[a-z]+s\b"), "a plural after 1"),
    (re.compile(r"\b[2-9]\d* (input|expert|block|problem|property)\b"), "a singular after a number"),
    (re.compile(r"\ban? (?=$|[.,;:])"), "an article before nothing"),
    (re.compile(r"\ba [aeio][a-z]"), "a before a vowel"),
    (re.compile(r"\ban [bcdfgjklmnpqrstvwxyz]"), "an before a consonant"),
    (re.compile(r"  |\s$|^\s"), "stray spaces"),
    (re.compile(r"`"), "text of a library"),
    (re.compile(r"^[A-Z][a-z]*_"), "a wire name with a capital letter"),
    (re.compile(r"\bNone\b|\bTrue\b|\bFalse\b"), "Python"),
]


def texts_of(design: ModelArchitecture) -> list[str]:
    verdict = validate_design(design)
    labels = [item.fix.label for item in [*verdict.problems, *verdict.warnings] if item.fix is not None]
    texts = [*verdict.errors, *(warning.message for warning in verdict.warnings), *labels]
    titles = "|".join(block.title for block in BLOCKS)
    return [re.sub(rf"\b({titles}) \d+\b", r"\1", text) for text in texts]


def assert_english(design: ModelArchitecture) -> None:
    ids = "|".join(sorted((component.id for component in design.components if len(component.id) > 1), key=len, reverse=True))
    for text in texts_of(design):
        assert [fault for pattern, fault in ODD if pattern.search(text)] == [], text
        assert not re.search(rf"(?<![\w'])(?:{ids})(?!\w)", text) or not ids, f"an id in {text!r}"


def test_messages_and_labels_read_as_english_and_name_no_id() -> None:
    for seed in range(250):
        design = mutated(seed)
        renamed = {component.id: f"zz{index}qx" for index, component in enumerate(design.components)}
        assert_english(_with_ids(design, renamed))


def _with_ids(design: ModelArchitecture, renamed: dict[str, str]) -> ModelArchitecture:
    components = [
        msgspec.structs.replace(
            item,
            id=renamed[item.id],
            inside=renamed.get(item.inside or ""),
            props={name: renamed.get(value, value) if isinstance(value, str) else value for name, value in item.props.items()},
        )
        for item in design.components
    ]
    edges = [(renamed[source], renamed[target]) for source, target in design.edges]
    return msgspec.structs.replace(design, components=components, edges=edges)


@given(drawings())
def test_texts_of_any_drawing_read_as_english(design: ModelArchitecture) -> None:
    for text in texts_of(design):
        assert [fault for pattern, fault in ODD if pattern.search(text)] == [], text


def test_a_checkpoint_of_a_block_with_a_problem_has_no_problem_of_its_own() -> None:
    design = with_props(template("deep_checkpointed"), "c3", dropout=2.0)
    assert [problem.component_id for problem in validate_design(design).problems] == ["c3"]


def test_two_faults_are_two_problems() -> None:
    for one, other in combinations([in_component(colour=1), in_design(nam=1), in_design(meta={"d_modell": 8})], 2):
        raw = msgspec.json.decode(msgspec.json.encode(ROUTED))
        one(raw)
        other(raw)
        assert len(validate_document(raw).errors) == 2
