"""What the components of one place cost together: counts add up, memory has a peak; no block is named here.

Memory is followed through one forward and one backward pass. Going forward, all that components made so far is held, for
their outputs are variables of the pass that runs. Going back, only what the backward pass needs is left, and each component
drops what it kept. What one component needs for a while counts at its turn, so a large need early on often does not show.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from shared_py.blocks.base import Sizes


class Sum(Struct, frozen=True):
    """The sizes of several components as of one, and which of them have what leaves them kept for the backward pass."""

    sizes: Sizes
    kept: frozenset[str]


def total_cost(
    order: Sequence[str],
    inputs_of: Mapping[str, Sequence[str]],
    placed: Mapping[str, Sizes],
    recomputed: set[str],
    last: str | None = None,
) -> Sum:
    """Add up components in the order they are computed; those not in `placed` count nothing.

    Inside a container, what arrives there reaches the components that nothing here feeds, and leaves it by the `last`.
    """
    names = [name for name in order if name in placed]
    alike = Counter([placed[name] for name in names])
    needs = {sizes: (sizes.saves_output, sizes.saves_input, sizes.is_view) for sizes in alike}
    kept, saves_input = _kept(names, inputs_of, placed, needs, recomputed)
    memory = {sizes: _memory(sizes) for sizes in alike}
    held = saved = forward = backward = playing = played = again = leaving = 0
    for name in names:
        inside, leaves, ahead, back, plays, recomputes, whole = memory[placed[name]]
        more = 0
        if name in recomputed:
            inside, more, back, recomputes = 0, whole, max(0, back - recomputes), 0
        held += inside + leaves
        if held + ahead > forward:
            forward = held + ahead
        if played + plays > playing:
            playing = played + plays
        played += leaves
        saved += inside
        if name in kept:
            saved += leaves
            leaving += leaves
        if saved + more + back > backward:
            backward = saved + more + back
            again = more + recomputes
    root = _made_by(last, inputs_of, placed)
    leaves = 0 if root is None else placed[root].output_bytes
    saved -= leaves * (root in kept)
    total = Sizes(
        parameters=sum(sizes.parameters * count for sizes, count in alike.items()),
        active_parameters=sum(sizes.active_parameters * count for sizes, count in alike.items()),
        flops=sum(sizes.flops * count for sizes, count in alike.items()),
        recomputed_flops=sum(sizes.recomputed_flops * count for sizes, count in alike.items())
        + sum(placed[name].flops for name in names if name in recomputed),
        activation_bytes=saved,
        output_bytes=leaves,
        saves_output=root in kept,
        saves_input=saves_input,
        is_view=last is not None and root is None,
        loss_bytes=sum(sizes.loss_bytes * count for sizes, count in alike.items()),
        recomputed_bytes=min(again, max(0, backward - saved)),
        uncheckpointed_bytes=sum(sizes.uncheckpointed_bytes * count for sizes, count in alike.items())
        + leaving
        - leaves * (root in kept),
        varying_bytes=sum(placed[name].varying_bytes for name in names if name not in recomputed),
        forward_bytes=forward - saved - leaves,
        backward_bytes=backward - saved,
        inference_bytes=playing,
        largest_tensor=max((sizes.largest_tensor for sizes in alike), default=0),
        calls=sum(sizes.calls * count for sizes, count in alike.items()),
        levels=max((sizes.levels for sizes in alike), default=0),
    )
    return Sum(total.capped(), kept)


def _memory(sizes: Sizes) -> tuple[int, int, int, int, int, int, int]:
    """What the walk asks of one component, read once for all like it."""
    return (
        sizes.activation_bytes,
        sizes.output_bytes,
        sizes.forward_bytes,
        sizes.backward_bytes,
        sizes.inference_bytes,
        sizes.recomputed_bytes,
        sizes.uncheckpointed_bytes,
    )


def _kept(
    names: Sequence[str],
    inputs_of: Mapping[str, Sequence[str]],
    placed: Mapping[str, Sizes],
    needs: Mapping[Sizes, tuple[bool, bool, bool]],
    recomputed: set[str],
) -> tuple[frozenset[str], bool]:
    """Whose output the backward pass needs, and whether it needs what arrives in this place."""
    kept: set[str] = set()
    saves_input = False
    for name in reversed(names):
        saves_output, keeps_what_arrives, is_view = needs[placed[name]]
        if saves_output and name not in recomputed:
            kept.add(name)
        if keeps_what_arrives or name in recomputed or (is_view and name in kept):
            sources = inputs_of[name]
            kept.update(sources)
            saves_input = saves_input or not sources
    return frozenset(kept), saves_input


def _made_by(name: str | None, inputs_of: Mapping[str, Sequence[str]], placed: Mapping[str, Sizes]) -> str | None:
    """Who made what leaves a component, seen through those that pass on what they get; None if it arrived in this place."""
    while name is not None and name in placed and placed[name].is_view:
        name = next(iter(inputs_of[name]), None)
    return name if name in placed else None
