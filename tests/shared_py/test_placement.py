"""A new block goes where the whole design stays valid, and what is offered as fitting is valid."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.design_edits import mended, with_edges, with_more
from support.designs import template
from support.strategies import valid_designs

from shared_py import pyodide_api
from shared_py.analysis import analyse
from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block
from shared_py.design import Component, ModelArchitecture, canonical_bytes
from shared_py.edge_edits import candidate_wirings, detached, rewired
from shared_py.placement import blocks_that_fit, find_place
from shared_py.problems import MoveComponent
from shared_py.protocol import Placement
from shared_py.templates import load_templates
from shared_py.validation import validate_design

TEMPLATES = load_templates()
TINY = template("tiny_mlp")
NEW = "c9br"


def with_new(design: ModelArchitecture, block: type[Block], inside: str | None = None) -> ModelArchitecture:
    return with_more(design, Component(NEW, block.type, inside=inside))


def placed(design: ModelArchitecture, placement: Placement) -> ModelArchitecture:
    return with_edges(design, *rewired(design.edges, placement.cut, placement.join))


def block_of(kind: str) -> type[Block]:
    return next(block for block in BLOCKS if block.type == kind)


def test_a_transformer_layer_added_to_a_tiny_mlp_goes_behind_the_embedding() -> None:
    bare = with_new(TINY, block_of("transformer_layer"))
    placement = find_place(bare, NEW)
    assert (placement.source, placement.target, placement.valid) == ("c2", "c3", True)
    assert validate_design(placed(bare, placement)).errors == []


def test_where_it_was_put_by_hand_the_problem_moves_it_behind_the_embedding_and_names_no_id() -> None:
    edges = [edge for edge in TINY.edges if edge != ("c7", "c8")]
    wrong = with_edges(with_new(TINY, block_of("transformer_layer")), *edges, ("c7", NEW), (NEW, "c8"))
    verdict = validate_design(wrong)
    (problem,) = verdict.problems
    assert verdict.errors == ["Transformer layer: takes one vector for each cell, (B, 16, d), got (B, 64) from Activation 2"]
    assert isinstance(problem.fix, MoveComponent)
    assert (problem.component_id, problem.fix.label) == (NEW, "Move after Embedding")
    assert validate_design(mended(wrong, problem.fix)).errors == []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
@pytest.mark.parametrize("design", TEMPLATES, ids=lambda design: design.id)
def test_a_block_goes_where_the_template_stays_valid_if_there_is_such_a_place(
    design: ModelArchitecture, block: type[Block]
) -> None:
    bare = with_new(design, block)
    placement = find_place(bare, NEW)
    verdict = validate_design(placed(bare, placement))
    assert placement.valid == verdict.valid
    assert placement.problems == len(verdict.problems)
    fitting = {
        kind for component in design.components for kind in blocks_that_fit(design, component.id) if component.inside is None
    }
    assert placement.valid == (block.type in fitting)
    assert set(blocks_that_fit(design, None)) <= fitting


def test_an_empty_design_begins_with_a_board_and_no_second_one_fits() -> None:
    empty = replace(TINY, components=[], edges=[])
    assert blocks_that_fit(empty, None) == ["board_input"]
    anywhere = blocks_that_fit(TINY, None)
    assert {"transformer_layer", "linear", "layer_norm"} <= set(anywhere)
    assert "board_input" not in anywhere
    assert blocks_that_fit(TINY, "gone") == []


@pytest.mark.parametrize("design", TEMPLATES, ids=lambda design: design.id)
def test_every_block_offered_at_a_place_of_a_template_leaves_it_valid_there(design: ModelArchitecture) -> None:
    places = [(component.id, None) for component in design.components] + list(design.edges)
    offered = 0
    for near, target in places:
        inside = next(component.inside for component in design.components if component.id == near)
        for kind in blocks_that_fit(design, near, target):
            offered += 1
            bare = with_new(design, block_of(kind), inside)
            placement = find_place(bare, NEW, near, target)
            assert placement.valid, (near, target, kind)
            neighbours = {placement.source, placement.target}
            assert {near, target} - {None} <= neighbours if target else near in neighbours or near in {s for s, _ in bare.edges}
            assert validate_design(placed(bare, placement)).valid
    assert offered > len(places)


@settings(max_examples=25)
@given(valid_designs(max_steps=3), st.sampled_from(BLOCKS), st.data())
def test_a_placement_says_what_the_verdict_will_say(design: ModelArchitecture, block: type[Block], data: st.DataObject) -> None:
    near = data.draw(st.sampled_from(design.components))
    name = next(name for number in range(99) if (name := f"zz{number}") not in {c.id for c in design.components})
    bare = with_more(design, Component(name, block.type, inside=near.inside))
    placement = find_place(bare, name, near.id)
    verdict = validate_design(placed(bare, placement))
    assert (placement.valid, placement.problems) == (verdict.valid, len(verdict.problems))
    if block.type in blocks_that_fit(design, near.id):
        assert placement.valid


@given(valid_designs())
def test_taking_a_component_out_of_its_place_and_back_keeps_the_edges(design: ModelArchitecture) -> None:
    for component in design.components:
        loose = detached(design, component.id)
        assert all(component.id not in edge for edge in loose.edges)
        assert len(set(loose.edges)) == len(loose.edges)


def test_the_phone_asks_by_texts() -> None:
    bare = canonical_bytes(with_new(TINY, block_of("attention"))).decode()
    placement = msgspec.json.decode(pyodide_api.find_place(bare, NEW, "c4", ""), type=Placement)
    assert placement.valid
    assert (placement.source, placement.target) == ("c2", "c3")
    kinds = msgspec.json.decode(pyodide_api.fitting_blocks(canonical_bytes(TINY).decode(), "c2", "c3"))
    assert {"transformer_layer", "conv2d", "linear"} <= set(kinds)
    assert "embedding" not in kinds
    anywhere = msgspec.json.decode(pyodide_api.fitting_blocks(canonical_bytes(TINY).decode(), "", ""))
    assert anywhere == blocks_that_fit(TINY, None)
    assert "transformer_layer" not in msgspec.json.decode(pyodide_api.fitting_blocks(canonical_bytes(TINY).decode(), "c7", ""))


def test_an_unfinished_drawing_gets_its_output_where_it_ends() -> None:
    open_end = replace(TINY, components=TINY.components[:-1], edges=TINY.edges[:-1])
    bare = with_new(open_end, block_of("action_output"))
    assert find_place(bare, NEW).source == "c7"
    assert find_place(bare, NEW).valid


@pytest.mark.parametrize("design", TEMPLATES, ids=lambda design: design.id)
def test_no_other_wiring_leaves_fewer_problems(design: ModelArchitecture) -> None:
    """Against an exhaustive search over every way to connect each block, around each component and on each edge."""
    top = [component.id for component in design.components if component.inside is None]
    spots: list[tuple[str | None, str | None]] = [(None, None), (top[len(top) // 2], None), design.edges[len(design.edges) // 2]]
    for block in BLOCKS:
        bare = with_new(design, block)
        for near, target in spots:
            placement = find_place(bare, NEW, near, target)
            every = [wiring.edges(bare.edges) for wiring in candidate_wirings(bare, NEW, near, target)]
            counts = [len(analyse(with_edges(bare, *edges)).problems) for edges in [bare.edges, *every]]
            assert placement.problems == min(counts), (block.type, near, target)
            assert placed(bare, placement).edges in [bare.edges, *every]


def test_the_phone_gets_the_validation_of_the_design_with_the_new_edges() -> None:
    for block in BLOCKS:
        bare = with_new(TINY, block)
        placement = msgspec.json.decode(pyodide_api.find_place(canonical_bytes(bare).decode(), NEW, "c2", "c3"), type=Placement)
        assert placement.validation == validate_design(placed(bare, placement))
        assert (placement.valid, placement.problems) == (placement.validation.valid, len(placement.validation.problems))
