"""Shape inference over a design: the signal on every edge, the cost of every component, and the first cause of each problem."""

from collections.abc import Collection
from functools import lru_cache

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block, BlockContext, Body, Call, Role, Sizes
from shared_py.blocks.block_problems import shape_problem
from shared_py.connectivity import accepts_count, check_connectivity, output_components, without_gates
from shared_py.cost import total_cost
from shared_py.design import Component, ModelArchitecture
from shared_py.graph import Graph, build_graph, natural_key
from shared_py.limits import MAX_LEVELS, check_limits
from shared_py.messages import part
from shared_py.naming import NameOf, names_of
from shared_py.nesting import check_links, check_nesting, members_by_container
from shared_py.problems import AddComponent, Problem, RemoveEdge, SetProperty, label, make_problem
from shared_py.properties import with_value
from shared_py.resolution import Resolved, check_meta, nearest_defaults, resolve
from shared_py.shapes import Signal, describe_apart

BLOCKING_CODES = frozenset({"shape_mismatch", "experts_differ"})
"""problems after which the output of a component is unknown"""

SHAPE_CODES = BLOCKING_CODES | {
    "groups_do_not_divide",
    "heads_do_not_divide",
    *("hidden_without_linear", "many_values", "no_class_token"),
    "nothing_to_recompute",
    "stride_needs_valid",
    "too_few_experts",
}
"""problems that are looked for only where the inputs of a component are known"""

MAX_ROUNDS = 3
"""fixes applied one after the other to infer the output of a component that has problems"""


class InferredNode(Struct, frozen=True):
    """A component whose inputs are known: its block, its inputs and their sources, its output (None: unknown) and its cost."""

    item: Resolved
    block: Block
    inputs: tuple[Signal, ...]
    sources: tuple[str, ...]
    signal: Signal | None
    sizes: Sizes
    design_facts: "_DesignFacts"
    body: Body | None = None
    body_id: str = ""

    @property
    def context(self) -> BlockContext:
        """The context passed to the block's methods; built on demand because most nodes never need it."""
        facts = self.design_facts
        return BlockContext(
            self.item.component.id,
            self.inputs,
            self.sources,
            facts.d_model,
            self.item.inherited,
            facts.roles,
            body=self.body,
            body_id=self.body_id,
        )


class _DesignFacts(Struct, frozen=True, cache_hash=True):
    """What every component of a design depends on: its width, and the roles that some component fills."""

    d_model: int
    roles: frozenset[Role]


class Analysis(Struct, frozen=True):
    """The result of shape inference; `nodes` holds the components whose inputs are known, in topological order."""

    design: ModelArchitecture
    graphs: dict[str | None, Graph]
    """the top-level graph, under None, and that of the content of each container"""
    nodes: dict[str, InferredNode]
    recomputed: set[str]
    """components that a later one has recomputed in the backward pass"""
    saved_outputs: set[str]
    """components whose output is saved for the backward pass"""
    sizes: Sizes
    problems: list[Problem]
    warnings: list[Problem]
    resolved: dict[str, Resolved]
    signals: dict[str, Signal]
    """the output of each component; where it has a problem, the output once that is fixed"""
    roles: frozenset[Role]
    name_of: NameOf


def analyse(design: ModelArchitecture) -> Analysis:
    """Resolve and order the components of a design whose ids and edges are sound, and infer their shapes; never raises."""
    resolved = {component.id: resolve(component, design.meta) for component in design.components}
    name_of = names_of(design)
    members, problems = members_by_container(design, name_of)
    problems += check_meta(design.meta)
    for item in resolved.values():
        problems += item.problems
    roles = frozenset(
        item.block.role for item in resolved.values() if item.block and item.block.role and item.component.inside is None
    )
    problems += check_nesting(resolved, members, name_of)
    problems += check_links(resolved, name_of)
    graphs = {container: build_graph(tuple(content.names), tuple(content.edges)) for container, content in members.items()}
    problems += check_connectivity(graphs, resolved, roles, name_of)
    inference = _Inference(design, graphs, resolved, roles, name_of)
    sizes = inference.run()
    if sums_tables(tuple(resolved.values())):
        sizes = msgspec.structs.replace(sizes, sums_tables=True)
    problems += check_limits(sizes)
    problems += inference.problems
    problems.sort(key=_sort_key)
    warnings = sorted(without_gates(inference.warnings, graphs, resolved), key=_sort_key)
    return Analysis(
        design,
        graphs,
        inference.nodes,
        inference.recomputed,
        inference.saved_outputs,
        sizes,
        problems,
        warnings,
        resolved,
        inference.signals,
        roles,
        name_of,
    )


