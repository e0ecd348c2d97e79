"""A game as the phone plays it: its state, its moves and its record."""

from typing import Annotated

from msgspec import Meta, Struct

Seed = Annotated[int, Meta(ge=0, lt=2**31)]
"""of a game"""
Cell = Annotated[int, Meta(ge=0, le=17)]
"""the exponent of the tile in a cell; 0 is empty"""
Cells = Annotated[tuple[Cell, ...], Meta(min_length=16, max_length=16)]
"""a board, row by row from the top left"""
Action = Annotated[int, Meta(ge=0, le=3)]
"""0 up, 1 right, 2 down, 3 left"""
Place = Annotated[int, Meta(ge=0, le=15)]
"""index of a cell"""
Amount = Annotated[int, Meta(ge=0)]


class GameState(Struct, frozen=True):
    """A game between two moves; the next tile depends on the seed and on the number of tiles drawn so far."""

    seed: Seed
    board: Cells
    score: Amount
    n_moves: Amount
    n_tiles: Amount
    """tiles drawn so far, the two first ones included"""
    legal: tuple[bool, bool, bool, bool]
    """which moves change the board; the game is over when none does"""


class Motion(Struct, frozen=True):
    """The way of one tile during a move."""

    source: Place
    target: Place
    merges: bool
    """whether it merges with another tile that ends in the same cell"""


class PlayedMove(Struct, frozen=True):
    """A move, the new tile after it, and the state that they lead to."""

    action: Action
    points: Amount
    afterstate: Cells
    """the board after the move and before the new tile"""
    new_cell: Place
    new_exponent: Annotated[int, Meta(ge=1, le=2)]
    motions: list[Motion]
    """one for each tile on the board before the move, also for those that stay; empty unless asked for"""
    state: GameState


class GameRecord(Struct, frozen=True):
    """A game that can be played again: the seed determines the tiles."""

    seed: Seed
    actions: Annotated[str, Meta(pattern="^[urdl]*$")]
    """the moves: u up, r right, d down, l left"""
    score: Amount
