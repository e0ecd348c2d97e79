"""What the merge keeps of containers, links and groups that both sides changed, also in designs with problems of their own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.app_edits import ANY_KINDS, component_of, delete, edited, enter, group, insert, shifted, ungroup
from support.design_edits import with_edges, with_more, with_props, without
from support.merging import CHAIN, both_ways, merge, new_problems, wires

from shared_py.design import Component, ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.protocol import Side
from shared_py.templates import load_templates

Drawn = dict[str, tuple[str, str | None, str]]
"""block, container and sources of every component"""

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


def drawn(parts: Drawn) -> ModelArchitecture:
    return ModelArchitecture(
        "d1",
        components=[Component(name, block, inside=inside) for name, (block, inside, _) in parts.items()],
        edges=[(source, name) for name, (_, _, sources) in parts.items() for source in sources.split()],
    )


def inside(design: ModelArchitecture, container: str) -> set[str]:
    return {part.id for part in design.components if part.inside == container}


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


# --- groups -----------------------------------------------------------------------------------------------------


def grouped(design: ModelArchitecture, names: set[str], container: str) -> ModelArchitecture:
    """Put components into a new container, which replaces them in the wires to others."""
    parts = [replace(part, inside=container) if part.id in names else part for part in design.components]
    ends = [edge if {*edge} <= names else tuple(container if end in names else end for end in edge) for edge in design.edges]
    return replace(design, components=[*parts, Component(container, "subnetwork")], edges=list(dict.fromkeys(ends)))


@both
def test_blocks_inserted_between_two_that_the_other_side_grouped_go_into_the_group(prefer: Side) -> None:
    chain = insert(insert(CHAIN, ("c3", "c4"), "n", "rms_norm"), ("n", "c4"), "o", "dropout")
    for mine, theirs in both_ways(chain, grouped(CHAIN, {"c3", "c4"}, "k")):
        merged, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert inside(merged, "k") == {"c3", "n", "o", "c4"}
        assert {("c3", "n"), ("n", "o"), ("o", "c4"), ("c2", "k"), ("k", "c5")} <= wires(merged)
        assert {"/components/n/inside", "/components/o/inside"} <= set(conflicts)


@both
def test_a_block_inserted_behind_one_that_the_other_side_grouped_follows_the_group(prefer: Side) -> None:
    for mine, theirs in both_ways(insert(CHAIN, ("c3", "c4"), "n", "rms_norm"), grouped(CHAIN, {"c3"}, "k")):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        assert {("c2", "k"), ("k", "n"), ("n", "c4")} <= wires(merged)
        assert inside(merged, "k") == {"c3"}


@both
def test_a_wire_from_a_grouped_block_leaves_from_the_group_though_its_source_was_cut_off(prefer: Side) -> None:
    cut = with_edges(CHAIN, *(edge for edge in CHAIN.edges if edge != ("c2", "c3")))
    for mine, theirs in both_ways(insert(cut, ("c3", "c4"), "n", "linear"), grouped(CHAIN, {"c3"}, "k")):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        assert ("k", "n") in wires(merged)


@both
def test_containers_that_both_sides_made_around_one_block_are_nested(prefer: Side) -> None:
    one, other = (group(group(CHAIN, "c4", f"{name}1", "repeat"), f"{name}1", f"{name}2", "subnetwork") for name in "mt")
    for mine, theirs in both_ways(one, other):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        places = {part.id: part.inside for part in merged.components}
        around = [places["c4"]]
        while (place := places[around[-1] or ""]) is not None:
            around.append(place)
        assert sorted(map(str, around)) == ["m1", "m2", "t1", "t2"]


@both
def test_a_deleted_block_that_an_edit_brings_back_is_connected_to_the_groups_that_its_neighbours_are_in(prefer: Side) -> None:
    without_c4 = group(group(delete(CHAIN, "c4"), "c5", "k", "subnetwork"), "c3", "l", "repeat")
    for mine, theirs in both_ways(without_c4, with_props(insert(CHAIN, ("c3", "c4"), "n", "rms_norm"), "c4", n_heads=2)):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        assert wires(merged) == {("c1", "c2"), ("c2", "l"), ("l", "n"), ("n", "c4"), ("c4", "k"), ("k", "c6")}


@both
def test_a_deleted_router_that_an_edit_brings_back_goes_into_the_group_of_what_it_feeds(prefer: Side) -> None:
    """A group takes tokens, not the choice of a router."""
    base = insert(insert(CHAIN, ("c5", "c6"), "m", "moe_layer"), ("c5", "m"), "r", "load_balance_router")
    for mine, theirs in both_ways(group(delete(base, "r"), "m", "k", "subnetwork"), shifted(base, "r")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert inside(merged, "k") == {"r", "m"}
        assert {("c5", "k"), ("r", "m"), ("k", "c6")} <= wires(merged)


@both
def test_a_group_that_loses_all_content_to_the_same_group_of_the_other_side_is_put_into_that(prefer: Side) -> None:
    """Also the block that one side inserted in its group, and what it inserted before the group."""
    base = drawn(
        {
            "i": ("board_input", None, ""),
            "e": ("embedding", None, "i"),
            "a": ("linear", None, "e"),
            "s": ("add", None, "a e"),
            "o": ("action_output", None, "s"),
        }
    )
    wider = grouped(insert(base, ("a", "s"), "n", "rms_norm"), {"a", "n", "s"}, "l")
    for mine, theirs in both_ways(insert(wider, ("e", "l"), "x", "dropout"), grouped(base, {"a", "s"}, "k")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert inside(merged, "l") == {"a", "n", "s"}
        assert inside(merged, "k") == {"l"}
        assert {("a", "n"), ("n", "s"), ("e", "x"), ("x", "k"), ("k", "o")} <= wires(merged)


@both
def test_a_block_that_both_sides_moved_goes_into_the_inner_one_of_two_containers(prefer: Side) -> None:
    nested = group(INSIDE, "f", "l", "subnetwork")
    for mine, theirs in both_ways(enter(nested, "c5", "k"), enter(nested, "c5", "l")):
        merged, conflicts = merge(nested, mine, theirs, prefer)
        assert inside(merged, "l") == {"f", "c5"}
        kept = conflicts["/components/c5/inside"].kept
        assert component_of(mine if kept == "mine" else theirs, "c5").inside == "l"


@both
def test_a_move_into_a_container_that_the_other_side_repeats_is_undone(prefer: Side) -> None:
    """What is repeated has to return what it takes, and an embedding takes a board."""
    base = drawn(
        {
            "i": ("board_input", None, ""),
            "e": ("embedding", None, "i"),
            "k": ("subnetwork", None, "e"),
            "f": ("layer_norm", "k", ""),
            "o": ("action_output", None, "k"),
        }
    )
    for mine, theirs in both_ways(group(base, "k", "r", "repeat"), enter(base, "e", "k")):
        merged, conflicts = merge(base, mine, theirs, prefer)
        assert {part.id: part.inside for part in merged.components}["e"] is None
        assert "/components/e/inside" in conflicts


@both
def test_blocks_of_a_group_stay_connected_when_the_other_side_grouped_one_with_others(prefer: Side) -> None:
    for mine, theirs in both_ways(grouped(CHAIN, {"c4", "c5"}, "k"), grouped(CHAIN, {"c3", "c4"}, "l")):
        merged, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert "/components/c4/inside" in conflicts
        assert len(wires(merged)) == len(merged.components) - 3


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
