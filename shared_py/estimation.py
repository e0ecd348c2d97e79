"""Costs of a design, as sent to the phone: parameters, multiply-adds and memory to train; formulas are in the blocks."""

from functools import lru_cache

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis
from shared_py.blocks.base import BYTES_PER_VALUE, Sizes
from shared_py.game_2048 import CELLS, N_ACTIONS
from shared_py.protocol import BlockEstimate, Machine, MemoryEstimate
from shared_py.shapes import Signal, format_dims
from shared_py.training_config import TrainConfig, algorithm_of

ROLLOUT_BYTES_PER_BOARD = CELLS + 8 + 3 * 4 + 2 + 3 * 4 + 3 * 4 + 8
"""one kept move: a uint8 board, the int64 action, log-probability, value and points, whether the game is over and its largest
tile; then advantages before and after they are normalised, the return, how much it teaches, its weight before and after moves are
drawn, and its int64 place in the order of learning"""

BATCH_BYTES_PER_BOARD = CELLS + 8 + 5 * 4
"""a move's copy in the minibatch: board, action, log-probability, advantage, return, value and weight"""

SAMPLING_BYTES_PER_BOARD = 65
"""what it takes to draw from a rollout by importance, for each of its moves; measured"""

LOSS_BYTES_PER_BOARD = 52
"""what PPO's loss keeps of one board for the backward pass"""

PROCESS_BYTES = 31_000_000
"""what the libraries and the games' tables take once they compute, beyond a process that has them loaded; measured"""

HOLES, HOLES_OF_PASSING, HOLES_OF_VARYING, MAX_HOLES_OF_VARYING = 0.2, 0.5, 1.5, 25_000_000
"""what glibc's heap holds without using it: by what is in use at the peak, by what a pass needs for a while, and by
what lies in tensors whose sizes change from pass to pass, with the most bytes of it; fitted to 18 runs
(docs/decisions/0060-displayed-memory-of-a-run.md)"""

COMPACT_HEAP_SHARE = 0.25
"""share of the memory limit above which a run uses a compact heap, which is slower"""

BFLOAT16_SHARE = 0.6
"""of the activations in float32; measured"""

BYTES_PER_MEGABYTE = 1_000_000

AFTERSTATES = N_ACTIONS
"""boards that an algorithm which evaluates afterstates may value to play one move: one for each legal move"""

DEFAULT_CONFIG = TrainConfig()


class Estimate(Struct, frozen=True):
    """The sums over a design; sizes in bytes."""

    parameters: int
    active_parameters: int
    flops: int
    memory: MemoryEstimate
    blocks: dict[str, BlockEstimate]


NO_MEMORY = MemoryEstimate(0, 0, 0, 0, 0, 0, 0, 0, 0)
NOTHING_ESTIMATED = Estimate(0, 0, 0, NO_MEMORY, {})


def estimate(analysis: Analysis, config: TrainConfig = DEFAULT_CONFIG) -> Estimate:
    """Sum the known sizes of a design; a component behind a problem counts nothing."""
    d_model, sizes = analysis.design.meta.d_model, analysis.sizes
    blocks = {
        name: _estimate_block(item.signal, item.sizes, name in analysis.saved_outputs, d_model, config)
        for name, item in analysis.nodes.items()
        if item.signal is not None
    }
    return Estimate(sizes.parameters, sizes.active_parameters, sizes.flops, estimate_memory(sizes, config), blocks)


def optimizer_numbers(config: TrainConfig) -> int:
    """What is kept of each parameter beside weight and gradient: Adam's two moments, and the average of the weights if asked."""
    return 3 if config.ema_decay else 2


def optimizer_bytes(sizes: Sizes, config: TrainConfig) -> int:
    """What the optimizer keeps: of tables two moments or temporal coherence's two sums and two more, and never an average."""
    dense = sizes.parameters - sizes.table_parameters
    of_an_entry = 4 if config.optimizer == "tc" else 2
    return BYTES_PER_VALUE * (optimizer_numbers(config) * dense + of_an_entry * sizes.table_parameters)


def gradient_bytes(sizes: Sizes) -> int:
    """Gradients of the parameters; those of table rows are counted with the activations."""
    return BYTES_PER_VALUE * (sizes.parameters - sizes.table_parameters)


def boards_at_once(config: TrainConfig) -> int:
    """How many boards one forward and backward pass takes; gradients of several passes add up to a minibatch."""
    return min(config.microbatch_size, boards_in_a_minibatch(config))


def boards_in_a_minibatch(config: TrainConfig) -> int:
    """How many boards a gradient step learns from, at most what a pass draws from a rollout."""
    return min(config.minibatch_size, max(1, round(config.update_share * (config.n_envs * config.n_steps))))


def boards_a_game(config: TrainConfig) -> int:
    """How many boards the network evaluates per game to choose one move in test games."""
    return AFTERSTATES * config.play_views if algorithm_of(config).evaluates_afterstates else 1


