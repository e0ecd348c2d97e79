"""The board a network reads."""

from shared_py.blocks.base import Block, BlockContext, PartOfASum
from shared_py.game_2048 import CELLS
from shared_py.shapes import BOARD, Signal


class BoardInput(Block, frozen=True):
    """A batch of boards `(B, 16)`: int64 tile exponents 0 to 17, row by row from the top left."""

    type = "board_input"
    title = "Board"
    summary = "The 16 cells of a board, as tile exponents."
    keywords = ("input", "observation", "state", "game", "grid", "tiles")
    kind = "input"
    min_inputs = 0
    max_inputs = 0
    role = "input"

    def part_of_a_sum(self) -> PartOfASum | None:
        return "board"

    def output(self, context: BlockContext) -> Signal:
        return BOARD

    def output_bytes(self, context: BlockContext) -> int:
        """Exponents as int64."""
        return CELLS * 8
