"""The laws of the merge: nothing is lost that nobody deleted, and merging again changes nothing."""

import pytest
from alter import without
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import nested_soundly

from shared_py.decoding import read_text
from shared_py.design import MAX_DEPTH, Component, Defaults, ModelArchitecture, canonical_bytes
from shared_py.merge import merge_designs

IDS = [f"c{n}" for n in range(6)]
TYPES = ["embedding", "transformer_layer", "repeat"]
LINKED = frozenset({"like"})
Edit = tuple[str, str, str, int]

props = st.dictionaries(st.sampled_from(["d_model", "dropout", "bias"]), st.integers(0, 3), max_size=3)
components = st.lists(
    st.builds(Component, id=st.sampled_from(IDS), type=st.sampled_from(TYPES), props=props, x=st.integers(0, 2).map(float)),
    unique_by=lambda component: component.id,
    max_size=6,
)


@st.composite
def designs(draw: st.DrawFn) -> ModelArchitecture:
    parts = draw(components)
    names = [component.id for component in parts]
    if names:
        parts = nested_soundly([replace(part, inside=draw(st.none() | st.sampled_from(names))) for part in parts])
    pairs = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=8, unique=True) if names else st.just([])
    return ModelArchitecture(
        id="d1",
        name=draw(st.sampled_from(["one", "two"])),
        meta=Defaults(d_model=draw(st.sampled_from([8, 16]))),
        components=parts,
        edges=draw(pairs),
    )


edits = st.lists(
    st.tuples(
        st.sampled_from(
            ["delete", "set", "unset", "retype", "add", "connect", "cut", "shuffle", "rename", "move", "enter", "link"]
        ),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
        st.integers(0, 3),
    ),
    max_size=5,
)


def edited(design: ModelArchitecture, changes: list[Edit]) -> ModelArchitecture:
    """Make of a design what a person would: never an edge to a component that is not there."""
    for kind, one, other, value in changes:
        design = _edit(design, kind, one, other, value)
    return design


def _edit(design: ModelArchitecture, kind: str, one: str, other: str, value: int) -> ModelArchitecture:
    parts = {component.id: component for component in design.components}
    edges = list(design.edges)
    if kind == "add":
        parts.setdefault(one, Component(id=one, type=TYPES[value % 3]))
    elif kind == "rename":
        return replace(design, name=f"name {value}")
    elif one not in parts:
        return design
    elif kind == "delete":
        return without(design, one)
    elif kind == "set":
        parts[one] = replace(parts[one], props={**parts[one].props, "d_model": value})
    elif kind == "link":
        parts[one] = replace(parts[one], props={**parts[one].props, "like": other})
    elif kind == "unset":
        parts[one] = replace(parts[one], props={})
    elif kind == "retype":
        parts[one] = replace(parts[one], type=TYPES[value % 3], props={})
    elif kind == "move":
        parts[one] = replace(parts[one], x=float(value))
    elif kind == "enter":
        parts[one] = replace(parts[one], inside=other if other in parts and value else None)
        parts = {part.id: part for part in nested_soundly(list(parts.values()))}
    elif kind == "shuffle":
        edges = edges[value:] + edges[:value]
        parts = dict(reversed(parts.items()))
    elif kind == "connect" and other in parts and (one, other) not in edges:
        edges.insert(value, (one, other))
    elif kind == "cut":
        edges = [edge for edge in edges if edge != (one, other)]
    return replace(design, components=list(parts.values()), edges=edges)


histories = st.tuples(designs(), edits, edits).map(
    lambda drawn: (drawn[0], edited(drawn[0], drawn[1]), edited(drawn[0], drawn[2]))
)
maybe_base = st.one_of(histories, st.tuples(st.none(), designs(), designs()))


