"""The builder of valid designs: what can follow a branch, and how each block is put down with all its properties."""

from typing import Any

from hypothesis import strategies as st

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.properties import properties_of
from shared_py.shapes import BOARD, Signal, is_tokens, numbers_of, width_of

from .growing import Definition, Growth, Place, Stem

MAX_NUMBERS = 2500
"""of one board in one signal"""
MAX_JUDGED_COMPONENTS = 40


class Builder(Growth):
    """Grows a design from its board downwards, always by what fits."""

    def draw_network(self, max_steps: int) -> None:
        """Draw a whole design."""
        top = Place(None, Stem(None, BOARD), 0, keeps=False)
        board = self.place(top, "board_input", {})
        top.entry = board
        top.stems = [self.start(top)]
        self.grow(top, self.draw(st.integers(0, max_steps)))
        self.end(top)

    # --- growing

    def start(self, place: Place) -> Stem:
        """Turn boards into values: by an embedding, or by a container that holds one."""
        if place.depth < 2 and self.draw(st.integers(0, 7)) == 7:
            return self._subnetwork(place, place.entry)
        if self.draw(st.integers(0, 5)) == 5:
            return self._n_tuple(place, place.entry)
        return self._embedding(place, place.entry)

    def grow(self, place: Place, steps: int) -> None:
        """Lengthen, branch and join, a step at a time."""
        for _ in range(steps):
            if len(self.components) > MAX_JUDGED_COMPONENTS:
                return
            stem = self.choose(place.stems[::-1])
            kind = self.choose(self.kinds(place, stem))
            grown = getattr(self, f"_{kind}")(place, stem)
            if grown is not None:
                place.stems.append(grown)

    def kinds(self, place: Place, stem: Stem) -> list[str]:
        """What can follow a branch here."""
        width, small = width_of(stem.signal), numbers_of(stem.signal) <= MAX_NUMBERS
        found = ["linear", "layer_norm", "rms_norm", "activation", "dropout", "aux_loss_head"]
        if width % 8 == 0:
            found += ["moe_layer", "routed"]
            found += ["transformer_layer", "attention"] if is_tokens(stem.signal) else []
        if stem.signal.grid is not None:
            found += ["conv2d"]
            found += ["max_pool2d"] * (not place.keeps and bool(self.windows(stem)))
        if stem.computed:
            found += ["grad_checkpoint"] * 2
        if self.alike(place, stem):
            found += ["add", "multiply"] * 2
        if place.depth < 3:
            found += ["repeat", *["subnetwork"] * 3]
        if self.linkable(place, stem):
            found += ["linked"] * 12
        if not place.keeps:
            found += ["pool"] if is_tokens(stem.signal) else ["broadcast"] * 2
            found += ["concat_features"] * (small and len(self.beside(place, stem)) > 0)
            found += ["concat_cells"] * (small and len(self.below(place, stem)) > 0)
            found += ["embedding", "n_tuple"] * (place.entry.signal.kind == "board")
        return found

    # --- blocks

    def width(self, stem: Stem) -> dict[str, Any]:
        """The width a block of tokens has to be told: the design's own, or another."""
        width = width_of(stem.signal)
        return self.options(d_model=st.just(width)) if width == self.meta.d_model else {"d_model": width}

    def heads(self, stem: Stem) -> dict[str, Any]:
        width = width_of(stem.signal)
        divisors = st.sampled_from([n for n in range(1, min(width, 64) + 1) if width % n == 0])
        fits = width % self.meta.n_heads == 0
        props = self.options(n_heads=divisors) if fits else {"n_heads": self.draw(divisors)}
        heads = props.get("n_heads", self.meta.n_heads)
        groups = st.sampled_from([n for n in range(1, heads + 1) if heads % n == 0])
        turned = self.options(rotary=st.booleans(), rope_theta=st.sampled_from([1, 100.0])) if width // heads % 2 == 0 else {}
        return props | turned | self.options(num_key_value_heads=groups)

    def _embedding(self, place: Place, stem: Stem) -> Stem:
        if self.draw(st.integers(0, 4)) == 4:
            return self._plain_board(place)
        props = self.options(
            d_model=st.integers(1, 4).map(lambda n: 8 * n),
            num_embeddings=st.integers(18, 20),
            position=choices("embedding", "position"),
            lookahead=st.booleans(),
            cls_token=st.booleans(),
            dropout=dropouts,
        )
        return self.place(place, "embedding", props, place.entry)

    def _plain_board(self, place: Place) -> Stem:
        """Numbers of which no gradient is taken; what comes next has weights, which keep its input as the formulas say."""
        plain = {"encoding": self.choose(["one_hot", "scaled"])}
        props = self.options(num_classes=st.sampled_from([2, 8, 16]), divisor=st.sampled_from([1, 11.5]))
        stem = self.place(place, "embedding", plain | props, place.entry)
        return self._conv2d(place, stem) if self.draw(st.booleans()) else self._linear(place, stem)

    def _n_tuple(self, place: Place, stem: Stem) -> Stem:
        cells = st.lists(st.integers(0, 15), min_size=1, max_size=3, unique=True)
        props = self.options(
            patterns=st.lists(cells, min_size=1, max_size=2),
            symmetric=st.booleans(),
            out_features=st.sampled_from([1, 3, 8, 16]),
            initial_value=st.sampled_from([0.5, 12]),
        )
        return self.place(place, "n_tuple", props, place.entry)

    def _transformer_layer(self, place: Place, stem: Stem) -> Stem:
        props = self.options(
            dim_feedforward=st.integers(1, 48),
            dropout=dropouts,
            activation=choices("transformer_layer", "activation"),
            layer_norm_eps=epsilons,
            norm_first=st.booleans(),
            bias=st.booleans(),
        )
        return self.place(place, "transformer_layer", self.width(stem) | self.heads(stem) | props, stem)

    def _attention(self, place: Place, stem: Stem) -> Stem:
        props = self.options(dropout=dropouts, bias=st.booleans())
        return self.place(place, "attention", self.width(stem) | self.heads(stem) | props, stem)

    def _moe_layer(self, place: Place, stem: Stem) -> Stem:
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
            norm=st.booleans(),
        )

    def _routed(self, place: Place, stem: Stem) -> Stem:
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

    def _conv2d(self, place: Place, stem: Stem) -> Stem:
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
        elif not place.keeps and numbers_of(signal) <= MAX_NUMBERS and self.draw(st.integers(0, 3)) == 3:
            props |= {"padding": "full", "dilation": 1, "stride": self.draw(st.integers(1, 4))}
        groups = st.sampled_from([n for n in range(1, width + 1) if width % n == 0 and channels % n == 0])
        return self.place(place, "conv2d", props | self.options(groups=groups, bias=st.booleans()), stem)

    def windows(self, stem: Stem) -> list[str]:
        """Kernels of a max pool that fit."""
        kernels = properties_of(BLOCK_BY_TYPE["max_pool2d"])["kernel_size"].choices or []
        grid = stem.signal.grid or (0, 0)
        return [kernel for kernel in kernels if all(int(n) <= side for n, side in zip(kernel.split("x"), grid, strict=True))]

    def _max_pool2d(self, place: Place, stem: Stem) -> Stem:
        kernel = self.choose(self.windows(stem))
        props = {} if kernel == "2x2" and self.draw(st.booleans()) else {"kernel_size": kernel}
        return self.place(place, "max_pool2d", props | self.options(stride=st.integers(1, 4)), stem)

    def _linear(self, place: Place, stem: Stem) -> Stem:
        width = width_of(stem.signal) if place.keeps else self.draw(st.integers(1, 32) | st.just(self.meta.d_model))
        leave_out = width == self.meta.d_model and self.draw(st.booleans())
        props = {} if leave_out else {"out_features": width}
        return self.place(place, "linear", props | self.options(bias=st.booleans()), stem)

    def _layer_norm(self, place: Place, stem: Stem) -> Stem:
        props = self.options(eps=epsilons, elementwise_affine=st.booleans(), bias=st.booleans())
        return self.place(place, "layer_norm", props, stem)

    def _rms_norm(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "rms_norm", self.options(eps=epsilons, elementwise_affine=st.booleans()), stem)

    def _activation(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "activation", self.options(activation=choices("activation", "activation")), stem)

    def _dropout(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "dropout", self.options(p=dropouts), stem)

    def _grad_checkpoint(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "grad_checkpoint", {}, stem)

    def _pool(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "pool", self.options(pool=self.pools(stem)), stem)

    def pools(self, stem: Stem) -> st.SearchStrategy[str]:
        """Ways of pooling that fit; all of them where one vector arrives, which is not pooled."""
        kinds = properties_of(BLOCK_BY_TYPE["pool"])["pool"].choices or []
        fitting = not is_tokens(stem.signal) or stem.signal.cls_token
        return st.sampled_from([kind for kind in kinds if fitting or kind != "cls"])

    def _add(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "add", {}, *self.several(stem, self.alike(place, stem)))

    def _multiply(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "multiply", {}, *self.several(stem, self.alike(place, stem)))

    def _broadcast(self, place: Place, stem: Stem) -> Stem:
        grid = self.draw(choices("broadcast", "grid"))
        props = {} if grid == "4x4" and self.draw(st.booleans()) else {"grid": grid}
        return self.place(place, "broadcast", props, stem)

    def _concat_features(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "concat", self.options(dim=st.just("features")), *self.several(stem, self.beside(place, stem)))

    def _concat_cells(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "concat", {"dim": "cells"}, *self.several(stem, self.below(place, stem)))

    # --- containers

    def _repeat(self, place: Place, stem: Stem) -> Stem:
        times = self.draw(st.integers(1, 3))
        props = self.options(share_weights=st.booleans()) | ({} if times == 2 and self.draw(st.booleans()) else {"times": times})
        name = self.add(place, "repeat", props, stem)
        return Stem(name, self.fill(place, name, stem, keeps=True), computed=True)

    def _subnetwork(self, place: Place, stem: Stem) -> Stem:
        name = self.add(place, "subnetwork", {}, stem)
        leaves = self.fill(place, name, stem, keeps=place.keeps)
        self.definitions.append(Definition(name, place.name, stem.signal, leaves))
        return Stem(name, leaves, computed=True)

    def fill(self, place: Place, name: str, stem: Stem, *, keeps: bool) -> Signal:
        """Draw what lies inside a container; gives what leaves it."""
        inside = Place(name, Stem(None, stem.signal), place.depth + 1, keeps)
        if stem.signal.kind == "board":
            inside.stems = [self.start(inside)]
        else:
            inside.stems = [inside.entry]
            while len(inside.stems) == 1:
                self.grow(inside, 1)
            del inside.stems[0]
        self.grow(inside, self.draw(st.integers(0, 2)))
        return self.join(inside).signal

    def _linked(self, place: Place, stem: Stem) -> Stem:
        chosen = self.choose(self.linkable(place, stem))
        props: dict[str, Any] = {"definition": chosen.name}
        if chosen.place == place.name:
            props["share_weights"] = self.draw(st.booleans())
        return Stem(self.add(place, "subnetwork", props, stem), chosen.leaves, computed=True)

    # --- joining and ending

    def join(self, place: Place) -> Stem:
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

    def _pool_by_mean(self, place: Place, stem: Stem) -> Stem:
        return self.place(place, "pool", {"pool": "mean"}, stem)

    def _aux_loss_head(self, place: Place, stem: Stem) -> None:
        props = self.options(
            target=choices("aux_loss_head", "target"), coef=st.floats(0, 10), detach=st.booleans(), pool=self.pools(stem)
        )
        self.add(place, "aux_loss_head", self.layers() | props, stem)

    def layers(self) -> dict[str, Any]:
        """Hidden layers of a head."""
        sizes = st.lists(st.integers(1, 12), max_size=3)
        return self.options(hidden_sizes=sizes, activation=choices("action_output", "activation"))

    def end(self, place: Place) -> None:
        """Give the design its outputs, so that every branch leads to one."""
        last = self.join(place)
        gains = st.sampled_from([0, 0.01, 0.08, 1, 2.5])
        self.add(place, "action_output", self.layers() | self.options(pool=self.pools(last), init_gain=gains), last)
        for kind, chance in (("action_output", 5), ("value_output", 1), ("value_output", 5)):
            if self.draw(st.integers(0, chance)) == chance:
                stem = self.choose(place.stems)
                if kind == "value_output" and self.draw(st.booleans()):
                    single = [other for other in place.stems if width_of(other.signal) == 1]
                    stem = self.choose(single) if single else self.place(place, "linear", {"out_features": 1}, stem)
                pool = self.options(pool=self.pools(stem))
                props = self.layers() | pool | self.options(init_gain=gains)
                if kind == "value_output" and is_one_number(stem.signal, pool.get("pool", "flatten")):
                    props = pool | self.options(linear=st.booleans())
                self.add(place, kind, props, stem)


dropouts = st.sampled_from([0, 0.1, 0.5, 0.9])
epsilons = st.sampled_from([1e-6, 1e-5, 1e-3])


def is_one_number(signal: Signal, pool: str) -> bool:
    """Whether pooling leaves a single number of a signal."""
    return (numbers_of(signal) if pool == "flatten" else width_of(signal)) == 1


def choices(kind: str, name: str) -> st.SearchStrategy[str]:
    """The values a property may take."""
    return st.sampled_from(properties_of(BLOCK_BY_TYPE[kind])[name].choices or [])
