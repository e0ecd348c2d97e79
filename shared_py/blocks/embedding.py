"""Tiles and places turned into vectors."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, shape_problem
from shared_py.blocks.common import Dropout, ModelWidth
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import CELLS, Signal, tokens


class Embedding(Block, frozen=True):
    """A vector for each tile value plus one for each cell; `torch.nn.Embedding` for both."""

    type = "embedding"
    title = "Embedding"
    summary = "A vector for each tile, plus one for its place."
    kind = "tokens"

    d_model: ModelWidth = 128
    num_embeddings: Annotated[int, about("Tile values", "Exponents it knows; a board holds 0 to 17.", ge=18, le=64)] = 18
    position: Annotated[
        Literal["learned", "sinusoidal", "none"], about("Position", "How a cell knows its place: learned, fixed waves, or not.")
    ] = "learned"
    dropout: Dropout = 0.0

    def check(self, site: Site) -> list[Problem]:
        return [] if site.inputs[0].kind == "board" else [shape_problem(site, "a board (B, 16)")]

    def output(self, site: Site) -> Signal:
        return tokens(self.d_model)

    def parameters(self, site: Site) -> int:
        positions = CELLS * self.d_model if self.position == "learned" else 0
        return self.num_embeddings * self.d_model + positions

    def active_parameters(self, site: Site) -> int:
        """One token reads one row of each table."""
        return self.d_model * (2 if self.position == "learned" else 1)

    def activation_bytes(self, site: Site) -> int:
        return 2 * CELLS * self.d_model * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.texts(site, "num_embeddings", "d_model", "position", "dropout")
        return self.single(site, "BoardEmbedding", arguments, inputs)
