"""The merge, case by case: what each side did, what comes of it, and what is said about it."""

import msgspec
import pytest
from msgspec.structs import replace

from shared_py.decoding import read_text
from shared_py.design import MAX_DEPTH, PLAIN_VERSION, SCHEMA_VERSION, Component, ModelArchitecture, canonical_bytes
from shared_py.merge import merge_designs


def design(*parts: Component, edges: list[tuple[str, str]] | None = None, name: str = "one") -> ModelArchitecture:
    return ModelArchitecture(id="d1", name=name, components=list(parts), edges=edges or [])


A, B, C, J = (Component(id=name, type="embedding", props={"d_model": 8}) for name in "abcj")


def test_an_edit_beats_a_delete_and_keeps_its_edges() -> None:
    base = design(A, B, J, edges=[("a", "b"), ("b", "j")])
    mine = design(A, J)
    theirs = design(A, replace(B, props={"d_model": 16}), J, edges=[("a", "b"), ("b", "j")])
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert [component.id for component in merged.components] == ["a", "b", "j"]
        assert merged.components[1].props == {"d_model": 16}
        assert sorted(merged.edges) == [("a", "b"), ("b", "j")]
        assert [conflict.path for conflict in conflicts] == ["/components/b"]


def test_a_property_changed_on_both_sides_keeps_mine_and_says_so() -> None:
    base = design(A)
    mine, theirs = design(replace(A, props={"d_model": 16})), design(replace(A, props={"d_model": 32, "dropout": 0.5}))
    merged, conflicts = merge_designs(base, mine, theirs)
    assert merged.components[0].props == {"d_model": 16, "dropout": 0.5}
    (conflict,) = conflicts
    assert (conflict.path, conflict.base, conflict.mine, conflict.theirs, conflict.kept) == (
        "/components/a/props/d_model", 8, 16, 32, "mine",
    )  # fmt: skip


def test_a_name_is_merged_as_a_property_is() -> None:
    base = design(A, B)
    mine, theirs = design(replace(A, name="Mine"), B), design(A, replace(B, name="Theirs"))
    merged, conflicts = merge_designs(base, mine, theirs)
    assert ([part.name for part in merged.components], conflicts) == (["Mine", "Theirs"], [])
    assert merged.schema_version == SCHEMA_VERSION
    merged, (conflict,) = merge_designs(base, mine, design(replace(A, name="Theirs"), B))
    assert merged.components[0].name == "Mine"
    assert (conflict.path, conflict.base, conflict.mine, conflict.theirs) == ("/components/a/name", None, "Mine", "Theirs")
    assert msgspec.json.decode(msgspec.json.encode(conflict))["base"] is None


def test_the_last_name_that_goes_leaves_a_design_of_the_plain_version() -> None:
    base = replace(design(replace(A, name="Old"), B), schema_version=SCHEMA_VERSION)
    mine = replace(base, components=[A, B], schema_version=PLAIN_VERSION)
    theirs = replace(base, components=[replace(base.components[0], x=8.0), B])
    merged, conflicts = merge_designs(base, mine, theirs)
    assert (merged, conflicts) == (replace(mine, components=[replace(A, x=8.0), B]), [])


def test_a_deleted_component_that_was_named_meanwhile_stays_with_its_name() -> None:
    base = design(A, B)
    merged, (conflict,) = merge_designs(base, design(A), design(A, replace(B, name="Kept")))
    assert merged.components[1].name == "Kept"
    assert (conflict.path, conflict.mine) == ("/components/b", None)
    assert conflict.theirs == {
        "id": "b",
        "type": "embedding",
        "props": {"d_model": 8},
        "x": 0.0,
        "y": 0.0,
        "inside": None,
        "name": "Kept",
    }


def test_case_18_a_changed_type_takes_its_own_properties_along() -> None:
    base = design(A)
    mine = design(replace(A, type="moe_layer", props={"top_k": 2}))
    theirs = design(replace(A, props={"d_model": 32}))
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert (merged.components[0].type, merged.components[0].props) == ("moe_layer", {"top_k": 2})
        assert [conflict.path for conflict in conflicts] == ["/components/a/props"]


