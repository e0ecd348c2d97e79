"""What the blocks that hold other blocks have in common."""

import msgspec

from shared_py.blocks.base import Assign, BlockCode, BlockContext, Body, Call, Module, Sizes, literal, variable
from shared_py.layout import Brackets, Node

EXTRAS = ("routings", "auxiliary")
"""fields of a body's output beside its values"""


def body_of(context: BlockContext) -> Body:
    """The content of a container that has one."""
    assert context.body is not None
    return context.body


def body_class(component_id: str) -> str:
    """The name of the generated class for the content of a component."""
    return f"Body_{component_id}"


def body_arguments(context: BlockContext) -> dict[str, Node]:
    """The design-wide defaults that the class takes, passed on by name."""
    return {name: name for name in body_of(context).defaults}


def container_code(context: BlockContext, modules: tuple[Module, ...], inputs: tuple[str, ...], owner: str = "") -> BlockCode:
    """One call, whose values are the output; its other results are stored under the component's name."""
    name, body = context.component_id, body_of(context)
    if not body.gives:
        step = Call((variable(name),), inputs, owner=owner, take="output")
        return BlockCode(modules, (step,), defaults=body.defaults)
    whole = f"inside_{name}"
    steps = (Call((whole,), inputs, "all it gives", owner=owner), Assign(variable(name), f"{whole}.output"))
    spreads: dict[str, Node] = {
        field: Brackets("under(", (literal(name), f"{whole}.{field}"), ")") for field in EXTRAS if field in body.gives
    }
    return BlockCode(modules, steps, spreads=spreads, defaults=body.defaults)


def repeated(body: Body, times: int, *, copies: int) -> Sizes:
    """The cost of a body with `copies` sets of weights that runs `times` times."""
    sizes = body.sizes
    between = (times - 1) * sizes.output_bytes if sizes.saves_input or sizes.saves_output else 0
    whole = msgspec.structs.replace(
        sizes,
        parameters=copies * sizes.parameters,
        active_parameters=copies * sizes.active_parameters,
        flops=times * sizes.flops,
        recomputed_flops=times * sizes.recomputed_flops,
        activation_bytes=times * sizes.activation_bytes + between,
        loss_bytes=times * sizes.loss_bytes,
        varying_bytes=times * sizes.varying_bytes,
        uncheckpointed_bytes=times * sizes.uncheckpointed_bytes + between,
        calls=times * sizes.calls,
        levels=sizes.levels + 1,
    )
    return whole.capped()
