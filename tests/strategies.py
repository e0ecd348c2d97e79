"""Designs made up by Hypothesis: valid ones over the whole vocabulary, and ones with anything wrong."""

from __future__ import annotations

import ast
import string
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from shared_py.blocks import BLOCK_BY_TYPE, BLOCKS
from shared_py.blocks.base import Site
from shared_py.design import MAX_DEPTH, Component, Defaults, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.resolution import resolve
from shared_py.shapes import BOARD, Signal, is_tokens, numbers_of, width_of, with_width

ROOT = Path(__file__).parent.parent

identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
long_identifiers = st.builds(
    lambda letter, length: letter * length, st.sampled_from(string.ascii_lowercase), st.integers(1, 64) | st.integers(50, 64)
)
"""of every length there may be, so that lines break wherever they can"""


def exported_modules() -> set[str]:
    """What generated text may import: the names `backend.models` exports, read without importing torch."""
    tree = ast.parse((ROOT / "backend" / "models" / "__init__.py").read_text())
    (exports,) = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    return set(ast.literal_eval(exports))


def torch_modules() -> set[str]:
    """The modules of `torch.nn`, read without importing torch."""
    found = find_spec("torch")
    assert found is not None
    assert found.origin is not None
    tree = ast.parse((Path(found.origin).parent / "nn" / "modules" / "__init__.py").read_text())
    return {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}


# --- valid designs --------------------------------------------------------------------------------------------


@st.composite
def valid_designs(draw: st.DrawFn, max_steps: int = 6, long_ids: bool = False) -> ModelArchitecture:
    """A valid design: a board, branches that grow and join, containers, heads and side tasks, in any order of components."""
    width = 8 * draw(st.integers(1, 4))
    heads = st.sampled_from([n for n in range(1, width + 1) if width % n == 0])
    meta = Defaults(d_model=width, n_heads=draw(heads), n_experts=draw(st.integers(1, 4)))
    builder = _Builder(draw, meta, long_identifiers if long_ids else identifiers)
    builder.draw_network(max_steps)
    components = draw(st.permutations(builder.components))
    edges = sorted(builder.edges, key=lambda edge: draw(st.integers(0, 3))) if draw(st.booleans()) else builder.edges
    return ModelArchitecture(id=builder.new_id(), meta=meta, components=components, edges=_in_input_order(edges, builder.edges))