def test_case_17_an_edge_to_a_component_deleted_elsewhere_is_dropped_and_reported() -> None:
    base = design(A, B)
    merged, conflicts = merge_designs(base, design(A, B, edges=[("a", "b")]), design(A))
    assert merged == design(A)
    assert [(conflict.path, conflict.mine, conflict.kept) for conflict in conflicts] == [("/edges/b", ["a", "b"], "theirs")]


def test_the_order_of_inputs_is_kept_when_one_side_changed_it() -> None:
    base = design(A, B, C, J, edges=[("a", "j"), ("b", "j")])
    mine = design(A, B, C, J, edges=[("b", "j"), ("a", "j")])
    theirs = design(A, B, C, J, edges=[("a", "j"), ("b", "j"), ("c", "j")])
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert merged.edges == [("b", "j"), ("c", "j"), ("a", "j")]
        assert conflicts == []


def test_an_order_changed_on_both_sides_keeps_mine_and_says_so() -> None:
    base = design(A, B, C, J, edges=[("a", "j"), ("b", "j"), ("c", "j")])
    mine = replace(base, edges=[("b", "j"), ("a", "j"), ("c", "j")])
    theirs = replace(base, edges=[("c", "j"), ("b", "j"), ("a", "j")])
    merged, conflicts = merge_designs(base, mine, theirs)
    assert merged.edges == mine.edges
    assert [conflict.path for conflict in conflicts] == ["/edges/j"]


def test_without_a_base_everything_of_both_stays() -> None:
    merged, conflicts = merge_designs(None, design(A, B, edges=[("a", "b")]), design(B, C, edges=[("b", "c")], name="two"))
    assert sorted(component.id for component in merged.components) == ["a", "b", "c"]
    assert sorted(merged.edges) == [("a", "b"), ("b", "c")]
    assert merged.name == "one"
    assert [conflict.path for conflict in conflicts] == ["/name"]


def test_designs_of_different_ids_are_not_merged() -> None:
    with pytest.raises(ValueError, match="cannot merge"):
        merge_designs(None, design(A), replace(design(A), id="d2"))


# --- containers -----------------------------------------------------------------------------------------------

BOX, OTHER = Component(id="k", type="repeat"), Component(id="l", type="repeat")
INSIDE = replace(A, inside="k")


def places(merged: ModelArchitecture) -> dict[str, str | None]:
    return {component.id: component.inside for component in merged.components}


def test_a_container_deleted_here_comes_back_when_its_content_was_edited_there() -> None:
    base = design(BOX, INSIDE, B, edges=[("k", "b")])
    mine = design(B)
    theirs = replace(base, components=[BOX, replace(INSIDE, props={"d_model": 16}), B])
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert places(merged) == {"k": None, "a": "k", "b": None}
        assert [component.props for component in merged.components if component.id == "a"] == [{"d_model": 16}]
        assert sorted(conflict.path for conflict in conflicts) == ["/components/a", "/components/k"]
        assert {conflict.kept for conflict in conflicts} == {"mine" if left is theirs else "theirs"}


def test_all_containers_around_an_edit_come_back() -> None:
    base = design(BOX, replace(OTHER, inside="k"), replace(A, inside="l"), B)
    theirs = design(BOX, replace(OTHER, inside="k"), replace(A, inside="l", x=9.0), B)
    for left, right in ((design(B), theirs), (theirs, design(B))):
        assert places(merge_designs(base, left, right)[0]) == {"k": None, "l": "k", "a": "l", "b": None}


def test_what_was_put_into_a_container_deleted_elsewhere_keeps_it() -> None:
    base = design(BOX, INSIDE, B)
    mine, theirs = design(BOX, INSIDE, replace(B, inside="k")), design(B)
    merged, _ = merge_designs(base, mine, theirs)
    assert places(merged) == {"k": None, "b": "k"}


