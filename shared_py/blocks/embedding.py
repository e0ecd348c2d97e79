"""Tiles and places turned into vectors."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, shape_problem, value_bytes
from shared_py.blocks.common import Dropout, ModelWidth
from shared_py.blocks.dropout import advise_dropout
from shared_py.game_2048 import CELLS, N_ACTIONS
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import GRID, Signal, tokens


class Embedding(Block, frozen=True):
    """A vector for each tile value plus one for each cell; `torch.nn.Embedding` for both."""

    type = "embedding"
    title = "Embedding"
    summary = "A vector for each tile, plus one for its place."
    keywords = ("token", "position", "positional encoding", "lookup", "one-hot", "vocabulary")
    kind = "tokens"
    makes_tokens = True

    d_model: ModelWidth = 128
    num_embeddings: Annotated[int, about("Tile values", "Exponents it knows; a board holds 0 to 17.", ge=18, le=64)] = 18
    position: Annotated[
        Literal["learned", "learned_2d", "sinusoidal", "sinusoidal_2d", "none"],
        about("Position", "How a cell knows its place: learned, fixed waves, or not; 2d codes row and column."),
    ] = "learned"
    lookahead: Annotated[bool, about("Lookahead", "Each cell also says what it would hold after each of the four moves.")] = False
    cls_token: Annotated[bool, about("Class token", "A learned vector put before the cells, for outputs to read.")] = False
    dropout: Dropout = 0.0

    @property
    def cells(self) -> int:
        """The number of tokens of one board."""
        return CELLS + self.cls_token

    @property
    def tables(self) -> int:
        """Value tables: the board now, and after each move when looking ahead."""
        return 1 + N_ACTIONS * self.lookahead

    @property
    def position_rows(self) -> int:
        """Learned vectors of places: one a cell, or one a row and one a column."""
        return {"learned": CELLS, "learned_2d": sum(GRID)}.get(self.position, 0)

    def check(self, context: BlockContext) -> list[Problem]:
        return [] if context.inputs[0].kind == "board" else [shape_problem(context, part("takes_board"))]

    def advise(self, context: BlockContext) -> list[Problem]:
        return advise_dropout(context, "dropout", self.dropout)

    def computes_moves(self) -> bool:
        return self.lookahead

    def output(self, context: BlockContext) -> Signal:
        if self.cls_token:
            return tokens(self.d_model, None, cells=self.cells, cls_token=True)
        return tokens(self.d_model)

    def parameters(self, context: BlockContext) -> int:
        """Rows of values, rows of places and the class token, each of width d."""
        return self.d_model * (self.tables * self.num_embeddings + self.position_rows + self.cls_token)

    def active_parameters(self, context: BlockContext) -> int:
        """One token reads one row of each table."""
        places = {"learned": 1, "learned_2d": 2}.get(self.position, 0)
        return self.d_model * (self.tables + places + self.cls_token)

    def largest_tensor(self, context: BlockContext) -> int:
        return self.d_model * self.tables * self.num_embeddings

    def saves_input(self, context: BlockContext) -> bool:
        """The backward pass of a look-up needs the rows that were looked up: the board's exponents, if only those."""
        return not self.lookahead

    def activation_bytes(self, context: BlockContext) -> int:
        """When looking ahead, the rows (int64) for the board now and after each move."""
        return self.tables * CELLS * 8 * self.lookahead

    def forward_bytes(self, context: BlockContext) -> int:
        """The vectors that were looked up, before they are added up."""
        looked_up = (self.tables + self.lookahead) * CELLS * self.d_model * BYTES_PER_VALUE
        return looked_up + (CELLS * self.d_model * BYTES_PER_VALUE if self.cls_token else 0)

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradients of the output and of all rows that were looked up."""
        return value_bytes(self.output(context)) + self.tables * CELLS * self.d_model * BYTES_PER_VALUE * self.lookahead

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.texts(context, "num_embeddings", "d_model", "position", "dropout")
        arguments |= {name: "True" for name in ("lookahead", "cls_token") if getattr(self, name)}
        return self.single(context, "BoardEmbedding", arguments, inputs)