@given(designs(), designs())
def test_one_sided_changes_are_taken_as_they_are(base: ModelArchitecture, other: ModelArchitecture) -> None:
    assert merge_designs(base, other, other) == (other, [])
    assert merge_designs(base, base, other) == (other, [])
    assert merge_designs(base, other, base) == (other, [])
    assert merge_designs(None, other, other) == (other, [])


@settings(max_examples=200)
@given(maybe_base)
def test_merging_again_changes_nothing(
    history: tuple[ModelArchitecture | None, ModelArchitecture, ModelArchitecture],
) -> None:
    base, mine, theirs = history
    merged, _ = merge_designs(base, mine, theirs, LINKED)
    assert merge_designs(base, mine, merged, LINKED)[0] == merged
    assert merge_designs(base, merged, merged, LINKED)[0] == merged
    assert merge_designs(merged, merged, theirs)[0] == theirs
    assert merge_designs(base, mine, theirs) == merge_designs(base, mine, theirs)


def lies_in(name: str, container: str, side: dict[str, Component]) -> bool:
    place = side[name].inside
    while place not in (None, container):
        place = side[place].inside
    return place == container


@settings(max_examples=300)
@given(maybe_base)
def test_nothing_is_lost_and_nothing_dangles(
    history: tuple[ModelArchitecture | None, ModelArchitecture, ModelArchitecture],
) -> None:
    base, mine, theirs = history
    merged, conflicts = merge_designs(base, mine, theirs, LINKED)
    was, here, there, now = (
        {component.id: component for component in (design.components if design else [])}
        for design in (base, mine, theirs, merged)
    )
    assert read_text(canonical_bytes(merged)) == (merged, [])
    assert len(now) == len(merged.components)
    for key in {**here, **there}:
        edited_here = key in here and here[key] != was.get(key)
        edited_there = key in there and there[key] != was.get(key)
        if (key in here and key in there) or edited_here or edited_there:
            assert key in now
    reported = {conflict.path for conflict in conflicts}
    for side in (here, there):
        for key in side.keys() & now.keys():
            if key not in was or side[key].inside != was[key].inside:
                assert now[key].inside == side[key].inside or f"/components/{key}/inside" in reported
            target = now[key].props.get("like")
            if side[key] != was.get(key) and target in side:
                assert {target, *(name for name in side if lies_in(name, target, side))} <= now.keys()
    for source, target in merged.edges:
        assert source in now
        assert target in now
    for edge in {*mine.edges, *theirs.edges} - set(base.edges if base else []) - set(merged.edges):
        assert edge in mine.edges or any(conflict.path == f"/edges/{edge[1]}" for conflict in conflicts)


@settings(max_examples=100)
@given(maybe_base)
def test_both_orders_keep_the_same_components(
    history: tuple[ModelArchitecture | None, ModelArchitecture, ModelArchitecture],
) -> None:
    base, mine, theirs = history
    ours = {component.id for component in merge_designs(base, mine, theirs)[0].components}
    assert ours == {component.id for component in merge_designs(base, theirs, mine)[0].components}


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


def test_a_changed_type_takes_its_own_properties_along() -> None:
    base = design(A)
    mine = design(replace(A, type="moe_layer", props={"top_k": 2}))
    theirs = design(replace(A, props={"d_model": 32}))
    for left, right in ((mine, theirs), (theirs, mine)):
        merged, conflicts = merge_designs(base, left, right)
        assert (merged.components[0].type, merged.components[0].props) == ("moe_layer", {"top_k": 2})
        assert [conflict.path for conflict in conflicts] == ["/components/a/props"]


def test_an_edge_to_a_component_deleted_elsewhere_is_dropped_and_reported() -> None:
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


def test_an_order_changed_around_a_component_brought_back_is_kept_again() -> None:
    base = design(A, B, C)
    mine, theirs = design(B, replace(A, type="linear"), C), design(C, B)
    merged, _ = merge_designs(base, mine, theirs)
    assert merge_designs(base, mine, merged)[0] == merged