def test_a_move_and_an_edit_of_the_same_component_both_stay() -> None:
    base = design(BOX, A)
    merged, conflicts = merge_designs(base, design(BOX, INSIDE), design(BOX, replace(A, props={"d_model": 32})))
    assert (places(merged)["a"], merged.components[1].props, conflicts) == ("k", {"d_model": 32}, [])


def test_moves_into_two_containers_keep_mine_and_say_so() -> None:
    base = design(BOX, OTHER, A)
    merged, conflicts = merge_designs(base, design(BOX, OTHER, INSIDE), design(BOX, OTHER, replace(A, inside="l")))
    assert places(merged)["a"] == "k"
    assert [(conflict.path, conflict.mine, conflict.theirs) for conflict in conflicts] == [("/components/a/inside", "k", "l")]


def test_containers_moved_into_each_other_are_untangled() -> None:
    base = design(BOX, OTHER)
    mine, theirs = design(replace(BOX, inside="l"), OTHER), design(BOX, replace(OTHER, inside="k"))
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert places(merged) == places(right)
        assert [(conflict.path, conflict.kept) for conflict in conflicts] == [
            (f"/components/{'k' if left is mine else 'l'}/inside", "theirs")
        ]
        assert merge_designs(base, left, merged)[0] == merged


def chain(letter: str, length: int) -> list[Component]:
    """Containers, each in the one before."""
    return [Component(id=f"{letter}{n}", type="repeat", inside=f"{letter}{n - 1}" if n else None) for n in range(length)]


def test_moves_that_go_too_deep_together_are_untangled() -> None:
    half = MAX_DEPTH // 2 + 1
    first, second = chain("f", half), chain("s", MAX_DEPTH - half + 1)
    base = design(*first, *second, A)
    mine = design(*first, replace(second[0], inside=first[-1].id), *second[1:], A)
    theirs = design(*first, *second, replace(A, inside=second[-1].id))
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert read_text(canonical_bytes(merged)) == (merged, [])
        assert places(merged) == places(right)
        assert [conflict.path for conflict in conflicts] == [f"/components/{'s0' if left is mine else 'a'}/inside"]


# --- moves that cannot be held together ------------------------------------------------------------------------


def box(name: str, inside: str | None = None) -> Component:
    return Component(id=name, type="subnetwork", inside=inside)


def test_a_move_that_goes_too_deep_leaves_everything_else_where_it_lies() -> None:
    deep = [box(f"s{n}", f"s{n - 1}" if n else None) for n in range(MAX_DEPTH)]
    rest = [box("q"), replace(A, id="z", inside="q")]
    base = design(*deep, box("p"), A, *rest)
    mine = design(*deep, box("p", "s7"), A, *rest)
    theirs = design(*deep, box("p"), replace(A, inside="p"), *rest)
    merged, conflicts = merge_designs(base, mine, theirs)
    assert merged == theirs
    assert [(conflict.path, conflict.mine, conflict.theirs, conflict.kept) for conflict in conflicts] == [
        ("/components/p/inside", "s7", None, "theirs")
    ]
    assert merge_designs(base, mine, merged)[0] == merged
    assert places(merge_designs(base, theirs, mine)[0]) == places(mine)


def test_what_went_into_a_container_whose_move_gives_way_goes_along() -> None:
    base = design(box("a"), box("b"), C)
    mine = design(box("a", "b"), box("b"), replace(C, inside="a"), Component("n", "linear", inside="a"),
                  Component("m", "linear", inside="a"), edges=[("n", "m")])  # fmt: skip
    theirs = design(box("a"), box("b", "a"), C)
    merged, conflicts = merge_designs(base, mine, theirs)
    assert places(merged) == {"a": None, "b": "a", "c": "a", "n": "a", "m": "a"}
    assert merged.edges == [("n", "m")]
    assert [conflict.path for conflict in conflicts] == ["/components/a/inside"]
    assert merge_designs(base, mine, merged)[0] == merged


