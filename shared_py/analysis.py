"""One pass over a drawing: every component placed, shapes carried along the edges, first causes found."""

from functools import lru_cache

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block, Body, Call, Role, Site, Sizes, shape_problem
from shared_py.connectivity import check_wiring, fan_in_is_right, leaving
from shared_py.cost import total_cost
from shared_py.design import Component, ModelArchitecture
from shared_py.graph import Graph, build_graph, natural_key
from shared_py.limits import MAX_LEVELS, check_limits
from shared_py.naming import NameOf, names_of
from shared_py.nesting import check_links, check_nesting, places_of
from shared_py.problems import AddComponent, Problem, RemoveEdge, SetProperty
from shared_py.properties import with_value
from shared_py.resolution import Resolved, check_meta, nearest_defaults, resolve
from shared_py.shapes import Signal, describe_apart

BLOCKING_CODES = frozenset({"shape_mismatch", "experts_differ"})
"""problems after which a component's output cannot be told"""

MAX_ROUNDS = 3
"""fixes applied one after the other to say what would leave a component"""


class Placed(Struct, frozen=True):
    """A component whose inputs are known: its block, what arrives and from whom, what leaves (not known: None), what it costs."""

    item: Resolved
    block: Block
    inputs: tuple[Signal, ...]
    sources: tuple[str, ...]
    signal: Signal | None
    sizes: Sizes
    surroundings: "_Surroundings"
    body: Body | None = None
    body_id: str = ""

    @property
    def site(self) -> Site:
        """Where it stands; made when asked for, since most are not."""
        around = self.surroundings
        return Site(
            self.item.component.id,
            self.inputs,
            self.sources,
            around.d_model,
            self.item.inherited,
            around.roles,
            body=self.body,
            body_id=self.body_id,
        )


class _Surroundings(Struct, frozen=True, cache_hash=True):
    """What a design says to all its components: its width, and the roles that some component fills."""

    d_model: int
    roles: frozenset[Role]


class Analysis(Struct, frozen=True):
    """Everything one pass finds; `placed` holds the components that could be computed, in order."""

    design: ModelArchitecture
    places: dict[str | None, Graph]
    """the graph of the drawing itself, and of what lies inside each container"""
    placed: dict[str, Placed]
    recomputed: set[str]
    """components that a later one has recomputed in the backward pass"""
    kept: set[str]
    """components of which the backward pass needs what leaves them"""
    sizes: Sizes
    problems: list[Problem]
    warnings: list[Problem]
    resolved: dict[str, Resolved]
    signals: dict[str, Signal]
    """what leaves each component; where it has a problem, what would leave it once that is fixed"""
    roles: frozenset[Role]
    name_of: NameOf


def analyse(design: ModelArchitecture) -> Analysis:
    """Resolve, order and place the components of a design whose ids and edges are sound; never raises."""
    resolved = {component.id: resolve(component, design.meta) for component in design.components}
    name_of = names_of(design)
    places, problems = places_of(design, name_of)
    problems += check_meta(design.meta)
    for item in resolved.values():
        problems += item.problems
    roles = frozenset(
        item.block.role for item in resolved.values() if item.block and item.block.role and item.component.inside is None
    )
    problems += check_nesting(resolved, places, name_of)
    problems += check_links(resolved, name_of)
    graphs = {place: build_graph(tuple(members.names), tuple(members.edges)) for place, members in places.items()}
    problems += check_wiring(graphs, resolved, roles, name_of)
    pass_ = _Pass(design, graphs, resolved, roles, name_of)
    sizes = pass_.run()
    problems += check_limits(sizes)
    problems += pass_.problems
    problems.sort(key=_where)
    pass_.warnings.sort(key=_where)
    return Analysis(
        design,
        graphs,
        pass_.placed,
        pass_.recomputed,
        pass_.kept,
        sizes,
        problems,
        pass_.warnings,
        resolved,
        pass_.signals,
        roles,
        name_of,
    )


def _where(problem: Problem) -> tuple[bool, str]:
    """Problems of the whole design first, then by component."""
    return problem.component_id is not None, natural_key(problem.component_id or "")


class _Answers(Struct, frozen=True):
    """What a block says of inputs that suit it, wherever it stands."""

    signal: Signal
    sizes: Sizes
    advises: bool


@lru_cache(maxsize=4096)
def _ask(block: Block, inputs: tuple[Signal, ...], around: _Surroundings) -> _Answers | None:
    """Ask a block once for all places like this one; None when it has something against the inputs."""
    if not fan_in_is_right(block, len(inputs)) or block.container or block.recomputes_source:
        return None
    site = Site("", inputs, ("",) * len(inputs), around.d_model, frozenset(), around.roles)
    if block.check(site):
        return None
    return _Answers(block.output(site), block.sizes(site), bool(block.advise(site)))


