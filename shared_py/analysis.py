"""One pass over a drawing: every component placed, shapes carried along the edges, first causes found."""

from msgspec import Struct

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block, Role, Site
from shared_py.design import ModelArchitecture
from shared_py.graph import Graph, build_graph, natural_key, reachable_from
from shared_py.problems import AddComponent, AddEdge, Problem, RemoveEdge
from shared_py.resolution import Resolved, check_meta, resolve
from shared_py.shapes import Signal

BLOCKING_CODES = frozenset({"shape_mismatch", "experts_differ"})
"""problems after which a component's output cannot be told"""

ENDS: frozenset[Role] = frozenset({"policy", "value", "sink"})


class Placed(Struct, frozen=True):
    """A component whose inputs are known: its block, where it stands, what leaves it (nothing known: None)."""

    block: Block
    site: Site
    signal: Signal | None


class Analysis(Struct, frozen=True):
    """Everything one pass finds; `placed` holds the components that could be computed, in order."""

    design: ModelArchitecture
    graph: Graph
    placed: dict[str, Placed]
    problems: list[Problem]


def analyse(design: ModelArchitecture) -> Analysis:
    """Resolve, order and place the components of a design whose ids and edges are sound; never raises."""
    graph = build_graph(design)
    resolved = {component.id: resolve(component, design.meta) for component in design.components}
    problems = check_meta(design.meta)
    for item in resolved.values():
        problems += item.problems
    roles = frozenset(item.block.role for item in resolved.values() if item.block and item.block.role)
    problems += _missing_roles(roles, resolved)
    problems += [_cycle_problem(walk) for walk in graph.cycles]
    problems += _fan_in_problems(graph, resolved)
    placed, found = _place(design, graph, resolved, roles)
    problems += found
    problems += _dead_ends(graph, resolved)
    return Analysis(design, graph, placed, sorted(problems, key=_where))


def _where(problem: Problem) -> tuple[bool, list[tuple[int, int | str]]]:
    """Problems of the whole design first, then by component."""
    return problem.component_id is not None, natural_key(problem.component_id or "")


def _place(
    design: ModelArchitecture, graph: Graph, resolved: dict[str, Resolved], roles: frozenset[Role]
) -> tuple[dict[str, Placed], list[Problem]]:
    """Carry signals along the edges; a component behind an unknown signal is passed over in silence."""
    placed: dict[str, Placed] = {}
    problems: list[Problem] = []
    for name in graph.order:
        item = resolved[name]
        block, sources = item.block, graph.inputs_of[name]
        inputs = tuple(placed[source].signal for source in sources if source in placed)
        known = tuple(signal for signal in inputs if signal is not None)
        if block is None or len(known) < len(sources) or not _can_be_checked(block, len(sources)):
            continue
        ends = [source for source, signal in zip(sources, known, strict=True) if signal.kind == "none"]
        if ends:
            problems.append(_from_an_end(name, ends[0]))
            continue
        computed = not block.recomputes_source or _is_computed(placed[sources[0]])
        site = Site(name, known, tuple(sources), design.meta.d_model, item.inherited, roles, computed)
        found = block.check(site)
        problems += found
        if _fan_in_is_right(block, len(sources)):
            stuck = any(problem.code in BLOCKING_CODES for problem in found)
            placed[name] = Placed(block, site, None if stuck else block.output(site))
    return placed, problems


def _from_an_end(name: str, source: str) -> Problem:
    fix = RemoveEdge(source, name, f"Remove the edge from {source}")
    return Problem("nothing_leaves", f"nothing leaves {source}: it is an end", name, None, "a signal", "nothing", fix)


def _can_be_checked(block: Block, count: int) -> bool:
    """Whether what arrives can be looked at, though more may have to come."""
    return count >= min(block.min_inputs, 1) and (block.max_inputs is None or count <= block.max_inputs)


def _is_computed(source: Placed) -> bool:
    """Whether a component has a module of its own to call."""
    return source.signal is not None and bool(source.block.code(source.site, ("x",) * len(source.site.inputs)).modules)


def _fan_in_is_right(block: Block, count: int) -> bool:
    return count >= block.min_inputs and (block.max_inputs is None or count <= block.max_inputs)


def _fan_in_problems(graph: Graph, resolved: dict[str, Resolved]) -> list[Problem]:
    found = []
    for name, item in resolved.items():
        block, sources = item.block, graph.inputs_of[name]
        if block is None or _fan_in_is_right(block, len(sources)):
            continue
        if len(sources) < block.min_inputs:
            found.append(_too_few_inputs(name, block, len(sources)))
        else:
            extra = sources[-1]
            fix = RemoveEdge(extra, name, f"Remove the edge from {extra}")
            expected = f"at most {block.max_inputs}" if block.max_inputs else "none"
            message = f"takes {expected} input{'' if block.max_inputs == 1 else 's'}, got {len(sources)}"
            found.append(Problem("too_many_inputs", message, name, None, expected, str(len(sources)), fix))
    return found


def _too_few_inputs(name: str, block: Block, count: int) -> Problem:
    if count == 0:
        return Problem("unreachable", "nothing feeds it, so no board reaches it", name, None, "an input", "none")
    message = f"needs at least {block.min_inputs} inputs, got {count}"
    return Problem("too_few_inputs", message, name, None, f"at least {block.min_inputs}", str(count))


def _cycle_problem(walk: list[str]) -> Problem:
    fix = RemoveEdge(walk[-1], walk[0], f"Remove the edge from {walk[-1]} to {walk[0]}")
    return Problem("cycle", f"runs in a circle: {' → '.join([*walk, walk[0]])}", walk[0], fix=fix)


def _missing_roles(roles: frozenset[Role], resolved: dict[str, Resolved]) -> list[Problem]:
    """A design needs a component to read the board and one to choose the move."""
    found = []
    drawn = {item.component.type for item in resolved.values()}
    for role, code in (("input", "no_input"), ("policy", "no_output")):
        if role in roles:
            continue
        block = next(block for block in BLOCKS if block.role == role)
        if block.type in drawn:
            continue  # there is one, and it has problems of its own
        fix = AddComponent(block.type, f"Add {block.title.lower()}")
        found.append(Problem(code, f"The design needs at least one {block.title.lower()}", expected=block.type, fix=fix))
    return found


def _dead_ends(graph: Graph, resolved: dict[str, Resolved]) -> list[Problem]:
    """Components from which no output and no sink is reached; of a chain of them only the last is named."""
    ends = [name for name, item in resolved.items() if item.block is None or item.block.role in ENDS]
    alive = reachable_from(ends, graph.inputs_of)
    hungry = [name for name in ends if (block := resolved[name].block) and not graph.inputs_of[name] and block.role == "policy"]
    found = []
    for name, item in resolved.items():
        if name in alive or graph.outputs_of[name] or item.block is None:
            continue
        fix = AddEdge(name, hungry[0], f"Connect it to {hungry[0]}") if len(hungry) == 1 else None
        found.append(Problem("dead_end", "leads to no output", name, expected="a way to an output", fix=fix))
    return found
