"""Connectivity of a design: enough inputs, no cycles, a path from the board to an output; shapes are checked elsewhere."""

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block, Role
from shared_py.graph import Graph, natural_key, reachable_from
from shared_py.naming import NameOf
from shared_py.problems import AddComponent, AddEdge, Problem, RemoveComponent, RemoveEdge, label, make_problem
from shared_py.resolution import Resolved

ENDS: frozenset[Role] = frozenset({"policy", "value", "sink"})
"""roles of components without an output"""


def check_connectivity(
    graphs: dict[str | None, Graph], resolved: dict[str, Resolved], roles: frozenset[Role], name_of: NameOf
) -> list[Problem]:
    """Check the top level of a design and the content of each container; `roles` are those at the top level."""
    found = _missing_roles(roles, resolved)
    for graph in graphs.values():
        found += [_cycle_problem(walk, resolved, name_of) for walk in graph.cycles]
    return found + _fan_in_problems(graphs, resolved, name_of) + _dead_ends(graphs, resolved, name_of)


def accepts_count(block: Block, count: int) -> bool:
    """Whether a block takes so many inputs."""
    return count >= block.min_inputs and (block.max_inputs is None or count <= block.max_inputs)


def output_components(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The components whose output is the container's: those that feed nothing or, without such, those that feed only ends."""
    return _without_followers(graph, resolved) or [
        name
        for name, targets in graph.outputs_of.items()
        if not _is_end(resolved[name]) and all(_is_end(resolved[target]) for target in targets)
    ]


def without_gates(warnings: list[Problem], graphs: dict[str | None, Graph], resolved: dict[str, Resolved]) -> list[Problem]:
    """The warnings without those of a pooling that hides places where its vector only gates cells, which keep their places."""
    return [
        warning
        for warning in warnings
        if warning.code != "blind_pool" or not _only_gates(warning.component_id or "", graphs, resolved)
    ]


def _only_gates(name: str, graphs: dict[str | None, Graph], resolved: dict[str, Resolved]) -> bool:
    """Whether all that follows a component gives its vector back to the cells."""
    graph = graphs[resolved[name].component.inside]
    waiting, seen = list(graph.outputs_of[name]), set[str]()
    for target in waiting:
        block = resolved[target].block
        if target in seen or (block is not None and block.returns_to_cells):
            continue
        if not graph.outputs_of[target]:
            return False
        seen.add(target)
        waiting += graph.outputs_of[target]
    return bool(waiting)


def reconnect_targets(graph: Graph, resolved: dict[str, Resolved], name: str) -> list[str]:
    """The components that a dead end could feed, by how many inputs they have and where they lead.

    Those that lack an input come first, then those after the sources of the dead end, then the nearest to the design's input.
    """
    ends = [end for end in graph.order if _role(resolved[end]) in ENDS]
    leads_on = reachable_from(ends, graph.inputs_of)
    before = reachable_from([name], graph.inputs_of)
    beside = reachable_from(before, graph.outputs_of)
    found = [
        target
        for target in graph.order
        if target in leads_on and target not in before and _takes_one_more(resolved[target].block, len(graph.inputs_of[target]))
    ]
    return sorted(found, key=lambda target: (not _wants_more(graph, resolved, target), target not in beside))


def remove_fix(
    graphs: dict[str | None, Graph], resolved: dict[str, Resolved], name: str, name_of: NameOf
) -> RemoveComponent | None:
    """Remove a dead end from a design that is complete without it: one without content that no source depends on."""
    graph = graphs[None]
    fed = any(sources and _role(resolved[end]) == "policy" for end, sources in graph.inputs_of.items())
    alone = name not in graphs and all(len(graph.outputs_of[source]) > 1 for source in graph.inputs_of[name])
    if not fed or not alone or _role(resolved[name]) == "input":
        return None
    return RemoveComponent(name, **label("remove", component=name_of(name)))


def _takes_one_more(block: Block | None, count: int) -> bool:
    return block is not None and (block.max_inputs is None or count < block.max_inputs)


def _wants_more(graph: Graph, resolved: dict[str, Resolved], name: str) -> bool:
    block = resolved[name].block
    return block is not None and len(graph.inputs_of[name]) < block.min_inputs


def _fan_in_problems(graphs: dict[str | None, Graph], resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    found = []
    for place, graph in graphs.items():
        for name, sources in graph.inputs_of.items():
            block = resolved[name].block
            count = len(sources) if place is None or sources else 1
            if block is None or accepts_count(block, count) or (place is not None and block.max_inputs == 0 and not sources):
                continue
            found.append(
                _too_few_inputs(name, block, count)
                if count < block.min_inputs
                else _too_many_inputs(name, block, sources, name_of)
            )
    return found


def _too_many_inputs(name: str, block: Block, sources: list[str], name_of: NameOf) -> Problem:
    extra = sources[-1]
    fix = RemoveEdge(extra, name, **label("remove_input", source=name_of(extra)))
    expected = f"at most {block.max_inputs}" if block.max_inputs else "none"
    params = {"case": "some", "most": block.max_inputs} if block.max_inputs else {"case": "none"}
    return make_problem("too_many_inputs", params, name, None, expected, str(len(sources)), fix)


def _too_few_inputs(name: str, block: Block, count: int) -> Problem:
    if count == 0:
        return make_problem("unreachable", {}, name, None, "an input", "none")
    expected = f"at least {block.min_inputs}"
    return make_problem("too_few_inputs", {"least": block.min_inputs}, name, None, expected, str(count))


def _cycle_problem(walk: list[str], resolved: dict[str, Resolved], name_of: NameOf) -> Problem:
    """A cycle; the fix removes the edge behind an end, which should have no output, or else the last edge of the cycle."""
    source, target = next(
        ((here, after) for here, after in zip(walk, [*walk[1:], walk[0]], strict=True) if _is_end(resolved[here])),
        (walk[-1], walk[0]),
    )
    fix = RemoveEdge(source, target, **label("remove_edge", source=name_of(source), target=name_of(target)))
    return make_problem("cycle", {"path": list(map(name_of, [*walk, walk[0]]))}, walk[0], fix=fix)


def _missing_roles(roles: frozenset[Role], resolved: dict[str, Resolved]) -> list[Problem]:
    """A design needs a component to read the board, and one to choose the move or to value boards."""
    found = []
    for role, code in (("input", "no_input"), ("policy", "no_output")):
        if role in roles or (role == "policy" and "value" in roles):
            continue
        block = next(block for block in BLOCKS if block.role == role)
        if any(item.component.type == block.type for item in resolved.values()):
            continue  # there is one, and it has problems of its own
        title = block.title.lower()
        fix = AddComponent(block.type, **label("add", block=title))
        found.append(make_problem(code, {"block": title}, expected=block.type, fix=fix))
    return found


def _is_end(item: Resolved) -> bool:
    return item.block is None or item.block.role in ENDS


def _without_followers(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The components of a container that feed nothing, except ends."""
    return [name for name, targets in graph.outputs_of.items() if not targets and not _is_end(resolved[name])]


def _unfed_outputs(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The action outputs without an input."""
    return [name for name, sources in graph.inputs_of.items() if not sources and _role(resolved[name]) == "policy"]


def _role(item: Resolved) -> Role | None:
    return None if item.block is None else item.block.role


def _dead_ends(graphs: dict[str | None, Graph], resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    """Components that are not connected to an output or a sink; of a chain of them only the last is reported."""
    top = graphs[None]
    found = []
    loose = _without_followers(top, resolved)
    unfed = _unfed_outputs(top, resolved) if loose else []
    for name in loose:
        words = label("connect_to", target=name_of(unfed[0])) if len(unfed) == 1 else {}
        fix = AddEdge(name, unfed[0], **words) if words else None
        found.append(make_problem("dead_end", {}, name, expected="a path to an output", fix=fix))
    for place, graph in graphs.items():
        block = resolved[place].block if place is not None else None
        if place is not None and block is not None and block.container and block.definition_of(place) == place:
            found += _exit_problems(place, graph, resolved, name_of)
    return found


def _exit_problems(place: str, graph: Graph, resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    """Check that exactly one component inside a container is its output."""
    if not graph.inputs_of:
        return [make_problem("empty", {}, place, None, "a block", "none")]
    exits = sorted(output_components(graph, resolved), key=natural_key)
    if len(exits) == 1 or any(resolved[name].block is None for name in graph.inputs_of) or graph.cycles:
        return []
    if not exits:
        return [make_problem("no_exit", {}, place, None, "one output", "none")]
    return [make_problem("many_exits", {"names": list(map(name_of, exits))}, place, None, "one output", str(len(exits)))]