def sums_tables(items: Collection[Resolved]) -> bool:
    """Whether the value of a design is the sum of the table entries that a board reads, and nothing else is computed."""
    parts = sorted(part for item in items if item.block is not None and (part := item.block.part_of_a_sum()))
    return len(parts) == len(items) and parts in (
        ["board", "entries", "sum", "value"],
        ["board", "entries", "sum", "value of a sum"],
        ["board", "entries", "value of a sum"],
    )


def _sort_key(problem: Problem) -> tuple[bool, str]:
    """Problems of the whole design first, then by component."""
    return problem.component_id is not None, natural_key(problem.component_id or "")


class _BlockResult(Struct, frozen=True):
    """The output and cost of a block for inputs it accepts, the same wherever the component is."""

    signal: Signal
    sizes: Sizes
    advises: bool


@lru_cache(maxsize=4096)
def _infer_block(block: Block, inputs: tuple[Signal, ...], facts: _DesignFacts) -> _BlockResult | None:
    """Infer a block once for all components with equal properties and inputs; None where the inputs have a problem."""
    if not accepts_count(block, len(inputs)) or block.container or block.recomputes_source:
        return None
    context = BlockContext("", inputs, ("",) * len(inputs), facts.d_model, frozenset(), facts.roles)
    if block.check(context):
        return None
    return _BlockResult(block.output(context), block.sizes(context), bool(block.advise(context)))


def accepts(block: Block, inputs: tuple[Signal, ...], analysis: Analysis) -> bool:
    """Whether a block accepts inputs; true where only the whole design can tell."""
    if block.container or block.recomputes_source:
        return accepts_count(block, len(inputs)) and all(signal.kind != "none" for signal in inputs)
    return _infer_block(block, inputs, _DesignFacts(nearest_defaults(analysis.design.meta).d_model, analysis.roles)) is not None


class _BodyRun(Struct):
    """The content of a container as inferred for the first component that runs it."""

    entry: Signal
    first: str
    body: Body | None


