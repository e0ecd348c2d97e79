"""Whether a merge added a problem that neither side had."""

from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.edge_edits import candidate_wirings, detached
from shared_py.graph import build_graph, cycles_around
from shared_py.problem_cache import problems_of
from tests.support.dead_ends import known_dead_ends

Key = tuple[str, str | None]

OF_VALUES = frozenset(
    {
        "wrong_type",
        "out_of_range",
        "not_a_multiple",
        "not_a_choice",
        "heads_do_not_divide",
        "groups_do_not_divide",
        "stride_needs_valid",
        "too_few_experts",
        "experts_differ",
        "shape_mismatch",
        "hidden_without_linear",
        "many_values",
        "no_class_token",
        "nothing_to_recompute",
        "too_large",
        "too_many_calls",
        "too_heavy",
        "too_much_memory",
    }
)
"""problems of values that do not fit each other, which no merge of values can rule out; they are counted apart"""


_DECODER = msgspec.json.Decoder(ModelArchitecture)


NOTHING = Raw(b"null")


class PushedPart(Struct, frozen=True):
    """What a call says of one design."""

    id: str
    work: Raw = NOTHING
    base: Raw = NOTHING


class ProblemCheck:
    """Compares the problems of each merged document with those of the documents it was merged of."""

    def __init__(self) -> None:
        self.violations: list[dict[str, Any]] = []

    def compare(self, pushed: PushedPart, before: str | None, after: Raw) -> None:
        """Note the problems of the document after a call that neither the stored nor the sent document had."""
        if before is None or NOTHING in (pushed.work, after):
            return
        theirs, work, merged = _decoded(before), _decoded(pushed.work), _decoded(after)
        if merged in (theirs, work):
            return
        sides = [theirs, work, *([] if pushed.base == NOTHING else [_decoded(pushed.base)])]
        new = _keys_of(merged) - frozenset[Key]().union(*map(_keys_of, sides))
        new -= frozenset[Key]().union(*map(_hidden_in, sides)) if new else frozenset()
        new -= _fitting_nowhere(merged, new, sides)
        new -= _known_cycles(merged, sides) if any(code == "cycle" for code, _ in new) else frozenset()
        new -= known_dead_ends(merged, sides) if any(code == "dead_end" for code, _ in new) else frozenset()
        for kind, found in (
            ("new structural problem", sorted((code, name or "") for code, name in new if code not in OF_VALUES)),
            ("new problem of values", sorted((code, name or "") for code, name in new if code in OF_VALUES)),
        ):
            if found:
                documents = {"base": pushed.base, "mine": pushed.work, "theirs": Raw(before.encode()), "merged": after}
                self.violations.append({"kind": kind, "design": merged.id, "problems": found, "documents": documents})


def _keys_of(design: ModelArchitecture) -> frozenset[Key]:
    return frozenset((problem.code, problem.component_id) for problem in problems_of(design))


def _fitting_nowhere(merged: ModelArchitecture, new: frozenset[Key], sides: list[ModelArchitecture]) -> frozenset[Key]:
    """The problems of values of blocks that the stored or the sent design alone has and that fit nowhere in the merged one.

    One side added such a block, or edited it while the other deleted it. No merge removes it, so it stays with its problem.
    `sides` begins with the stored and the sent design.
    """
    known = frozenset[Key]().union(*map(_keys_of, sides))

    def fits(design: ModelArchitecture) -> bool:
        return _keys_of(design) <= known | frozenset(key for key in new if key[1] != name)

    found = set[Key]()
    for code, name in new:
        if code in OF_VALUES and name is not None and sum(name in _names_in(side) for side in sides[:2]) == 1:
            bare = detached(merged, name)
            if not any(fits(replace(bare, edges=one.edges(bare.edges))) for one in candidate_wirings(bare, name, None)):
                found.add((code, name))
    return frozenset(found)


def _names_in(design: ModelArchitecture) -> set[str]:
    return {component.id for component in design.components}


def _known_cycles(merged: ModelArchitecture, sides: list[ModelArchitecture]) -> frozenset[Key]:
    """The cycles that share a component with one of a side: a cycle is named after one of its components, perhaps another one."""
    known = set[str]().union(*(set().union(*_cycles_of(side).values()) for side in sides))
    return frozenset(("cycle", name) for name, members in _cycles_of(merged).items() if not known.isdisjoint(members))


def _cycles_of(design: ModelArchitecture) -> dict[str, set[str]]:
    """All components of each cycle, by the one that it is named after."""
    graph = build_graph(tuple(component.id for component in design.components), tuple(design.edges))
    return {walk[0]: cycles_around(walk[:1], graph) for walk in graph.cycles}


def _hidden_in(design: ModelArchitecture) -> frozenset[Key]:
    """Problems of values at components behind another problem, where no shapes are inferred: the design may have them."""
    analysis = analyse(design)
    behind = {component.id for component in design.components} - set(analysis.nodes)
    return frozenset((code, name) for name in behind for code in OF_VALUES)


def _decoded(document: str | Raw) -> ModelArchitecture:
    return _DECODER.decode(document)
