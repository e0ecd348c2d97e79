"""Estimates duration and memory of a run from the measured speed of the machine.

A machine's speed is two numbers, measured with two networks (backend/machine): multiply-adds a second, and the seconds a move of
128 games takes without the network. All other constants say how work that was not measured there compares to that; they were
fitted to whole runs (benchmarks/whole_runs.py).
"""

import math

from shared_py.blocks.base import BYTES_PER_VALUE, Sizes
from shared_py.estimation import (
    boards_a_game,
    boards_at_once,
    boards_in_a_minibatch,
    boards_in_a_rollout_step,
    estimate_memory,
    games_at_once,
    largest_microbatch,
    optimizer_bytes,
    run_memory_of,
)
from shared_py.protocol import Forecast, Machine
from shared_py.training_config import TrainConfig, algorithm_of

BACKWARD_COST = 3
"""multiply-adds of a forward and a backward pass, in forward passes"""

LEGAL_MOVES = 3.5
"""of the four boards after a move, so many are legal on average; measured"""

BYTE_COST = 16
"""multiply-adds done in the time it takes to make, keep and read one byte of activations; fitted to 20 networks on one machine"""

BOARDS_A_PASS = 14
"""what it takes to begin a pass, in boards"""

PARAMETER_COST = 100
"""multiply-adds done in the time it takes to clip, step and average one parameter"""

PLAY_SHARE, MEASURED_GAMES, MEASURED_MICROBATCH = 0.45, 128, 256
"""playing's share of the time of a move without the network (the rest is learning), and the games and boards per pass with which
that was measured"""

TABLE_OVERHEAD, TABLE_GAMES = 0.28, 512
"""the time of a move that table entries learn from, relative to the measurement of the machine, and the games it is for"""

FIRST_EVALUATION_S, EVALUATION_EVERY_S, EVALUATION_SHARE = 30.0, 60.0, 0.02
"""seconds until the first evaluation, minimum seconds between evaluations, and the maximum share of the time that they take"""

FIRST_GAP_S, GAP_SHARE = 1.0, 0.25
"""the least time between checkpoints early in a run: in seconds, and as a share of the time trained"""

EVALUATION_GAMES, READING_BOARDS = 64, 256
"""test games of each policy, and the boards on which its reading of them is measured"""

TIME_ERROR = 0.1
"""the forecast time of training is mostly off by no more than this share"""

MAX_FOLLOWED = 500
"""at most this many evaluations are simulated one by one (at least eight hours); later ones are extrapolated from the time"""

LONGEST_TO_MEAN_GAME = 1.8
"""moves of the longest of the test games, in mean ones"""

OVERHEAD_OF_A_RUN, OVERHEAD_OF_A_CHECKPOINT, OVERHEAD_OF_A_BYTE = 30_000, 700, 1.4e-4
"""what the start with the games of random and greedy play, a checkpoint, and a byte of it take, in moves' overheads"""

MIN_GAME_MOVES = 120.0
"""moves of a game of a network that knows nothing"""


def forecast(sizes: Sizes, config: TrainConfig, machine: Machine | None) -> Forecast:
    """Estimate memory and duration of a run on a machine; unknown values are None."""
    memory = estimate_memory(sizes, config, machine)
    training = memory.training
    if machine is None:
        return Forecast(training, memory)
    most = run_memory_of(machine)
    return Forecast(
        training,
        memory,
        fits=None if most is None else training <= most,
        largest_microbatch=None if most is None else largest_microbatch(sizes, config, most, machine),
        seconds=forecast_seconds(sizes, config, machine),
    )


