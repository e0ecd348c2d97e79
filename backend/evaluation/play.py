"""Seeded games played to the end: by a network, at random, and by a greedy rule, for scores that can be compared."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from backend.environment.game_2048 import Boards, legal_moves, new_games, slide, spawn
from backend.errors import ADVICE
from backend.models.autocast import autocast
from backend.models.bucketing import pad_batch
from shared_py.algorithms import Policy
from shared_py.forecasting import EVALUATION_GAMES
from shared_py.metrics import ExpertPhases
from shared_py.protocol import Evaluation, PlayedGames, Rule
from shared_py.training_config import Precision

Actions = NDArray[np.int64]
SelectAction = Callable[[Boards, NDArray[np.bool_]], Actions]
"""boards (N, 16) and legal moves (N, 4) to actions (N,)"""
Watch = Callable[[NDArray[np.uint8], int], bool]
"""called before every move with a board (16,) and the number of games that have ended; true when playing is to stop"""
BASELINE_GAMES = 256
EVALUATION_SEED = 2048
MAX_GAME_MOVES = 100_000
PLAYER_STREAM = 1
"""keeps a player's random numbers apart from the game's"""


class EndedGames(NamedTuple):
    """How games ended."""

    scores: NDArray[np.int64]
    largest: NDArray[np.uint8]
    lengths: NDArray[np.int64]


def play_games(
    select_action: SelectAction, count: int, seed: int, watch: Watch = lambda _board, _ended: False
) -> EndedGames | None:
    """Play `count` games to the end; None if `watch` returned true."""
    random = np.random.default_rng(seed)
    boards = new_games(count, random)
    ended = EndedGames(np.zeros(count, np.int64), np.zeros(count, np.uint8), np.zeros(count, np.int64))
    playing = np.arange(count)
    for _ in range(MAX_GAME_MOVES):
        legal = legal_moves(boards)
        alive = legal.any(axis=1)
        if not alive.all():
            ended.largest[playing[~alive]] = boards[~alive].max(axis=1)
            boards, legal, playing = boards[alive], legal[alive], playing[alive]
        if not len(playing):
            return ended
        if watch(boards[0], count - len(playing)):
            return None
        boards, points, moved = slide(boards, select_action(boards, legal))
        ended.scores[playing] += points
        ended.lengths[playing] += 1
        spawn(boards, moved, random)
    ended.largest[playing] = boards.max(axis=1)
    return ended


def random_player(seed: int) -> SelectAction:
    """Any legal move, uniformly."""
    random = np.random.default_rng([seed, PLAYER_STREAM])

    def select_action(_: Boards, legal: NDArray[np.bool_]) -> Actions:
        actions: Actions = (random.random(legal.shape) * legal).argmax(axis=1)
        return actions

    return select_action


def greedy_player(seed: int) -> SelectAction:
    """The legal move with the most points, then the most empty cells, then any of them (a fixed order would add skill)."""
    random = np.random.default_rng([seed, PLAYER_STREAM])

    def select_action(boards: Boards, legal: NDArray[np.bool_]) -> Actions:
        worth = random.random(legal.shape)
        for action in range(legal.shape[1]):
            moved, points, _ = slide(boards, np.full(len(boards), action))
            worth[:, action] += points * 32.0 + (moved == 0).sum(axis=1)
        actions: Actions = np.where(legal, worth, -1.0).argmax(axis=1)
        return actions

    return select_action


def network_player(
    player: nn.Module, policy: Policy, seed: int, precision: Precision = "auto", at_once: int = EVALUATION_GAMES
) -> SelectAction:
    """The most likely move, or one sampled, of what gives masked logits and values; leaves it in evaluation mode.

    No more than `at_once` boards are given to it in one pass. FloatingPointError if an output is not finite, or so far below 0
    that an illegal move is preferred.
    """
    device = next(player.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    player.eval()

    @torch.inference_mode()
    def select_action(boards: Boards, legal: NDArray[np.bool_]) -> Actions:
        batch = torch.from_numpy(boards).to(device, torch.int64)
        with autocast(device, precision):
            logits = torch.cat([player(pad_batch(some, at_once))[0][: len(some)] for some in torch.split(batch, at_once)]).float()
        if not logits.isfinite().all():
            raise FloatingPointError(f"the outputs of the network are no longer finite numbers; {ADVICE}")
        if policy == "greedy":
            actions = logits.argmax(dim=1)
        else:
            actions = torch.multinomial(logits.softmax(dim=1), 1, generator=generator).squeeze(1)
        chosen: Actions = actions.cpu().numpy()
        if not np.take_along_axis(legal, chosen[:, None], axis=1).all():  # illegal moves have -1e9; the game would never end
            raise FloatingPointError(f"the network prefers illegal moves, since its outputs are below -1e9; {ADVICE}")
        return chosen

    return select_action


@cache
def baselines() -> dict[Rule, PlayedGames]:
    """The random and the greedy rule over the same seeded games, computed once a process."""
    players: dict[Rule, SelectAction] = {"random": random_player(EVALUATION_SEED), "greedy": greedy_player(EVALUATION_SEED)}
    results = {}
    for rule, player in players.items():
        games = play_games(player, BASELINE_GAMES, EVALUATION_SEED)
        assert games is not None
        results[rule] = score_summary(games)
    return results


def tile_frequency(largest: NDArray[np.integer]) -> dict[str, float]:
    """Share of games by largest tile, keyed by its face value, small tiles first."""
    exponents, counts = np.unique(largest, return_counts=True)
    return {str(1 << int(e)): float(n) / len(largest) for e, n in zip(exponents, counts, strict=True)}


def score_summary(games: EndedGames) -> PlayedGames:
    """What is told of games that were played to the end."""
    low, median, high = (float(q) for q in np.quantile(games.scores, (0.25, 0.5, 0.75)))
    return PlayedGames(
        games=len(games.scores),
        mean_score=float(games.scores.mean()),
        median_score=median,
        quartiles=(low, high),
        max_tile_frequency=tile_frequency(games.largest),
    )


def evaluation_of(
    games: EndedGames,
    policy: Policy,
    steps: int,
    board_reading: float | None = None,
    experts: dict[str, ExpertPhases] | None = None,
) -> Evaluation:
    """An evaluation line without its number and run."""
    beside = baselines()
    return Evaluation(
        seq=0,
        run_id="",
        steps=steps,
        policy=policy,
        **msgspec.structs.asdict(score_summary(games)),
        random_score=beside["random"].mean_score,
        greedy_score=beside["greedy"].mean_score,
        baselines=beside,
        board_reading=board_reading,
        experts=experts or {},
    )
