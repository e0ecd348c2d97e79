"""Tokens as the picture they are: a convolution over the grid of cells."""

from typing import Literal

from torch import Tensor, nn

Padding = Literal["same", "valid"]


class GridConv2d(nn.Conv2d):
    """`torch.nn.Conv2d` over tokens in row-major order: (B, h * w, in) to (B, h' * w', out)."""

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
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.grid = grid

    def forward(self, tokens: Tensor) -> Tensor:
        """Lay the tokens out as a grid, convolve, and read the result row by row."""
        picture = tokens.transpose(1, 2).reshape(-1, self.in_channels, *self.grid)
        return super().forward(picture).flatten(2).transpose(1, 2)
