"""What a drawing costs: parameters, multiply-adds, memory to train; formulas are in the blocks, sums are here."""

from msgspec import Struct

from shared_py.analysis import Analysis, Placed
from shared_py.blocks.base import BYTES_PER_VALUE
from shared_py.protocol import BlockEstimate, MemoryEstimate
from shared_py.shapes import CELLS, format_dims
from shared_py.training_config import TrainConfig

BYTES_PER_PARAMETER = 16
"""float32 weights, gradients and Adam's two moments (torch.optim.Adam)"""

ROLLOUT_BYTES_PER_BOARD = CELLS * 8 + 4 * 1 + 8 + 5 * 4
"""one kept move: an int64 board, its mask, the action, and log-probability, value, reward, advantage and return"""

BYTES_PER_MEGABYTE = 1_000_000

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
    boards = min(config.microbatch_size, config.minibatch_size, config.n_envs * config.n_steps)
    blocks = {
        name: _estimate_block(item, analysis.design.meta.d_model, boards)
        for name, item in analysis.placed.items()
        if item.signal is not None
    }
    parameters = sum(block.parameters for block in blocks.values())
    kept, whole = activation_bytes(analysis) * boards, boards * sum(block.activation_bytes for block in blocks.values())
    rollout = ROLLOUT_BYTES_PER_BOARD * config.n_envs * config.n_steps
    weights = BYTES_PER_VALUE * parameters
    memory = MemoryEstimate(
        weights=weights,
        gradients=weights,
        optimizer=2 * weights,
        activations=kept,
        activations_without_checkpoints=whole,
        rollout=rollout,
        workspace=0,
        training=BYTES_PER_PARAMETER * parameters + kept + rollout,
        running=weights,
    )
    return Estimate(
        parameters=parameters,
        active_parameters=sum(block.active_parameters for block in blocks.values()),
        flops=sum(block.flops for block in blocks.values()),
        memory=memory,
        blocks=blocks,
    )


def activation_bytes(analysis: Analysis) -> int:
    """Bytes one board keeps for the backward pass; of the recomputed components only the largest, since they come one by one."""
    kept = 0
    recomputed = [0]
    for name, item in analysis.placed.items():
        if item.signal is None:
            continue
        size = item.block.activation_bytes(item.site)
        if is_recomputed(analysis, name):
            recomputed.append(size)
        else:
            kept += size
    return kept + max(recomputed)


def is_recomputed(analysis: Analysis, name: str) -> bool:
    """Whether a component behind this one has it recomputed in the backward pass."""
    targets = (analysis.placed.get(target) for target in analysis.graph.outputs_of[name])
    return any(target is not None and target.block.recomputes_source for target in targets)


def _estimate_block(item: Placed, d_model: int, boards: int) -> BlockEstimate:
    block, site = item.block, item.site
    assert item.signal is not None
    parameters, kept = block.parameters(site), block.activation_bytes(site)
    return BlockEstimate(
        parameters=parameters,
        active_parameters=block.active_parameters(site),
        flops=block.flops(site),
        activation_bytes=kept,
        training_bytes=BYTES_PER_PARAMETER * parameters + kept * boards,
        shape=format_dims(item.signal.dims, d_model),
    )