def suits(block: Block, inputs: tuple[Signal, ...], analysis: Analysis) -> bool:
    """Whether a block has nothing against what would arrive; true where only the whole drawing can tell."""
    if block.container or block.recomputes_source:
        return fan_in_is_right(block, len(inputs)) and all(signal.kind != "none" for signal in inputs)
    return _ask(block, inputs, _Surroundings(nearest_defaults(analysis.design.meta).d_model, analysis.roles)) is not None


class _Inside(Struct):
    """What a container's content gave, who ran it first, and on what."""

    entry: Signal
    first: str
    body: Body | None


class _Pass:
    """Carries signals along the edges; a component behind an unknown signal is passed over in silence."""

    def __init__(
        self,
        design: ModelArchitecture,
        graphs: dict[str | None, Graph],
        resolved: dict[str, Resolved],
        roles: frozenset[Role],
        name_of: NameOf,
    ) -> None:
        self.around = _Surroundings(nearest_defaults(design.meta).d_model, roles)
        self.meta = design.meta
        self.name_of = name_of
        self.graphs, self.resolved = graphs, resolved
        self.placed: dict[str, Placed] = {}
        self.recomputed: set[str] = set()
        self.kept: set[str] = set()
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.signals: dict[str, Signal] = {}
        self._insides: dict[str, _Inside] = {}
        self._open: list[str] = []

    def run(self) -> Sizes:
        """Place everything; gives the sums over the drawing."""
        return self._place_all(None, None, "")[0]

    def _place_all(self, place: str | None, entry: Signal | None, entry_source: str) -> tuple[Sizes, str | None]:
        """Place the components of one place, in order; `entry` arrives at those that nothing in it feeds.

        Gives the sums over the place, and the component that gives what leaves it.
        """
        graph, resolved, signals, around = self.graphs[place], self.resolved, self.signals, self.around
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
            answers = None if item.problems else _ask(block, inputs, around)
            if answers is None:
                self._place(item, block, inputs, sources)
                continue
            self.placed[name] = Placed(item, block, inputs, sources, answers.signal, answers.sizes, around)
            signals[name] = answers.signal
            if answers.advises:
                self.warnings += block.advise(self.placed[name].site)
        return self._sum(place)

    def _place(self, item: Resolved, block: Block, inputs: tuple[Signal, ...], sources: tuple[str, ...]) -> None:
        """Place a component that is no common case, or that has something against what arrives."""
        name = item.component.id
        if not _can_be_checked(block, len(sources)):
            return
        for source, signal in zip(sources, inputs, strict=True):
            if signal.kind == "none":
                self.problems.append(_from_an_end(name, source, self.name_of))
                return
        body, owner, computed = None, "", True
        if block.container:
            owner = block.definition_of(name)
            body = self._body(owner, name, inputs[0], sources[0])
            if body is None:
                return
        if block.recomputes_source:
            computed = sources[0] in self.graphs[item.component.inside].inputs_of and _is_computed(self.placed[sources[0]])
            self.recomputed |= {sources[0]} if computed else set()
        around = self.around
        site = Site(name, inputs, sources, around.d_model, item.inherited, around.roles, computed, body, owner, self.name_of)
        if item.problems:
            self._place_as_mended(item, block, site)
            return
        found = [self._within_reach(_with_fix(problem, site)) for problem in block.check(site)]
        self.problems += found
        if not fan_in_is_right(block, len(sources)):
            return
        self.warnings += [] if found else block.advise(site)
        if any(problem.code in BLOCKING_CODES for problem in found):
            self.placed[name] = Placed(item, block, inputs, sources, None, Sizes(), around, body, owner)
            self._assume(block, site, found)
            return
        signal = self.signals[name] = block.output(site)
        self.placed[name] = Placed(item, block, inputs, sources, signal, block.sizes(site), around, body, owner)

    def _place_as_mended(self, item: Resolved, block: Block, site: Site) -> None:
        """Go on behind a component whose properties have problems, as if these were fixed; it costs nothing until they are."""
        name, around = site.component_id, self.around
        self.placed[name] = Placed(item, block, site.inputs, site.sources, None, Sizes(), around, site.body, site.body_id)
        if fan_in_is_right(block, len(site.sources)):
            self._assume(block, site, block.check(site))

    def _assume(self, block: Block, site: Site, problems: list[Problem]) -> None:
        """Say what would leave a component after the fixes of its problems, where they are enough for that.

        Only problems that remain after a fix are then reported behind it.
        """
        for _ in range(MAX_ROUNDS):
            if not problems:
                self.signals[site.component_id] = block.output(site)
                return
            fix = problems[0].fix
            if isinstance(fix, SetProperty) and fix.component_id == site.component_id:
                changed = with_value(block, fix.field, fix.value)
            elif isinstance(fix, AddComponent) and fix.target == site.component_id and fix.source in site.sources:
                changed, site = block, self._fed_through(fix, site) or site
            else:
                return
            if changed is None:
                return
            block, problems = changed, changed.check(site)

    def _fed_through(self, fix: AddComponent, site: Site) -> Site | None:
        """The same place with the block of a fix between it and one of its sources."""
        index = site.sources.index(fix.source or "")
        added = resolve(Component("added", fix.type, fix.props), self.meta)
        if (
            added.block is None or added.block.makes_tokens
        ):  # where a board arrives, the block may as well stand in the wrong place
            return None
        answers = _ask(added.block, (site.inputs[index],), self.around)
        if answers is None:
            return None
        inputs = (*site.inputs[:index], answers.signal, *site.inputs[index + 1 :])
        return msgspec.structs.replace(site, inputs=inputs)

    def _within_reach(self, problem: Problem) -> Problem:
        """What arrives at a container has no edge inside it: there a block is mended by one that only feeds it."""
        fix = problem.fix
        if not isinstance(fix, AddComponent) or fix.target is None:
            return problem
        if fix.source in self.graphs[self.resolved[fix.target].component.inside].inputs_of:
            return problem
        return msgspec.structs.replace(problem, fix=msgspec.structs.replace(fix, source=None))

    def _body(self, owner: str, name: str, entry: Signal, source: str) -> Body | None:
        """What lies inside `owner`, run by the component `name`; it is looked at once, so every copy must get the same shape."""
        if owner not in self.graphs:
            return None
        if entry.kind == "routing":
            site = Site(name, (entry,), (source,), self.around.d_model, name_of=self.name_of)
            self.problems.append(shape_problem(site, "a board, tokens or a vector"))
            return None
        if owner in self._open:
            self.problems.append(Problem("recursion", f"runs {self.name_of(owner)}, in which it lies itself", name))
            return None
        if len(self._open) >= MAX_LEVELS:
            message = f"is nested more than {MAX_LEVELS} containers deep, counting links"
            self.problems.append(Problem("too_deep", message, name, expected=f"at most {MAX_LEVELS}"))
            return None
        known = self._insides.get(owner)
        if known is None:
            self._open.append(owner)
            sizes, last = self._place_all(owner, entry, source)
            self._open.pop()
            leaves = None if last is None else Body(self.signals[last], sizes, last)
            known = self._insides[owner] = _Inside(entry, name, leaves)
        elif known.entry != entry:
            self.problems.append(self._differs(owner, name, entry, known))
            return None
        return known.body

    def _differs(self, owner: str, name: str, entry: Signal, known: _Inside) -> Problem:
        linked, got, other = (name, entry, known.entry) if name != owner else (known.first, known.entry, entry)
        expected, received = describe_apart(other, got, self.around.d_model)
        message = f"runs {self.name_of(owner)}, which takes {expected} elsewhere but gets {received} here"
        return Problem("shape_mismatch", message, linked, None, expected, received)

    def _sum(self, place: str | None) -> tuple[Sizes, str | None]:
        """Add up one place, and note what is kept there."""
        graph, placed = self.graphs[place], self.placed
        sizes = {name: item.sizes for name in graph.order if (item := placed.get(name)) is not None and item.signal is not None}
        exits = [] if place is None else leaving(graph, self.resolved)
        last = exits[0] if len(exits) == 1 and exits[0] in self.signals else None
        found = total_cost(graph.order, graph.inputs_of, sizes, self.recomputed, last if last in sizes else None)
        self.kept |= found.kept
        return found.sizes, last