class _Inference:
    """Infers signals along the edges; a component behind an unknown signal is skipped, so that only first causes are reported."""

    def __init__(
        self,
        design: ModelArchitecture,
        graphs: dict[str | None, Graph],
        resolved: dict[str, Resolved],
        roles: frozenset[Role],
        name_of: NameOf,
    ) -> None:
        self.facts = _DesignFacts(nearest_defaults(design.meta).d_model, roles)
        self.meta = design.meta
        self.name_of = name_of
        self.graphs, self.resolved = graphs, resolved
        self.nodes: dict[str, InferredNode] = {}
        self.recomputed: set[str] = set()
        self.saved_outputs: set[str] = set()
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.signals: dict[str, Signal] = {}
        self._bodies: dict[str, _BodyRun] = {}
        self._running: list[str] = []

    def run(self) -> Sizes:
        """Infer the whole design; returns its total cost."""
        return self._infer_container(None, None, "")[0]

    def _infer_container(self, container: str | None, entry: Signal | None, entry_source: str) -> tuple[Sizes, str | None]:
        """Infer the components of one container, in order; those without an edge get its input, `entry`.

        Returns the total cost of its content, and the component whose output is the container's.
        """
        graph, resolved, signals, facts = self.graphs[container], self.resolved, self.signals, self.facts
        for name in graph.order:
            item = resolved[name]
            block = item.block
            if block is None:
                continue
            sources = tuple(graph.inputs_of[name])
            inputs = tuple([signals[source] for source in sources if source in signals])
            if len(inputs) < len(sources):
                continue
            if not sources and entry is not None and block.max_inputs != 0:
                sources, inputs = (entry_source,), (entry,)
            result = None if item.problems else _infer_block(block, inputs, facts)
            if result is None:
                self._infer_special(item, block, inputs, sources)
                continue
            self.nodes[name] = InferredNode(item, block, inputs, sources, result.signal, result.sizes, facts)
            signals[name] = result.signal
            if result.advises:
                self.warnings += block.advise(self.nodes[name].context)
        return self._container_cost(container)

    def _infer_special(self, item: Resolved, block: Block, inputs: tuple[Signal, ...], sources: tuple[str, ...]) -> None:
        """Infer a container, a component that has another recomputed, or one with a problem."""
        name = item.component.id
        if not _can_be_checked(block, len(sources)):
            return
        for source, signal in zip(sources, inputs, strict=True):
            if signal.kind == "none":
                self.problems.append(_input_without_output(name, source, self.name_of))
                return
        body, owner, computed = None, "", True
        if block.container:
            owner = block.definition_of(name)
            body = self._body(owner, name, inputs[0], sources[0])
            if body is None:
                return
        if block.recomputes_source:
            computed = sources[0] in self.graphs[item.component.inside].inputs_of and _is_computed(self.nodes[sources[0]])
            self.recomputed |= {sources[0]} if computed else set()
        facts = self.facts
        context = BlockContext(
            name, inputs, sources, facts.d_model, item.inherited, facts.roles, computed, body, owner, self.name_of
        )
        if item.problems:
            self._infer_as_fixed(item, block, context)
            return
        problems = [self._without_outer_source(_attach_token_fix(problem, context)) for problem in block.check(context)]
        self.problems += problems
        if not accepts_count(block, len(sources)):
            return
        self.warnings += [] if problems else block.advise(context)
        if any(problem.code in BLOCKING_CODES for problem in problems):
            self.nodes[name] = InferredNode(item, block, inputs, sources, None, Sizes(), facts, body, owner)
            self._assume_fixed(block, context, problems)
            return
        signal = self.signals[name] = block.output(context)
        self.nodes[name] = InferredNode(item, block, inputs, sources, signal, block.sizes(context), facts, body, owner)

    def _infer_as_fixed(self, item: Resolved, block: Block, context: BlockContext) -> None:
        """Continue behind a component whose properties have problems, as if they were fixed; it costs nothing until they are."""
        name, facts = context.component_id, self.facts
        self.nodes[name] = InferredNode(
            item, block, context.inputs, context.sources, None, Sizes(), facts, context.body, context.body_id
        )
        if accepts_count(block, len(context.sources)):
            self._assume_fixed(block, context, block.check(context))

    def _assume_fixed(self, block: Block, context: BlockContext, problems: list[Problem]) -> None:
        """Infer the output of a component after the fixes of its problems, where they suffice.

        Behind it, only problems that remain after a fix are then reported.
        """
        for _ in range(MAX_ROUNDS):
            if not problems:
                self.signals[context.component_id] = block.output(context)
                return
            fix = problems[0].fix
            if isinstance(fix, SetProperty) and fix.component_id == context.component_id:
                changed = with_value(block, fix.field, fix.value)
            elif isinstance(fix, AddComponent) and fix.target == context.component_id and fix.source in context.sources:
                changed, context = block, self._with_block_before(fix, context) or context
            else:
                return
            if changed is None:
                return
            block, problems = changed, changed.check(context)

    def _with_block_before(self, fix: AddComponent, context: BlockContext) -> BlockContext | None:
        """The same context with the block of a fix between the component and one of its sources."""
        index = context.sources.index(fix.source or "")
        added = resolve(Component("added", fix.type, fix.props), self.meta)
        # Where a board arrives, the component itself may be in the wrong container: no output is assumed for it.
        if added.block is None or added.block.makes_tokens:
            return None
        result = _infer_block(added.block, (context.inputs[index],), self.facts)
        if result is None:
            return None
        inputs = (*context.inputs[:index], result.signal, *context.inputs[index + 1 :])
        return msgspec.structs.replace(context, inputs=inputs)

    def _without_outer_source(self, problem: Problem) -> Problem:
        """No edge inside a container leads from its input, so a block added there to fix a problem has a target alone."""
        fix = problem.fix
        if not isinstance(fix, AddComponent) or fix.target is None:
            return problem
        if fix.source in self.graphs[self.resolved[fix.target].component.inside].inputs_of:
            return problem
        return msgspec.structs.replace(problem, fix=msgspec.structs.replace(fix, source=None))

    def _body(self, owner: str, name: str, entry: Signal, source: str) -> Body | None:
        """The content of `owner` as the component `name` runs it; it is inferred once, so every copy must get the same shape."""
        if owner not in self.graphs:
            return None
        if entry.kind == "routing":
            context = BlockContext(name, (entry,), (source,), self.facts.d_model, name_of=self.name_of)
            self.problems.append(shape_problem(context, part("takes_any")))
            return None
        if owner in self._running:
            self.problems.append(make_problem("recursion", {"target": self.name_of(owner)}, name))
            return None
        if len(self._running) >= MAX_LEVELS:
            params = {"case": "links", "most": MAX_LEVELS}
            self.problems.append(make_problem("too_deep", params, name, expected=f"at most {MAX_LEVELS}"))
            return None
        earlier = self._bodies.get(owner)
        if earlier is None:
            self._running.append(owner)
            sizes, last = self._infer_container(owner, entry, source)
            self._running.pop()
            body = None if last is None else Body(self.signals[last], sizes, last)
            earlier = self._bodies[owner] = _BodyRun(entry, name, body)
        elif earlier.entry != entry:
            self.problems.append(self._body_mismatch(owner, name, entry, earlier))
            return None
        return earlier.body

    def _body_mismatch(self, owner: str, name: str, entry: Signal, earlier: _BodyRun) -> Problem:
        linked, got, other = (name, entry, earlier.entry) if name != owner else (earlier.first, earlier.entry, entry)
        expected, received = describe_apart(other, got, self.facts.d_model)
        params = {"case": "copies", "definition": self.name_of(owner)}
        return make_problem("shape_mismatch", params, linked, None, expected, received)

    def _container_cost(self, container: str | None) -> tuple[Sizes, str | None]:
        """The total cost of one container, and the component whose output is the container's; notes saved outputs."""
        graph, nodes = self.graphs[container], self.nodes
        sizes = {name: item.sizes for name in graph.order if (item := nodes.get(name)) is not None and item.signal is not None}
        outputs = [] if container is None else output_components(graph, self.resolved)
        last = outputs[0] if len(outputs) == 1 and outputs[0] in self.signals else None
        total = total_cost(graph.order, graph.inputs_of, sizes, self.recomputed, last if last in sizes else None)
        self.saved_outputs |= total.saved_outputs
        return total.sizes, last


