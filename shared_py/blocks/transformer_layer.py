"""One layer of a transformer encoder."""

from typing import Annotated

from shared_py.blocks.base import (
    BYTES_PER_VALUE,
    Block,
    BlockCode,
    Site,
    check_tokens,
    problem,
    same_tokens,
)
from shared_py.blocks.common import Activation, Dropout, FeedForward, Heads, ModelWidth
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import CELLS, Signal


class TransformerLayer(Block, frozen=True):
    """`torch.nn.TransformerEncoderLayer` with `batch_first=True`: the 16 cells of one board attend to each other."""

    type = "transformer_layer"
    title = "Transformer layer"
    summary = "Cells look at each other, then each thinks by itself."
    kind = "attention"

    d_model: ModelWidth = 128
    n_heads: Heads = 4
    dim_feedforward: FeedForward | None = None
    dropout: Dropout = 0.0
    activation: Activation = "gelu"
    layer_norm_eps: Annotated[float, about("Norm epsilon", "Added to the variance before its root.", ge=1e-12, le=0.1)] = 1e-5
    norm_first: Annotated[bool, about("Norm first", "Normalise before attention and feed-forward, not after.")] = True
    bias: Annotated[bool, about("Bias", "Linear maps and norms have an additive bias.")] = True

    @property
    def hidden(self) -> int:
        """The feed-forward width, 4 × d_model when left out."""
        return self.dim_feedforward or 4 * self.d_model

    def check(self, site: Site) -> list[Problem]:
        return [*check_heads(site, self.d_model, self.n_heads), *check_tokens(site, self.d_model)]

    def output(self, site: Site) -> Signal:
        return same_tokens(site)

    def parameters(self, site: Site) -> int:
        """Attention 4d² + 4d, feed-forward 2df + f + d, two norms 4d; without bias 4d² + 2df + 2d (torch.nn)."""
        d, f = self.d_model, self.hidden
        weights = 4 * d * d + 2 * d * f + 2 * d
        biases = 4 * d + f + d + 2 * d
        return weights + (biases if self.bias else 0)

    def flops(self, site: Site) -> int:
        d, f = self.d_model, self.hidden
        return CELLS * (4 * d * d + 2 * d * f) + 2 * CELLS * CELLS * d

    def activation_bytes(self, site: Site) -> int:
        d, f = self.d_model, self.hidden
        per_cell = 10 * d + 2 * f
        return (CELLS * per_cell + 2 * self.n_heads * CELLS * CELLS) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {
            "d_model": self.text(site, "d_model"),
            "nhead": self.text(site, "n_heads"),
            "dim_feedforward": str(self.hidden),
            **self.texts(site, "dropout", "activation", "layer_norm_eps", "norm_first", "bias"),
        }
        return self.single(site, "TransformerEncoderLayer", arguments, inputs)


def check_heads(site: Site, d_model: int, n_heads: int) -> list[Problem]:
    """Check that `n_heads` divides `d_model`; the fix takes the nearest divisor."""
    if d_model % n_heads == 0:
        return []
    divisors = [n for n in range(1, min(d_model, 64) + 1) if d_model % n == 0]
    nearest = min(divisors, key=lambda n: (abs(n - n_heads), -n))
    fix = SetProperty(site.component_id, "n_heads", nearest, f"Set n_heads to {nearest}")
    message = f"n_heads must divide d_model: {n_heads} does not divide {d_model}"
    expected = "one of " + ", ".join(map(str, divisors))
    return [problem(site, "heads_do_not_divide", message, field="n_heads", expected=expected, received=str(n_heads), fix=fix)]
