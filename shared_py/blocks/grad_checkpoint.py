"""Less memory for more time while training."""

from shared_py.blocks.base import Block, Site, problem
from shared_py.problems import Problem, RemoveComponent
from shared_py.shapes import Signal


class GradCheckpoint(Block, frozen=True):
    """While training, recomputes the component that feeds it in the backward pass: same numbers, less memory.

    By `torch.utils.checkpoint.checkpoint(use_reentrant=False)`, with the random state kept: dropout drops the same values.
    It recomputes only in training mode: the exported `.py` keeps it for further training, and the `.onnx` has nothing of it.
    """

    type = "grad_checkpoint"
    title = "Gradient checkpoint"
    summary = "While training, computes the block before it twice to save memory."
    kind = "training"
    training_only = True
    recomputes_source = True

    def check(self, site: Site) -> list[Problem]:
        if site.source_is_computed:
            return []
        fix = RemoveComponent(site.component_id, f"Remove {site.name_of(site.component_id)}")
        message = f"has nothing to recompute: {site.source_name()} has no module of its own"
        return [problem(site, "nothing_to_recompute", message, fix=fix)]

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def is_view(self, site: Site) -> bool:
        return True

    def backward_bytes(self, site: Site) -> int:
        return 0
