"""One evaluation of a network: seeded test games played by one policy, how the network reads the board, what its experts do."""

from collections.abc import Callable

from torch import nn

from backend.evaluation.expert_phases import TileSample, expert_phases, has_experts
from backend.evaluation.permutation_sensitivity import BoardSample, board_reading
from backend.evaluation.play import EVALUATION_SEED, Watch, evaluation_of, network_player, play_games
from backend.models import GameTransformer
from shared_py.algorithms import Policy
from shared_py.estimation import games_at_once
from shared_py.forecasting import READING_BOARDS
from shared_py.protocol import Evaluation
from shared_py.training_config import TrainConfig


def evaluate_policy(
    network: GameTransformer,
    player_of: Callable[[GameTransformer, TrainConfig], nn.Module],
    policy: Policy,
    config: TrainConfig,
    count: int,
    steps: int,
    watch: Watch,
    tick: Callable[[], bool],
) -> Evaluation | None:
    """Evaluate a network with `count` games after `steps` moves of training.

    Returns None if `watch`, called before every move, or `tick` returned true. `player_of` returns the module that plays for a
    network.
    """
    precision, at_once = config.precision, games_at_once(config)

    def play_with(network: GameTransformer) -> nn.Module:
        return player_of(network, config)

    sample = BoardSample(READING_BOARDS, EVALUATION_SEED)
    module = play_with(network)
    player = sample.watch(network_player(module, policy, EVALUATION_SEED, precision, at_once))
    tiles = TileSample(module, EVALUATION_SEED)
    if has_experts(network):
        player = tiles.watch(player)
    games = play_games(player, count, EVALUATION_SEED, watch)
    if games is None:
        return None
    has_stopped = False

    def stops() -> bool:
        nonlocal has_stopped
        has_stopped = tick()
        return has_stopped

    reading = board_reading(play_with, network, sample.boards, EVALUATION_SEED, precision, at_once, stops)
    experts = {} if has_stopped else expert_phases(network, tiles, precision, at_once, stops)
    return None if has_stopped else evaluation_of(games, policy, steps, reading, experts)
