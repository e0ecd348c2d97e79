"""Designs made up by Hypothesis: valid ones over the whole vocabulary, and ones with anything wrong."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from shared_py.blocks import BLOCKS
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.properties import Property, properties_of

BRANCH_TYPES = ("transformer_layer", "moe_layer", "routed", "grad_checkpoint", "add")

ROOT = Path(__file__).parent.parent

identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)


def exported_modules() -> set[str]:
    """What generated text may import: the names `backend.models` exports, read without importing torch."""
    tree = ast.parse((ROOT / "backend" / "models" / "__init__.py").read_text())
    (exports,) = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    return set(ast.literal_eval(exports))


def widths(maximum: int = 48) -> st.SearchStrategy[int]:
    """Model widths, small enough to build quickly."""
    return st.integers(1, maximum // 8).map(lambda n: 8 * n)


def optional(draw: st.DrawFn, props: dict[str, Any], name: str, values: st.SearchStrategy[Any]) -> None:
    """Give a property a value, or leave it to its default."""
    if draw(st.booleans()):
        props[name] = draw(values)


@st.composite
def valid_designs(draw: st.DrawFn, max_layers: int = 5) -> ModelArchitecture:
    """A valid design: an embedding, a trunk with branches, heads and side tasks, in any order of components."""
    width = draw(widths())
    divisors = [n for n in range(1, width + 1) if width % n == 0 and n <= 64]
    meta = Defaults(d_model=width, n_heads=draw(st.sampled_from(divisors)), n_experts=draw(st.integers(1, 4)))
    names = iter(draw(st.lists(identifiers, min_size=40, max_size=40, unique=True)))
    builder = _Builder(draw, names, meta, divisors)
    builder.trunk(draw(st.integers(0, max_layers)))
    builder.ends()
    components = draw(st.permutations(builder.components))
    return ModelArchitecture(id="d" + next(names), meta=meta, components=list(components), edges=builder.edges)


class _Builder:
    """Grows a design from its board downwards."""

    def __init__(self, draw: st.DrawFn, names: Any, meta: Defaults, divisors: list[int]) -> None:
        self.draw, self.names, self.meta, self.divisors = draw, names, meta, divisors
        self.components: list[Component] = []
        self.edges: list[tuple[str, str]] = []
        board = self.place("board_input", {})
        props: dict[str, Any] = {}
        optional(draw, props, "position", st.sampled_from(["learned", "sinusoidal", "none"]))
        optional(draw, props, "num_embeddings", st.integers(18, 20))
        optional(draw, props, "d_model", st.just(meta.d_model))
        self.stems = [self.place("embedding", props, board)]

    def place(self, kind: str, props: dict[str, Any], *sources: str) -> str:
        name: str = next(self.names)
        self.components.append(Component(id=name, type=kind, props=props))
        self.edges += [(source, name) for source in sources]
        return name

    def stem(self) -> str:
        return self.draw(st.sampled_from(self.stems))

    def trunk(self, layers: int) -> None:
        for _ in range(layers):
            kind = self.draw(st.sampled_from(BRANCH_TYPES))
            self.stems.append(getattr(self, f"_{kind}")())

    def _transformer_layer(self) -> str:
        props: dict[str, Any] = {}
        optional(self.draw, props, "n_heads", st.sampled_from(self.divisors))
        optional(self.draw, props, "dim_feedforward", st.integers(1, 96))
        optional(self.draw, props, "activation", st.sampled_from(["gelu", "relu"]))
        optional(self.draw, props, "norm_first", st.booleans())
        optional(self.draw, props, "bias", st.booleans())
        optional(self.draw, props, "layer_norm_eps", st.sampled_from([1e-6, 1e-5, 1e-3]))
        return self.place("transformer_layer", props, self.stem())

    def _moe_layer(self, *sources: str, **fixed: Any) -> str:
        props: dict[str, Any] = dict(fixed)
        optional(self.draw, props, "dim_feedforward", st.integers(1, 64))
        optional(self.draw, props, "activation", st.sampled_from(["gelu", "relu"]))
        optional(self.draw, props, "bias", st.booleans())
        return self.place("moe_layer", props, *(sources or (self.stem(),)))

    def _routed(self) -> str:
        experts = self.draw(st.integers(1, 8))
        props: dict[str, Any] = {"n_experts": experts, "top_k": self.draw(st.integers(1, experts))}
        optional(self.draw, props, "norm_topk_prob", st.booleans())
        optional(self.draw, props, "reward_coef", st.floats(0, 1))
        router = self.place("load_balance_router", props, self.stem())
        return self._moe_layer(router, n_experts=experts)

    def _grad_checkpoint(self) -> str:
        return self.place("grad_checkpoint", {}, self._transformer_layer())

    def _add(self) -> str:
        first = self._transformer_layer()
        others = [stem for stem in self.stems if stem != first]
        return self.place("add", {}, first, *self.draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True)))

    def ends(self) -> None:
        fed = {source for source, _ in self.edges}
        loose = [stem for stem in self.stems if stem not in fed]
        last = self.place("add", {}, *loose) if len(loose) > 1 else loose[0]
        pools = st.sampled_from(["flatten", "weighted", "mean"])
        self.place("action_output", {"pool": self.draw(pools)}, last)
        if self.draw(st.booleans()):
            self.place("value_output", {"pool": self.draw(pools)}, self.stem())
        if self.draw(st.booleans()):
            target = st.sampled_from(["empty_cells", "largest_exponent", "merge_count"])
            self.place("aux_loss_head", {"target": self.draw(target), "coef": self.draw(st.floats(0, 10))}, self.stem())


def property_values(rule: Property) -> st.SearchStrategy[Any]:
    """Values of a property inside its bounds and out of them."""
    if rule.choices:
        return st.sampled_from([*rule.choices, "other"])
    if rule.type == "boolean":
        return st.booleans()
    low, high = rule.minimum or 0, rule.maximum or 1000
    if rule.type == "integers":
        return st.lists(st.integers(int(rule.minimum or 0) - 1, 40), max_size=(rule.max_items or 0) + 1)
    if rule.type == "component":
        return st.none() | identifiers
    if rule.type == "integer":
        return st.integers(int(low) - 3, min(int(high) + 3, 200))
    return st.floats(low - 1, high + 1, allow_nan=False)


def drawings() -> st.SearchStrategy[ModelArchitecture]:
    """Sound documents of any kind, most of them with problems: the input of the validator and the store."""
    return st.one_of(_scribbles(), _rewired())


@st.composite
def _rewired(draw: st.DrawFn) -> ModelArchitecture:
    """A valid design with edges taken away and edges put anywhere."""
    design = draw(valid_designs())
    names = [component.id for component in design.components]
    kept = [edge for edge in design.edges if draw(st.integers(0, 9))]
    anywhere = st.tuples(st.sampled_from(names), st.sampled_from(names))
    more = [edge for edge in draw(st.lists(anywhere, max_size=4, unique=True)) if edge not in kept]
    return msgspec.structs.replace(design, edges=[*kept, *more])


@st.composite
def _scribbles(draw: st.DrawFn) -> ModelArchitecture:
    """Blocks, properties and edges at random."""
    names = draw(st.lists(identifiers, max_size=8, unique=True))
    components = []
    for name in names:
        block = draw(st.sampled_from(BLOCKS))
        rules = properties_of(block)
        chosen = draw(st.lists(st.sampled_from(list(rules)), unique=True)) if rules else []
        props = {rule: draw(property_values(rules[rule])) for rule in chosen}
        place = st.integers(-500, 500)
        components.append(Component(id=name, type=block.type, props=props, x=draw(place), y=draw(place)))
    pairs = [(a, b) for a in names for b in names]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    integers = st.integers(-8, 300)
    meta = Defaults(d_model=draw(integers), n_heads=draw(integers), n_experts=draw(st.integers(-1, 10)))
    return ModelArchitecture(id="d1", meta=meta, components=components, edges=edges)
