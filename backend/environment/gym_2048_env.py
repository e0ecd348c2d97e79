"""2048 as Gymnasium environments, one game or many, over the table-driven core; importing this registers them."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from backend.environment.arguments import (
    checked_actions,
    checked_autoreset_mode,
    checked_render_mode,
    read_board_option,
    read_reset_options,
)
from backend.environment.game_2048 import Games, StepResult, legal_moves, new_games, slide, spawn
from backend.environment.model_studio_gymnasium import ENVIRONMENT_ID, register_environment
from backend.environment.render import draw_board
from shared_py.game_2048 import CELLS, MAX_EXPONENT, N_ACTIONS, SIZE

__all__ = ["ENVIRONMENT_ID", "Game2048Env", "Game2048VectorEnv", "board_text"]

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
    `reset(seed=...)` makes a game repeatable. `render_mode` "ansi" gives text, "rgb_array" a picture of 256 x 256. "human" is
    refused here; `gymnasium.make` takes it and shows the pictures in a window (`HumanRendering`, which needs pygame).

    ## Arguments
    `reset(options={"board": 16 exponents})` starts from that board. What is unknown or impossible is refused before anything
    changes. `action_masks()` is what `sb3_contrib.MaskablePPO` asks for.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # noqa: RUF012  # Gymnasium declares it as an instance attribute

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = checked_render_mode(render_mode, self.metadata["render_modes"])
        self.observation_space = _observation_space()
        self.action_space = spaces.Discrete(N_ACTIONS)
        self._boards = np.zeros((1, CELLS), dtype=np.uint8)
        self._legal = np.zeros((1, N_ACTIONS), dtype=bool)
        self._score = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, StepInfo]:
        """Start a new game, or one from `options={"board": 16 exponents}`; ValueError for other or impossible ones."""
        board = read_board_option(options)
        super().reset(seed=seed)
        boards = new_games(1, self.np_random)  # drawn also where it is not used, so that what follows is the same by seed
        self._boards = boards if board is None else board
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

    def action_masks(self) -> NDArray[np.bool_]:
        """(4,) which actions change the board."""
        legal: NDArray[np.bool_] = self._legal[0].copy()
        return legal

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
    is followed by a new one, by `autoreset_mode`, an `AutoresetMode` or its value. With `AutoresetMode.SAME_STEP`, the default,
    the observation and the information are of the new game already, and `info["final_obs"]` and `info["final_info"]` of the old.
    With `AutoresetMode.NEXT_STEP` they are of the old game; the next step ignores the action for it, gives no reward and the
    first board of the new game. With `AutoresetMode.DISABLED` it stays until `reset(options={"reset_mask": over})`, a bool array
    (N,); a step before that raises `gymnasium.error.ResetNeeded`.

    ## Options of reset
    `reset_mask` (N,) resets these games alone, in every mode; the information tells which. `board` is a board for all that are
    reset, or one for each game (N, 16). What is unknown or impossible is refused before anything changes.

    ## Seeding
    The games share one stream of random numbers: `reset(seed=...)` takes one number for them all, also beside a `reset_mask`.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  # Gymnasium declares it as an instance attribute
        "render_modes": ["ansi", "rgb_array"],
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self, num_envs: int = 1, render_mode: str | None = None, autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs is at least 1, not {num_envs}")
        self.num_envs = num_envs
        self.render_mode = checked_render_mode(render_mode, self.metadata["render_modes"])
        self._mode = checked_autoreset_mode(autoreset_mode)
        self.metadata = type(self).metadata | {"autoreset_mode": self._mode}
        self.single_observation_space = _observation_space()
        self.single_action_space = spaces.Discrete(N_ACTIONS)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._scores = np.zeros(num_envs, dtype=np.int64)
        self._waiting = np.zeros(0, dtype=np.intp)
        """the games that are over and shown so, until the next step or reset"""
        self._games: Games | None = None

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int64], StepInfo]:
        """Start all games anew, or those of `options["reset_mask"]`; one seed stands for them all, so it is an int."""
        if isinstance(seed, list):
            raise ValueError("the games share one stream of random numbers: give one seed, not a list")
        which, boards = read_reset_options(options, self.num_envs)
        if which is not None and self._games is None:
            raise gym.error.ResetNeeded("the first reset is of all games: leave out reset_mask")
        super().reset(seed=seed)
        if which is None or self._games is None:
            which = np.arange(self.num_envs)
            self._games = Games(self.num_envs, self.np_random)
            self._shown = self._games.boards
        elif boards is None:
            boards = new_games(len(which), self.np_random)
        self._begin(self._games, which, boards)
        begun = np.zeros(self.num_envs, dtype=bool)
        begun[which] = True
        return self._shown.astype(np.int64), self._describe(self._games.legal & begun[:, None], begun)

    def _begin(self, games: Games, which: NDArray[np.intp], boards: NDArray[np.uint8] | None) -> None:
        """Let these games begin, with other boards if there are any (M, 16)."""
        games.random = self.np_random
        if boards is not None:
            games.set_boards(boards, which)
        self._scores[which] = 0
        self._waiting = np.setdiff1d(self._waiting, which)
        self._shown = self._shown.copy()
        self._shown[which] = games.boards[which]

    def action_masks(self) -> NDArray[np.bool_]:
        """(N, 4) which actions change the boards that are shown; none of a game that is over."""
        return legal_moves(self._shown)

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], StepInfo]:
        """Play one action (N,) in every game; InvalidAction for what is none, ResetNeeded where a game is over for good."""
        if self._games is None:
            raise gym.error.ResetNeeded("the games were never started: call reset() first")
        if self._mode is AutoresetMode.DISABLED and len(self._waiting):
            raise gym.error.ResetNeeded(f"games {self._waiting.tolist()} are over: reset them by options={{'reset_mask': ...}}")
        step = self._play(self._games, checked_actions(actions, self.num_envs))
        self._scores += step.points
        if self._mode is AutoresetMode.SAME_STEP:
            boards, info = self._end_now(self._games, step)
        else:
            boards, info = self._end_later(self._games, step)
        self._shown = boards
        never = np.zeros(self.num_envs, dtype=bool)
        return boards.astype(np.int64), step.points.astype(np.float64), step.over, never, info

    def _play(self, games: Games, actions: NDArray[np.integer]) -> StepResult:
        """One step of the games, but not of those that wait."""
        if not len(self._waiting):
            return games.step(actions)
        first_boards = games.boards[self._waiting]
        step = games.step(actions)
        games.set_boards(first_boards, self._waiting)
        step.points[self._waiting] = 0
        step.moved[self._waiting] = False
        self._scores[self._waiting] = 0
        return step

    def _end_now(self, games: Games, step: StepResult) -> tuple[NDArray[np.uint8], StepInfo]:
        over = step.over
        if not over.any():
            return games.boards, self._describe(games.legal, None, step.moved)
        final = self._describe(np.zeros_like(games.legal), over, over.copy())
        self._scores[over] = 0
        info = self._describe(games.legal, None, step.moved & ~over)
        final_boards = np.full(
            self.num_envs, None, dtype=object
        )  # Gymnasium's form, into which wrappers write what they make of it
        for game in np.flatnonzero(over):
            final_boards[game] = step.final_boards[game].astype(np.int64)
        ended = {"final_obs": final_boards, "_final_obs": over.copy(), "final_info": final, "_final_info": over.copy()}
        return games.boards, info | ended

    def _end_later(self, games: Games, step: StepResult) -> tuple[NDArray[np.uint8], StepInfo]:
        over = step.over[:, None]
        self._waiting = np.flatnonzero(over)
        info = self._describe(games.legal & ~over, None, step.moved)
        return np.where(over, step.final_boards, games.boards), info

    def render(self) -> Any:
        """One text or picture for each game, by `render_mode`; None without one."""
        if self._games is None or self.render_mode is None:
            return None
        draw = board_text if self.render_mode == "ansi" else draw_board
        return tuple(draw(board) for board in self._shown)

    def _describe(
        self, legal: NDArray[np.bool_], of: NDArray[np.bool_] | None, moved: NDArray[np.bool_] | None = None
    ) -> StepInfo:
        """Information in Gymnasium's form: beside each entry, under its name with `_` before it, which games (N,) it is of."""
        reported = np.ones(self.num_envs, dtype=bool) if of is None else of
        return {
            "action_mask": legal.astype(np.int8),
            "_action_mask": reported.copy(),
            "score": self._scores.copy() if of is None else np.where(of, self._scores, 0),
            "_score": reported.copy(),
            "moved": np.zeros(self.num_envs, dtype=bool) if moved is None else moved,
            "_moved": reported.copy(),
        }


def board_text(board: NDArray[np.uint8]) -> str:
    """Four lines of face values, a dot for an empty cell."""
    faces = ["." if exponent == 0 else str(1 << int(exponent)) for exponent in board]
    rows = [faces[start : start + SIZE] for start in range(0, CELLS, SIZE)]
    return "\n".join(" ".join(face.rjust(6) for face in row) for row in rows)


register_environment()
