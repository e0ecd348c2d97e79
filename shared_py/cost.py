"""The total cost of the components of one container: counts are summed, memory is a peak over the live tensors.

Memory is followed through one forward and one backward pass. Going forward, every output so far is alive, since it is a
variable of the running `forward`. Going back, only saved tensors are left, and each component frees its own. The scratch memory
of one component counts at its turn alone, so a large need early in the pass often does not show in the peak.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from shared_py.blocks.base import Sizes


class TotalCost(Struct, frozen=True):
    """The sizes of several components as of one, and which of them have their output saved for the backward pass."""

    sizes: Sizes
    saved_outputs: frozenset[str]


def total_cost(
    order: Sequence[str],
    inputs_of: Mapping[str, Sequence[str]],
    sizes_of: Mapping[str, Sizes],
    recomputed: set[str],
    last: str | None = None,
) -> TotalCost:
    """Sum up components in the order they are computed; those missing in `sizes_of` are ignored.

    Inside a container, components without inputs get the container's input, and the output of `last` is the container's.
    """
    names = [name for name in order if name in sizes_of]
    # Most components of a large design are equal, so each distinct size is read once and multiplied.
    counts = Counter([sizes_of[name] for name in names])
    needs = {sizes: (sizes.saves_output, sizes.saves_input, sizes.is_view) for sizes in counts}
    saved_outputs, saves_input = _saved_outputs(names, inputs_of, sizes_of, needs, recomputed)
    memory = {sizes: _memory(sizes) for sizes in counts}
    saved, outputs, forward, backward, inference, again = _peaks(names, sizes_of, memory, recomputed, saved_outputs)
    root = _made_by(last, inputs_of, sizes_of)
    output_bytes = 0 if root is None else sizes_of[root].output_bytes
    # The container's output is counted where the container is, like the output of any block.
    saved -= output_bytes * (root in saved_outputs)
    total = Sizes(
        parameters=sum(sizes.parameters * count for sizes, count in counts.items()),
        active_parameters=sum(sizes.active_parameters * count for sizes, count in counts.items()),
        flops=sum(sizes.flops * count for sizes, count in counts.items()),
        recomputed_flops=sum(sizes.recomputed_flops * count for sizes, count in counts.items())
        + sum(sizes_of[name].flops for name in names if name in recomputed),
        activation_bytes=saved,
        output_bytes=output_bytes,
        saves_output=root in saved_outputs,
        saves_input=saves_input,
        is_view=last is not None and root is None,
        loss_bytes=sum(sizes.loss_bytes * count for sizes, count in counts.items()),
        recomputed_bytes=min(again, max(0, backward - saved)),
        uncheckpointed_bytes=sum(sizes.uncheckpointed_bytes * count for sizes, count in counts.items())
        + outputs
        - output_bytes * (root in saved_outputs),
        varying_bytes=sum(sizes_of[name].varying_bytes for name in names if name not in recomputed),
        forward_bytes=forward - saved - output_bytes,
        backward_bytes=backward - saved,
        inference_bytes=inference,
        table_parameters=sum(sizes.table_parameters * count for sizes, count in counts.items()),
        largest_tensor=max((sizes.largest_tensor for sizes in counts), default=0),
        calls=sum(sizes.calls * count for sizes, count in counts.items()),
        levels=max((sizes.levels for sizes in counts), default=0),
    )
    return TotalCost(total.capped(), saved_outputs)


class _Peaks(NamedTuple):
    """Bytes of one pass over the components; `outputs` is the part of `saved` that are outputs."""

    saved: int
    outputs: int
    forward: int
    backward: int
    inference: int
    recomputed: int


def _peaks(
    names: Sequence[str],
    sizes_of: Mapping[str, Sizes],
    memory: Mapping[Sizes, tuple[int, int, int, int, int, int, int]],
    recomputed: set[str],
    saved_outputs: Collection[str],
) -> _Peaks:
    """Follow the live tensors forward and backward through the components."""
    alive = saved = forward = backward = inference = made = again = outputs = 0
    for name in names:
        saved_bytes, output_bytes, forward_bytes, backward_bytes, inference_bytes, recomputed_bytes, uncheckpointed_bytes = (
            memory[sizes_of[name]]
        )
        more = 0
        if name in recomputed:
            # Nothing inside is saved: the whole inner forward pass is alive while the component is recomputed.
            saved_bytes, more, backward_bytes, recomputed_bytes = (
                0,
                uncheckpointed_bytes,
                max(0, backward_bytes - recomputed_bytes),
                0,
            )
        alive += saved_bytes + output_bytes
        if alive + forward_bytes > forward:
            forward = alive + forward_bytes
        if made + inference_bytes > inference:
            inference = made + inference_bytes
        # Without a backward pass only the outputs stay alive, as variables of `forward`.
        made += output_bytes
        saved += saved_bytes
        if name in saved_outputs:
            saved += output_bytes
            outputs += output_bytes
        if saved + more + backward_bytes > backward:
            backward = saved + more + backward_bytes
            again = more + recomputed_bytes
    return _Peaks(saved, outputs, forward, backward, inference, again)


def _memory(sizes: Sizes) -> tuple[int, int, int, int, int, int, int]:
    """The sizes that the pass over the components reads, looked up once for all equal ones."""
    return (
        sizes.activation_bytes,
        sizes.output_bytes,
        sizes.forward_bytes,
        sizes.backward_bytes,
        sizes.inference_bytes,
        sizes.recomputed_bytes,
        sizes.uncheckpointed_bytes,
    )


def _saved_outputs(
    names: Sequence[str],
    inputs_of: Mapping[str, Sequence[str]],
    sizes_of: Mapping[str, Sizes],
    needs: Mapping[Sizes, tuple[bool, bool, bool]],
    recomputed: set[str],
) -> tuple[frozenset[str], bool]:
    """The components whose output is saved for the backward pass, and whether the container's input is."""
    saved_outputs: set[str] = set()
    saves_input = False
    # Backwards, because a view saves its input if any later component saves the view.
    for name in reversed(names):
        saves_output, needs_input, is_view = needs[sizes_of[name]]
        if saves_output and name not in recomputed:
            saved_outputs.add(name)
        if needs_input or name in recomputed or (is_view and name in saved_outputs):
            sources = inputs_of[name]
            saved_outputs.update(sources)
            saves_input = saves_input or not sources
    return frozenset(saved_outputs), saves_input


def _made_by(name: str | None, inputs_of: Mapping[str, Sequence[str]], sizes_of: Mapping[str, Sizes]) -> str | None:
    """The component that allocated an output, seen through views; None if it is the container's input."""
    while name is not None and name in sizes_of and sizes_of[name].is_view:
        name = next(iter(inputs_of[name]), None)
    return name if name in sizes_of else None
