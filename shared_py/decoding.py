"""Decodes JSON to a design; a document that is not a design is refused, with a JSON pointer to each problem."""

import re
from typing import Any, NamedTuple

import msgspec

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import (
    IDENTIFIER_PATTERN,
    MAX_COMPONENTS,
    MAX_DEPTH,
    MAX_EDGES,
    Component,
    Edge,
    ModelArchitecture,
    in_its_version,
    version_of,
)
from shared_py.document_fields import loses_content, read_component, read_outline, value_text
from shared_py.json_pointer import pointer_to
from shared_py.messages import Params
from shared_py.naming import names_of
from shared_py.problems import Problem, make_problem
from shared_py.resolution import DOCUMENT_CODES, resolve
from shared_py.suggestion import nearest_hint
from shared_py.upgrade import upgrade_document

MAX_SUGGESTIONS = 5
"""edges to a component that does not exist for which the nearest id is looked up"""
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)
_DESIGN_DECODER = msgspec.json.Decoder(ModelArchitecture)


class DesignError(ValueError):
    """The JSON is not a design; `problems` say why, `errors` say it with JSON pointers (RFC 6901)."""

    def __init__(self, problems: list[Problem], design: ModelArchitecture | None, places: dict[str, int]) -> None:
        """Take the `problems`, the `design` as far as it was read, and the index of each component in the document's list."""
        name_of = names_of(design)
        messages = [f"{name_of(p.component_id)}: {p.message}" if p.component_id else p.message for p in problems]
        super().__init__("; ".join(messages[:3]))
        self.problems = problems
        self.errors = [
            {"pointer": pointer_of(problem, places), "message": message}
            for problem, message in zip(problems, messages, strict=True)
        ]


def pointer_of(problem: Problem, places: dict[str, int]) -> str:
    """JSON pointer to a problem; that of a component's property needs the index of the component in the list."""
    if problem.component_id is None or problem.code not in DOCUMENT_CODES:
        return problem.field or ""
    component = ("components", places[problem.component_id])
    if problem.code == "unknown_block":
        return pointer_to(*component, "type")
    return pointer_to(*component, "props", *([] if problem.field is None else [problem.field]))


def decode_design(data: bytes | str) -> ModelArchitecture:
    """Read a design from JSON.

    Raises `msgspec.DecodeError` when it is not JSON, `RecursionError` when it is nested too deeply, `DesignError` when it
    is no design: malformed or repeated ids, edges to nowhere, unknown blocks or properties, values of the wrong type.
    """
    return _sound(_decode(data))


def design_from(raw: Any) -> ModelArchitecture:
    """Read a design from decoded JSON; raises `DesignError`."""
    return _sound(_read(raw))


def check_design(design: ModelArchitecture) -> None:
    """Check a design that was put together from decoded ones, as a merge does; raises `DesignError` as `decode_design` does."""
    fits = len(design.components) <= MAX_COMPONENTS and len(design.edges) <= MAX_EDGES
    _sound(_reading_of(design) if fits and _is_sound(design) else _read(msgspec.to_builtins(design)))


class _Reading(NamedTuple):
    """What was read of a document, its problems, and the index of each component in the document's list."""

    design: ModelArchitecture | None
    problems: list[Problem]
    places: dict[str, int]


def _sound(reading: _Reading) -> ModelArchitecture:
    """Return the design if the document has no error; otherwise raise DesignError."""
    design, problems, places = reading
    if design is not None:
        for component in design.components:
            found = resolve(component, design.meta).problems
            problems += [problem for problem in found if problem.code in DOCUMENT_CODES]
    if problems or design is None:
        raise DesignError(problems, design, places)
    return design


def read_text(data: bytes | str) -> tuple[ModelArchitecture | None, list[Problem]]:
    """Read what can be read of a design as JSON; raises `msgspec.DecodeError` and `RecursionError` as `decode_design` does.

    A sound document is read in one go, several times as fast as piece by piece.
    """
    design, problems, _ = _decode(data)
    return design, problems


def read_design(raw: Any) -> tuple[ModelArchitecture | None, list[Problem]]:
    """Read as much of a design as possible, with problems for the rest; None where not even an outline can be read."""
    design, problems, _ = _read(raw)
    return design, problems


def _decode(data: bytes | str) -> _Reading:
    try:
        design = _DESIGN_DECODER.decode(data)
    except msgspec.ValidationError:
        design = None
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise msgspec.DecodeError(f"not UTF-8: {error.reason}") from None
    if design is not None and _is_sound(design):
        return _reading_of(design)
    return _read(msgspec.json.decode(data))


def _reading_of(design: ModelArchitecture) -> _Reading:
    """A document in which no problem was found."""
    return _Reading(design, [], {component.id: index for index, component in enumerate(design.components)})


