"""Tiles and places turned into vectors."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, INDEX_BYTES, Block, BlockCode, BlockContext, literal, value_bytes
from shared_py.blocks.block_problems import no_effect, shape_problem
from shared_py.blocks.common import Dropout, ModelWidth
from shared_py.blocks.dropout import advise_dropout
from shared_py.game_2048 import CELLS, N_ACTIONS
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import GRID, Signal, tokens


class Embedding(Block, frozen=True):
    """A vector for each tile value plus one for each cell; `torch.nn.Embedding` for both.

    Other encodings have no parameters: `one_hot` is a 1 among num_classes numbers, of which the last stands for all larger tiles
    too, `scaled` a single number, the exponent ÷ divisor.
    """

    type = "embedding"
    title = "Embedding"
    summary = "A vector for each tile, plus one for its place."
    keywords = ("token", "position", "positional encoding", "lookup", "one-hot", "vocabulary", "encoding", "log2")
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
    encoding: Annotated[
        Literal["learned", "one_hot", "scaled"],
        about("Encoding", "learned vectors, a 1 in the tile's place among zeros, or the tile's exponent as one number."),
    ] = "learned"
    num_classes: Annotated[int, about("Classes", "Numbers of a one_hot cell; larger tiles count as the last.", ge=2, le=64)] = 18
    divisor: Annotated[float, about("Divisor", "What a scaled exponent is divided by.", ge=1, le=64, step=0.5)] = 16.0

    @property
    def is_learned(self) -> bool:
        """Whether vectors are learned."""
        return self.encoding == "learned"

    @property
    def looks_ahead(self) -> bool:
        """Whether vectors of the boards after the four moves are added."""
        return self.lookahead and self.is_learned

    @property
    def fixed_width(self) -> int:
        """Numbers of a cell in an encoding without parameters."""
        return self.num_classes if self.encoding == "one_hot" else 1

    @property
    def cells(self) -> int:
        """The number of tokens of one board."""
        return CELLS + self.cls_token

    @property
    def tables(self) -> int:
        """Value tables: the board now, and after each move when looking ahead."""
        return 1 + N_ACTIONS * self.looks_ahead

    @property
    def position_rows(self) -> int:
        """Learned vectors of places: one a cell, or one a row and one a column."""
        return {"learned": CELLS, "learned_2d": sum(GRID)}.get(self.position, 0)

    def check(self, context: BlockContext) -> list[Problem]:
        return [] if context.inputs[0].kind == "board" else [shape_problem(context, part("takes_board"))]

    def advise(self, context: BlockContext) -> list[Problem]:
        found = advise_dropout(context, "dropout", self.dropout) if self.is_learned else []
        if not self.is_learned:
            for field in ("d_model", "num_embeddings", "position", "lookahead", "cls_token", "dropout"):
                found += no_effect(context, self, field, "not_learned")
        found += [] if self.encoding == "one_hot" else no_effect(context, self, "num_classes", "not_one_hot")
        return found + ([] if self.encoding == "scaled" else no_effect(context, self, "divisor", "not_scaled"))

    def computes_moves(self) -> bool:
        return self.looks_ahead

    def output(self, context: BlockContext) -> Signal:
        if not self.is_learned:
            return tokens(self.fixed_width)
        if self.cls_token:
            return tokens(self.d_model, None, cells=self.cells, cls_token=True)
        return tokens(self.d_model)

    def parameters(self, context: BlockContext) -> int:
        """Rows of values, rows of places and the class token, each of width d; none where nothing is learned."""
        if not self.is_learned:
            return 0
        return self.d_model * (self.tables * self.num_embeddings + self.position_rows + self.cls_token)

    def active_parameters(self, context: BlockContext) -> int:
        """One token reads one row of each table."""
        if not self.is_learned:
            return 0
        places = {"learned": 1, "learned_2d": 2}.get(self.position, 0)
        return self.d_model * (self.tables + places + self.cls_token)

    def largest_tensor(self, context: BlockContext) -> int:
        return self.d_model * self.tables * self.num_embeddings * self.is_learned

    def saves_input(self, context: BlockContext) -> bool:
        """The backward pass of a look-up needs the rows that were looked up: the board's exponents, if only those."""
        return self.is_learned and not self.looks_ahead

    def activation_bytes(self, context: BlockContext) -> int:
        """When looking ahead, the rows (int64) for the board now and after each move."""
        return self.tables * CELLS * INDEX_BYTES * self.looks_ahead

    def forward_bytes(self, context: BlockContext) -> int:
        """The vectors that were looked up, before they are added up; of other encodings the rows alone."""
        if not self.is_learned:
            return CELLS * INDEX_BYTES
        looked_up = (self.tables + self.looks_ahead) * CELLS * self.d_model * BYTES_PER_VALUE
        return looked_up + (CELLS * self.d_model * BYTES_PER_VALUE if self.cls_token else 0)

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradients of the output and of all rows that were looked up."""
        if not self.is_learned:
            return 0
        return value_bytes(self.output(context)) + self.tables * CELLS * self.d_model * BYTES_PER_VALUE * self.looks_ahead

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        if self.encoding == "one_hot":
            return self.single(context, "OneHotBoard", self.texts(context, "num_classes"), inputs)
        if self.encoding == "scaled":
            return self.single(context, "ScaledBoard", {"divisor": literal(float(self.divisor))}, inputs)
        arguments = self.texts(context, "num_embeddings", "d_model", "position", "dropout")
        arguments |= {name: "True" for name in ("lookahead", "cls_token") if getattr(self, name)}
        return self.single(context, "BoardEmbedding", arguments, inputs)
