"""2048 as Gymnasium environments, one game or many, over the table-driven core; importing this registers them."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from backend.environment.game_2048 import Games, Step, legal_moves, new_games, slide, spawn
from backend.environment.picture import draw_board
from shared_py.game_2048 import CELLS, MAX_EXPONENT, SIZE

ENVIRONMENT_ID = "ModelStudio/Game2048-v0"
ACTIONS = 4
Observation = NDArray[np.int64]
StepInfo = dict[str, Any]


def _observation_space() -> spaces.MultiDiscrete:
    return spaces.MultiDiscrete(np.full(CELLS, MAX_EXPONENT + 1, dtype=np.int64), dtype=np.int64)


class Game2048Env(gym.Env[Observation, np.int64]):
    """One game of 2048.

    ## Rules
    A board of 4 x 4 cells starts with two tiles. A move slides every tile as far as it goes; two equal tiles that meet become
    one of twice the value, once a move for each tile, pairs nearest the edge first. After every move that changed the board
    a new tile appears in an empty cell chosen uniformly: a 2 with probability 0.9, a 4 with 0.1. The game is over when no
    move changes the board. Two tiles of 131072 do not merge.

    ## Action space
    `Discrete(4)`: 0 up, 1 right, 2 down, 3 left. A move that changes nothing is allowed, brings no tile and no points, and
    `info["moved"]` is False; `info["action_mask"]` (int8, 1 where a move changes the board) tells beforehand. It is of the form
    `action_space.sample(mask)` takes.

    ## Observation space
    `MultiDiscrete([18] * 16)`, int64: the exponent of each tile, row by row from the top left; 0 is an empty cell, 1 a 2.

    ## Reward
    The points of the move: the face value of every tile a merge made. Their sum over a game, `info["score"]`, is the score.

    ## Ends
    `terminated` when no move is left; `truncated` never. Playing on after the end raises `gymnasium.error.ResetNeeded`.

    ## Seeding and pictures
    `reset(seed=...)` makes a game repeatable. `render_mode` "ansi" gives text, "rgb_array" a picture of 256 x 256.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # noqa: RUF012  # as Gymnasium has it

    def __init__(self, render_mode: str | None = None) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode is one of {self.metadata['render_modes']}, not {render_mode!r}")
        self.render_mode = render_mode
        self.observation_space = _observation_space()
        self.action_space = spaces.Discrete(ACTIONS)
        self._boards = np.zeros((1, CELLS), dtype=np.uint8)
        self._legal = np.zeros((1, ACTIONS), dtype=bool)
        self._score = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, StepInfo]:
        """Start a new game, or one from `options={"board": 16 exponents}`; ValueError if nothing can move there."""
        super().reset(seed=seed)
        self._boards = new_games(1, self.np_random)
        if options and "board" in options:
            self._boards = _read_board(options["board"])
        self._legal = legal_moves(self._boards)
        self._score = 0
        return self._observe(), self._describe(moved=False)

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, StepInfo]:
        """Play one action."""
        if not self._legal.any():
            raise gym.error.ResetNeeded("the game is over or was never started: call reset() first")
        if not self.action_space.contains(action):
            raise gym.error.InvalidAction(f"an action is 0, 1, 2 or 3, not {action!r}")
        self._boards, points, moved = slide(self._boards, np.array([action]))
        spawn(self._boards, moved, self.np_random)
        self._legal = legal_moves(self._boards)
        self._score += int(points[0])
        over = not self._legal.any()
        return self._observe(), float(points[0]), over, False, self._describe(moved=bool(moved[0]))

    def render(self) -> Any:
        """The board as text or as a picture (256, 256, 3) uint8, by `render_mode`; None without one."""
        if self.render_mode == "ansi":
            return board_text(self._boards[0])
        if self.render_mode == "rgb_array":
            return draw_board(self._boards[0])
        return None

    def _observe(self) -> Observation:
        observation: Observation = self._boards[0].astype(np.int64)
        return observation

    def _describe(self, *, moved: bool) -> StepInfo:
        return {"action_mask": self._legal[0].astype(np.int8), "score": self._score, "moved": moved}


