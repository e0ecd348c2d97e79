"""The laws of the merge: nothing is lost that nobody deleted, and merging again changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.design_edits import without
from support.strategies import nested_soundly

from shared_py.decoding import read_text
from shared_py.design import Component, Defaults, ModelArchitecture, canonical_bytes
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
    for side, other in ((here, there), (there, here)):
        for key in side.keys() & now.keys():
            if key not in was or side[key].inside != was[key].inside:
                assert now[key].inside == side[key].inside or f"/components/{key}/inside" in reported
            target = now[key].props.get("like")
            if side[key] != was.get(key) and target in side:
                assert target in now
                if target not in other:
                    assert {name for name in side if lies_in(name, target, side)} <= now.keys()
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
