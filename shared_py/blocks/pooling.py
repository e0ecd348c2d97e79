"""Many vectors become one: what every block that pools has in common."""

from shared_py.blocks.base import BYTES_PER_VALUE, BlockContext, literal, value_bytes, width_text
from shared_py.blocks.block_problems import problem, set_property, shape_problem
from shared_py.game_2048 import CELLS
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.shapes import cells_of, is_tokens, is_values, numbers_of, width_of

BLIND = frozenset({"mean", "max", "sum"})
"""ways of pooling that give the same for any order of the tokens"""


def check_pooling(context: BlockContext, pool: str) -> list[Problem]:
    """Check that the input is tokens, with a class token if that is pooled, or one vector, which is not pooled."""
    signal = context.inputs[0]
    if not is_values(signal):
        return [shape_problem(context, part("takes_cells_or_vector"))]
    if pool != "cls" or not is_tokens(signal) or signal.cls_token:
        return []
    fix = set_property(context, "pool", "flatten")
    return [problem(context, "no_class_token", field="pool", expected="a class token", received="none", fix=fix)]


def advise_pooling(context: BlockContext, pool: str) -> list[Problem]:
    """Warn of a pooling that cannot distinguish cells (docs/decisions/0015-warnings-beside-problems.md).

    Tokens without a grid are rows of tables, each of which knows the cells it stands for.
    """
    signal = context.inputs[0]
    if pool not in BLIND or not is_tokens(signal) or (signal.grid is None and not signal.cls_token):
        return []
    fix = set_property(context, "pool", "flatten")
    return [problem(context, "blind_pool", field="pool", expected="flatten or weighted", received=pool, fix=fix)]


def pooled_width(context: BlockContext, pool: str) -> int:
    """The width of the pooled vector."""
    signal = context.inputs[0]
    return numbers_of(signal) if pool == "flatten" else width_of(signal)


def pool_parameters(context: BlockContext, pool: str) -> int:
    """A table of one row a cell for position weights, one query for attention, else nothing."""
    signal = context.inputs[0]
    if not is_tokens(signal):
        return 0
    return {"weighted": numbers_of(signal), "attention": width_of(signal)}.get(pool, 0)


def pool_flops(context: BlockContext, pool: str) -> int:
    """The multiply-adds of the cells with the query of attention; every other pooling is no matrix product."""
    signal = context.inputs[0]
    return numbers_of(signal) if is_tokens(signal) and pool == "attention" else 0


def pool_is_view(context: BlockContext, pool: str) -> bool:
    """Whether the vector shares the memory of the tokens."""
    return not is_tokens(context.inputs[0]) or pool in ("flatten", "cls")


def pool_saves_input(context: BlockContext, pool: str) -> bool:
    """Whether the backward pass of the pooling itself needs the tokens."""
    return is_tokens(context.inputs[0]) and pool in ("weighted", "attention", "max")


def pool_activation_bytes(context: BlockContext, pool: str) -> int:
    """What the pooling itself keeps beside the vector it makes: one weight a cell for attention."""
    signal = context.inputs[0]
    return cells_of(signal) * BYTES_PER_VALUE if is_tokens(signal) and pool == "attention" else 0


def pool_forward_bytes(context: BlockContext, pool: str) -> int:
    """Every token times its weight."""
    signal = context.inputs[0]
    return value_bytes(signal) if is_tokens(signal) and pool in ("weighted", "attention") else 0


def pool_backward_bytes(context: BlockContext, pool: str) -> int:
    """The gradient of the tokens, and where they were weighted, what it is made of."""
    passes = 1 if pool_is_view(context, pool) or pool in ("mean", "sum") else 2
    return passes * value_bytes(context.inputs[0])


def pool_arguments(context: BlockContext, pool: str) -> dict[str, str]:
    """The arguments of a head that pools; nothing is pooled when one vector arrives."""
    signal = context.inputs[0]
    arguments = {"d_model": width_text(context), "pool": literal(pool) if is_tokens(signal) else "None"}
    return arguments | cells_argument(context)


def cells_argument(context: BlockContext) -> dict[str, str]:
    """The number of tokens, where it is not the 16 cells of a board."""
    signal = context.inputs[0]
    return {"cells": str(cells_of(signal))} if is_tokens(signal) and cells_of(signal) != CELLS else {}
