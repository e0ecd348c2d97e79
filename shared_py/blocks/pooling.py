"""Many vectors become one: what every block that pools has in common."""

from shared_py.blocks.base import BYTES_PER_VALUE, Site, literal, problem, shape_problem, value_bytes, width_text
from shared_py.game_2048 import CELLS
from shared_py.problems import Problem, SetProperty
from shared_py.shapes import cells_of, is_tokens, is_values, numbers_of, width_of

BLIND = frozenset({"mean", "max"})
"""ways of pooling that give the same for any order of the cells"""


def check_pooling(site: Site, pool: str) -> list[Problem]:
    """Check that tokens arrive, with a class token if that is what is taken, or one vector, which is not pooled."""
    signal = site.inputs[0]
    if not is_values(signal):
        return [shape_problem(site, "tokens (B, 16, d) or a vector")]
    if pool != "cls" or not is_tokens(signal) or signal.cls_token:
        return []
    fix = SetProperty(site.component_id, "pool", "flatten", "Set pool to flatten")
    message = "pools the class token, but no class token arrives; the embedding can add one"
    return [problem(site, "no_class_token", message, field="pool", expected="a class token", received="none", fix=fix)]


def advise_pooling(site: Site, pool: str) -> list[Problem]:
    """Warn of a pooling that cannot distinguish cells (docs/decisions/0015-warnings-beside-problems.md)."""
    if pool not in BLIND or not is_tokens(site.inputs[0]):
        return []
    fix = SetProperty(site.component_id, "pool", "flatten", "Set pool to flatten")
    message = f"pool {pool} hides where the tiles are: it learns several times slower than flatten"
    return [problem(site, "blind_pool", message, field="pool", expected="flatten or weighted", received=pool, fix=fix)]


def pooled_width(site: Site, pool: str) -> int:
    """How many numbers leave the pooling."""
    signal = site.inputs[0]
    return numbers_of(signal) if pool == "flatten" else width_of(signal)


def pool_parameters(site: Site, pool: str) -> int:
    """A table of one row a cell for position weights, one query for attention, else nothing."""
    signal = site.inputs[0]
    if not is_tokens(signal):
        return 0
    return {"weighted": numbers_of(signal), "attention": width_of(signal)}.get(pool, 0)


def pool_flops(site: Site, pool: str) -> int:
    """The multiply-adds of the cells with the query of attention; every other pooling is no matrix product."""
    signal = site.inputs[0]
    return numbers_of(signal) if is_tokens(signal) and pool == "attention" else 0


def pool_passes_on(site: Site, pool: str) -> bool:
    """Whether the vector lies in the memory of the tokens."""
    return not is_tokens(site.inputs[0]) or pool in ("flatten", "cls")


def pool_keeps_input(site: Site, pool: str) -> bool:
    """Whether the backward pass of the pooling itself needs the tokens."""
    return is_tokens(site.inputs[0]) and pool in ("weighted", "attention", "max")


def pool_activation_bytes(site: Site, pool: str) -> int:
    """What the pooling itself keeps beside the vector it makes: one weight a cell for attention."""
    signal = site.inputs[0]
    return cells_of(signal) * BYTES_PER_VALUE if is_tokens(signal) and pool == "attention" else 0


def pool_forward_bytes(site: Site, pool: str) -> int:
    """Every token times its weight."""
    signal = site.inputs[0]
    return value_bytes(signal) if is_tokens(signal) and pool in ("weighted", "attention") else 0


def pool_backward_bytes(site: Site, pool: str) -> int:
    """The gradient of the tokens, and where they were weighted, what it is made of."""
    passes = 1 if pool_passes_on(site, pool) or pool == "mean" else 2
    return passes * value_bytes(site.inputs[0])


def pool_arguments(site: Site, pool: str) -> dict[str, str]:
    """The arguments of a head that pools; nothing is pooled when one vector arrives."""
    signal = site.inputs[0]
    arguments = {"d_model": width_text(site), "pool": literal(pool) if is_tokens(signal) else "None"}
    return arguments | cells_argument(site)


def cells_argument(site: Site) -> dict[str, str]:
    """The number of tokens, where it is not the 16 cells of a board."""
    signal = site.inputs[0]
    return {"cells": str(cells_of(signal))} if is_tokens(signal) and cells_of(signal) != CELLS else {}
