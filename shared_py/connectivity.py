"""How components are connected: enough inputs, no circles, a way from the board to an output; it knows no shape."""

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block, Role
from shared_py.graph import Graph, natural_key, reachable_from
from shared_py.naming import NameOf
from shared_py.problems import AddComponent, AddEdge, Problem, RemoveComponent, RemoveEdge
from shared_py.resolution import Resolved

ENDS: frozenset[Role] = frozenset({"policy", "value", "sink"})
"""roles of components that give nothing for others to take"""


def check_wiring(
    graphs: dict[str | None, Graph], resolved: dict[str, Resolved], roles: frozenset[Role], name_of: NameOf
) -> list[Problem]:
    """Look at the drawing itself and at what lies inside each container: `graphs` by place, `roles` those filled at the top."""
    found = _missing_roles(roles, resolved)
    for graph in graphs.values():
        found += [_cycle_problem(walk, resolved, name_of) for walk in graph.cycles]
    return found + _fan_in_problems(graphs, resolved, name_of) + _dead_ends(graphs, resolved, name_of)


def fan_in_is_right(block: Block, count: int) -> bool:
    """Whether a block takes so many inputs."""
    return count >= block.min_inputs and (block.max_inputs is None or count <= block.max_inputs)


def leaving(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The components that give what leaves a container: those that nothing follows; failing that, those that only ends do."""
    return _exits(graph, resolved) or [
        name
        for name, targets in graph.outputs_of.items()
        if not _is_end(resolved[name]) and all(_is_end(resolved[target]) for target in targets)
    ]


def reconnect_targets(graph: Graph, resolved: dict[str, Resolved], name: str) -> list[str]:
    """The components that a dead end of the drawing could feed, by how many inputs they have and where they lead.

    Those that still want an input come first, then those on the way of what feeds the dead end, then the nearest to the input.
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


def removal(graphs: dict[str | None, Graph], resolved: dict[str, Resolved], name: str, name_of: NameOf) -> RemoveComponent | None:
    """Take a dead end away from a drawing that does without it: nothing lies in it, and nothing else leads only to it."""
    graph = graphs[None]
    fed = any(sources and _role(resolved[end]) == "policy" for end, sources in graph.inputs_of.items())
    alone = name not in graphs and all(len(graph.outputs_of[source]) > 1 for source in graph.inputs_of[name])
    if not fed or not alone or _role(resolved[name]) == "input":
        return None
    return RemoveComponent(name, f"Remove {name_of(name)}")


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
            if block is None or fan_in_is_right(block, count) or (place is not None and block.max_inputs == 0 and not sources):
                continue
            found.append(
                _too_few_inputs(name, block, count)
                if count < block.min_inputs
                else _too_many_inputs(name, block, sources, name_of)
            )
    return found


def _too_many_inputs(name: str, block: Block, sources: list[str], name_of: NameOf) -> Problem:
    extra = sources[-1]
    fix = RemoveEdge(extra, name, f"Remove the edge from {name_of(extra)}")
    expected = f"at most {block.max_inputs}" if block.max_inputs else "none"
    wanted = f"{expected} input{'' if block.max_inputs == 1 else 's'}" if block.max_inputs else "no input"
    message = f"takes {wanted}, got {len(sources)}"
    return Problem("too_many_inputs", message, name, None, expected, str(len(sources)), fix)


def _too_few_inputs(name: str, block: Block, count: int) -> Problem:
    if count == 0:
        return Problem("unreachable", "nothing feeds it, so no board reaches it", name, None, "an input", "none")
    message = f"needs at least {block.min_inputs} inputs, got {count}"
    return Problem("too_few_inputs", message, name, None, f"at least {block.min_inputs}", str(count))


def _cycle_problem(walk: list[str], resolved: dict[str, Resolved], name_of: NameOf) -> Problem:
    """Name a circle; it is opened behind an end, from which nothing should go on, or else where it was closed."""
    source, target = next(
        ((here, after) for here, after in zip(walk, [*walk[1:], walk[0]], strict=True) if _is_end(resolved[here])),
        (walk[-1], walk[0]),
    )
    fix = RemoveEdge(source, target, f"Remove the edge from {name_of(source)} to {name_of(target)}")
    round_trip = " → ".join(map(name_of, [*walk, walk[0]]))
    return Problem("cycle", f"is part of a cycle: {round_trip}", walk[0], fix=fix)


def _missing_roles(roles: frozenset[Role], resolved: dict[str, Resolved]) -> list[Problem]:
    """A design needs a component to read the board and one to choose the move."""
    found = []
    for role, code in (("input", "no_input"), ("policy", "no_output")):
        if role in roles:
            continue
        block = next(block for block in BLOCKS if block.role == role)
        if any(item.component.type == block.type for item in resolved.values()):
            continue  # there is one, and it has problems of its own
        fix = AddComponent(block.type, f"Add {block.title.lower()}")
        found.append(Problem(code, f"the design needs at least one {block.title.lower()}", expected=block.type, fix=fix))
    return found


def _is_end(item: Resolved) -> bool:
    return item.block is None or item.block.role in ENDS


def _exits(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The components of a place that nothing follows, ends aside."""
    return [name for name, targets in graph.outputs_of.items() if not targets and not _is_end(resolved[name])]


def _unfed_outputs(graph: Graph, resolved: dict[str, Resolved]) -> list[str]:
    """The outputs for moves that nothing feeds."""
    return [name for name, sources in graph.inputs_of.items() if not sources and _role(resolved[name]) == "policy"]


def _role(item: Resolved) -> Role | None:
    return None if item.block is None else item.block.role


def _dead_ends(graphs: dict[str | None, Graph], resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    """Components that lead to no output and no sink; of a chain of them only the last is named."""
    top = graphs[None]
    found = []
    loose = _exits(top, resolved)
    hungry = _unfed_outputs(top, resolved) if loose else []
    for name in loose:
        fix = AddEdge(name, hungry[0], f"Connect it to {name_of(hungry[0])}") if len(hungry) == 1 else None
        found.append(Problem("dead_end", "leads to no output", name, expected="a way to an output", fix=fix))
    for place, graph in graphs.items():
        block = resolved[place].block if place is not None else None
        if place is not None and block is not None and block.container and block.definition_of(place) == place:
            found += _exit_problems(place, graph, resolved, name_of)
    return found


def _exit_problems(place: str, graph: Graph, resolved: dict[str, Resolved], name_of: NameOf) -> list[Problem]:
    """Of what lies inside a container, exactly one component gives what leaves it."""
    if not graph.inputs_of:
        return [Problem("empty", "is empty: open it and add a block", place, None, "a block", "none")]
    exits = sorted(leaving(graph, resolved), key=natural_key)
    if len(exits) == 1 or any(resolved[name].block is None for name in graph.inputs_of) or graph.cycles:
        return []
    if not exits:
        return [Problem("no_exit", "has no output: everything inside it ends there", place, None, "one exit", "none")]
    several = ", ".join(map(name_of, exits[:3])) + (", …" if len(exits) > 3 else "")
    message = f"exactly one block inside must come last, but {several} do"
    return [Problem("many_exits", message, place, None, "one exit", str(len(exits)))]