def test_a_move_that_can_stand_stands_beside_one_that_cannot() -> None:
    base = design(box("a"), box("b"), box("k"), C)
    mine = design(box("a", "b"), box("b"), box("k"), replace(C, inside="k"))
    theirs = design(box("a"), box("b", "a"), box("k", "a"), C)
    assert places(merge_designs(base, mine, theirs)[0]) == {"a": None, "b": "a", "k": "a", "c": "k"}


def test_a_new_component_too_deep_goes_to_the_nearest_container_that_can_hold_it() -> None:
    base = design(*chain("f", MAX_DEPTH), box("p"))
    mine = design(*chain("f", MAX_DEPTH), box("p"), replace(A, inside="p"))
    theirs = design(*chain("f", MAX_DEPTH), box("p", "f7"))
    merged, conflicts = merge_designs(base, mine, theirs)
    assert places(merged) == {**places(theirs), "a": "f7"}
    assert [(conflict.path, conflict.mine, conflict.kept) for conflict in conflicts] == [("/components/a/inside", "p", "theirs")]
    assert merge_designs(base, mine, merged)[0] == merged


def test_places_exchanged_by_one_side_stand() -> None:
    base = design(box("a"), box("b", "a"), C)
    mine = design(box("a", "b"), box("b"), C)
    theirs = design(box("a"), box("b", "a"), replace(C, x=5.0))
    merged, conflicts = merge_designs(base, mine, theirs)
    assert (places(merged), conflicts) == ({"a": "b", "b": None, "c": None}, [])


# --- links ----------------------------------------------------------------------------------------------------


def linked(name: str, target: str) -> Component:
    return Component(id=name, type="subnetwork", props={"definition": target})


def test_a_definition_deleted_elsewhere_comes_back_with_all_that_lies_in_it() -> None:
    body = [box("s"), box("r", "s"), replace(A, inside="r"), replace(B, inside="r")]
    base = design(*body, J, edges=[("a", "b")])
    mine, theirs = design(*body, J, linked("c", "s"), edges=[("a", "b")]), design(J)
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert places(merged) == places(mine)
        assert merged.edges == [("a", "b")]
        assert {(conflict.path, conflict.kept) for conflict in conflicts} == {
            (f"/components/{name}", "mine" if left is mine else "theirs") for name in "srab"
        }
        assert merge_designs(base, left, merged)[0] == merged


def test_the_content_of_an_edited_definition_comes_back_for_a_new_link() -> None:
    base = design(box("s"), replace(A, inside="s"))
    mine = design(replace(box("s"), x=3.0), replace(A, inside="s"), linked("c", "s"))
    assert places(merge_designs(base, mine, design())[0]) == {"s": None, "a": "s", "c": None}


def test_what_a_definition_brought_back_links_to_comes_back_too() -> None:
    body = [box("t"), replace(A, inside="t"), box("s"), replace(linked("d", "t"), inside="s")]
    mine = design(*body, linked("c", "s"))
    assert places(merge_designs(design(*body), mine, design())[0]) == places(mine)


def test_a_definition_nobody_new_links_to_stays_deleted() -> None:
    base = design(box("s"), replace(A, inside="s"), linked("c", "s"))
    mine, theirs = replace(base, name="two"), design(replace(linked("c", "s"), props={}), B)
    merged, conflicts = merge_designs(base, mine, theirs)
    assert (places(merged), conflicts) == ({"c": None, "b": None}, [])


def test_what_was_deleted_in_a_definition_that_lives_stays_deleted_also_beside_a_new_link() -> None:
    base = design(box("s"), replace(A, inside="s"), replace(B, inside="s"))
    mine, theirs = replace(base, components=[*base.components, linked("c", "s")]), design(box("s"), replace(A, inside="s"))
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert (places(merged), conflicts) == ({"s": None, "a": "s", "c": None}, [])


def test_an_order_changed_around_a_component_brought_back_is_kept_again() -> None:
    base = design(A, B, C)
    mine, theirs = design(B, replace(A, type="linear"), C), design(C, B)
    merged, _ = merge_designs(base, mine, theirs)
    assert merge_designs(base, mine, merged)[0] == merged
