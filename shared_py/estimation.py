"""What a drawing costs on the wire: parameters, multiply-adds, memory and time to train; formulas are in the blocks."""

from functools import lru_cache

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis
from shared_py.blocks.base import BYTES_PER_VALUE, Sizes
from shared_py.protocol import BlockEstimate, Forecast, Machine, MemoryEstimate
from shared_py.shapes import CELLS, Signal, format_dims
from shared_py.training_config import TrainConfig

ROLLOUT_BYTES_PER_BOARD = CELLS + 8 + 3 * 4 + 2 + 3 * 4 + 3 * 4 + 8
"""one kept move: a uint8 board, the int64 action, log-probability, value and points, whether the game is over and its largest
tile; then advantages before and after they are normalised, the return, how much it teaches, its weight before and after moves are
drawn, and its int64 place in the order of learning"""

BATCH_BYTES_PER_BOARD = CELLS + 8 + 5 * 4
"""a move's copy in the minibatch: board, action, log-probability, advantage, return, value and weight"""

DRAWING_BYTES_PER_BOARD = 65
"""what it takes to draw from a rollout by importance, for each of its moves; measured"""

LOSS_BYTES_PER_BOARD = 52
"""what PPO's loss keeps of one board for the backward pass"""

PROCESS_BYTES = 43_000_000
"""what the libraries and the games' tables take once they compute: code, threads, buffers; measured"""

BFLOAT16_SHARE = 0.6
"""of the activations in float32; measured"""

BYTES_PER_MEGABYTE = 1_000_000

BACKWARD_COST = 3
"""multiply-adds of a forward and a backward pass, in forward passes"""

AFTERSTATES = 4
"""boards that afterstate TD may value to play one move: one for each legal move"""

LEGAL_MOVES = 3.5
"""of them are legal on average; measured"""

BYTE_COST = 16
"""multiply-adds done in the time it takes to make, keep and read one byte of activations; fitted to 20 networks on one machine"""

DEFAULT_CONFIG = TrainConfig()


class Estimate(Struct, frozen=True):
    """The sums over a drawing; sizes in bytes."""

    parameters: int
    active_parameters: int
    flops: int
    memory: MemoryEstimate
    blocks: dict[str, BlockEstimate]


NO_MEMORY = MemoryEstimate(0, 0, 0, 0, 0, 0, 0, 0, 0)
NOTHING_ESTIMATED = Estimate(0, 0, 0, NO_MEMORY, {})


def estimate(analysis: Analysis, config: TrainConfig = DEFAULT_CONFIG) -> Estimate:
    """Add up what can be told of a drawing; a component behind a problem counts nothing."""
    d_model, sizes = analysis.design.meta.d_model, analysis.sizes
    blocks = {
        name: _estimate_block(item.signal, item.sizes, name in analysis.kept, d_model, config)
        for name, item in analysis.placed.items()
        if item.signal is not None
    }
    return Estimate(sizes.parameters, sizes.active_parameters, sizes.flops, estimate_memory(sizes, config), blocks)


def optimizer_numbers(config: TrainConfig) -> int:
    """What is kept of each parameter beside weight and gradient: Adam's two moments, and the average of the weights if asked."""
    return 3 if config.ema_decay else 2


def boards_at_once(config: TrainConfig) -> int:
    """How many boards one forward and backward pass takes; gradients of several passes add up to a minibatch."""
    return min(config.microbatch_size, boards_in_a_minibatch(config))


def boards_in_a_minibatch(config: TrainConfig) -> int:
    """How many boards a gradient step learns from, at most what a pass draws from a rollout."""
    return min(config.minibatch_size, max(1, round(config.update_share * (config.n_envs * config.n_steps))))


def boards_a_game(config: TrainConfig) -> int:
    """How many boards a game shows the network to choose one move at play, outside rollouts."""
    return AFTERSTATES * config.play_views if config.algorithm == "afterstate_td" else 1


