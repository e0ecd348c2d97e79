"""Less memory for more time while training."""

from shared_py.blocks.base import Block, BlockContext
from shared_py.blocks.block_problems import problem
from shared_py.problems import Problem, RemoveComponent, label
from shared_py.shapes import Signal


class GradCheckpoint(Block, frozen=True):
    """While training, recomputes the component that feeds it in the backward pass: same numbers, less memory.

    By `torch.utils.checkpoint.checkpoint(use_reentrant=False)`, with the random state kept: dropout drops the same values.
    It recomputes only in training mode: the exported `.py` keeps it for further training, and the `.onnx` has nothing of it.
    """

    type = "grad_checkpoint"
    title = "Gradient checkpoint"
    summary = "While training, computes the block before it twice to save memory."
    keywords = ("activation checkpointing", "recompute", "rematerialization", "memory")
    kind = "training"
    training_only = True
    recomputes_source = True

    def check(self, context: BlockContext) -> list[Problem]:
        if context.source_is_computed:
            return []
        fix = RemoveComponent(context.component_id, **label("remove", component=context.name_of(context.component_id)))
        return [problem(context, "nothing_to_recompute", {"source": context.source_name()}, fix=fix)]

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def is_view(self, context: BlockContext) -> bool:
        return True

    def backward_bytes(self, context: BlockContext) -> int:
        return 0