def forecast_seconds(sizes: Sizes, config: TrainConfig, machine: Machine) -> float | None:
    """Seconds of a whole run: whole rollouts, evaluations, checkpoints and its start; None where no speed is known."""
    a_move = seconds_per_move(sizes, config, machine)
    if a_move is None or machine.step_overhead_s is None:
        return None
    rollout = config.n_envs * config.n_steps
    moves = -(-config.total_steps // rollout) * rollout
    learning = moves * a_move
    checkpoints = 2 + min(checkpoints_in(learning, config.checkpoint_every_s), learning / (rollout * a_move))
    size = BYTES_PER_VALUE * sizes.parameters + optimizer_bytes(sizes, config)
    beside = OVERHEAD_OF_A_RUN + checkpoints * (OVERHEAD_OF_A_CHECKPOINT + OVERHEAD_OF_A_BYTE * size)
    return learning + beside * machine.step_overhead_s + _seconds_of_evaluations(sizes, config, machine, moves, learning)


def checkpoints_in(seconds: float, every_s: float) -> float:
    """How many checkpoints are due in so many seconds of training: gaps grow with the time trained, up to `every_s`."""
    if every_s <= FIRST_GAP_S:
        return seconds / every_s
    first, growing = FIRST_GAP_S / GAP_SHARE, min(seconds, every_s / GAP_SHARE)
    if growing <= first:
        return growing / FIRST_GAP_S
    # rounded as in `moves_a_game`
    later = round(math.log(growing / first) / math.log(1 + GAP_SHARE), 3)
    return first / FIRST_GAP_S + later + (seconds - growing) / every_s


def _seconds_of_evaluations(sizes: Sizes, config: TrainConfig, machine: Machine, moves: int, learning: float) -> float:
    """Of all evaluations: the last at the end, the others after the rollout during which they are due, unless it is the last one.

    Whether one that is due shortly before the last rollout is played depends on the error of the forecast, so it counts by its
    probability.
    """
    a_rollout = learning * config.n_envs * config.n_steps / moves
    seconds, due = seconds_of_evaluation(sizes, config, machine, moves), FIRST_EVALUATION_S
    for _ in range(MAX_FOLLOWED):
        chance = _chance_to_reach(due, learning - a_rollout)
        if chance == 0:
            return seconds
        at = math.ceil(due / a_rollout) * a_rollout
        one = seconds_of_evaluation(sizes, config, machine, round(moves * min(1.0, at / learning)))
        between = max(EVALUATION_EVERY_S, one / EVALUATION_SHARE)
        seconds, due = seconds + chance * one, at + between
    return seconds + max(0.0, learning - due) / between * one


def _chance_to_reach(due: float, end: float) -> float:
    """The probability that training which is forecast to last until `end` reaches `due`: errors are evenly distributed."""
    return min(1.0, max(0.0, 0.5 + (end / due - 1) / (2 * TIME_ERROR)))


def seconds_of_evaluation(sizes: Sizes, config: TrainConfig, machine: Machine, moves: int) -> float:
    """Seconds of one evaluation (test games of every policy, position sensitivity) of a network after this number of moves."""
    assert machine.multiply_adds_per_second is not None
    assert machine.step_overhead_s is not None
    algorithm = algorithm_of(config)
    length = moves_a_game(sizes, config, moves)
    seen = boards_a_game(config) * (EVALUATION_GAMES * length + 2 * READING_BOARDS)
    pieces = max(1.0, EVALUATION_GAMES / LONGEST_TO_MEAN_GAME / games_at_once(config))
    passes = LONGEST_TO_MEAN_GAME * length * pieces
    work = _work_of_board(sizes) * (seen + BOARDS_A_PASS * passes)
    beside = algorithm.costs.pass_overhead * passes
    return len(algorithm.policies) * (work / machine.multiply_adds_per_second + beside * machine.step_overhead_s)


def moves_a_game(sizes: Sizes, config: TrainConfig, moves: int) -> float:
    """The expected length of a test game in moves, after this number of training moves; networks differ."""
    costs = algorithm_of(config).costs
    start = costs.growth_from_moves * math.sqrt(max(1.0, sizes.flops / costs.early_flops))
    # rounded, since the logarithm of the browser's C library differs from the server's in the last bit
    return round(MIN_GAME_MOVES + costs.game_growth * math.log10(1 + moves / start), 3)


def seconds_per_move(sizes: Sizes, config: TrainConfig, machine: Machine) -> float | None:
    """Seconds for one move of a run, what is learned from it included; None where the machine's speed is not known.

    Several processes count as one: on two cores they proved to be 0.8 to 1.2 times as fast (benchmarks/data_parallel.py).
    """
    if machine.multiply_adds_per_second is None or machine.step_overhead_s is None:
        return None
    return cost_per_move(sizes, config) / machine.multiply_adds_per_second + overhead_per_move(config) * machine.step_overhead_s


def overhead_per_move(config: TrainConfig) -> float:
    """The time of a move without the network, relative to the measurement of the machine.

    Three quarters of playing go by moves and one by rollout steps; learning goes by passes.
    """
    if config.optimizer == "tc":
        return TABLE_OVERHEAD * (3 + TABLE_GAMES / config.n_envs) / 4
    playing = algorithm_of(config).costs.play_overhead * (3 + MEASURED_GAMES / config.n_envs) / 4
    learning = config.update_epochs * config.update_share * MEASURED_MICROBATCH / boards_at_once(config)
    return PLAY_SHARE * playing + (1 - PLAY_SHARE) * learning


def cost_per_move(sizes: Sizes, config: TrainConfig) -> float:
    """What one move of a run costs, in multiply-adds: forward passes to play it, forward and backward to learn from it.

    Each epoch learns from the share of moves that it draws; what is recomputed goes forward once more. Narrow networks spend most
    of their time on moving numbers about, so that counts too, by the bytes of activations.
    """
    played = LEGAL_MOVES if algorithm_of(config).evaluates_afterstates else 1
    played *= 1 + BOARDS_A_PASS / boards_in_a_rollout_step(config)
    again = sizes.recomputed_flops / sizes.flops if sizes.flops else 0
    drawn = config.update_epochs * config.update_share
    learned = (BACKWARD_COST + again) * drawn * (1 + BOARDS_A_PASS / boards_at_once(config))
    stepped = PARAMETER_COST * (sizes.parameters - sizes.table_parameters) * drawn / boards_in_a_minibatch(config)
    return _work_of_board(sizes) * (played + learned) + stepped


def _work_of_board(sizes: Sizes) -> float:
    return sizes.flops + BYTE_COST * sizes.uncheckpointed_bytes
