"""A convolution over the board."""

from typing import Annotated, Literal

import msgspec

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Site, literal, no_effect, problem, shape_problem, width_text
from shared_py.blocks.common import Bias
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import GRID, Signal, describe, is_tokens, tokens, width_of

CELLS_ON_A_GRID = "cells on a grid of rows and columns, (B, 16, d)"


class Conv2d(Block, frozen=True):
    """`torch.nn.Conv2d` over the rows and columns of the board: each place sees its neighbours."""

    type = "conv2d"
    title = "Convolution"
    summary = "Each cell sees its neighbours on the board."
    kind = "layer"

    out_channels: (
        Annotated[int, about("Channels out", "Numbers in each vector that leaves.", ge=1, le=2048, default_text="d_model")] | None
    ) = None
    kernel_size: Annotated[
        Literal["1x1", "1x2", "2x1", "2x2", "1x3", "3x1", "3x3", "1x4", "4x1", "4x4"],
        about("Kernel", "Rows × columns it sees at once; 1x2 and 2x1 are the pairs that merge."),
    ] = "3x3"
    stride: Annotated[int, about("Stride", "Cells from one place to the next.", ge=1, le=4)] = 1
    padding: Annotated[
        Literal["same", "valid"], about("Padding", "same: zeros around the board keep its size; valid: only whole kernels.")
    ] = "same"
    dilation: Annotated[int, about("Dilation", "Cells between the kernel's points.", ge=1, le=3)] = 1
    groups: Annotated[int, about("Groups", "Channels fall into this many parts that do not mix.", ge=1, le=2048)] = 1
    bias: Bias = True

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        rows, columns = self.kernel_size.split("x")
        return int(rows), int(columns)

    def check(self, site: Site) -> list[Problem]:
        signal = site.inputs[0]
        if not is_tokens(signal) or signal.grid is None:
            return [self._needs_grid(site)]
        if self.padding == "same" and self.stride > 1:
            fix = SetProperty(site.component_id, "padding", "valid", "Set padding to valid")
            return [
                problem(site, "stride_needs_valid", "padding same allows only stride 1", field="stride", expected="1", fix=fix)
            ]
        return [*self._check_groups(site), *self._check_size(site)]

    def advise(self, site: Site) -> list[Problem]:
        grid = site.inputs[0].grid
        assert grid is not None
        found = []
        if self.kernel == (1, 1):
            found += no_effect(site, self, "dilation", "with kernel_size 1x1, which has a single point")
        elif all(size == 1 or (side == 1 and size % 2) for size, side in zip(self.kernel, grid, strict=True)):
            found += no_effect(
                site, self, "dilation", "where all points of the kernel but one lie outside of the cells that arrive"
            )
        if self.kernel == (1, 1) and self.stride == 1:
            found += no_effect(site, self, "padding", "with kernel_size 1x1 and stride 1, which needs no padding")
        if msgspec.structs.replace(self, stride=1)._grid(site) == (1, 1):
            found += no_effect(site, self, "stride", "where the kernel fits only once")
        return found

    def output(self, site: Site) -> Signal:
        return tokens(self._channels(site), self._grid(site))

    def parameters(self, site: Site) -> int:
        """out × (in ÷ groups) × kernel, and out of bias (`torch.nn.Conv2d`)."""
        rows, columns = self.kernel
        return self._channels(site) * (width_of(site.inputs[0]) // self.groups * rows * columns + self.bias)

    def largest_tensor(self, site: Site) -> int:
        """The kernel."""
        return self.parameters(site) - self._channels(site) * self.bias

    def flops(self, site: Site) -> int:
        rows, columns = self.kernel
        height, width = self._grid(site)
        return height * width * self._channels(site) * (width_of(site.inputs[0]) // self.groups) * rows * columns

    def saves_input(self, site: Site) -> bool:
        """The tokens are read as a picture where they lie, unless it must be padded by hand."""
        return self._padded_cells(site) == 0

    def activation_bytes(self, site: Site) -> int:
        """The padded picture, where the kernel is even and padding is the same."""
        return self._padded_cells(site) * width_of(site.inputs[0]) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        grid = site.inputs[0].grid
        arguments = {
            "in_channels": width_text(site),
            "out_channels": "d_model" if self.out_channels is None else str(self.out_channels),
            "kernel_size": literal(self.kernel),
            **({} if grid == GRID else {"grid": repr(grid)}),
            **self.texts(site, "stride", "padding", "dilation", "groups", "bias"),
        }
        return self.single(site, "GridConv2d", arguments, inputs)

    def _needs_grid(self, site: Site) -> Problem:
        """Refuse what has no rows and columns; tokens are said to lack them, since their shape may read like a board's."""
        if not is_tokens(site.inputs[0]):
            return shape_problem(site, CELLS_ON_A_GRID)
        received = f"{describe(site.inputs[0], site.d_model)} without a grid"
        message = f"takes {CELLS_ON_A_GRID}, got {received} from {site.source_name()}"
        return problem(site, "shape_mismatch", message, expected=CELLS_ON_A_GRID, received=received)

    def _channels(self, site: Site) -> int:
        return self.out_channels or site.d_model

    def _grid(self, site: Site) -> tuple[int, int]:
        """Rows and columns that leave (`torch.nn.Conv2d`, its formula of the output's shape)."""
        grid = site.inputs[0].grid
        assert grid is not None
        if self.padding == "same":
            return grid
        reach = [self.dilation * (size - 1) for size in self.kernel]
        return (grid[0] - reach[0] - 1) // self.stride + 1, (grid[1] - reach[1] - 1) // self.stride + 1

    def _check_size(self, site: Site) -> list[Problem]:
        grid = site.inputs[0].grid
        assert grid is not None
        if self.padding == "same" or all(side > 0 for side in self._grid(site)):
            return []
        fix = SetProperty(site.component_id, "kernel_size", "1x1", "Set kernel_size to 1x1")
        if all(side > 0 for side in msgspec.structs.replace(self, dilation=1)._grid(site)):
            fix = SetProperty(site.component_id, "dilation", 1, "Set dilation to 1")
        elif self.stride == 1:
            fix = SetProperty(site.component_id, "padding", "same", "Set padding to same")
        message = f"its kernel is larger than the {grid[0]} × {grid[1]} cells that arrive"
        return [problem(site, "shape_mismatch", message, field="kernel_size", received=f"{grid[0]} × {grid[1]}", fix=fix)]

    def _padded_cells(self, site: Site) -> int:
        """Cells of the picture that is copied with one more row or column; 0 where none is added on one side alone."""
        grid = site.inputs[0].grid
        assert grid is not None
        rows, columns = (self.dilation * (size - 1) % 2 if self.padding == "same" else 0 for size in self.kernel)
        return (grid[0] + rows) * (grid[1] + columns) if rows or columns else 0

    def _check_groups(self, site: Site) -> list[Problem]:
        width, channels = width_of(site.inputs[0]), self._channels(site)
        if width % self.groups == 0 and channels % self.groups == 0:
            return []
        nearest = max(n for n in range(1, self.groups + 1) if width % n == 0 and channels % n == 0)
        fix = SetProperty(site.component_id, "groups", nearest, f"Set groups to {nearest}")
        message = f"groups must divide the channels: {self.groups} does not divide both {width} and {channels}"
        received = str(self.groups)
        return [problem(site, "groups_do_not_divide", message, field="groups", expected=str(nearest), received=received, fix=fix)]
