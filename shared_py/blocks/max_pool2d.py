"""The largest numbers of parts of the board."""

from typing import Annotated, Literal

from shared_py.blocks.base import INDEX_BYTES, Block, BlockCode, BlockContext, literal
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.input_checks import check_grid
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import GRID, Signal, numbers_of, tokens, width_of


class MaxPool2d(Block, frozen=True):
    """`torch.nn.MaxPool2d` over the rows and columns of the board: of each number, the largest in each window."""

    type = "max_pool2d"
    title = "Max pool"
    summary = "The largest numbers of neighbouring cells; fewer cells leave."
    keywords = ("maxpool", "MaxPool2d", "max pooling", "downsampling", "CNN", "subsampling")
    kind = "layer"

    kernel_size: Annotated[
        Literal["1x2", "2x1", "2x2", "1x3", "3x1", "3x3", "1x4", "4x1", "4x4"],
        about("Kernel", "Rows × columns of one window."),
    ] = "2x2"
    stride: (
        Annotated[
            int, about("Stride", "Cells from one window to the next, in rows and in columns.", ge=1, le=4, default_text="kernel")
        ]
        | None
    ) = None

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        rows, columns = self.kernel_size.split("x")
        return int(rows), int(columns)

    @property
    def strides(self) -> tuple[int, int]:
        """Rows and columns from one window to the next; those of the kernel when left out."""
        return self.kernel if self.stride is None else (self.stride, self.stride)

    def check(self, context: BlockContext) -> list[Problem]:
        if problems := check_grid(context):
            return problems
        grid = _grid_of(context)
        if all(size <= side for size, side in zip(self.kernel, grid, strict=True)):
            return []
        fitting = next((name for name in ("2x2", "2x1", "1x2") if self._fits(name, grid)), None)
        received = part("grid_size", {"rows": grid[0], "columns": grid[1]})
        fix = None if fitting is None else set_property(context, "kernel_size", fitting)
        return [problem(context, "shape_mismatch", {"case": "kernel"}, field="kernel_size", received=received, fix=fix)]

    def advise(self, context: BlockContext) -> list[Problem]:
        rooms = [side - size for size, side in zip(self.kernel, _grid_of(context), strict=True)]
        same = all(
            step == size or room < min(step, size) for step, size, room in zip(self.strides, self.kernel, rooms, strict=True)
        )
        return no_effect(context, self, "stride", "stride_as_left_out") if same else []

    def output(self, context: BlockContext) -> Signal:
        rows, columns = (
            (side - size) // step + 1 for side, size, step in zip(_grid_of(context), self.kernel, self.strides, strict=True)
        )
        return tokens(width_of(context.inputs[0]), (rows, columns))

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """Where in its window each largest number is."""
        return numbers_of(self.output(context)) * INDEX_BYTES

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        grid = _grid_of(context)
        arguments = {"kernel_size": literal(self.kernel), "stride": literal(self.strides)}
        return self.single(context, "GridMaxPool2d", arguments | ({} if grid == GRID else {"grid": repr(grid)}), inputs)

    @staticmethod
    def _fits(kernel_size: str, grid: tuple[int, int]) -> bool:
        return all(int(size) <= side for size, side in zip(kernel_size.split("x"), grid, strict=True))


def _grid_of(context: BlockContext) -> tuple[int, int]:
    grid = context.inputs[0].grid
    assert grid is not None
    return grid
