"""From bytes to a design: what is no design at all is refused here, with a pointer to every fault."""

import re
from typing import Any

import msgspec

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import MAX_COMPONENTS, MAX_DEPTH, MAX_EDGES, SCHEMA_VERSION, Component, Edge, ModelArchitecture
from shared_py.problems import Problem
from shared_py.resolution import DOCUMENT_CODES, resolve
from shared_py.upgrade import upgrade_document

MOST_STRANGERS = 20
"""unknown fields of a design that are named one by one"""
DESIGN_FIELDS = frozenset(ModelArchitecture.__struct_fields__)
_DESIGN_DECODER = msgspec.json.Decoder(ModelArchitecture)
_PATH_PARTS = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


class DesignError(ValueError):
    """The JSON is not a design; `problems` say why, `errors` say it with JSON pointers (RFC 6901)."""

    def __init__(self, problems: list[Problem], places: dict[str, int]) -> None:
        super().__init__("; ".join(problem.message for problem in problems[:3]))
        self.problems = problems
        self.errors = [{"pointer": _pointer(problem, places), "message": problem.message} for problem in problems]


def _pointer(problem: Problem, places: dict[str, int]) -> str:
    """Where in the document a problem is; that of a component's property is found by the component's place in the list."""
    if problem.component_id is None:
        return problem.field or ""
    here = f"/components/{places[problem.component_id]}"
    if problem.field in (None, "type"):
        return f"{here}/{problem.field or 'props'}"
    return f"{here}/props/{_escaped(problem.field or '')}"