def _with_fix(problem: Problem, site: Site) -> Problem:
    """Where a board arrives and tokens are wanted, mend by a block that makes tokens of it."""
    if problem.code != "shape_mismatch" or problem.fix is not None or site.inputs[0].kind != "board":
        return problem
    block = next(block for block in BLOCKS if block.makes_tokens)
    label = f"Insert {block.title.lower()}"
    fix = AddComponent(block.type, label, source=site.sources[0], target=site.component_id)
    return msgspec.structs.replace(problem, fix=fix)


def _from_an_end(name: str, source: str, name_of: NameOf) -> Problem:
    fix = RemoveEdge(source, name, f"Remove the edge from {name_of(source)}")
    return Problem("nothing_leaves", f"is fed by {name_of(source)}, which has no output", name, None, "a signal", "nothing", fix)


def _can_be_checked(block: Block, count: int) -> bool:
    """Whether what arrives can be looked at, though more may have to come."""
    return count >= min(block.min_inputs, 1) and (block.max_inputs is None or count <= block.max_inputs)


def _is_computed(source: Placed) -> bool:
    """Whether a component calls a module; true of one with problems of its own, which are to be fixed first."""
    if source.signal is None or source.block.container:
        return True
    steps = source.block.code(source.site, ("x",) * len(source.site.inputs)).steps
    return any(isinstance(step, Call) for step in steps)