class Game2048VectorEnv(VectorEnv[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]):
    """Many games of 2048 at once, by the rules of `Game2048Env`.

    ## What a step gives
    As one game does, with N in front: `info["action_mask"]` is (N, 4) int8, `info["score"]` and `info["moved"]` are (N,).

    ## A finished game
    is followed by a new one, by `autoreset_mode`. With `AutoresetMode.SAME_STEP` the observation and the information are of the
    new game already, and `info["final_obs"]` and `info["final_info"]` of the old one. With `AutoresetMode.NEXT_STEP` they are of
    the old game; the next step ignores the action for it, gives no reward and the first board of the new game.

    ## Seeding
    The games share one stream of random numbers: `reset(seed=...)` takes one number for them all.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  # as Gymnasium has it
        "render_modes": ["ansi", "rgb_array"],
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self, num_envs: int = 1, render_mode: str | None = None, autoreset_mode: AutoresetMode = AutoresetMode.SAME_STEP
    ) -> None:
        if autoreset_mode is AutoresetMode.DISABLED:
            raise ValueError("finished games are always followed by new ones: autoreset_mode is SAME_STEP or NEXT_STEP")
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.metadata = type(self).metadata | {"autoreset_mode": autoreset_mode}
        self.single_observation_space = _observation_space()
        self.single_action_space = spaces.Discrete(ACTIONS)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._scores = np.zeros(num_envs, dtype=np.int64)
        self._waiting = np.zeros(0, dtype=np.intp)
        """the games whose first board is due at the next step"""
        self._games: Games | None = None

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int64], StepInfo]:
        """Start all games anew; one seed stands for them all, so it is an int."""
        if isinstance(seed, list):
            raise ValueError("the games share one stream of random numbers: give one seed, not a list")
        super().reset(seed=seed)
        self._games = Games(self.num_envs, self.np_random)
        self._scores[:] = 0
        self._waiting = self._waiting[:0]
        self._shown = self._games.boards
        nothing = np.zeros(self.num_envs, dtype=bool)
        return self._games.boards.astype(np.int64), self._describe(self._games.legal, self._scores, nothing)

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], StepInfo]:
        """Play one action (N,) in every game."""
        if self._games is None:
            raise gym.error.ResetNeeded("the games were never started: call reset() first")
        step = self._play(self._games, np.asarray(actions))
        self._scores += step.points
        if self.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP:
            boards, info = self._end_now(self._games, step)
        else:
            boards, info = self._end_later(self._games, step)
        self._shown = boards
        never = np.zeros(self.num_envs, dtype=bool)
        return boards.astype(np.int64), step.points.astype(np.float64), step.over, never, info

    def _play(self, games: Games, actions: NDArray[np.integer]) -> Step:
        """One step of the games, but not of those that wait."""
        if not len(self._waiting):
            return games.step(actions)
        first_boards = games.boards[self._waiting]
        step = games.step(actions)
        games.play_on(first_boards, self._waiting)
        step.points[self._waiting] = 0
        step.moved[self._waiting] = False
        self._scores[self._waiting] = 0
        return step

    def _end_now(self, games: Games, step: Step) -> tuple[NDArray[np.uint8], StepInfo]:
        over = step.over
        if not over.any():
            return games.boards, self._describe(games.legal, self._scores, step.moved)
        final = self._describe(np.zeros_like(games.legal), np.where(over, self._scores, 0), over.copy(), over)
        self._scores[over] = 0
        info = self._describe(games.legal, self._scores, step.moved & ~over)
        final_boards = np.where(over[:, None], step.final_boards, 0).astype(np.int64)
        ended = {"final_obs": final_boards, "_final_obs": over.copy(), "final_info": final, "_final_info": over.copy()}
        return games.boards, info | ended

    def _end_later(self, games: Games, step: Step) -> tuple[NDArray[np.uint8], StepInfo]:
        over = step.over[:, None]
        self._waiting = np.flatnonzero(over)
        info = self._describe(games.legal & ~over, self._scores, step.moved)
        return np.where(over, step.final_boards, games.boards), info

    def render(self) -> Any:
        """One text or picture for each game, by `render_mode`; None without one."""
        if self._games is None or self.render_mode is None:
            return None
        draw = board_text if self.render_mode == "ansi" else draw_board
        return tuple(draw(board) for board in self._shown)

    def _describe(
        self,
        legal: NDArray[np.bool_],
        scores: NDArray[np.int64],
        moved: NDArray[np.bool_],
        of: NDArray[np.bool_] | None = None,
    ) -> StepInfo:
        """Information in Gymnasium's form: beside each entry, under its name with `_` before it, which games (N,) it is of."""
        told = np.ones(self.num_envs, dtype=bool) if of is None else of.copy()
        return {
            "action_mask": legal.astype(np.int8),
            "_action_mask": told,
            "score": scores.copy(),
            "_score": told,
            "moved": moved,
            "_moved": told,
        }


def _read_board(cells: Any) -> NDArray[np.uint8]:
    board = np.asarray(cells, dtype=np.int64).reshape(1, -1)
    if board.shape != (1, CELLS) or board.min() < 0 or board.max() > MAX_EXPONENT:
        raise ValueError(f"a board is {CELLS} exponents from 0 to {MAX_EXPONENT}")
    boards = board.astype(np.uint8)
    if not legal_moves(boards).any():
        raise ValueError("no move changes that board: the game would be over before it began")
    return boards


def board_text(board: NDArray[np.uint8]) -> str:
    """Four lines of face values, a dot for an empty cell."""
    faces = ["." if exponent == 0 else str(1 << int(exponent)) for exponent in board]
    rows = [faces[start : start + SIZE] for start in range(0, CELLS, SIZE)]
    return "\n".join(" ".join(face.rjust(6) for face in row) for row in rows)


gym.register(
    id=ENVIRONMENT_ID,
    entry_point="backend.environment.gym_2048_env:Game2048Env",
    vector_entry_point="backend.environment.gym_2048_env:Game2048VectorEnv",
)
