"""What the merge repairs: problems that come from the changes of both sides together, which neither side has."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.app_edits import KINDS, component_of, connect, delete, edited, enter, group, group_chain, insert, swap
from support.design_edits import with_edges, with_meta, with_more, with_props
from support.designs import small_design
from support.merging import CHAIN, both_ways, merge, new_problems, wires
from support.strategies import valid_designs

from shared_py.analysis import analyse
from shared_py.design import Component, Defaults, Edge, ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.merge_candidates import Variant, wire_candidates
from shared_py.merge_repair import Versions, rebuilt_in_parts
from shared_py.merge_wires import wires_of
from shared_py.templates import load_templates

# --- deleting -------------------------------------------------------------------------------------------------


def test_a_wire_across_a_deleted_component_goes_when_an_edit_brings_that_back() -> None:
    removed, edit = delete(CHAIN, "c4"), with_props(CHAIN, "c4", n_heads=2)
    assert ("c3", "c5") in removed.edges
    for mine, theirs in both_ways(removed, edit):
        merged, conflicts = merge(CHAIN, mine, theirs)
        assert wires(merged) == wires(CHAIN)
        assert component_of(merged, "c4").props == {"n_heads": 2}
        assert set(conflicts) == {"/components/c4", "/edges/c5"}
        assert (conflicts["/edges/c5"].mine, conflicts["/edges/c5"].kept) == (
            (["c3", "c5"], "theirs") if mine is removed else (None, "mine")
        )


def test_of_several_deleted_components_the_edited_one_is_connected_to_what_is_left() -> None:
    removed, edit = delete(delete(CHAIN, "c3"), "c4"), with_props(CHAIN, "c3", n_heads=2)
    for mine, theirs in both_ways(removed, edit):
        merged, _ = merge(CHAIN, mine, theirs)
        assert wires(merged) == {("c1", "c2"), ("c2", "c3"), ("c3", "c5"), ("c5", "c6")}


def test_different_deletions_of_both_sides_leave_a_connected_chain() -> None:
    for mine, theirs in both_ways(delete(CHAIN, "c3"), delete(CHAIN, "c4")):
        merged, _ = merge(CHAIN, mine, theirs)
        assert wires(merged) == {("c1", "c2"), ("c2", "c5"), ("c5", "c6")}


@pytest.mark.parametrize("edge", [("c3", "c4"), ("c4", "c5")])
def test_a_block_inserted_beside_a_component_deleted_elsewhere_stays_connected(edge: Edge) -> None:
    for mine, theirs in both_ways(delete(CHAIN, "c4"), insert(CHAIN, edge, "n", "rms_norm")):
        merged, _ = merge(CHAIN, mine, theirs)
        assert wires(merged) == {("c1", "c2"), ("c2", "c3"), ("c3", "n"), ("n", "c5"), ("c5", "c6")}


def test_a_wire_drawn_to_a_deleted_component_is_reported() -> None:
    drawn = connect(with_more(CHAIN, Component("a", "aux_loss_head")), "c4", "a")
    merged, conflicts = merge(CHAIN, delete(CHAIN, "c4"), drawn)
    assert ("c3", "a") in merged.edges
    assert conflicts["/edges/a"].theirs == ["c4", "a"]


# --- surplus inputs -------------------------------------------------------------------------------------------


def test_blocks_that_both_sides_insert_on_the_same_wire_follow_each_other() -> None:
    one, other = insert(CHAIN, ("c3", "c4"), "m", "rms_norm"), insert(CHAIN, ("c3", "c4"), "t", "dropout")
    for mine, theirs in both_ways(one, other):
        merged, conflicts = merge(CHAIN, mine, theirs)
        assert wires(merged) - wires(CHAIN) in ({("c3", "m"), ("m", "t"), ("t", "c4")}, {("c3", "t"), ("t", "m"), ("m", "c4")})
        assert set(conflicts) <= {"/edges/m", "/edges/t", "/edges/c4"}


def test_blocks_on_the_same_wire_go_in_the_order_in_which_they_fit() -> None:
    """The attention takes 16 numbers for each cell, and the linear map leaves 6."""
    base = delete(CHAIN, "c4")
    one = insert(base, ("c3", "c5"), "m", "attention", n_heads=4)
    other = insert(base, ("c3", "c5"), "t", "linear", out_features=6)
    for mine, theirs in both_ways(one, other):
        merged, _ = merge(base, mine, theirs)
        assert wires(merged) - wires(base) == {("c3", "m"), ("m", "t"), ("t", "c5")}


def test_many_blocks_on_the_same_wires_follow_each_other() -> None:
    length = 60
    parts = [Component("c0", "board_input"), Component("c1", "embedding")]
    parts += [Component(f"c{n}", "layer_norm") for n in range(2, length)] + [Component(f"c{length}", "action_output")]
    one = other = base = ModelArchitecture("d1", components=parts, edges=[(f"c{n}", f"c{n + 1}") for n in range(length)])
    for n in range(1, length):
        one = insert(one, (f"c{n}", f"c{n + 1}"), f"m{n}", "dropout")
        other = insert(other, (f"c{n}", f"c{n + 1}"), f"t{n}", "rms_norm")
    merged, _ = merge(base, one, other)
    assert len(merged.components) == 3 * length - 1


def test_blocks_on_the_same_wire_into_a_component_with_several_inputs_follow_each_other_too() -> None:
    base = with_more(CHAIN, Component("a", "add"), edges=(("c3", "a"), ("c2", "a")))
    base = with_edges(base, *(("a", "c4") if edge == ("c3", "c4") else edge for edge in base.edges))
    one, other = insert(base, ("c3", "a"), "m", "rms_norm"), insert(base, ("c3", "a"), "t", "dropout")
    for mine, theirs in both_ways(insert(one, ("m", "a"), "n", "layer_norm"), other):
        merged, conflicts = merge(base, mine, theirs)
        assert [source for source, target in merged.edges if target == "a"] in (["t", "c2"], ["n", "c2"])
        assert len(wires(merged)) == len(wires(base)) + 3
        assert "/edges/a" in conflicts


def test_of_two_wires_into_a_component_with_one_input_the_preferred_side_s_stays() -> None:
    base = with_more(CHAIN, Component("d", "aux_loss_head"), edges=(("c3", "d"),))
    one, other = connect(base, "c2", "d"), connect(base, "c4", "d")
    for mine, theirs in both_ways(one, other):
        merged, conflicts = merge(base, mine, theirs)
        (wire,) = [edge for edge in merged.edges if edge[1] == "d"]
        dropped = ["c2", "d"] if wire == ("c4", "d") else ["c4", "d"]
        conflict = conflicts["/edges/d"]
        assert dropped in (conflict.mine, conflict.theirs)
        assert conflict.kept == ("theirs" if conflict.mine == dropped else "mine")


# --- cycles, containers, links ---------------------------------------------------------------------------------


def test_a_cycle_closed_by_wires_of_both_sides_is_opened() -> None:
    base = ModelArchitecture(
        "d1",
        meta=Defaults(d_model=16),
        components=[*CHAIN.components, Component("a", "add"), Component("b", "add")],
        edges=[("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c2", "a"), ("c3", "a"), ("c2", "b"), ("c3", "b"), ("a", "c5"),
               ("c5", "c6")],
    )  # fmt: skip
    one, other = connect(base, "a", "b"), connect(base, "b", "a")
    for mine, theirs in both_ways(one, other):
        merged, conflicts = merge(base, mine, theirs)
        assert len({("a", "b"), ("b", "a")} & wires(merged)) == 1
        assert {"/edges/a", "/edges/b"} & set(conflicts)


def test_changes_of_the_order_by_both_sides_leave_a_chain() -> None:
    base = insert(CHAIN, ("c4", "c5"), "n", "rms_norm")
    for mine, theirs in both_ways(swap(base, "c3", "c4"), swap(base, "c4", "n")):
        merged, _ = merge(base, mine, theirs)
        assert len(wires(merged)) == len(merged.components) - 1


def test_a_wire_to_a_component_that_was_moved_into_a_container_does_not_cross_its_border() -> None:
    base = insert(with_more(CHAIN, Component("d", "aux_loss_head")), ("c4", "c5"), "k", "repeat")
    base = with_more(base, Component("i", "layer_norm", inside="k"))
    for mine, theirs in both_ways(enter(base, "c4", "k"), connect(base, "c4", "d")):
        merged, conflicts = merge(base, mine, theirs)
        assert component_of(merged, "c4").inside == "k"
        assert ("c3", "d") in merged.edges
        assert "/edges/d" in conflicts


def test_a_component_grouped_by_both_sides_is_in_both_containers() -> None:
    for mine, theirs in both_ways(group(CHAIN, "c4", "m", "repeat"), group(CHAIN, "c4", "t", "subnetwork")):
        merged, _ = merge(CHAIN, mine, theirs)
        places = {part.id: part.inside for part in merged.components}
        inner = places["c4"]
        assert {inner, places[inner or ""]} == {"m", "t"}


def test_blocks_that_both_sides_add_to_an_empty_container_follow_each_other() -> None:
    base = insert(CHAIN, ("c4", "c5"), "k", "repeat")
    one, other = (with_more(base, Component(name, "layer_norm", inside="k")) for name in "mt")
    for mine, theirs in both_ways(one, other):
        merged, _ = merge(base, mine, theirs)
        assert {("m", "t"), ("t", "m")} & wires(merged)


def test_a_component_edited_in_a_deleted_container_is_connected_in_it() -> None:
    base = insert(CHAIN, ("c4", "c5"), "k", "subnetwork")
    base = with_more(base, *(Component(name, "layer_norm", inside="k") for name in "fgh"), edges=(("f", "g"), ("g", "h")))
    for mine, theirs in both_ways(delete(base, "k"), with_props(base, "g", eps=0.001)):
        merged, _ = merge(base, mine, theirs)
        assert {part.id for part in merged.components if part.inside == "k"} == {"g"}
        assert {("c4", "k"), ("k", "c5")} <= wires(merged)


def test_what_a_restored_component_needs_is_restored_with_it() -> None:
    """The routing that leaves a router is of use to a mixture of experts alone."""
    base = small_design()
    removed, edit = delete(delete(base, "c4"), "c5"), group(base, "c4", "k", "subnetwork")
    for mine, theirs in both_ways(removed, edit):
        merged, conflicts = merge(base, mine, theirs)
        assert wires(merged) == wires(edit)
        assert {"/components/c4", "/components/c5"} <= set(conflicts)


def test_outputs_that_both_sides_add_both_stay() -> None:
    """A design may have several action outputs, so nothing is repaired; none of them was deleted by anyone."""
    base = delete(CHAIN, "c6")
    one, other = (with_more(base, Component(name, "action_output"), edges=(("c5", name),)) for name in "mt")
    merged, _ = merge(base, one, other)
    assert {("c5", "m"), ("c5", "t")} <= wires(merged)


def test_two_blocks_of_which_only_one_fits_both_stay() -> None:
    """Both sides pool on the same wire, and nothing takes what the second gives: no component is removed for that."""
    one, other = insert(CHAIN, ("c5", "c6"), "m", "pool"), insert(CHAIN, ("c5", "c6"), "t", "pool")
    for mine, theirs in both_ways(one, other):
        merged, _ = merge_designs(CHAIN, mine, theirs)
        assert {"m", "t"} <= {part.id for part in merged.components}
        assert len(new_problems(merged, mine, theirs)) == 1
        assert merge_designs(CHAIN, mine, merged)[0] == merged


def test_as_a_last_resort_a_part_has_the_wires_of_one_side() -> None:
    """One problem can be solved so, the second pool cannot; several parts and sides leave the same number of problems."""
    one, other = insert(CHAIN, ("c5", "c6"), "m", "pool"), insert(CHAIN, ("c5", "c6"), "t", "pool")
    both = insert(one, ("c5", "m"), "t", "pool")
    broken = with_edges(both, *(edge for edge in both.edges if edge != ("c2", "c3")))
    assert len(new_problems(broken, one, other)) > 1
    built, left = rebuilt_in_parts(Versions(CHAIN, one, other), broken, "mine")
    assert len(new_problems(built, one, other)) == len(left) == 1
    assert ("c2", "c3") in wires(built)
    assert {part.id for part in built.components} == {part.id for part in both.components}


MIXED = ["embedding", "transformer_layer", "transformer_layer", "load_balance_router", "moe_layer", "action_output"]


def mixture() -> ModelArchitecture:
    """A chain c1 to c7 with a router c5 and its mixture."""
    names = [f"c{number}" for number in range(1, 8)]
    return replace(with_edges(CHAIN, *pairwise(names)), components=[*map(Component, names, ["board_input", *MIXED])])


def test_wires_are_repaired_where_a_wrong_shape_shows_behind_them() -> None:
    """Behind a container with two exits no shapes are inferred, so the norm of a routing there shows only after a repair."""
    base = mixture()
    mine = connect(insert(base, ("c3", "c4"), "s", "add"), "c2", "s")
    theirs = insert(group_chain(base, ("c3", "c4"), "g", "repeat"), ("c5", "c6"), "n", "layer_norm")
    theirs = with_edges(theirs, *(edge for edge in theirs.edges if edge != ("c3", "c4")))
    assert new_problems(mine) == set()
    merged, _ = merge(base, mine, theirs)
    assert analyse(merged).problems == []


def test_a_block_that_does_not_fit_into_the_container_of_its_neighbours_is_placed_beside_it() -> None:
    base = insert(mixture(), ("c2", "c3"), "d", "dropout")
    mine = connect(insert(base, ("c4", "c5"), "s", "add"), "c3", "s")
    theirs = group_chain(base, ("c4", "c5"), "g", "subnetwork")
    for one, other in both_ways(mine, theirs):
        merged, conflicts = merge(base, one, other)
        assert (component_of(merged, "c4").inside, component_of(merged, "c5").inside) == ("g", "g")
        assert component_of(merged, "s").inside is None
        assert "/components/s/inside" not in conflicts


# --- values ---------------------------------------------------------------------------------------------------


def test_of_values_that_do_not_go_together_the_preferred_side_s_is_kept() -> None:
    base = with_meta(with_props(CHAIN, "c4", n_heads=4), d_model=24)
    wider, heads = with_meta(base, d_model=32), with_props(base, "c4", n_heads=6)
    assert new_problems(wider) == new_problems(heads) == set()
    merged, conflicts = merge(base, wider, heads)
    conflict = conflicts["/components/c4/props/n_heads"]
    assert (conflict.base, conflict.mine, conflict.theirs, conflict.kept) == (4, 4, 6, "mine")
    assert (merged.meta, merged.components) == (wider.meta, wider.components)
    merged, conflicts = merge(base, heads, wider)
    conflict = conflicts["/meta/d_model"]
    assert (conflict.base, conflict.mine, conflict.theirs, conflict.kept) == (24, 24, 32, "mine")
    assert (merged.meta, merged.components) == (heads.meta, heads.components)


def test_problems_that_a_side_has_are_not_repaired() -> None:
    mine = with_edges(CHAIN, *CHAIN.edges, ("c2", "c5"))
    theirs = with_props(CHAIN, "c4", n_heads=2)
    merged, conflicts = merge(CHAIN, mine, theirs)
    assert (wires(merged), conflicts) == (wires(mine), {})


def test_values_that_do_not_go_together_give_way_in_a_design_with_other_problems_too() -> None:
    base = with_meta(with_props(CHAIN, "c4", n_heads=4), d_model=24)
    wider, heads = with_meta(base, d_model=32), with_props(base, "c4", n_heads=6)
    merged, conflicts = merge(base, with_more(wider, Component("l", "linear")), heads)
    assert (merged.meta.d_model, component_of(merged, "c4").props) == (32, {"n_heads": 4})
    assert set(conflicts) == {"/components/c4/props/n_heads"}


@pytest.mark.parametrize("prefer", ["mine", "theirs"])
def test_the_value_of_the_preferred_side_is_kept(prefer: str) -> None:
    mine, theirs = with_props(CHAIN, "c4", n_heads=2), with_props(CHAIN, "c4", n_heads=8)
    mine, theirs = replace(mine, name="one"), replace(theirs, name="two")
    merged, conflicts = merge_designs(CHAIN, mine, theirs, prefer=prefer)  # type: ignore[arg-type]
    side = mine if prefer == "mine" else theirs
    assert (merged.name, merged.components) == (side.name, side.components)
    assert {conflict.kept for conflict in conflicts} == {prefer}
    edit, removed = with_props(CHAIN, "c4", n_heads=2), delete(CHAIN, "c4")
    for here, there in both_ways(edit, removed):
        assert component_of(merge_designs(CHAIN, here, there, prefer=prefer)[0], "c4")  # type: ignore[arg-type]


# --- laws -----------------------------------------------------------------------------------------------------


def test_a_block_that_is_one_input_too_many_is_connected_elsewhere_in_one_step() -> None:
    """In large designs only few steps are tried."""
    mine = insert(CHAIN, ("c3", "c4"), "n", "rms_norm")
    merged = with_edges(mine, *(edge for edge in mine.edges if edge != ("c3", "n")), ("c2", "n"), ("c3", "c4"))
    (problem,) = (problem for problem in analyse(merged).problems if problem.code == "too_many_inputs")
    sides = [Variant({part.id: part for part in side.components}, wires_of(side).inputs, side) for side in (mine, CHAIN)]
    tried = [wires(design) for design in wire_candidates(merged, problem, sides)]
    assert {("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c4", "n"), ("n", "c5"), ("c5", "c6")} in tried


def test_a_cycle_is_opened_by_the_inputs_that_a_restored_component_had() -> None:
    """One side deleted c3; as the other edited it, it is back, with a wire of that side that closes a cycle."""
    mine = with_edges(CHAIN, ("c1", "c2"), ("c5", "c3"), ("c3", "c4"), ("c4", "c5"), ("c5", "c6"))
    removed = delete(CHAIN, "c3")
    (problem,) = (problem for problem in analyse(mine).problems if problem.code == "cycle")
    sides = [
        Variant({part.id: part for part in mine.components}, wires_of(mine).inputs, mine),
        Variant({part.id: part for part in removed.components}, wires_of(CHAIN).inputs, removed),
    ]
    assert wires(CHAIN) in [wires(design) for design in wire_candidates(mine, problem, sides)]


def test_a_cycle_that_both_sides_have_keeps_its_wires_though_it_gets_another_name() -> None:
    """A cycle is named after one of its components: c4, c3 and c5 here."""
    base = with_edges(CHAIN, *CHAIN.edges, ("c5", "c3"))
    for mine, theirs in both_ways(group(base, "c3", "k", "subnetwork"), group(base, "c4", "m", "repeat")):
        merged, _ = merge(base, mine, theirs)
        assert {("k", "m"), ("m", "c5"), ("c5", "k")} <= wires(merged)


@st.composite
def histories(draw: st.DrawFn) -> tuple[ModelArchitecture, ModelArchitecture, ModelArchitecture]:
    """A valid design, and what two people made of it."""
    base = draw(st.sampled_from(load_templates()) | valid_designs(max_steps=4))
    return base, draw(edited(base, "m", KINDS)), draw(edited(base, "t", KINDS))


@settings(max_examples=150)
@given(histories(), st.sampled_from(["mine", "theirs"]))
def test_designs_of_two_people_have_no_problem_together_that_neither_has(
    history: tuple[ModelArchitecture, ModelArchitecture, ModelArchitecture], prefer: str
) -> None:
    base, mine, theirs = history
    merged, conflicts = merge_designs(base, mine, theirs, prefer=prefer)  # type: ignore[arg-type]
    added = {part.id for part in merged.components} - {part.id for part in base.components}
    if not analyse(mine).problems and not analyse(theirs).problems:
        # What one side added may fit nowhere beside what the other added; it stays, with its problem.
        assert {problem.component_id for problem in analyse(merged).problems} <= added
    assert merge_designs(base, mine, merged, prefer=prefer)[0] == merged  # type: ignore[arg-type]
    names = {part.id for part in merged.components}
    sides = [{part.id: part for part in side.components} for side in (base, mine, theirs)]
    for key in sides[1].keys() | sides[2].keys():
        was, here, there = (side.get(key) for side in sides)
        deleted = was is not None and (here is None or there is None) and (here or was) == (there or was) == was
        assert deleted or key in names
    reported = {conflict.path for conflict in conflicts}
    for source, target in (wires(mine) | wires(theirs)) - wires(base) - wires(merged):
        assert f"/edges/{target}" in reported, source


def test_a_value_gets_a_linear_map_where_both_sides_together_leave_several_numbers() -> None:
    """One side widens the tables and removes the value; the other inserts a norm before it, which keeps the value."""
    base = next(template for template in load_templates() if template.id == "n_tuple")
    wider = delete(insert(base, ("c2", "c3"), "m", "linear"), "c4")
    norm = with_props(insert(base, ("c3", "c4"), "t", "layer_norm"), "c4", init_gain=0.5)
    for mine, theirs in both_ways(wider, norm):
        merged, conflicts = merge(base, mine, theirs)
        assert wires(merged) == {("c1", "c2"), ("c2", "m"), ("m", "c3"), ("c3", "t"), ("t", "c4")}
        assert component_of(merged, "c4").props == {"linear": True, "init_gain": 0.5}
        turned = conflicts["/components/c4/props/linear"]
        assert sorted([turned.mine, turned.theirs]) == [False, True]
        assert (turned.mine if turned.kept == "mine" else turned.theirs) is True
