"""Tokens as the picture they are: a convolution over the grid of cells, and the largest numbers of parts of it."""

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

Padding = Literal["same", "valid", "full"]


class GridConv2d(nn.Conv2d):
    """`torch.nn.Conv2d` over tokens in row-major order: (B, h * w, in) to (B, h' * w', out); ValueError for `same` with a stride.

    `full` pads by the reach of the kernel: a 2 x 2 kernel has 5 x 5 places on 4 x 4 cells. Even kernels with `same` are padded
    here, one more at the right and the bottom as torch does, which warns of the copy that takes.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, int],
        grid: tuple[int, int] = (4, 4),
        stride: int = 1,
        padding: Padding = "same",
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        if padding == "same" and stride != 1:
            raise ValueError("a convolution with a stride cannot keep the size of the grid")
        reach = [dilation * (size - 1) for size in kernel_size]
        height, width = reach if padding == "same" else (0, 0)
        around = (reach[0], reach[1]) if padding == "full" else (height // 2, width // 2)
        super().__init__(in_channels, out_channels, kernel_size, stride, around, dilation, groups, bias)
        self.grid = grid
        self.right_and_bottom = (0, width % 2, 0, height % 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """Lay the tokens out as a grid, convolve, and read the result row by row.

        Of one channel torch returns the channels one after the other; that is copied here, once for all that read the tokens.
        """
        picture = tokens.transpose(1, 2).reshape(-1, self.in_channels, *self.grid)
        if any(self.right_and_bottom):
            picture = functional.pad(picture, self.right_and_bottom)
        return super().forward(picture).flatten(2).transpose(1, 2).contiguous()


class GridMaxPool2d(nn.MaxPool2d):
    """`torch.nn.MaxPool2d` over tokens in row-major order: (B, h * w, d) to (B, h' * w', d)."""

    def __init__(self, *, kernel_size: tuple[int, int], stride: tuple[int, int], grid: tuple[int, int] = (4, 4)) -> None:
        super().__init__(kernel_size, stride)
        self.grid = grid

    def forward(self, tokens: Tensor) -> Tensor:
        """Lay the tokens out as a grid, take the largest numbers, and read the result row by row."""
        picture = tokens.transpose(1, 2).reshape(-1, tokens.shape[2], *self.grid)
        pooled: Tensor = super().forward(picture)
        return pooled.flatten(2).transpose(1, 2)
