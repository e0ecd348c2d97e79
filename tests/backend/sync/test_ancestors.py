"""The base for merging two versions, of histories of any shape."""

from collections.abc import Sequence

from msgspec.structs import replace

from backend.sync.ancestors import MAX_MERGES, Merged, common_version
from shared_py.design import Component, ModelArchitecture
from shared_py.merge import merge_designs
from shared_py.protocol import VersionVector


class Stored:
    """Versions in memory, the newest last; each has the components that are named."""

    def __init__(self, *versions: tuple[VersionVector, str]) -> None:
        self._versions = versions
        self.vectors: Sequence[tuple[int, VersionVector]] = [
            (number, seen) for number, (seen, _) in reversed(list(enumerate(versions)))
        ]
        self.reads = 0

    def document(self, number: int) -> ModelArchitecture:
        self.reads += 1
        return designed(self._versions[number][1])


def found(known: Stored, one: VersionVector, other: VersionVector, parts: str = "", other_parts: str = "") -> set[str] | None:
    document = common_version(Merged(designed(parts), one), Merged(designed(other_parts), other), known)
    return None if document is None else {component.id for component in document.components}


def designed(parts: str, **x: float) -> ModelArchitecture:
    """A design of components, of which some are at other places than 0."""
    return ModelArchitecture(id="d1", components=[Component(id=name, type="add", x=x.get(name, 0)) for name in parts.split()])


def test_without_a_version_that_both_include_there_is_none() -> None:
    assert found(Stored(({"a": 1}, "x")), {"a": 1}, {"b": 1}) is None


def test_the_newest_version_that_both_include_is_the_base() -> None:
    known = Stored(({"a": 1}, "x"), ({"a": 2}, "x y"), ({"a": 3}, "x y z"))
    assert found(known, {"a": 3, "b": 1}, {"a": 2, "c": 1}) == {"x", "y"}


def test_versions_of_which_none_includes_the_other_are_merged() -> None:
    known = Stored(({"a": 1}, "x"), ({"a": 2}, "x y"), ({"a": 1, "b": 1}, "x z"))
    assert found(known, {"a": 2, "b": 1, "c": 1}, {"a": 2, "b": 1, "d": 1}) == {"x", "y", "z"}


def test_the_number_of_merges_does_not_grow_with_the_history() -> None:
    """Three versions on each level, each of which includes all of the level below: once a merge for each path through them."""
    levels = 40
    versions = [
        ({**{f"c{other}": level - 1 for other in range(3) if level > 1}, f"c{own}": level}, f"x{level}{own}")
        for level in range(1, levels + 1)
        for own in range(3)
    ]
    known = Stored(*versions)
    top = {f"c{own}": levels for own in range(3)}
    assert found(known, {**top, "y": 1}, {**top, "z": 1}) is not None
    assert known.reads <= 2 * MAX_MERGES + 2


def test_a_change_of_both_sides_that_no_common_version_has_is_part_of_the_base() -> None:
    """A server that was put back has received change 2 of a again, beside one of b that the other side does not know."""
    known = Stored(({"a": 1}, "x"), ({"a": 1, "b": 1}, "x y"), ({"a": 2, "b": 1}, "x y z"))
    assert found(known, {"a": 3}, {"a": 2, "b": 1}) == {"x", "z"}


def test_a_change_together_with_one_that_only_one_side_has_is_not_part_of_the_base() -> None:
    known = Stored(({"a": 1}, "x"), ({"a": 2, "b": 1}, "x y z"))
    assert found(known, {"a": 3}, {"a": 2, "b": 1}) == {"x"}


def test_changes_that_follow_each_other_are_added_to_the_base_in_one_merge() -> None:
    later = [({"a": change, "b": 1}, " ".join(f"x{number}" for number in range(change))) for change in range(2, 50)]
    known = Stored(({"a": 1}, "x0"), ({"a": 1, "b": 1}, "x0 y"), *((seen, f"{names} y") for seen, names in later))
    assert found(known, {"a": 60}, {"a": 49, "b": 1}) == {f"x{number}" for number in range(49)}
    assert known.reads == 3


def test_what_a_change_of_both_sides_added_and_one_deleted_is_part_of_the_base() -> None:
    """Change 2 of a, which added y, came together with one of b, and nobody has it alone any more."""
    known = Stored(({"a": 1}, "x"), ({"a": 2, "b": 1}, "x y z"), ({"a": 2, "b": 2}, "x z"))
    assert found(known, {"a": 3}, {"a": 2, "b": 2}, "x y", "x z") == {"x", "y"}
    assert found(known, {"a": 2, "b": 2}, {"a": 3}, "x z", "x y") == {"x", "y"}
    assert found(known, {"a": 3}, {"a": 2, "b": 2}, "x y", "x y z") == {"x"}, "where both have it nothing has to be known"
    assert found(known, {"a": 3}, {"a": 2, "b": 2}, "x w", "x z") == {"x"}, "the server never had it"


def test_a_shared_component_is_in_the_base_as_the_side_that_deleted_it_had_it() -> None:
    versions = {1: designed("x"), 2: designed("x y", y=1), 3: designed("x y", y=2), 4: designed("x")}
    vectors: list[VersionVector] = [{"a": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 2}, {"a": 3, "b": 3}]

    class Moving(Stored):
        def document(self, number: int) -> ModelArchitecture:
            return versions[number + 1]

    for now, base in ((1, 1), (2, 2), (5, 1)):
        one = Merged(designed("x y", y=now), {"a": 4})
        document = common_version(one, Merged(designed("x"), {"a": 3, "b": 3}), Moving(*((vector, "") for vector in vectors)))
        assert document == designed("x y", y=base)


def test_a_shared_container_has_its_content_and_its_wires_in_the_base() -> None:
    parts = [Component(id=name, type="add") for name in "abc"]
    plain = ModelArchitecture(id="d1", components=parts, edges=[("a", "b"), ("b", "c")])
    group = Component(id="g", type="subnetwork")
    grouped = ModelArchitecture(
        id="d1", components=[parts[0], replace(parts[1], inside="g"), parts[2], group], edges=[("a", "g"), ("g", "c")]
    )
    versions = {1: plain, 2: grouped, 3: plain}
    vectors: list[VersionVector] = [{"a": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 2}]

    class Grouping(Stored):
        def document(self, number: int) -> ModelArchitecture:
            return versions[number + 1]

    document = common_version(
        Merged(grouped, {"a": 3}), Merged(plain, {"a": 2, "b": 2}), Grouping(*((vector, "") for vector in vectors))
    )
    assert document is not None
    merged, conflicts = merge_designs(document, grouped, plain)
    assert (merged, conflicts) == (plain, [])
