"""What the components of one place cost together: counts add up, memory has a peak; no block is named here.

Memory is followed through one forward and one backward pass. Going forward, all that components made so far is held, for
their outputs are variables of the pass that runs. Going back, only what the backward pass needs is left, and each component
drops what it kept. What one component needs for a while counts at its turn, so a large need early on often does not show.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from shared_py.blocks.base import Sizes


class Sum(Struct, frozen=True):
    """The sizes of several components as of one, and which of them have what leaves them kept for the backward pass."""

    sizes: Sizes
    kept: frozenset[str]


def add_up(
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
    kept, keeps_input = _kept(names, inputs_of, placed, recomputed)
    parameters = active = flops = calls = levels = largest = losses = 0
    held = saved = unsaved = forward = backward = playing = played = again = 0
    for name in names:
        sizes = placed[name]
        parameters += sizes.parameters
        active += sizes.active_parameters
        flops += sizes.flops
        calls += sizes.calls
        levels = max(levels, sizes.levels)
        losses += sizes.loss_bytes
        largest = max(largest, sizes.largest_tensor)
        leaves = sizes.leaving_bytes
        inside, more = (0, sizes.activation_bytes) if name in recomputed else (sizes.activation_bytes, 0)
        forward = max(forward, held + inside + leaves + sizes.forward_bytes)
        held += inside + leaves
        playing = max(playing, played + sizes.playing_bytes)
        played += leaves
        saved += inside + leaves * (name in kept)
        unsaved += sizes.unsaved_bytes + leaves * (name in kept)
        if saved + more + sizes.backward_bytes > backward:
            backward = saved + more + sizes.backward_bytes
            again = more + sizes.recomputed_bytes
    root = _made_by(last, inputs_of, placed)
    leaves = 0 if root is None else placed[root].leaving_bytes
    saved -= leaves * (root in kept)
    total = Sizes(
        parameters=parameters,
        active_parameters=active,
        flops=flops,
        activation_bytes=saved,
        leaving_bytes=leaves,
        keeps_output=root in kept,
        keeps_input=keeps_input,
        passes_on=last is not None and root is None,
        loss_bytes=losses,
        recomputed_bytes=min(again, max(0, backward - saved)),
        unsaved_bytes=unsaved - leaves * (root in kept),
        forward_bytes=forward - saved - leaves,
        backward_bytes=backward - saved,
        playing_bytes=playing,
        largest_tensor=largest,
        calls=calls,
        levels=levels,
    )
    return Sum(total.capped(), kept)


def _kept(
    names: Sequence[str], inputs_of: Mapping[str, Sequence[str]], placed: Mapping[str, Sizes], recomputed: set[str]
) -> tuple[frozenset[str], bool]:
    """Whose output the backward pass needs, and whether it needs what arrives in this place."""
    kept: set[str] = set()
    keeps_input = False
    for name in reversed(names):
        sizes = placed[name]
        if sizes.keeps_output and name not in recomputed:
            kept.add(name)
        if sizes.keeps_input or name in recomputed or (sizes.passes_on and name in kept):
            kept.update(inputs_of[name])
            keeps_input = keeps_input or not inputs_of[name]
    return frozenset(kept), keeps_input


def _made_by(name: str | None, inputs_of: Mapping[str, Sequence[str]], placed: Mapping[str, Sizes]) -> str | None:
    """Who made what leaves a component, seen through those that pass on what they get; None if it arrived in this place."""
    while name is not None and name in placed and placed[name].passes_on:
        name = next(iter(inputs_of[name]), None)
    return name