def games_at_once(config: TrainConfig) -> int:
    """How many test games take one pass together: so many that no more boards are seen at once than a rollout shows."""
    return max(1, boards_in_a_rollout_step(config) // boards_a_game(config))


def boards_in_a_rollout_step(config: TrainConfig) -> int:
    """How many boards the network sees at once while a rollout is played, each from one side."""
    return config.n_envs * (AFTERSTATES if config.algorithm == "afterstate_td" else 1)


def estimate_memory(sizes: Sizes, config: TrainConfig) -> MemoryEstimate:
    """Say where the memory of a run goes at its peak, in bytes, beyond a process that has torch and the trainer loaded.

    Of float32, to the byte what torch allocates up to a few percent, and `PROCESS_BYTES` (docs/decisions.md). Where runs
    compute in bfloat16, activations take about 0.6 of this. More boards at once never take less.
    """
    boards = boards_at_once(config)
    weights = BYTES_PER_VALUE * sizes.parameters
    losses = sizes.loss_bytes + LOSS_BYTES_PER_BOARD
    kept = (sizes.activation_bytes + losses) * boards
    learning = kept + max(sizes.forward_bytes, sizes.backward_bytes, 0) * boards
    playing = max(boards_in_a_rollout_step(config), boards_a_game(config))
    moves = config.n_envs * config.n_steps
    drawing = DRAWING_BYTES_PER_BOARD * moves if config.update_share < 1 else 0
    peak = max(learning, sizes.playing_bytes * playing, drawing)
    activations = min(peak, kept + sizes.recomputed_bytes * boards)
    largest = BYTES_PER_VALUE * sizes.largest_tensor
    workspace = max(peak + largest // 2, largest) - activations + PROCESS_BYTES
    optimizer = optimizer_numbers(config) * weights
    rollout = ROLLOUT_BYTES_PER_BOARD * moves + BATCH_BYTES_PER_BOARD * boards_in_a_minibatch(config)
    return MemoryEstimate(
        weights=weights,
        gradients=weights,
        optimizer=optimizer,
        activations=activations,
        activations_without_checkpoints=(sizes.unsaved_bytes + losses) * boards,
        rollout=rollout,
        workspace=workspace,
        training=2 * weights + optimizer + activations + rollout + workspace,
        running=weights + sizes.playing_bytes * boards_a_game(config),
    )


def least_training_bytes(sizes: Sizes, config: TrainConfig) -> int:
    """What a run takes wherever it runs: in bfloat16, where that is faster, that of the activations, unless told not to."""
    memory = estimate_memory(sizes, config)
    spared = 0 if config.precision == "float32" else round((1 - BFLOAT16_SHARE) * memory.activations)
    return memory.training - spared


def largest_microbatch(sizes: Sizes, config: TrainConfig, memory_bytes: int) -> int:
    """The most boards at once whose training fits into so many bytes, at most a whole minibatch; 0 when not even one does."""

    def needed(boards: int) -> int:
        return estimate_memory(sizes, msgspec.structs.replace(config, microbatch_size=boards)).training

    low, high = 0, boards_in_a_minibatch(config)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(middle) <= memory_bytes else (low, middle - 1)
    return low


def forecast(sizes: Sizes, config: TrainConfig, machine: Machine | None) -> Forecast:
    """Say what a run would take on a machine; what is not known of it is left out."""
    training = estimate_memory(sizes, config).training
    if machine is None:
        return Forecast(training)
    most = machine.run_memory_bytes or machine.memory_bytes
    return Forecast(
        training,
        fits=training <= most if most else None,
        largest_microbatch=largest_microbatch(sizes, config, most) if most else None,
        seconds=forecast_seconds(sizes, config, machine),
    )


def forecast_seconds(sizes: Sizes, config: TrainConfig, machine: Machine) -> float | None:
    """Seconds for all steps of a run, which plays whole rollouts; None where the machine's speed is not known."""
    a_move = seconds_per_move(sizes, config, machine)
    rollout = config.n_envs * config.n_steps
    return None if a_move is None else -(-config.total_steps // rollout) * rollout * a_move


def seconds_per_move(sizes: Sizes, config: TrainConfig, machine: Machine) -> float | None:
    """Seconds for one move of a run, what is learned from it included; None where the machine's speed is not known."""
    if machine.multiply_adds_per_second is None or machine.step_overhead_s is None:
        return None
    return work_of_move(sizes, config) / machine.multiply_adds_per_second + machine.step_overhead_s


def work_of_move(sizes: Sizes, config: TrainConfig) -> float:
    """What one move of a run costs, in multiply-adds: forward passes to play it, forward and backward to learn from it.

    Each epoch learns from the share of moves that it draws; what is recomputed goes forward once more. Narrow networks spend most
    of their time on moving numbers about, so that counts too, by the bytes of activations.
    """
    played = LEGAL_MOVES if config.algorithm == "afterstate_td" else 1
    again = sizes.recomputed_flops / sizes.flops if sizes.flops else 0
    learned = (BACKWARD_COST + again) * config.update_epochs * config.update_share
    return (sizes.flops + BYTE_COST * sizes.unsaved_bytes) * (played + learned)


@lru_cache(maxsize=4096)
def _estimate_block(signal: Signal, sizes: Sizes, is_kept: bool, d_model: int, config: TrainConfig) -> BlockEstimate:
    kept = sizes.activation_bytes + sizes.loss_bytes + (sizes.leaving_bytes if is_kept else 0)
    return BlockEstimate(
        parameters=sizes.parameters,
        active_parameters=sizes.active_parameters,
        flops=sizes.flops,
        activation_bytes=kept,
        training_bytes=BYTES_PER_VALUE * (2 + optimizer_numbers(config)) * sizes.parameters + kept * boards_at_once(config),
        shape=format_dims(signal.dims, d_model),
    )