def _is_sound(design: ModelArchitecture) -> bool:
    """Whether the document has none of the problems that `_read` finds."""
    names = {component.id for component in design.components}
    ends = {name for edge in design.edges for name in edge}
    return (
        design.schema_version == version_of(design)
        and len(names) == len(design.components)
        and {component.type for component in design.components} <= BLOCK_BY_TYPE.keys()
        and ends <= names
        and len(set(design.edges)) == len(design.edges)
        and not _nesting_faults(design.components, {})
    )


def _read(raw: Any) -> _Reading:
    if not isinstance(raw, dict):
        return _Reading(None, [_fault("", "not_an_object", value=value_text(raw))], {})
    raw, problems = upgrade_document(raw)
    if problems:
        return _Reading(None, problems, {})
    outline, problems = read_outline(raw)
    components, places, faults = _components(raw.get("components", []))
    problems += faults
    lost = any(loses_content(problem) for problem in problems)
    faults = _nesting_faults(components, places, lost)
    containers = set() if faults else places.keys()
    components = [
        component if component.inside in containers else msgspec.structs.replace(component, inside=None)
        for component in components
    ]
    problems += faults
    edges, faults = _edges(raw.get("edges", []), {component.id for component in components}, lost)
    problems += faults
    design = in_its_version(msgspec.structs.replace(outline, components=components, edges=edges))
    return _Reading(design, problems, places)


def _components(raw: Any) -> tuple[list[Component], dict[str, int], list[Problem]]:
    """Read the components one by one, with the index of each in the list; of two with the same id the first stays."""
    if not isinstance(raw, list) or len(raw) > MAX_COMPONENTS:
        return [], {}, [_fault("/components", "components", most=MAX_COMPONENTS, value=value_text(raw))]
    components: dict[str, Component] = {}
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for index, item in enumerate(raw):
        component, faults = read_component(item, f"/components/{index}", index)
        problems += faults
        if component is None:
            continue
        if component.id in components:
            params = {"first": places[component.id] + 1, "second": index + 1, "component": component.id}
            problems.append(make_problem("duplicate_id", params, field=f"/components/{index}/id"))
            continue
        components[component.id], places[component.id] = component, index
    return list(components.values()), places, problems


def _nesting_faults(components: list[Component], places: dict[str, int], lost: bool = False) -> list[Problem]:
    """Check that every container exists, and that none contains itself or is nested too deep.

    With components `lost`, a container that does not exist is not reported: the lost component has been.
    """
    inside = {component.id: component.inside for component in components if component.inside is not None}
    if not inside:
        return []
    names = {component.id for component in components}
    found = []
    for component in components:
        depth, place = 0, component.inside
        while place is not None and place in names and depth < MAX_DEPTH:
            depth, place = depth + 1, inside.get(place)
        if place is not None and (place in names or not lost):
            params: Params = {"case": "missing", "container": place}
            if place in names:
                params = {"case": "too_deep", "most": MAX_DEPTH}
            pointer = f"/components/{places.get(component.id, 0)}/inside"
            found.append(make_problem("lost_inside", params, component.id, pointer))
    return found


def _edges(raw: Any, known: set[str], lost: bool) -> tuple[list[Edge], list[Problem]]:
    """Read the edges; each joins two components that exist, and no two are the same.

    With components `lost`, an edge to one that does not exist is left out silently: the lost component has been reported.
    """
    if not isinstance(raw, list) or len(raw) > MAX_EDGES:
        return [], [_fault("/edges", "edges", most=MAX_EDGES, value=value_text(raw))]
    edges: dict[Edge, None] = {}
    problems: list[Problem] = []
    for index, item in enumerate(raw):
        pointer = f"/edges/{index}"
        if not isinstance(item, list | tuple) or len(item) != 2 or not all(isinstance(end, str) for end in item):
            problems.append(_fault(pointer, "edge", value=value_text(item)))
            continue
        edge = (item[0], item[1])
        missing = [end for end in edge if end not in known]
        malformed = [end for end in missing if not _IDENTIFIER.match(end) and not (lost and end[:64] in known)]
        if malformed or (missing and not lost):
            end = (malformed or missing)[0][:64]
            near = nearest_hint(end, tuple(sorted(known))) if len(problems) < MAX_SUGGESTIONS else ""
            if malformed:
                problems.append(_fault(pointer, "end" if end else "no_end", component=end, hint=near))
            else:
                problems.append(make_problem("dangling_edge", {"component": end, "hint": near}, field=pointer))
        elif edge in edges:
            problems.append(make_problem("duplicate_edge", {"source": edge[0], "target": edge[1]}, field=pointer))
        elif not missing:
            edges[edge] = None
    return list(edges), problems


def _fault(pointer: str, case: str, **params: Any) -> Problem:
    return make_problem("malformed", {"case": case, **params}, field=pointer)