def _attach_token_fix(problem: Problem, context: BlockContext) -> Problem:
    """If the input is a board but tokens are expected, attach a fix that inserts a block which makes tokens of it."""
    if problem.code != "shape_mismatch" or problem.fix is not None or context.inputs[0].kind != "board":
        return problem
    block = next(block for block in BLOCKS if block.makes_tokens)
    words = label("insert", block=block.title.lower())
    fix = AddComponent(block.type, source=context.sources[0], target=context.component_id, **words)
    return msgspec.structs.replace(problem, fix=fix)


def _input_without_output(name: str, source: str, name_of: NameOf) -> Problem:
    fix = RemoveEdge(source, name, **label("remove_input", source=name_of(source)))
    return make_problem("nothing_leaves", {"source": name_of(source)}, name, None, "a signal", "nothing", fix)


def _can_be_checked(block: Block, count: int) -> bool:
    """Whether the inputs can be checked, though some may be missing."""
    return count >= min(block.min_inputs, 1) and (block.max_inputs is None or count <= block.max_inputs)


def _is_computed(source: InferredNode) -> bool:
    """Whether a component calls a module; true for one with problems of its own, which are to be fixed first."""
    if source.signal is None or source.block.container:
        return True
    steps = source.block.code(source.context, ("x",) * len(source.context.inputs)).steps
    return any(isinstance(step, Call) for step in steps)
