"""Orders and circles."""

from hypothesis import given
from hypothesis import strategies as st

from shared_py.design import Component, ModelArchitecture
from shared_py.graph import build_graph, natural_key

pairs = st.tuples(st.integers(0, 9), st.integers(0, 9))


def graph_of(edges: list[tuple[int, int]]) -> ModelArchitecture:
    components = [Component(id=f"c{n}", type="add") for n in range(10)]
    return ModelArchitecture(id="d1", components=components, edges=[(f"c{a}", f"c{b}") for a, b in edges])


def test_natural_order() -> None:
    assert sorted(["c10", "c2", "b", "c1"], key=natural_key) == ["b", "c1", "c2", "c10"]


@given(st.lists(pairs, unique=True))
def test_sources_come_first_and_cycles_are_real(edges: list[tuple[int, int]]) -> None:
    design = graph_of(edges)
    graph = build_graph(design)
    position = {name: index for index, name in enumerate(graph.order)}
    for source, target in design.edges:
        if target in position:
            assert position[source] < position[target]
    for walk in graph.cycles:
        for source, target in zip(walk, [*walk[1:], walk[0]], strict=True):
            assert (source, target) in design.edges
    assert bool(graph.cycles) == (len(graph.order) < 10)


@given(st.lists(pairs, unique=True), st.randoms())
def test_order_depends_on_the_edges_alone(edges: list[tuple[int, int]], random: object) -> None:
    design = graph_of(edges)
    turned = graph_of(edges[::-1])
    assert build_graph(design).order == build_graph(turned).order