def _in_input_order(edges: list[tuple[str, str]], original: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Edges in the order of `edges`, except that those of one target keep their order among themselves, which has a meaning."""
    waiting = {target: iter([edge for edge in original if edge[1] == target]) for _, target in original}
    return [next(waiting[target]) for _, target in edges]


class _Stem(NamedTuple):
    """The end of a branch: its component (none yet: what arrives in a container), what leaves it, whether it calls a module."""

    name: str | None
    signal: Signal
    computed: bool = False


class _Definition(NamedTuple):
    """A subnetwork that can be linked to."""

    name: str
    place: str | None
    entry: Signal
    leaves: Signal


class _Place:
    """The drawing itself, or the inside of a container, while it grows.

    In a place that `keeps`, every branch gives what arrives, as a repetition needs.
    """

    def __init__(self, name: str | None, entry: _Stem, depth: int, keeps: bool) -> None:
        self.name, self.entry, self.depth, self.keeps = name, entry, depth, keeps
        self.stems: list[_Stem] = []
        self.followed: set[str] = set()
        """components that another one follows, ends aside"""

    @property
    def loose(self) -> list[_Stem]:
        """The branches that have not been joined."""
        return [stem for stem in self.stems if stem.name not in self.followed]


MOST_NUMBERS = 2500
"""of one board in one signal"""
MOST_COMPONENTS = 40


class _Builder:
    """Grows a design from its board downwards, always by what fits."""

    def __init__(self, draw: st.DrawFn, meta: Defaults, ids: st.SearchStrategy[str]) -> None:
        self.draw, self.meta, self.ids = draw, meta, ids
        self.components: list[Component] = []
        self.edges: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.definitions: list[_Definition] = []

    def draw_network(self, max_steps: int) -> None:
        """Draw a whole design."""
        top = _Place(None, _Stem(None, BOARD), 0, keeps=False)
        board = self.place(top, "board_input", {})
        top.entry = board
        top.stems = [self.start(top)]
        self.grow(top, self.draw(st.integers(0, max_steps)))
        self.end(top)

    # --- placing

    def new_id(self) -> str:
        name = self.draw(self.ids)
        while name in self.names:
            name = f"{name[:58]}_{len(self.names)}"
        self.names.add(name)
        return name

    def add(self, place: _Place, kind: str, props: dict[str, Any], *sources: _Stem, name: str | None = None) -> str:
        """Put a component down and join it to what feeds it."""
        name = name or self.new_id()
        self.components.append(Component(id=name, type=kind, props=props, inside=place.name))
        for source in sources:
            if source.name is not None:
                self.edges.append((source.name, name))
                if BLOCK_BY_TYPE[kind].role is None:
                    place.followed.add(source.name)
        return name

    def place(self, place: _Place, kind: str, props: dict[str, Any], *sources: _Stem) -> _Stem:
        """Put a component down; the block itself says what leaves it."""
        name = self.add(place, kind, props, *sources)
        block = resolve(self.components[-1], self.meta).block
        assert block is not None, self.components[-1]
        site = Site(name, tuple(stem.signal for stem in sources), ("",) * len(sources), self.meta.d_model)
        computed = kind not in ("board_input", "add", "concat", "grad_checkpoint")
        return _Stem(name, block.output(site), computed)

    def options(self, **values: st.SearchStrategy[Any]) -> dict[str, Any]:
        """Give each property a value, or leave it to its default."""
        return self.draw(st.fixed_dictionaries({}, optional=values))

    def choose(self, values: Any) -> Any:
        return self.draw(st.sampled_from(list(values)))

    # --- growing

    def start(self, place: _Place) -> _Stem:
        """Turn boards into values: by an embedding, or by a container that holds one."""
        if place.depth < 2 and self.draw(st.integers(0, 7)) == 7:
            return self._subnetwork(place, place.entry)
        return self._embedding(place, place.entry)

    def grow(self, place: _Place, steps: int) -> None:
        """Lengthen, branch and join, a step at a time."""
        for _ in range(steps):
            if len(self.components) > MOST_COMPONENTS:
                return
            stem = self.choose(place.stems[::-1])
            kind = self.choose(self.kinds(place, stem))
            grown = getattr(self, f"_{kind}")(place, stem)
            if grown is not None:
                place.stems.append(grown)

    def kinds(self, place: _Place, stem: _Stem) -> list[str]:
        """What can follow a branch here."""
        width, small = width_of(stem.signal), numbers_of(stem.signal) <= MOST_NUMBERS
        found = ["linear", "layer_norm", "rms_norm", "activation", "dropout", "aux_loss_head"]
        if is_tokens(stem.signal) and width % 8 == 0:
            found += ["transformer_layer", "attention", "moe_layer", "routed"]
        if stem.signal.grid is not None:
            found += ["conv2d"]
        if stem.computed:
            found += ["grad_checkpoint"] * 2
        if self.alike(place, stem):
            found += ["add"] * 2
        if place.depth < 3:
            found += ["repeat", *["subnetwork"] * 3]
        if self.linkable(place, stem):
            found += ["linked"] * 12
        if not place.keeps:
            found += ["pool"] if is_tokens(stem.signal) else []
            found += ["concat_features"] * (small and len(self.beside(place, stem)) > 0)
            found += ["concat_cells"] * (small and len(self.below(place, stem)) > 0)
            found += ["embedding"] * (place.entry.signal.kind == "board")
        return found

    def alike(self, place: _Place, stem: _Stem) -> list[_Stem]:
        return [other for other in place.stems if other.name != stem.name and other.signal == stem.signal]

    def beside(self, place: _Place, stem: _Stem) -> list[_Stem]:
        return [
            other
            for other in place.stems
            if other.name != stem.name and with_width(other.signal, 1) == with_width(stem.signal, 1)
        ]

    def below(self, place: _Place, stem: _Stem) -> list[_Stem]:
        if not is_tokens(stem.signal):
            return []
        same = width_of(stem.signal)
        return [o for o in place.stems if o.name != stem.name and is_tokens(o.signal) and width_of(o.signal) == same]

    def several(self, stem: _Stem, others: list[_Stem]) -> list[_Stem]:
        """A branch and one to three others, in any order; what arrives in a container has no edge, so it joins nothing."""
        chosen = self.draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True))
        return self.draw(st.permutations([stem, *chosen]))

    # --- blocks

    def width(self, stem: _Stem) -> dict[str, Any]:
        """The width a block of tokens has to be told: the design's own, or another."""
        width = width_of(stem.signal)
        return self.options(d_model=st.just(width)) if width == self.meta.d_model else {"d_model": width}

    def heads(self, stem: _Stem) -> dict[str, Any]:
        width = width_of(stem.signal)
        divisors = st.sampled_from([n for n in range(1, min(width, 64) + 1) if width % n == 0])
        fits = width % self.meta.n_heads == 0
        return self.options(n_heads=divisors) if fits else {"n_heads": self.draw(divisors)}

    def _embedding(self, place: _Place, stem: _Stem) -> _Stem:
        props = self.options(
            d_model=st.integers(1, 4).map(lambda n: 8 * n),
            num_embeddings=st.integers(18, 20),
            position=choices("embedding", "position"),
            lookahead=st.booleans(),
            cls_token=st.booleans(),
            dropout=dropouts,
        )
        return self.place(place, "embedding", props, place.entry)

    def _transformer_layer(self, place: _Place, stem: _Stem) -> _Stem:
        props = self.options(
            dim_feedforward=st.integers(1, 48),
            dropout=dropouts,
            activation=choices("transformer_layer", "activation"),
            layer_norm_eps=epsilons,
            norm_first=st.booleans(),
            bias=st.booleans(),
        )
        return self.place(place, "transformer_layer", self.width(stem) | self.heads(stem) | props, stem)

    def _attention(self, place: _Place, stem: _Stem) -> _Stem:
        props = self.options(dropout=dropouts, bias=st.booleans())
        return self.place(place, "attention", self.width(stem) | self.heads(stem) | props, stem)

    def _moe_layer(self, place: _Place, stem: _Stem) -> _Stem:
        props = self.options(n_experts=st.integers(1, 8))
        return self.place(place, "moe_layer", self.width(stem) | self.experts() | props, stem)

    def experts(self) -> dict[str, Any]:
        return self.options(
            dim_feedforward=st.integers(1, 24),
            activation=choices("moe_layer", "activation"),
            bias=st.booleans(),
            num_shared_experts=st.integers(0, 4),
            residual=st.booleans(),
            layer_norm_eps=epsilons,
        )

    def _routed(self, place: _Place, stem: _Stem) -> _Stem:
        """A router and one or two mixtures that follow it, recomputed or not."""
        experts = self.draw(st.integers(1, 8))
        width = {"d_model": width_of(stem.signal)}
        props = self.options(
            norm_topk_prob=st.booleans(),
            score_func=choices("load_balance_router", "score_func"),
            bias=st.booleans(),
            router_jitter_noise=st.floats(0, 0.5),
            reward_coef=st.floats(0, 1),
            router_z_loss_coef=st.floats(0, 1),
        )
        props |= {"n_experts": experts, "top_k": self.draw(st.integers(1, experts))}
        router = self.place(place, "load_balance_router", width | props, stem)
        if self.draw(st.integers(0, 3)) == 3:
            router = self._grad_checkpoint(place, router)
        first = self.place(place, "moe_layer", width | self.experts() | {"n_experts": experts}, router)
        if self.draw(st.integers(0, 3)) == 3:
            place.stems.append(self.place(place, "moe_layer", width | self.experts() | {"n_experts": experts}, router))
        return first

    def _conv2d(self, place: _Place, stem: _Stem) -> _Stem:
        signal = stem.signal
        assert signal.grid is not None
        width, dilation = width_of(signal), self.draw(st.integers(1, 3))
        channels = width if place.keeps else self.draw(st.integers(1, 24))
        valid = not place.keeps and self.draw(st.booleans())
        kernels = [
            kernel
            for kernel in properties_of(BLOCK_BY_TYPE["conv2d"])["kernel_size"].choices or []
            if not valid
            or all(dilation * (int(size) - 1) < side for size, side in zip(kernel.split("x"), signal.grid, strict=True))
        ]
        props = {"kernel_size": self.choose(kernels), "dilation": dilation, "out_channels": channels}
        if channels == self.meta.d_model and self.draw(st.booleans()):
            del props["out_channels"]
        if valid:
            props |= {"padding": "valid", "stride": self.draw(st.integers(1, 4))}
        groups = st.sampled_from([n for n in range(1, width + 1) if width % n == 0 and channels % n == 0])
        return self.place(place, "conv2d", props | self.options(groups=groups, bias=st.booleans()), stem)

    def _linear(self, place: _Place, stem: _Stem) -> _Stem:
        width = width_of(stem.signal) if place.keeps else self.draw(st.integers(1, 32) | st.just(self.meta.d_model))
        leave_out = width == self.meta.d_model and self.draw(st.booleans())
        props = {} if leave_out else {"out_features": width}
        return self.place(place, "linear", props | self.options(bias=st.booleans()), stem)

    def _layer_norm(self, place: _Place, stem: _Stem) -> _Stem:
        props = self.options(eps=epsilons, elementwise_affine=st.booleans(), bias=st.booleans())
        return self.place(place, "layer_norm", props, stem)

    def _rms_norm(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "rms_norm", self.options(eps=epsilons, elementwise_affine=st.booleans()), stem)

    def _activation(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "activation", self.options(activation=choices("activation", "activation")), stem)

    def _dropout(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "dropout", self.options(p=dropouts), stem)

    def _grad_checkpoint(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "grad_checkpoint", {}, stem)

    def _pool(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "pool", self.options(pool=self.pools(stem)), stem)

    def pools(self, stem: _Stem) -> st.SearchStrategy[str]:
        """Ways of pooling that fit; all of them where one vector arrives, which is not pooled."""
        kinds = properties_of(BLOCK_BY_TYPE["pool"])["pool"].choices or []
        fitting = not is_tokens(stem.signal) or stem.signal.cls_token
        return st.sampled_from([kind for kind in kinds if fitting or kind != "cls"])

    def _add(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "add", {}, *self.several(stem, self.alike(place, stem)))

    def _concat_features(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "concat", self.options(dim=st.just("features")), *self.several(stem, self.beside(place, stem)))

    def _concat_cells(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "concat", {"dim": "cells"}, *self.several(stem, self.below(place, stem)))

    # --- containers

    def _repeat(self, place: _Place, stem: _Stem) -> _Stem:
        times = self.draw(st.integers(1, 3))
        props = self.options(share_weights=st.booleans()) | ({} if times == 2 and self.draw(st.booleans()) else {"times": times})
        name = self.add(place, "repeat", props, stem)
        return _Stem(name, self.fill(place, name, stem, keeps=True), computed=True)

    def _subnetwork(self, place: _Place, stem: _Stem) -> _Stem:
        name = self.add(place, "subnetwork", {}, stem)
        leaves = self.fill(place, name, stem, keeps=place.keeps)
        self.definitions.append(_Definition(name, place.name, stem.signal, leaves))
        return _Stem(name, leaves, computed=True)

    def fill(self, place: _Place, name: str, stem: _Stem, *, keeps: bool) -> Signal:
        """Draw what lies inside a container; gives what leaves it."""
        inside = _Place(name, _Stem(None, stem.signal), place.depth + 1, keeps)
        if stem.signal.kind == "board":
            inside.stems = [self.start(inside)]
        else:
            inside.stems = [inside.entry]
            while len(inside.stems) == 1:
                self.grow(inside, 1)
            del inside.stems[0]
        self.grow(inside, self.draw(st.integers(0, 2)))
        return self.join(inside).signal

    def linkable(self, place: _Place, stem: _Stem) -> list[_Definition]:
        return [
            found
            for found in self.definitions
            if found.entry == stem.signal and (not place.keeps or found.leaves == stem.signal) and found.name != place.name
        ]

    def _linked(self, place: _Place, stem: _Stem) -> _Stem:
        chosen = self.choose(self.linkable(place, stem))
        props: dict[str, Any] = {"definition": chosen.name}
        if chosen.place == place.name:
            props["share_weights"] = self.draw(st.booleans())
        return _Stem(self.add(place, "subnetwork", props, stem), chosen.leaves, computed=True)

    # --- joining and ending

    def join(self, place: _Place) -> _Stem:
        """Make the branches of a place one; only ends may follow it."""
        while len(place.loose) > 1:
            first, second, *_ = place.loose
            if first.signal == second.signal:
                joined = self.place(place, "add", {}, first, second)
            elif second in self.beside(place, first):
                joined = self.place(place, "concat", {}, first, second)
            else:
                vectors = [self._pool_by_mean(place, stem) if is_tokens(stem.signal) else stem for stem in (first, second)]
                joined = self.place(place, "concat", {}, *vectors)
            place.stems.append(joined)
        return place.loose[0]

    def _pool_by_mean(self, place: _Place, stem: _Stem) -> _Stem:
        return self.place(place, "pool", {"pool": "mean"}, stem)

    def _aux_loss_head(self, place: _Place, stem: _Stem) -> None:
        props = self.options(
            target=choices("aux_loss_head", "target"), coef=st.floats(0, 10), detach=st.booleans(), pool=self.pools(stem)
        )
        self.add(place, "aux_loss_head", self.layers() | props, stem)

    def layers(self) -> dict[str, Any]:
        """Hidden layers of a head."""
        sizes = st.lists(st.integers(1, 12), max_size=3)
        return self.options(hidden_sizes=sizes, activation=choices("action_output", "activation"))

    def end(self, place: _Place) -> None:
        """Give the design its outputs, so that every branch leads to one."""
        last = self.join(place)
        gains = st.sampled_from([0, 0.01, 0.08, 1, 2.5])
        self.add(place, "action_output", self.layers() | self.options(pool=self.pools(last), init_gain=gains), last)
        for kind, chance in (("action_output", 5), ("value_output", 1), ("value_output", 5)):
            if self.draw(st.integers(0, chance)) == chance:
                stem = self.choose(place.stems)
                self.add(place, kind, self.layers() | self.options(pool=self.pools(stem), init_gain=gains), stem)


dropouts = st.sampled_from([0, 0.1, 0.5, 0.9])
epsilons = st.sampled_from([1e-6, 1e-5, 1e-3])


def choices(kind: str, name: str) -> st.SearchStrategy[str]:
    """The values a property may take."""
    return st.sampled_from(properties_of(BLOCK_BY_TYPE[kind])[name].choices or [])


# --- any drawings ---------------------------------------------------------------------------------------------


def property_values(rule: Property, names: list[str]) -> st.SearchStrategy[Any]:
    """Values of a property inside its bounds and out of them."""
    if rule.choices:
        return st.sampled_from([*rule.choices, "other"])
    if rule.type == "boolean":
        return st.booleans()
    low, high = rule.minimum or 0, rule.maximum or 1000
    if rule.type == "integers":
        return st.lists(st.integers(int(rule.minimum or 0) - 1, 40), max_size=(rule.max_items or 0) + 1)
    if rule.type == "component":
        return st.none() | st.sampled_from(names) | st.sampled_from(["nobody", "Not an id"])
    if rule.type == "integer":
        return st.integers(int(low) - 3, min(int(high) + 3, 200))
    return st.floats(low - 1, high + 1, allow_nan=False)


def drawings() -> st.SearchStrategy[ModelArchitecture]:
    """Sound documents of any kind, most of them with problems: the input of the validator and the store."""
    return st.one_of(_scribbles(), _altered(), _altered())


@st.composite
def _altered(draw: st.DrawFn) -> ModelArchitecture:
    """A valid design after a few changes of any kind."""
    design = draw(valid_designs(max_steps=4))
    for _ in range(draw(st.integers(1, 3))):
        components = {component.id: component for component in design.components}
        edges = list(design.edges)
        names = list(components)
        one, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        match draw(st.sampled_from(["cut", "join", "join", "move", "set", "set", "link", "delete", "default"])):
            case "cut" if edges:
                edges.remove(draw(st.sampled_from(edges)))
            case "join" if (one, other) not in edges:
                edges.append((one, other))
            case "move":
                inside = draw(st.none() | st.just(other))
                components[one] = msgspec.structs.replace(components[one], inside=inside)
            case "set":
                components[one] = _set_one(draw, components[one], names)
            case "link" if containers := [name for name in names if BLOCK_BY_TYPE[components[name].type].container]:
                link = {"definition": draw(st.sampled_from(containers)), "share_weights": draw(st.booleans())}
                components[one] = msgspec.structs.replace(components[one], type="subnetwork", props=link)
            case "delete":
                del components[one]
                edges = [edge for edge in edges if one not in edge]
            case "default":
                design = msgspec.structs.replace(
                    design, meta=msgspec.structs.replace(design.meta, d_model=draw(st.integers(1, 40)))
                )
        design = msgspec.structs.replace(design, components=nested_soundly(list(components.values())), edges=edges)
        if not components:
            break
    return design


def _set_one(draw: st.DrawFn, component: Component, names: list[str]) -> Component:
    """Give one property of a component another value, within its bounds or not."""
    rules = list(properties_of(BLOCK_BY_TYPE[component.type]).values())
    if not rules:
        return component
    rule = draw(st.sampled_from(rules))
    return msgspec.structs.replace(component, props=component.props | {rule.name: draw(property_values(rule, names))})


@st.composite
def _scribbles(draw: st.DrawFn) -> ModelArchitecture:
    """Blocks, properties, places and edges at random."""
    names = draw(st.lists(identifiers, max_size=8, unique=True))
    components = []
    for name in names:
        block = draw(st.sampled_from(BLOCKS))
        rules = properties_of(block)
        chosen = draw(st.lists(st.sampled_from(list(rules)), unique=True)) if rules else []
        props = {rule: draw(property_values(rules[rule], names)) for rule in chosen}
        inside = draw(st.none() | st.sampled_from(names))
        spot = st.integers(-500, 500)
        components.append(Component(id=name, type=block.type, props=props, x=draw(spot), y=draw(spot), inside=inside))
    pairs = [(a, b) for a in names for b in names]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    integers = st.integers(-8, 300)
    meta = Defaults(d_model=draw(integers), n_heads=draw(integers), n_experts=draw(st.integers(-1, 10)))
    return ModelArchitecture(id="d1", meta=meta, components=nested_soundly(components), edges=edges)


def nested_soundly(components: list[Component]) -> list[Component]:
    """Take components out of what is not there, out of themselves, and out of what is too deep: a document has none of it."""
    inside = {component.id: component.inside for component in components}
    for name in inside:
        depth, place = 0, inside[name]
        while place in inside and depth < MAX_DEPTH:
            depth, place = depth + 1, inside[place]
        if place is not None:
            inside[name] = None
    return [msgspec.structs.replace(component, inside=inside[component.id]) for component in components]
