"""A design while it grows: its places, their branches, what has been put down, and what fits what."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import BlockContext
from shared_py.design import Component, Defaults
from shared_py.resolution import resolve
from shared_py.shapes import Signal, is_tokens, width_of, with_width


class Stem(NamedTuple):
    """The end of a branch: its component (none yet: what arrives in a container), what leaves it, whether it calls a module."""

    name: str | None
    signal: Signal
    computed: bool = False


class Definition(NamedTuple):
    """A subnetwork that can be linked to."""

    name: str
    place: str | None
    entry: Signal
    leaves: Signal


class Place:
    """The design itself, or the inside of a container, while it grows.

    In a place that `keeps`, every branch gives what arrives, as a repetition needs.
    """

    def __init__(self, name: str | None, entry: Stem, depth: int, keeps: bool) -> None:
        self.name, self.entry, self.depth, self.keeps = name, entry, depth, keeps
        self.stems: list[Stem] = []
        self.followed: set[str] = set()
        """components that another one follows, ends aside"""

    @property
    def loose(self) -> list[Stem]:
        """The branches that have not been joined."""
        return [stem for stem in self.stems if stem.name not in self.followed]


class Growth:
    """What has been put down so far, and the means to put down more."""

    def __init__(self, draw: st.DrawFn, meta: Defaults, ids: st.SearchStrategy[str]) -> None:
        self.draw, self.meta, self.ids = draw, meta, ids
        self.components: list[Component] = []
        self.edges: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.definitions: list[Definition] = []

    # --- placing

    def new_id(self) -> str:
        name = self.draw(self.ids)
        while name in self.names:
            name = f"{name[:58]}_{len(self.names)}"
        self.names.add(name)
        return name

    def add(self, place: Place, kind: str, props: dict[str, Any], *sources: Stem, name: str | None = None) -> str:
        """Put a component down and join it to what feeds it."""
        name = name or self.new_id()
        self.components.append(Component(id=name, type=kind, props=props, inside=place.name))
        for source in sources:
            if source.name is not None:
                self.edges.append((source.name, name))
                if BLOCK_BY_TYPE[kind].role is None:
                    place.followed.add(source.name)
        return name

    def place(self, place: Place, kind: str, props: dict[str, Any], *sources: Stem) -> Stem:
        """Put a component down; the block itself says what leaves it."""
        name = self.add(place, kind, props, *sources)
        block = resolve(self.components[-1], self.meta).block
        assert block is not None, self.components[-1]
        context = BlockContext(name, tuple(stem.signal for stem in sources), ("",) * len(sources), self.meta.d_model)
        computed = kind not in ("board_input", "add", "multiply", "concat", "grad_checkpoint")
        return Stem(name, block.output(context), computed)

    def options(self, **values: st.SearchStrategy[Any]) -> dict[str, Any]:
        """Give each property a value, or leave it to its default."""
        return self.draw(st.fixed_dictionaries({}, optional=values))

    def choose(self, values: Any) -> Any:
        return self.draw(st.sampled_from(list(values)))

    # --- what fits a branch

    def alike(self, place: Place, stem: Stem) -> list[Stem]:
        return [other for other in place.stems if other.name != stem.name and other.signal == stem.signal]

    def beside(self, place: Place, stem: Stem) -> list[Stem]:
        return [
            other
            for other in place.stems
            if other.name != stem.name and with_width(other.signal, 1) == with_width(stem.signal, 1)
        ]

    def below(self, place: Place, stem: Stem) -> list[Stem]:
        if not is_tokens(stem.signal):
            return []
        same = width_of(stem.signal)
        return [o for o in place.stems if o.name != stem.name and is_tokens(o.signal) and width_of(o.signal) == same]

    def several(self, stem: Stem, others: list[Stem]) -> list[Stem]:
        """A branch and one to three others, in any order; what arrives in a container has no edge, so it joins nothing."""
        chosen = self.draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True))
        return self.draw(st.permutations([stem, *chosen]))

    def linkable(self, place: Place, stem: Stem) -> list[Definition]:
        return [
            found
            for found in self.definitions
            if found.entry == stem.signal and (not place.keeps or found.leaves == stem.signal) and found.name != place.name
        ]
