"""Drawings of published networks for 2048, and their numbers of parameters, computed from the sizes of the published layers.

docs/published-networks.md names the sources, and what a drawing does otherwise than the publication.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from shared_py.design import Component, Defaults, ModelArchitecture


class Published(NamedTuple):
    """A drawing, and what the published layers hold."""

    design: ModelArchitecture
    parameters: int


class Drawing:
    """A design that is drawn block by block; each block gets the number of its turn as its id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.components = [Component("board", "board_input")]
        self.edges: list[tuple[str, str]] = []

    def add(self, kind: str, *sources: str, inside: str | None = None, **props: Any) -> str:
        """Draw a block behind others; gives its id."""
        name = f"c{len(self.components)}"
        self.components.append(Component(name, kind, props, inside=inside))
        self.edges += [(source, name) for source in sources]
        return name

    def one_hot(self, num_classes: int = 16) -> str:
        return self.add("embedding", "board", encoding="one_hot", num_classes=num_classes)

    def exponents(self) -> str:
        return self.add("embedding", "board", encoding="scaled", divisor=1)

    def conv(self, source: str, channels: int, kernel_size: str = "2x2", padding: str = "valid", **props: Any) -> str:
        return self.add("conv2d", source, out_channels=channels, kernel_size=kernel_size, padding=padding, **props)

    def linear(self, source: str, width: int, **props: Any) -> str:
        return self.add("linear", source, out_features=width, **props)

    def bend(self, source: str, activation: str = "relu", **props: Any) -> str:
        return self.add("activation", source, activation=activation, **props)

    def flat(self, *sources: str) -> str:
        """All cells of all branches side by side."""
        vectors = [self.add("pool", source) for source in sources]
        return vectors[0] if len(vectors) == 1 else self.add("concat", *vectors)

    def actor(self, source: str, *hidden: int, activation: str = "gelu") -> None:
        layers = {"hidden_sizes": list(hidden), "activation": activation} if hidden else {}
        self.add("action_output", source, **layers)

    def critic(self, source: str, *hidden: int, activation: str = "gelu") -> None:
        layers = {"hidden_sizes": list(hidden), "activation": activation} if hidden else {}
        self.add("value_output", source, **layers)

    def no_critic(self) -> None:
        """A value without parameters, the largest tile: for a publication without a value."""
        self.add("value_output", self.add("pool", self.exponents(), pool="max"), linear=False)

    def design(self) -> ModelArchitecture:
        return ModelArchitecture(self.name, meta=Defaults(d_model=64), components=self.components, edges=self.edges)


def linear(inputs: int, *widths: int, bias: bool = True) -> int:
    """Parameters of linear maps one after the other."""
    sizes = (inputs, *widths)
    return sum((before + bias) * after for before, after in zip(sizes, widths, strict=False))


