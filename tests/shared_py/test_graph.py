"""Orders and circles."""

from hypothesis import given
from hypothesis import strategies as st

from shared_py.graph import build_graph, natural_key

pairs = st.tuples(st.integers(0, 9), st.integers(0, 9))


NAMES = [f"c{n}" for n in range(10)]


def named(edges: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(f"c{a}", f"c{b}") for a, b in edges]


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
