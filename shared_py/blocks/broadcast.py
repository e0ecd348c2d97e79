"""One vector for every cell."""

from typing import Annotated, Literal

from shared_py.blocks.base import Block, BlockCode, BlockContext, value_bytes
from shared_py.blocks.block_problems import shape_problem
from shared_py.messages import part
from shared_py.problems import AddComponent, Problem, label
from shared_py.properties import about, properties_of
from shared_py.shapes import Signal, is_tokens, is_values, tokens, width_of


class Broadcast(Block, frozen=True):
    """`torch.Tensor.expand` and a copy: the vector of a board becomes a token of each cell, all of them equal."""

    type = "broadcast"
    title = "Broadcast"
    summary = "Gives every cell the one vector of the board."
    keywords = ("expand", "tile", "repeat", "squeeze-and-excitation", "SE", "global features")
    kind = "combine"
    returns_to_cells = True

    grid: Annotated[
        Literal["4x4", "4x3", "3x4", "3x3", "4x2", "2x4", "2x2", "1x1", "5x5"],
        about("Cells", "Rows × columns that leave: 4x4 is the board, others what a convolution leaves of it."),
    ] = "4x4"

    @property
    def rows_and_columns(self) -> tuple[int, int]:
        """The grid that leaves."""
        rows, columns = self.grid.split("x")
        return int(rows), int(columns)

    @property
    def cells(self) -> int:
        """The number of tokens of one board."""
        rows, columns = self.rows_and_columns
        return rows * columns

    @classmethod
    def offers(cls, grid: str) -> bool:
        """Whether a vector can be given to the cells of a grid, named `rows x columns`."""
        return grid in (properties_of(cls)["grid"].choices or [])

    def check(self, context: BlockContext) -> list[Problem]:
        signal = context.inputs[0]
        return [] if is_values(signal) and not is_tokens(signal) else [shape_problem(context, part("takes_vector"))]

    def output(self, context: BlockContext) -> Signal:
        return tokens(width_of(context.inputs[0]), self.rows_and_columns)

    def is_view(self, context: BlockContext) -> bool:
        """A single cell is the vector itself."""
        return self.cells == 1

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(context, "Broadcast", {"cells": str(self.cells)}, inputs)

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradients of the tokens and of their sum."""
        return value_bytes(self.output(context)) + value_bytes(context.inputs[0])


def insert_broadcast(context: BlockContext, like: Signal, index: int) -> AddComponent | None:
    """The fix that gives the vector on one input to each cell of tokens `like` another input, where their grid is a choice."""
    rows, columns = like.grid or (0, 0)
    if not Broadcast.offers(f"{rows}x{columns}"):
        return None
    words = label("insert", block=Broadcast.title.lower())
    return AddComponent(
        Broadcast.type, source=context.sources[index], target=context.component_id, props={"grid": f"{rows}x{columns}"}, **words
    )
