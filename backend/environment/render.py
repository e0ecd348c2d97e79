"""A board as a picture, drawn with arrays alone: coloured cells and digits of 3 x 5 dots."""

import numpy as np
from numpy.typing import NDArray

from shared_py.game_2048 import SIZE

CELL_PX = 64
GAP_PX = 4
GLYPHS = {
    digit: np.array([[bit == "#" for bit in row] for row in rows.split()])
    for digit, rows in {
        "0": "### #.# #.# #.# ###",
        "1": ".#. ##. .#. .#. ###",
        "2": "### ..# ### #.. ###",
        "3": "### ..# ### ..# ###",
        "4": "#.# #.# ### ..# ..#",
        "5": "### #.. ### ..# ###",
        "6": "### #.. ### #.# ###",
        "7": "### ..# .#. .#. .#.",
        "8": "### #.# ### #.# ###",
        "9": "### #.# ### ..# ###",
    }.items()
}
BACKGROUND = (187, 173, 160)
EMPTY = (205, 193, 180)
DARK, LIGHT = (90, 80, 72), (249, 246, 242)
TILES = (
    (238, 228, 218), (237, 224, 200), (242, 177, 121), (245, 149, 99), (246, 124, 95), (246, 94, 59), (237, 207, 114),
    (237, 204, 97), (237, 200, 80), (237, 197, 63), (237, 194, 46), (96, 174, 150), (70, 150, 160), (60, 120, 165),
    (80, 90, 165), (110, 70, 150), (60, 58, 50),
)  # fmt: skip
"""one for each exponent from 1"""


def draw_board(board: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(256, 256, 3) uint8 of a board of 16 exponents."""
    side = SIZE * CELL_PX
    picture = np.full((side, side, 3), BACKGROUND, dtype=np.uint8)
    for cell, exponent in enumerate(board.tolist()):
        top, left = CELL_PX * (cell // SIZE), CELL_PX * (cell % SIZE)
        tile = picture[top + GAP_PX : top + CELL_PX - GAP_PX, left + GAP_PX : left + CELL_PX - GAP_PX]
        tile[:] = TILES[exponent - 1] if exponent else EMPTY
        if exponent:
            _write_number(tile, str(1 << exponent), DARK if exponent <= 2 else LIGHT)
    return picture


def _write_number(tile: NDArray[np.uint8], number: str, colour: tuple[int, int, int]) -> None:
    blank = np.zeros((5, 1), dtype=bool)
    dots = np.concatenate([part for digit in number for part in (GLYPHS[digit], blank)], axis=1)[:, :-1]
    scale = min(tile.shape[1] // (dots.shape[1] + 2), 6)
    large = np.kron(dots, np.ones((scale, scale), dtype=bool))
    top, left = (tile.shape[0] - large.shape[0]) // 2, (tile.shape[1] - large.shape[1]) // 2
    tile[top : top + large.shape[0], left : left + large.shape[1]][large] = colour