def games_at_once(config: TrainConfig) -> int:
    """How many test games take one pass together: so many that no more boards are seen at once than a rollout shows."""
    return max(1, boards_in_a_rollout_step(config) // boards_a_game(config))


def boards_in_a_rollout_step(config: TrainConfig) -> int:
    """How many boards the network sees at once while a rollout is played, each from one side."""
    return config.n_envs * (AFTERSTATES if algorithm_of(config).evaluates_afterstates else 1)


def estimate_memory(
    sizes: Sizes, config: TrainConfig, machine: Machine | None = None, *, compact: bool | None = None
) -> MemoryEstimate:
    """Break down the peak memory of a run in bytes, not counting a process that has torch and the trainer loaded.

    Memory is what is resident and no file's (RssAnon). Without a machine it is that of float32 where memory is plentiful, and
    more boards at once never take less. On a machine products may be bfloat16, and a run that would hold more than
    `COMPACT_HEAP_SHARE` of its limit has a compact heap; `compact` overrides this choice.
    """
    if config.workers > 1:
        one = estimate_memory(sizes, share_of_worker(config), machine, compact=compact)
        return _of_workers(one, config.workers)
    if compact is None:
        most = None if machine is None else run_memory_of(machine)
        plentiful = estimate_memory(sizes, config, machine, compact=False)
        if most is None or not is_short(plentiful.training, most):
            return plentiful
        compact = True
    boards = boards_at_once(config)
    weights = BYTES_PER_VALUE * sizes.parameters
    losses = sizes.loss_bytes + LOSS_BYTES_PER_BOARD
    kept = (sizes.activation_bytes + losses) * boards
    passing = max(sizes.forward_bytes, sizes.backward_bytes, 0) * boards
    learning = kept + passing
    playing = max(boards_in_a_rollout_step(config), boards_a_game(config))
    moves = config.n_envs * config.n_steps
    sampling = SAMPLING_BYTES_PER_BOARD * moves if config.update_share < 1 else 0
    peak = max(learning, sizes.inference_bytes * playing, sampling)
    whole = min(peak, kept + sizes.recomputed_bytes * boards)
    activations = round(BFLOAT16_SHARE * whole) if computes_in_bfloat16(config, machine) else whole
    largest = 0 if sizes.table_parameters else BYTES_PER_VALUE * sizes.largest_tensor
    working = max(peak + largest // 2, largest) - whole
    optimizer, gradients = optimizer_bytes(sizes, config), gradient_bytes(sizes)
    rollout = ROLLOUT_BYTES_PER_BOARD * moves + BATCH_BYTES_PER_BOARD * boards_in_a_minibatch(config)
    used = weights + gradients + optimizer + activations + rollout + working
    varying = min(round(HOLES_OF_VARYING * sizes.varying_bytes * max(boards, playing)), MAX_HOLES_OF_VARYING)
    holes = 0 if compact else round(HOLES * used + HOLES_OF_PASSING * passing) + varying
    return MemoryEstimate(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        activations_without_checkpoints=(sizes.uncheckpointed_bytes + losses) * boards,
        rollout=rollout,
        workspace=working + holes + PROCESS_BYTES,
        training=used + holes + PROCESS_BYTES,
        running=weights + sizes.inference_bytes * boards_a_game(config),
    )


def _of_workers(one: MemoryEstimate, workers: int) -> MemoryEstimate:
    """The memory of several processes: each has all of it, and its gradients once more to average them."""
    parts = {name: workers * value for name, value in msgspec.structs.asdict(one).items()}
    extra = workers * one.gradients
    return MemoryEstimate(
        **parts | {"gradients": parts["gradients"] + extra, "training": parts["training"] + extra, "running": one.running}
    )


def share_of_worker(config: TrainConfig) -> TrainConfig:
    """The settings of one of the processes that train a run together: its part of the games and of each minibatch."""
    games, boards = config.n_envs // config.workers, config.minibatch_size // config.workers
    return msgspec.structs.replace(config, n_envs=games, minibatch_size=boards, workers=1)


def run_memory_of(machine: Machine) -> int | None:
    """Bytes that one run may take on a machine; None where its memory is not known."""
    return machine.run_memory_bytes or machine.memory_bytes or None


def is_short(training_bytes: int, most_bytes: int) -> bool:
    """Whether a run that holds so much takes so large a share of what it may that its heap must have no holes."""
    return training_bytes > COMPACT_HEAP_SHARE * most_bytes


def computes_in_bfloat16(config: TrainConfig, machine: Machine | None) -> bool:
    """Whether a run multiplies in bfloat16: as its settings say, or else as the machine has it."""
    if config.precision == "auto":
        return machine is not None and bool(machine.bfloat16)
    return config.precision == "bfloat16"


def least_training_bytes(sizes: Sizes, config: TrainConfig) -> int:
    """What a run takes wherever it runs: without holes, and in bfloat16, where that is faster, unless the settings forbid it."""
    narrow = config if config.precision == "float32" else msgspec.structs.replace(config, precision="bfloat16")
    return estimate_memory(sizes, narrow, compact=True).training


def largest_microbatch(sizes: Sizes, config: TrainConfig, memory_bytes: int, machine: Machine | None = None) -> int:
    """The largest microbatch whose training fits into a number of bytes, at most a whole minibatch; 0 if not even one board fits.

    Near that limit a run's heap has no holes.
    """

    def needed(boards: int) -> int:
        one = msgspec.structs.replace(config, microbatch_size=boards)
        return estimate_memory(sizes, one, machine, compact=True).training

    low, high = 0, boards_in_a_minibatch(config)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(middle) <= memory_bytes else (low, middle - 1)
    return low


@lru_cache(maxsize=4096)
def _estimate_block(signal: Signal, sizes: Sizes, is_kept: bool, d_model: int, config: TrainConfig) -> BlockEstimate:
    kept = max(0, sizes.activation_bytes + sizes.loss_bytes + (sizes.output_bytes if is_kept else 0))
    return BlockEstimate(
        parameters=sizes.parameters,
        active_parameters=sizes.active_parameters,
        flops=sizes.flops,
        activation_bytes=kept,
        training_bytes=BYTES_PER_VALUE * sizes.parameters
        + gradient_bytes(sizes)
        + optimizer_bytes(sizes, config)
        + kept * boards_at_once(config),
        shape=format_dims(signal.dims, d_model),
    )
