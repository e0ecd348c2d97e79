"""The smallest designs a block can stand in, tried one by one; what comes of them is what the handbook shows."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis, analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.action_output import ActionOutput
from shared_py.blocks.base import Block
from shared_py.blocks.board_input import BoardInput
from shared_py.blocks.embedding import Embedding
from shared_py.blocks.layer_norm import LayerNorm
from shared_py.blocks.linear import Linear
from shared_py.blocks.load_balance_router import LoadBalanceRouter
from shared_py.blocks.moe_layer import MoELayer
from shared_py.blocks.pool import Pool
from shared_py.connectivity import ENDS
from shared_py.design import Component, ModelArchitecture
from shared_py.problems import Problem
from shared_py.properties import Property, properties_of

THIS = "this"
"""the id of the component that an example is about"""
BEFORE = "before"
"""the id of what feeds it"""

Chain = tuple[Component, ...]
TOKENS: Chain = (Component("tokens", Embedding.type),)
ARRIVALS: dict[str, Chain] = {
    "one vector for each cell": TOKENS,
    "the same with a class token": (Component("tokens", Embedding.type, {"cls_token": True}),),
    "one vector": (*TOKENS, Component("pool", Pool.type)),
    "a routing": (*TOKENS, Component("router", LoadBalanceRouter.type)),
    "a board": (),
}
"""what can arrive at a block, and the components behind the board that make it"""

NARROW: Chain = (*TOKENS, Component("narrow", Linear.type, {"out_features": 1}))
"""one number for each cell, of which some blocks warn"""


class Example(Struct, frozen=True):
    """A design around one component, and what the analysis says of it."""

    arrives: str
    analysis: Analysis

    @property
    def fits(self) -> bool:
        """Whether the component can stand there."""
        node = self.analysis.nodes.get(THIS)
        return node is not None and node.signal is not None and not _of_this(self.analysis.problems)


class Finding(Struct, frozen=True):
    """A message about a component: a problem or a warning."""

    warns: bool
    problem: Problem


def examples(block: type[Block], props: dict[str, Any] | None = None) -> list[Example]:
    """The block behind everything that can arrive, fitting or not; a block without inputs stands by itself."""
    arrivals = ARRIVALS if block.max_inputs != 0 else {"": ()}
    return [Example(name, _complete(_design(block, chain, props or {}))) for name, chain in arrivals.items()]


def fitting(block: type[Block]) -> Example:
    """The first design with the block that is valid as a whole."""
    return next(example for example in examples(block) if not example.analysis.problems)


def findings(block: type[Block]) -> dict[str, Finding]:
    """What can be wrong with a component and what it warns of, by code: seen by turning its properties through their values."""
    found: dict[str, Finding] = {}
    at_home = {"": (), **ARRIVALS}[fitting(block).arrives]
    turned = [example.analysis for props in _variations(block, 1) for example in examples(block, props)]
    turned += [_complete(_design(block, at_home, props)) for props in _variations(block, 2)]
    if block.max_inputs != 0:
        turned.append(_complete(_design(block, NARROW, {})))
    for analysis in turned:
        for problem in _of_this(analysis.problems):
            found.setdefault(problem.code, Finding(False, problem))
        for problem in _of_this(analysis.warnings):
            found.setdefault(problem.code, Finding(True, problem))
    return found


def _of_this(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.component_id == THIS]


def _design(block: type[Block], chain: Chain, props: dict[str, Any]) -> ModelArchitecture:
    """As many chains as the block needs inputs, the block behind them, and something inside it if it is a container."""
    components, edges = [], []
    count = max(block.min_inputs, 1) if block.max_inputs != 0 else 0
    for index in range(1, count + 1):
        behind = [Component("board", BoardInput.type), *chain]
        suffix = f"_{index}" if count > 1 else ""
        names = [*(f"{item.id}{suffix}" for item in behind[:-1]), f"{BEFORE}{suffix}"]
        components += [msgspec.structs.replace(item, id=name) for item, name in zip(behind, names, strict=True)]
        edges += [*pairwise(names), (names[-1], THIS)]
    components.append(Component(THIS, block.type, props))
    if block.container:
        components.append(Component("inside", LayerNorm.type, inside=THIS))
    return ModelArchitecture("example", components=components, edges=edges)


def _complete(design: ModelArchitecture) -> Analysis:
    """Lead what leaves the component, whatever it is, to an output, so that the design can be valid."""
    analysis = analyse(design)
    node = analysis.nodes.get(THIS)
    kind = node.signal.kind if node and node.signal else ""
    makers: dict[str, type[Block]] = {"board": Embedding, "routing": MoELayer}
    after: list[type[Block]] = [*([makers[kind]] if kind in makers else []), ActionOutput]
    block = BLOCK_BY_TYPE[next(component.type for component in design.components if component.id == THIS)]
    if block.role == ActionOutput.role:
        return analysis
    names = ("after", "output")[-len(after) :]
    added = [Component(name, block.type) for name, block in zip(names, after, strict=True)]
    source = BEFORE if block.role in ENDS else THIS
    edges = [*design.edges, *zip((source, *names), names, strict=False)]
    return analyse(msgspec.structs.replace(design, components=[*design.components, *added], edges=edges))


def _variations(block: type[Block], count: int) -> Iterator[dict[str, Any]]:
    """The defaults, then every choice of values for so many properties at a time."""
    yield {}
    for rules in combinations(properties_of(block).values(), count):
        chosen: list[dict[str, Any]] = [{}]
        for rule in rules:
            chosen = [props | {rule.name: value} for props in chosen for value in _values(rule)]
        yield from chosen


def _values(rule: Property) -> list[Any]:
    """Values of one property within its bounds, at both ends and near them."""
    if rule.choices is not None:
        return list(rule.choices)
    low, high, step = rule.minimum or 0, rule.maximum or 0, rule.step or 1
    if rule.type == "boolean":
        return [False, True]
    if rule.type == "integers":
        return [[], [int(low)]]
    if rule.type == "patterns":
        return [[[0, 1]], [[0, 1, 2], [5]]]
    if rule.type == "component":
        return [None, THIS, BEFORE]
    values = [value for value in (low, low + step, low + 2 * step, high) if value <= high]
    return [int(value) for value in values] if rule.type == "integer" else values
