"""A convolution over the board."""

from typing import Annotated, Literal

import msgspec

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, literal, width_text
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import Bias
from shared_py.blocks.input_checks import check_grid
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import GRID, Signal, tokens, width_of


class Conv2d(Block, frozen=True):
    """`torch.nn.Conv2d` over the rows and columns of the board: each place sees its neighbours."""

    type = "conv2d"
    title = "Convolution"
    summary = "Each cell sees its neighbours on the board."
    keywords = ("conv2d", "CNN", "kernel", "filter", "neighbours", "local")
    kind = "layer"

    out_channels: (
        Annotated[int, about("Channels out", "Numbers in each vector that leaves.", ge=1, le=4096, default_text="d_model")] | None
    ) = None
    kernel_size: Annotated[
        Literal["1x1", "1x2", "2x1", "2x2", "1x3", "3x1", "3x3", "1x4", "4x1", "4x4"],
        about("Kernel", "Rows × columns it sees at once; 1x2 and 2x1 are the pairs that merge."),
    ] = "3x3"
    stride: Annotated[int, about("Stride", "Cells from one place to the next.", ge=1, le=4)] = 1
    padding: Annotated[
        Literal["same", "valid", "full"],
        about(
            "Padding", "same: zeros around the board keep its size; valid: only whole kernels; full: all kernels that touch it."
        ),
    ] = "same"
    dilation: Annotated[int, about("Dilation", "Cells between the kernel's points.", ge=1, le=3)] = 1
    groups: Annotated[int, about("Groups", "Channels fall into this many parts that do not mix.", ge=1, le=2048)] = 1
    bias: Bias = True

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        rows, columns = self.kernel_size.split("x")
        return int(rows), int(columns)

    def check(self, context: BlockContext) -> list[Problem]:
        if problems := check_grid(context):
            return problems
        if self.padding == "same" and self.stride > 1:
            fix = set_property(context, "padding", "valid")
            return [problem(context, "stride_needs_valid", field="stride", expected="1", fix=fix)]
        return [*self._check_groups(context), *self._check_size(context)]

    def advise(self, context: BlockContext) -> list[Problem]:
        grid = context.inputs[0].grid
        assert grid is not None
        found = []
        if self.kernel == (1, 1):
            found += no_effect(context, self, "dilation", "one_point")
        elif all(size == 1 or (side == 1 and size % 2) for size, side in zip(self.kernel, grid, strict=True)):
            found += no_effect(context, self, "dilation", "points_outside")
        if self.kernel == (1, 1) and self.stride == 1:
            found += no_effect(context, self, "padding", "no_padding")
        if msgspec.structs.replace(self, stride=1)._grid(context) == (1, 1):
            found += no_effect(context, self, "stride", "fits_once")
        return found

    def output(self, context: BlockContext) -> Signal:
        return tokens(self._channels(context), self._grid(context))

    def parameters(self, context: BlockContext) -> int:
        """out × (in ÷ groups) × kernel, and out of bias (`torch.nn.Conv2d`)."""
        rows, columns = self.kernel
        return self._channels(context) * (width_of(context.inputs[0]) // self.groups * rows * columns + self.bias)

    def largest_tensor(self, context: BlockContext) -> int:
        """The kernel."""
        return self.parameters(context) - self._channels(context) * self.bias

    def flops(self, context: BlockContext) -> int:
        rows, columns = self.kernel
        height, width = self._grid(context)
        return height * width * self._channels(context) * (width_of(context.inputs[0]) // self.groups) * rows * columns

    def saves_input(self, context: BlockContext) -> bool:
        """The tokens are read as a picture where they lie, unless it must be padded by hand."""
        return self._padded_cells(context) == 0

    def activation_bytes(self, context: BlockContext) -> int:
        """The padded picture, where the kernel is even and padding is the same."""
        return self._padded_cells(context) * width_of(context.inputs[0]) * BYTES_PER_VALUE

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        grid = context.inputs[0].grid
        arguments = {
            "in_channels": width_text(context),
            "out_channels": "d_model" if self.out_channels is None else str(self.out_channels),
            "kernel_size": literal(self.kernel),
            **({} if grid == GRID else {"grid": repr(grid)}),
            **self.texts(context, "stride", "padding", "dilation", "groups", "bias"),
        }
        return self.single(context, "GridConv2d", arguments, inputs)

    def _channels(self, context: BlockContext) -> int:
        return self.out_channels or context.d_model

    def _grid(self, context: BlockContext) -> tuple[int, int]:
        """Rows and columns that leave (`torch.nn.Conv2d`, its formula of the output's shape)."""
        grid = context.inputs[0].grid
        assert grid is not None
        if self.padding == "same":
            return grid
        reach = [self.dilation * (size - 1) for size in self.kernel]
        if self.padding == "full":
            grid = grid[0] + 2 * reach[0], grid[1] + 2 * reach[1]
        return (grid[0] - reach[0] - 1) // self.stride + 1, (grid[1] - reach[1] - 1) // self.stride + 1

    def _check_size(self, context: BlockContext) -> list[Problem]:
        grid = context.inputs[0].grid
        assert grid is not None
        if self.padding == "same" or all(side > 0 for side in self._grid(context)):
            return []
        fix = set_property(context, "kernel_size", "1x1")
        if all(side > 0 for side in msgspec.structs.replace(self, dilation=1)._grid(context)):
            fix = set_property(context, "dilation", 1)
        elif self.stride == 1:
            fix = set_property(context, "padding", "same")
        received = part("grid_size", {"rows": grid[0], "columns": grid[1]})
        return [problem(context, "shape_mismatch", {"case": "kernel"}, field="kernel_size", received=received, fix=fix)]

    def _padded_cells(self, context: BlockContext) -> int:
        """Cells of the picture that is copied with one more row or column; 0 where none is added on one side alone."""
        grid = context.inputs[0].grid
        assert grid is not None
        rows, columns = (self.dilation * (size - 1) % 2 if self.padding == "same" else 0 for size in self.kernel)
        return (grid[0] + rows) * (grid[1] + columns) if rows or columns else 0

    def _check_groups(self, context: BlockContext) -> list[Problem]:
        width, channels = width_of(context.inputs[0]), self._channels(context)
        if width % self.groups == 0 and channels % self.groups == 0:
            return []
        nearest = max(n for n in range(1, self.groups + 1) if width % n == 0 and channels % n == 0)
        fix, received = set_property(context, "groups", nearest), str(self.groups)
        params = {"inputs": width, "outputs": channels}
        return [
            problem(context, "groups_do_not_divide", params, field="groups", expected=str(nearest), received=received, fix=fix)
        ]
