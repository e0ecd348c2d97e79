"""What the merge makes of groups: containers that one side or both made around blocks that the other side changed."""

import pytest
from support.app_edits import component_of, connect, delete, enter, group, group_chain, insert, shifted
from support.design_edits import with_edges, with_more, with_props
from support.merging import CHAIN, both_ways, drawn, grouped, inside, merge, wires

from shared_py.design import Component
from shared_py.protocol import Side

both = pytest.mark.parametrize("prefer", ["mine", "theirs"])


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
def test_a_wire_cut_behind_a_block_stays_cut_though_the_other_side_grouped_that_block(prefer: Side) -> None:
    """The dead end at the group is the one that the block has; a block that was deleted comes back to the wire it has now."""
    rewired = connect(with_edges(CHAIN, *(edge for edge in CHAIN.edges if edge != ("c3", "c4"))), "c2", "c4")
    restored = (shifted(rewired, "c4"), group(delete(CHAIN, "c4"), "c3", "k", "repeat"))
    for mine, theirs in both_ways(rewired, group(CHAIN, "c3", "k", "repeat")) + both_ways(*restored):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        assert wires(merged) == {("c1", "c2"), ("c2", "k"), ("c2", "c4"), ("c4", "c5"), ("c5", "c6")}


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
def test_groups_that_both_sides_made_of_the_same_blocks_are_nested(prefer: Side) -> None:
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
        assert inside(merged, "k") == {"a", "n", "s"}
        assert inside(merged, "l") == {"k"}
        assert {("a", "n"), ("n", "s"), ("e", "x"), ("x", "l"), ("l", "o")} <= wires(merged)


@both
def test_a_group_of_a_part_of_what_the_other_side_grouped_goes_into_that_group(prefer: Side) -> None:
    part = group(insert(CHAIN, ("c3", "c4"), "n", "rms_norm"), "c4", "k", "subnetwork")
    for mine, theirs in both_ways(part, grouped(CHAIN, {"c3", "c4", "c5"}, "l")):
        merged, _ = merge(CHAIN, mine, theirs, prefer)
        assert inside(merged, "l") == {"c3", "n", "k", "c5"}
        assert inside(merged, "k") == {"c4"}
        assert wires(merged) == {("c1", "c2"), ("c2", "l"), ("c3", "n"), ("n", "k"), ("k", "c5"), ("l", "c6")}


@both
def test_a_block_that_both_sides_moved_goes_into_the_inner_one_of_two_containers(prefer: Side) -> None:
    nested = group(grouped(CHAIN, {"c3", "c4"}, "k"), "c3", "l", "repeat")
    for mine, theirs in both_ways(enter(nested, "c5", "k"), enter(nested, "c5", "l")):
        merged, conflicts = merge(nested, mine, theirs, prefer)
        assert inside(merged, "l") == {"c3", "c5"}
        kept = conflicts["/components/c5/inside"].kept
        assert component_of(mine if kept == "mine" else theirs, "c5").inside == "l"


@both
def test_a_block_that_both_sides_have_anew_is_in_no_container_that_is_gone(prefer: Side) -> None:
    """Both have a block anew where the server was put back from a copy."""
    base = grouped(CHAIN, {"c4"}, "k")
    inside_k = with_more(base, Component("n", "dropout", inside="k"), edges=(("c4", "n"),))
    for mine, theirs in both_ways(inside_k, insert(delete(base, "k"), ("c3", "c5"), "n", "dropout")):
        merged, _ = merge(base, mine, theirs, prefer)
        assert component_of(merged, "n").inside in {None, *(part.id for part in merged.components)}


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


@both
def test_a_sum_of_blocks_that_both_sides_grouped_goes_where_these_are(prefer: Side) -> None:
    """One side made them parallel in its group, and added them there."""
    chain = grouped(CHAIN, {"c3", "c4"}, "k")
    parallel = with_more(
        with_edges(grouped(CHAIN, {"c3", "c4"}, "l"), ("c1", "c2"), ("c2", "l"), ("l", "c5"), ("c5", "c6")),
        Component("s", "add", inside="l"),
        edges=(("c3", "s"), ("c4", "s")),
    )
    for mine, theirs in both_ways(chain, parallel):
        merged, conflicts = merge(CHAIN, mine, theirs, prefer)
        assert component_of(merged, "s").inside == component_of(merged, "c3").inside == component_of(merged, "c4").inside
        assert {("c3", "s"), ("c4", "s")} <= wires(merged)
        assert component_of(merged, "s").inside == "l" or "/components/s/inside" in conflicts


@both
def test_a_group_is_not_put_into_a_repetition_that_it_would_change_the_shape_of(prefer: Side) -> None:
    """One side made a subnetwork of two blocks; the other deleted one of them and made a repetition with the other one."""
    base = drawn(
        {
            "i": ("board_input", None, ""),
            "e": ("embedding", None, "i"),
            "k": ("conv2d", None, "e"),
            "a": ("activation", None, "k"),
            "p": ("pool", None, "a"),
            "o": ("action_output", None, "p"),
        }
    )
    mine = with_props(group_chain(base, ("k", "a"), "g", "subnetwork"), "k", out_channels=32)
    theirs = group_chain(insert(delete(base, "k"), ("e", "a"), "d", "dropout"), ("d", "a"), "r", "repeat")
    for one, other in both_ways(mine, theirs):
        merged, _ = merge(base, one, other, prefer)
        assert {part.id for part in merged.components} == {"i", "e", "k", "a", "p", "o", "g", "d", "r"}