def conv(inputs: int, outputs: int, points: int, *, groups: int = 1, bias: bool = True) -> int:
    """Parameters of a convolution whose kernel has so many points."""
    return outputs * (inputs // groups * points + bias)


def norm(width: int) -> int:
    """Weight and bias of a batch norm or of a layer norm."""
    return 2 * width


def encoder_layer(d: int, f: int) -> int:
    """`torch.nn.TransformerEncoderLayer`."""
    return 4 * linear(d, d) + linear(d, f, d) + 2 * norm(d)


def pairs_dqn() -> Published:
    """Two layers of convolutions over pairs of cells; all of their results are read side by side."""
    drawing = Drawing("pairs_dqn")
    board, both = drawing.one_hot(), ("1x2", "2x1")
    first = [drawing.bend(drawing.conv(board, 128, kernel), "leaky_relu") for kernel in both]
    second = [drawing.bend(drawing.conv(source, 128, kernel), "leaky_relu") for source in first for kernel in both]
    drawing.actor(drawing.bend(drawing.linear(drawing.flat(*first, *second), 256), "leaky_relu"))
    drawing.no_critic()
    read = (2 * 12 + 2 * 8 + 2 * 9) * 128
    return Published(drawing.design(), 2 * conv(16, 128, 2) + 4 * conv(128, 128, 2) + linear(read, 256, 4))


def cnn_dqn() -> Published:
    drawing = Drawing("cnn_dqn")
    x = drawing.one_hot()
    for _ in range(3):
        x = drawing.bend(drawing.conv(x, 128, "3x3", "same"), "leaky_relu")
    drawing.actor(drawing.bend(drawing.linear(drawing.flat(x), 256), "leaky_relu"))
    drawing.no_critic()
    return Published(drawing.design(), conv(16, 128, 9) + 2 * conv(128, 128, 9) + linear(16 * 128, 256, 4))


def pooled_dqn() -> Published:
    drawing = Drawing("pooled_dqn")
    x = drawing.one_hot()
    for _ in range(3):
        x = drawing.add("max_pool2d", drawing.bend(drawing.conv(x, 128, "2x2", "full"), "leaky_relu"), stride=1)
    drawing.actor(drawing.bend(drawing.linear(drawing.flat(x), 256), "leaky_relu"))
    drawing.no_critic()
    return Published(drawing.design(), conv(16, 128, 4) + 2 * conv(128, 128, 4) + linear(16 * 128, 256, 4))


def depthwise_ppo() -> Published:
    """Depthwise convolutions over the whole board, its rows and its columns."""
    drawing = Drawing("depthwise_ppo")
    board, branches = drawing.one_hot(), []
    for kernel, width in (("4x4", 256), ("1x4", 64), ("4x1", 64)):
        x = drawing.bend(drawing.conv(board, 256, kernel, groups=16), "leaky_relu")
        branches.append(drawing.bend(drawing.linear(x, width), "leaky_relu"))
    x = drawing.bend(drawing.linear(drawing.flat(*branches), 1024), "leaky_relu")
    drawing.actor(x, 256, 64, activation="relu")
    drawing.critic(x, 256, 64, activation="relu")
    depthwise = conv(16, 256, 16, groups=16) + 2 * conv(16, 256, 4, groups=16)
    pointwise = linear(256, 256) + 2 * linear(256, 64)
    heads = linear(1024, 256, 64, 4) + linear(1024, 256, 64, 1)
    return Published(drawing.design(), depthwise + pointwise + linear(12 * 64, 1024) + heads)


def masked_ppo() -> Published:
    drawing = Drawing("masked_ppo")
    x = drawing.bend(drawing.conv(drawing.one_hot(), 128, "2x2", "full"))
    x = drawing.bend(drawing.linear(drawing.flat(drawing.bend(drawing.conv(x, 128))), 256))
    drawing.actor(x, 128, 128, activation="tanh")
    drawing.critic(x, 256, 256, activation="tanh")
    trunk = conv(16, 128, 4) + conv(128, 128, 4) + linear(16 * 128, 256)
    return Published(drawing.design(), trunk + linear(256, 128, 128, 4) + linear(256, 256, 256, 1))


def small_ppo() -> Published:
    drawing = Drawing("small_ppo")
    x = drawing.flat(drawing.bend(drawing.conv(drawing.one_hot(), 12, "2x2", "full")))
    drawing.actor(x, 128, 64, activation="relu")
    drawing.critic(x, 128, 64, activation="relu")
    return Published(drawing.design(), conv(16, 12, 4) + linear(25 * 12, 128, 64, 4) + linear(25 * 12, 128, 64, 1))


def jumanji_a2c() -> Published:
    drawing = Drawing("jumanji_a2c")
    board, towers = drawing.exponents(), []
    for _ in range(2):
        x = board
        for padding in ("valid", "valid", "same"):
            x = drawing.bend(drawing.conv(x, 32, "2x2", padding))
        towers.append(drawing.flat(x))
    drawing.actor(towers[0], 128, 128, activation="relu")
    drawing.critic(towers[1], 256, 256, activation="relu")
    tower = conv(1, 32, 4) + 2 * conv(32, 32, 4)
    return Published(drawing.design(), 2 * tower + linear(128, 128, 128, 4) + linear(128, 256, 256, 1))


def default_mlp() -> Published:
    drawing = Drawing("default_mlp")
    x = drawing.flat(drawing.exponents())
    drawing.actor(x, 64, 64, activation="tanh")
    drawing.critic(x, 64, 64, activation="tanh")
    return Published(drawing.design(), linear(16, 64, 64, 4) + linear(16, 64, 64, 1))


def one_token_transformer() -> Published:
    """The whole board is one token."""
    drawing = Drawing("one_token_transformer")
    x = drawing.add("broadcast", drawing.linear(drawing.flat(drawing.exponents()), 128), grid="1x1")
    layer = {"d_model": 128, "n_heads": 8, "dim_feedforward": 2048, "activation": "relu", "norm_first": False}
    for _ in range(4):
        x = drawing.add("transformer_layer", x, **layer)
    drawing.actor(x)
    drawing.no_critic()
    return Published(drawing.design(), linear(16, 128) + 4 * encoder_layer(128, 2048) + linear(128, 4))


def normed_reinforce() -> Published:
    drawing = Drawing("normed_reinforce")
    x = drawing.exponents()
    for turn in range(3):
        x = drawing.bend(drawing.add("layer_norm", drawing.conv(x, 32, "2x2", "full")))
        x = drawing.add("max_pool2d", x, stride=1) if turn else x
    drawing.actor(drawing.flat(x))
    drawing.no_critic()
    return Published(drawing.design(), conv(1, 32, 4) + 2 * conv(32, 32, 4) + 3 * norm(32) + linear(25 * 32, 4))


def normed_dqn() -> Published:
    drawing = Drawing("normed_dqn")
    x = drawing.exponents()
    for channels, kernel in ((64, "1x1"), (128, "2x2"), (128, "2x2")):
        x = drawing.bend(drawing.add("layer_norm", drawing.conv(x, channels, kernel)))
    drawing.actor(drawing.bend(drawing.linear(drawing.flat(x), 32)))
    drawing.no_critic()
    convolutions = conv(1, 64, 1) + conv(64, 128, 4) + conv(128, 128, 4)
    return Published(drawing.design(), convolutions + norm(64) + 2 * norm(128) + linear(4 * 128, 32, 4))


def residual_tower() -> Published:
    """AlphaZero's tower: a residual block is drawn once and repeated, its first activation belongs to the block before it."""
    drawing = Drawing("residual_tower")
    x = drawing.add("layer_norm", drawing.conv(drawing.exponents(), 16, "3x3", "same", bias=False))
    tower = drawing.add("repeat", x, times=6)
    entry = drawing.add("activation", activation="relu", inside=tower)
    y = entry
    for turn in range(2):
        y = drawing.add("conv2d", y, inside=tower, out_channels=16, bias=False)
        y = drawing.add("layer_norm", y, inside=tower)
        y = drawing.add("activation", y, activation="relu", inside=tower) if turn == 0 else y
    drawing.add("add", entry, y, inside=tower)
    x = drawing.conv(drawing.bend(tower), 4, "1x1", bias=False)
    drawing.actor(drawing.flat(drawing.bend(drawing.add("layer_norm", x))))
    drawing.no_critic()
    block = 2 * (conv(16, 16, 9, bias=False) + norm(16))
    ends = conv(1, 16, 9, bias=False) + norm(16) + conv(16, 4, 1, bias=False) + norm(4)
    return Published(drawing.design(), 6 * block + ends + linear(4 * 16, 4))


def wide_pairs_value() -> Published:
    """The value alone: the sum of four maps."""
    drawing = Drawing("wide_pairs_value")
    board, both, parts = drawing.one_hot(), ("2x1", "1x2"), []
    for kernel in both:
        x = drawing.bend(drawing.conv(board, 512, kernel))
        parts += [drawing.linear(drawing.flat(drawing.bend(drawing.conv(x, 4096, other))), 1) for other in both]
    drawing.add("value_output", drawing.add("add", *parts), linear=False)
    second = 4 * conv(512, 4096, 2) + 2 * linear(8 * 4096, 1) + 2 * linear(9 * 4096, 1)
    return Published(drawing.design(), 2 * conv(16, 512, 2) + second)


def pooled_value() -> Published:
    """The value alone: pairs, squares and the largest tiles of the quarters, summed up."""
    drawing = Drawing("pooled_value")
    board = drawing.one_hot()
    pairs, squares = (drawing.bend(drawing.conv(board, 16, "1x1")) for _ in range(2))
    parts = []
    for kernel in ("2x1", "1x2"):
        x = drawing.bend(drawing.conv(pairs, 256, kernel))
        parts += [drawing.bend(drawing.conv(x, 4096, other)) for other in ("2x1", "1x2")]
    x = drawing.bend(drawing.conv(drawing.bend(drawing.conv(squares, 256)), 4096))
    parts.append(drawing.add("max_pool2d", x))
    parts.append(drawing.bend(drawing.conv(drawing.add("max_pool2d", board), 256, "1x1")))
    parts.append(drawing.bend(drawing.conv(board, 256, "1x1")))
    maps = [drawing.linear(drawing.flat(part), 1) for part in parts]
    drawing.add("value_output", drawing.add("add", *maps), linear=False)
    first = 2 * conv(16, 16, 1) + 2 * conv(16, 256, 1) + 2 * conv(16, 256, 2) + conv(16, 256, 4)
    second = 4 * conv(256, 4096, 2) + conv(256, 4096, 4)
    last = 2 * linear(8 * 4096, 1) + 2 * linear(9 * 4096, 1) + linear(4096, 1) + linear(4 * 256, 1) + linear(16 * 256, 1)
    return Published(drawing.design(), first + second + last)


def four_six_tuples() -> Published:
    drawing = Drawing("four_six_tuples")
    patterns = [[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8, 9], [0, 1, 2, 4, 5, 6], [4, 5, 6, 8, 9, 10]]
    tables = drawing.add("n_tuple", "board", patterns=patterns)
    drawing.add("value_output", drawing.add("pool", tables, pool="sum"), linear=False)
    return Published(drawing.design(), 4 * 16**6)


def llama_like() -> Published:
    """RMS norms, grouped queries without biases, and SwiGLU."""
    drawing, width, hidden = Drawing("llama_like"), 32, 64
    x = drawing.add("embedding", "board", d_model=width)
    attention = {"d_model": width, "n_heads": 2, "num_key_value_heads": 1, "bias": False}
    y = drawing.add("attention", drawing.add("rms_norm", x, eps=1e-6), **attention)
    x = drawing.add("add", x, y)
    y = drawing.add("rms_norm", x, eps=1e-6)
    gate = drawing.bend(drawing.linear(y, hidden, bias=False), "silu")
    product = drawing.add("multiply", gate, drawing.linear(y, hidden, bias=False))
    x = drawing.add("add", x, drawing.linear(product, width, bias=False))
    drawing.actor(drawing.add("pool", drawing.add("rms_norm", x, eps=1e-6), pool="mean"))
    drawing.no_critic()
    maps = 2 * linear(width, width, bias=False) + 2 * linear(width, width // 2, bias=False)
    block = maps + 3 * linear(width, hidden, bias=False) + 2 * width
    return Published(drawing.design(), (18 + 16) * width + block + width + linear(width, 4))


PUBLISHED: dict[str, Callable[[], Published]] = {
    draw.__name__: draw
    for draw in (
        four_six_tuples,
        pairs_dqn,
        cnn_dqn,
        pooled_dqn,
        depthwise_ppo,
        masked_ppo,
        small_ppo,
        jumanji_a2c,
        default_mlp,
        one_token_transformer,
        normed_reinforce,
        normed_dqn,
        residual_tower,
        wide_pairs_value,
        pooled_value,
        llama_like,
    )
}
"""by the name in the table of docs/published-networks.md"""
