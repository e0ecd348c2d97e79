"""Valid designs over the whole vocabulary."""

import string

from hypothesis import strategies as st

from shared_py.design import Defaults, ModelArchitecture

from .building import Builder

identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
long_identifiers = st.builds(
    lambda letter, length: letter * length, st.sampled_from(string.ascii_lowercase), st.integers(1, 64) | st.integers(50, 64)
)
"""of every length there may be, so that lines break wherever they can"""


@st.composite
def valid_designs(draw: st.DrawFn, max_steps: int = 6, long_ids: bool = False) -> ModelArchitecture:
    """A valid design: a board, branches that grow and join, containers, heads and side tasks, in any order of components."""
    width = 8 * draw(st.integers(1, 4))
    heads = st.sampled_from([n for n in range(1, width + 1) if width % n == 0])
    meta = Defaults(d_model=width, n_heads=draw(heads), n_experts=draw(st.integers(1, 4)))
    builder = Builder(draw, meta, long_identifiers if long_ids else identifiers)
    builder.draw_network(max_steps)
    components = draw(st.permutations(builder.components))
    edges = sorted(builder.edges, key=lambda edge: draw(st.integers(0, 3))) if draw(st.booleans()) else builder.edges
    return ModelArchitecture(id=builder.new_id(), meta=meta, components=components, edges=_in_input_order(edges, builder.edges))


def _in_input_order(edges: list[tuple[str, str]], original: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Edges in the order of `edges`, except that those of one target keep their order among themselves, which has a meaning."""
    waiting = {target: iter([edge for edge in original if edge[1] == target]) for _, target in original}
    return [next(waiting[target]) for _, target in edges]
