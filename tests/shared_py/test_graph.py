"""Orders and circles."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from shared_py.graph import build_graph, find_cycles, natural_key

pairs = st.tuples(st.integers(0, 9), st.integers(0, 9))


NAMES = tuple(f"c{n}" for n in range(10))


def named(edges: list[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple((f"c{a}", f"c{b}") for a, b in edges)


def test_natural_order() -> None:
    assert sorted(["c10", "c2", "b", "c02", "c1"], key=natural_key) == ["b", "c1", "c02", "c2", "c10"]


@given(st.lists(pairs, unique=True))
def test_sources_come_first_and_cycles_are_real(edges: list[tuple[int, int]]) -> None:
    graph = build_graph(NAMES, named(edges))
    position = {name: index for index, name in enumerate(graph.order)}
    for source, target in named(edges):
        if target in position:
            assert position[source] < position[target]
    for walk in graph.cycles:
        for source, target in zip(walk, [*walk[1:], walk[0]], strict=True):
            assert (source, target) in named(edges)
    assert bool(graph.cycles) == (len(graph.order) < 10)


@given(st.lists(pairs, unique=True), st.randoms())
def test_order_depends_on_the_edges_alone(edges: list[tuple[int, int]], random: object) -> None:
    assert build_graph(NAMES, named(edges)).order == build_graph(NAMES[::-1], named(edges[::-1])).order


def test_each_group_of_circles_is_named_whatever_the_ids() -> None:
    """Two circles of which one feeds the other, and a tail behind both that is in none."""
    for first, second in (("ab", "cd"), ("cd", "ab")):
        edges = [
            (first[0], first[1]),
            (first[1], first[0]),
            (first[0], second[0]),
            (second[0], second[1]),
            (second[1], second[0]),
        ]
        graph = build_graph(tuple("abcdef"), (*edges, (second[0], "e"), ("e", "f")))
        assert graph.cycles == [["a", "b"], ["c", "d"]]
        assert graph.order == []


def test_what_lies_behind_a_circle_costs_no_walk_of_its_own() -> None:
    """Many components, each fed by several, all behind one circle: every edge is looked at a few times, not once a component."""
    names = [f"c{n}" for n in range(2000)]
    looked_at = 0

    class Counted(list[str]):
        def __iter__(self) -> Iterator[str]:
            nonlocal looked_at
            looked_at += len(self)
            return super().__iter__()

    edges = [("c0", "c1"), ("c1", "c0")] + [(names[a], names[b]) for b in range(2, 2000) for a in range(max(0, b - 4), b)]
    graph = build_graph(tuple(names), tuple(edges))
    outputs = {name: Counted(targets) for name, targets in graph.outputs_of.items()}
    inputs = {name: Counted(sources) for name, sources in graph.inputs_of.items()}
    assert find_cycles(set(names), inputs, outputs) == [["c0", "c1"]]
    assert looked_at < 4 * len(edges)
