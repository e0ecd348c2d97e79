"""What the merge keeps of containers, links and groups that both sides changed, also in designs with problems of their own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.app_edits import ANY_KINDS, component_of, delete, edited, group, insert, shifted, ungroup
from support.design_edits import with_edges, with_more, with_props, without
from support.merging import CHAIN, both_ways, drawn, grouped, inside, merge, new_problems, wires

from shared_py.design import Component, ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.protocol import Side
from shared_py.templates import load_templates

INSIDE = replace(
    insert(CHAIN, ("c4", "c5"), "k", "subnetwork"),
    components=[
        *insert(CHAIN, ("c4", "c5"), "k", "subnetwork").components,
        Component("f", "layer_norm", inside="k"),
        Component("g", "rms_norm", inside="k"),
    ],
    edges=[*insert(CHAIN, ("c4", "c5"), "k", "subnetwork").edges, ("f", "g")],
)
"""a chain with a container of two blocks"""

both = pytest.mark.parametrize("prefer", ["mine", "theirs"])


# --- content of containers --------------------------------------------------------------------------------------


@both
def test_a_deleted_container_that_the_other_side_edited_comes_back_with_its_content(prefer: Side) -> None:
    for mine, theirs in both_ways(delete(INSIDE, "k"), shifted(INSIDE, "k")):
        merged, conflicts = merge(INSIDE, mine, theirs, prefer)
        assert inside(merged, "k") == {"f", "g"}
        assert {"/components/k", "/components/f", "/components/g"} <= set(conflicts)


@both
def test_an_ungrouped_container_that_the_other_side_edited_keeps_its_content(prefer: Side) -> None:
    for mine, theirs in both_ways(ungroup(INSIDE, "k"), shifted(INSIDE, "k")):
        merged, conflicts = merge(INSIDE, mine, theirs, prefer)
        assert inside(merged, "k") == {"f", "g"}
        assert wires(merged) == wires(INSIDE)
        assert {"/components/k", "/components/f/inside", "/components/g/inside"} <= set(conflicts)


@both
def test_a_block_inserted_in_an_ungrouped_container_goes_into_it_when_that_comes_back(prefer: Side) -> None:
    mixed = insert(ungroup(INSIDE, "k"), ("f", "g"), "n", "dropout")
    for mine, theirs in both_ways(mixed, shifted(INSIDE, "k")):
        merged, _ = merge(INSIDE, mine, theirs, prefer)
        assert inside(merged, "k") == {"f", "g", "n"}
        assert {("f", "n"), ("n", "g")} <= wires(merged)


@both
def test_blocks_inserted_around_an_ungrouped_container_stay_outside_when_that_comes_back(prefer: Side) -> None:
    mixed = insert(insert(ungroup(INSIDE, "k"), ("c4", "f"), "m", "dropout"), ("g", "c5"), "n", "dropout")
    for mine, theirs in both_ways(mixed, shifted(INSIDE, "k")):
        merged, _ = merge(INSIDE, mine, theirs, prefer)
        assert inside(merged, "k") == {"f", "g"}
        assert {("c4", "m"), ("m", "k"), ("k", "n"), ("n", "c5")} <= wires(merged)


@both
def test_a_container_of_which_each_side_deletes_a_part_keeps_one(prefer: Side) -> None:
    for mine, theirs in both_ways(delete(INSIDE, "f"), delete(INSIDE, "g")):
        merged, conflicts = merge(INSIDE, mine, theirs, prefer)
        (kept,) = inside(merged, "k")
        assert kept in {part.id for part in (mine if prefer == "mine" else theirs).components}
        assert conflicts[f"/components/{kept}"].kept == prefer


@both
def test_a_container_ungrouped_after_the_other_side_deleted_a_part_keeps_the_rest(prefer: Side) -> None:
    for mine, theirs in both_ways(ungroup(INSIDE, "k"), shifted(delete(INSIDE, "g"), "k")):
        merged, _ = merge(INSIDE, mine, theirs, prefer)
        assert inside(merged, "k") == {"f"}


# --- links ------------------------------------------------------------------------------------------------------


def two_containers() -> ModelArchitecture:
    base = insert(INSIDE, ("k", "c5"), "l", "subnetwork")
    return with_more(base, Component("h", "layer_norm", inside="l"))


def linked(design: ModelArchitecture, name: str, to: str) -> ModelArchitecture:
    """What the app does: the container runs the content of another one, and its own is deleted."""
    for part in [part.id for part in design.components if part.inside == name]:
        design = without(design, part)
    return with_props(design, name, definition=to)


def without_definition(design: ModelArchitecture, name: str, copy: str) -> ModelArchitecture:
    """What the app does when a definition is deleted: what was linked to it gets its content."""
    free = with_props(design, copy, definition=None)
    parts = [replace(part, inside=copy) if part.inside == name else part for part in free.components]
    return delete(replace(free, components=parts), name)


@both
def test_a_link_gives_way_to_an_edit_of_the_content_that_it_replaces(prefer: Side) -> None:
    base = two_containers()
    for mine, theirs in both_ways(linked(base, "k", "l"), with_props(base, "g", eps=0.001)):
        merged, conflicts = merge(base, mine, theirs, prefer)
        assert component_of(merged, "k").props.get("definition") is None
        assert inside(merged, "k") == {"f", "g"}
        link = conflicts["/components/k/props/definition"]
        assert (link.base, link.mine, link.theirs) == (None, *(("l", None) if link.kept == "theirs" else (None, "l")))


@both
def test_of_two_containers_that_are_linked_to_each_other_one_keeps_its_content(prefer: Side) -> None:
    base = two_containers()
    for mine, theirs in both_ways(linked(base, "k", "l"), linked(base, "l", "k")):
        merged, conflicts = merge(base, mine, theirs, prefer)
        links = {name: component_of(merged, name).props.get("definition") for name in "kl"}
        name, other = ("k", "l") if links["k"] else ("l", "k")
        assert links == {name: other, other: None}
        assert component_of(mine if prefer == "mine" else theirs, name).props == {"definition": other}
        assert f"/components/{other}/props/definition" in conflicts


@both
def test_a_definition_linked_to_a_third_container_keeps_its_content(prefer: Side) -> None:
    base = insert(two_containers(), ("l", "c5"), "o", "subnetwork")
    base = with_more(base, Component("i", "layer_norm", inside="o"))
    for mine, theirs in both_ways(linked(base, "k", "l"), linked(base, "l", "o")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert {name: component_of(merged, name).props.get("definition") for name in "klo"} == {"k": "l", "l": None, "o": None}
        assert inside(merged, "l") == {"h"}


@both
def test_a_deleted_definition_that_the_other_side_edited_is_linked_to_again(prefer: Side) -> None:
    base = linked(two_containers(), "l", "k")
    for mine, theirs in both_ways(without_definition(base, "k", "l"), shifted(base, "k")):
        merged, conflicts = merge(base, mine, theirs, prefer)
        assert component_of(merged, "l").props["definition"] == "k"
        assert (inside(merged, "k"), inside(merged, "l")) == ({"f", "g"}, set())
        assert "/components/l/props/definition" in conflicts


@both
def test_a_deleted_definition_in_which_the_other_side_inserted_something_keeps_all_its_content(prefer: Side) -> None:
    base = linked(two_containers(), "l", "k")
    for mine, theirs in both_ways(without_definition(base, "k", "l"), insert(base, ("f", "g"), "n", "dropout")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert (inside(merged, "k"), inside(merged, "l")) == ({"f", "n", "g"}, set())
        assert {("f", "n"), ("n", "g")} <= wires(merged)


@both
def test_what_has_content_is_a_container(prefer: Side) -> None:
    """Copies of a phone may give the same id to different blocks."""
    one = insert(CHAIN, ("c4", "c5"), "n", "dropout")
    for mine, theirs in both_ways(one, group(CHAIN, "c4", "n", "repeat")):
        merged, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert component_of(merged, "n").type == "repeat"
        assert inside(merged, "n") == {"c4"}
        assert "/components/n/type" in conflicts


# --- designs with problems of their own -------------------------------------------------------------------------


@both
def test_the_deleted_input_of_blocks_that_the_other_side_grouped_comes_back(prefer: Side) -> None:
    for mine, theirs in both_ways(delete(CHAIN, "c1"), grouped(CHAIN, {"c2", "c3"}, "k")):
        merged, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert ("c1", "k") in wires(merged)
        assert "/components/c1" in conflicts


@both
def test_a_problem_does_not_pass_to_the_next_block_when_the_first_is_deleted(prefer: Side) -> None:
    for mine, theirs in both_ways(delete(CHAIN, "c2"), grouped(delete(CHAIN, "c3"), {"c4"}, "k")):
        _, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert {"/components/c2", "/components/c3"} & set(conflicts)


@both
def test_a_sum_of_which_each_side_deletes_an_input_keeps_one(prefer: Side) -> None:
    base = drawn(
        {
            "a": ("activation", None, ""),
            "n": ("layer_norm", None, "a"),
            "s": ("add", None, "n a"),
            "o": ("action_output", None, "s"),
        }
    )
    for mine, theirs in both_ways(delete(base, "a"), delete(base, "n")):
        merged, conflicts = merge(base, mine, theirs, prefer)
        assert any(target == "s" for _, target in merged.edges)
        assert {"/components/a", "/components/n"} & set(conflicts)


@both
def test_a_block_that_fits_nowhere_near_is_connected_where_it_fits(prefer: Side) -> None:
    """It was inserted where the signal was unknown, since the input was missing; the other side added that."""
    base = drawn({"e": ("embedding", None, ""), "p": ("pool", None, "e"), "a": ("activation", None, "p")})
    base = insert(base, ("p", "a"), "b", "activation")
    one = insert(base, ("b", "a"), "t", "transformer_layer")
    other = with_more(
        base,
        *(Component("i", "board_input"), Component("l", "linear"), Component("o", "action_output")),
        edges=(("i", "e"), ("a", "l"), ("l", "o")),
    )
    for mine, theirs in both_ways(one, other):
        merged, conflicts = merge(base, mine, theirs, prefer)
        assert {("i", "t"), ("e", "t"), ("t", "p"), ("t", "e")} & wires(merged)
        assert "/edges/t" in conflicts


@both
def test_a_block_inserted_on_a_wire_that_the_other_side_made_part_of_a_cycle_is_connected_elsewhere(prefer: Side) -> None:
    base = drawn(
        {
            "i": ("board_input", None, ""),
            "e": ("embedding", None, "i"),
            "d": ("dropout", None, "e"),
            "t": ("transformer_layer", None, "d"),
            "o": ("action_output", None, "t"),
        }
    )
    circle = with_edges(grouped(base, {"e"}, "k"), *grouped(base, {"e"}, "k").edges, ("d", "k"))
    for mine, theirs in both_ways(circle, insert(base, ("e", "d"), "n", "transformer_layer")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert "n" in {part.id for part in merged.components}


@st.composite
def histories(draw: st.DrawFn) -> tuple[ModelArchitecture, ModelArchitecture, ModelArchitecture]:
    """A design that may have problems, and what two people made of it."""
    base = draw(edited(draw(st.sampled_from(load_templates())), "b", ANY_KINDS))
    return base, draw(edited(base, "m", ANY_KINDS, 6)), draw(edited(base, "t", ANY_KINDS, 6))


@settings(max_examples=100)
@given(histories(), st.sampled_from(["mine", "theirs"]))
def test_containers_and_links_have_no_new_problem_whatever_else_is_wrong(
    history: tuple[ModelArchitecture, ModelArchitecture, ModelArchitecture], prefer: Side
) -> None:
    base, mine, theirs = history
    merged, _ = merge_designs(base, mine, theirs, prefer=prefer)
    structural = {"empty", "two_bodies", "no_definition", "not_a_container", "crosses_border", "too_many_inputs", "cycle"}
    assert {code for code, _ in new_problems(merged, mine, theirs)}.isdisjoint(structural)
    assert merge_designs(base, mine, merged, prefer=prefer)[0] == merged
    kept = {part.id for part in merged.components}
    for side, other in ((mine, theirs), (theirs, mine)):
        deleted = {part.id for part in base.components} - {part.id for part in other.components}
        edits = [part for part in side.components if part not in base.components]
        assert {part.id for part in edits} | ({part.id for part in side.components} - deleted) <= kept