def _escaped(name: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def decode_design(data: bytes | str) -> ModelArchitecture:
    """Read a design from JSON.

    Raises `msgspec.DecodeError` when it is not JSON, `RecursionError` when it is nested too deeply, `DesignError` when it
    is no design: malformed or repeated ids, edges to nowhere, unknown blocks or properties, values of the wrong type.
    """
    design, problems = read_text(data)
    return _sound(design, problems)


def design_from(raw: Any) -> ModelArchitecture:
    """Read a design from decoded JSON; raises `DesignError`."""
    return _sound(*read_design(raw))


def _sound(design: ModelArchitecture | None, problems: list[Problem]) -> ModelArchitecture:
    """Let a design pass that has no problem which only a document can have."""
    if design is not None:
        for component in design.components:
            found = resolve(component, design.meta).problems
            problems += [problem for problem in found if problem.code in DOCUMENT_CODES]
    if problems or design is None:
        components = design.components if design else []
        raise DesignError(problems, {component.id: index for index, component in enumerate(components)})
    return design


def read_text(data: bytes | str) -> tuple[ModelArchitecture | None, list[Problem]]:
    """Read what can be read of a design as JSON; raises `msgspec.DecodeError` and `RecursionError` as `decode_design` does.

    A sound document is read in one go, several times as fast as piece by piece.
    """
    try:
        design = _DESIGN_DECODER.decode(data)
    except msgspec.ValidationError:
        design = None
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise msgspec.DecodeError(f"not UTF-8: {error.reason}") from None
    if design is not None and _is_sound(design):
        return design, []
    return read_design(msgspec.json.decode(data))


def _is_sound(design: ModelArchitecture) -> bool:
    """Whether nothing is left to say of the document itself."""
    names = {component.id for component in design.components}
    ends = {name for edge in design.edges for name in edge}
    return (
        design.schema_version == SCHEMA_VERSION
        and len(names) == len(design.components)
        and {component.type for component in design.components} <= BLOCK_BY_TYPE.keys()
        and ends <= names
        and len(set(design.edges)) == len(design.edges)
        and not _nesting_faults(design.components)
    )


def read_design(raw: Any) -> tuple[ModelArchitecture | None, list[Problem]]:
    """Read what can be read of a design and say what could not; nothing comes back when there is not even an outline."""
    if not isinstance(raw, dict):
        return None, [_fault("", "a design is a JSON object")]
    raw, problems = upgrade_document(raw)
    if problems:
        return None, problems
    outline, problems = _outline(raw)
    if outline is None:
        return None, problems
    components, faults = _components(raw.get("components", []))
    problems += faults
    faults = _nesting_faults(components)
    if faults:
        components = [msgspec.structs.replace(component, inside=None) for component in components]
    problems += faults
    edges, faults = _edges(raw.get("edges", []), {component.id for component in components})
    problems += faults
    return msgspec.structs.replace(outline, components=components, edges=edges), problems


def _outline(raw: dict[str, Any]) -> tuple[ModelArchitecture | None, list[Problem]]:
    """Read everything but the lists."""
    strange = [name[:64] for name in raw if name not in DESIGN_FIELDS]
    problems = [_fault(f"/{_escaped(name)}", f"a design has no field {name!r}") for name in strange[:MOST_STRANGERS]]
    known = {name: value for name, value in raw.items() if name in DESIGN_FIELDS - {"components", "edges"}}
    try:
        return msgspec.convert(known, ModelArchitecture), problems
    except msgspec.ValidationError as error:
        return None, [*problems, _from_msgspec(error, "")]


def _components(raw: Any) -> tuple[list[Component], list[Problem]]:
    """Read the components one by one; of two with the same id the first stays."""
    if not isinstance(raw, list) or len(raw) > MAX_COMPONENTS:
        return [], [_fault("/components", f"components is a list of at most {MAX_COMPONENTS}")]
    components: dict[str, Component] = {}
    read, problems = _read_each(raw, Component, "/components")
    for index, component in read:
        pointer = f"/components/{index}"
        if component.id in components:
            problems.append(_fault(f"{pointer}/id", f"two components are called {component.id}", "duplicate_id"))
            continue
        lowered = component.type.lower()
        components[component.id] = component if lowered == component.type else msgspec.structs.replace(component, type=lowered)
    return list(components.values()), problems


def _nesting_faults(components: list[Component]) -> list[Problem]:
    """Check that every container named is there, and that none lies in itself or too deep."""
    inside = {component.id: component.inside for component in components if component.inside is not None}
    if not inside:
        return []
    names = {component.id for component in components}
    found = []
    for index, component in enumerate(components):
        depth, place = 0, component.inside
        while place is not None and place in names and depth < MAX_DEPTH:
            depth, place = depth + 1, inside.get(place)
        if place is not None:
            message = f"there is no component {place}" if place not in names else f"lies in itself, or more than {MAX_DEPTH} deep"
            found.append(_fault(f"/components/{index}/inside", message, "lost_inside"))
    return found


def _edges(raw: Any, known: set[str]) -> tuple[list[Edge], list[Problem]]:
    """Read the edges; each joins two components that exist, and no two are the same."""
    if not isinstance(raw, list) or len(raw) > MAX_EDGES:
        return [], [_fault("/edges", f"edges is a list of at most {MAX_EDGES}")]
    edges: dict[Edge, None] = {}
    read, problems = _read_each(raw, Edge, "/edges")
    for index, edge in read:
        pointer = f"/edges/{index}"
        missing = [name for name in edge if name not in known]
        if missing:
            problems.append(_fault(pointer, f"there is no component {missing[0]}", "dangling_edge"))
        elif edge in edges:
            problems.append(_fault(pointer, f"the edge from {edge[0]} to {edge[1]} is there twice", "duplicate_edge"))
        else:
            edges[edge] = None
    return list(edges), problems


def _read_each(raw: list[Any], kind: Any, pointer: str) -> tuple[list[tuple[int, Any]], list[Problem]]:
    """Read a list at once if all of it is sound, else item by item, with a problem for each that is not."""
    try:
        return list(enumerate(msgspec.convert(raw, list[kind]))), []
    except msgspec.ValidationError:
        pass
    read: list[tuple[int, Any]] = []
    problems = []
    for index, item in enumerate(raw):
        try:
            read.append((index, msgspec.convert(item, kind)))
        except msgspec.ValidationError as error:
            problems.append(_from_msgspec(error, f"{pointer}/{index}"))
    return read, problems


def _fault(pointer: str, message: str, code: str = "malformed") -> Problem:
    return Problem(code, message, field=pointer)


def _from_msgspec(error: msgspec.ValidationError, pointer: str) -> Problem:
    """Turn `Expected `int`, got `str` - at `$.x[0]`` into a problem with a JSON pointer."""
    message, _, path = str(error).partition(" - at ")
    inner = _PATH_PARTS.findall(path)
    return _fault(pointer + "".join(f"/{name or index or '*'}" for name, index in inner), message.replace("`", ""))
