"""The fields of a design and of a component read one by one: a fault says what the field must be, and what can be read stays."""

import json
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.json_pointer import pointer_to
from shared_py.problems import Problem
from shared_py.properties import annotation_of
from shared_py.suggestion import suggest

MAX_UNKNOWN_REPORTED: dict[type[Struct], int] = {ModelArchitecture: 20, Defaults: 20, Component: 4}
"""unknown fields of one object that are named one by one"""
MAX_VALUE_CHARS = 40
"""characters of a value shown in a message"""
HARMLESS = frozenset({"unknown_field", "wrong_form", "duplicate_edge"})
"""codes of faults after which all the rest of the document can be judged"""
ID_FORM = "a small letter, then up to 63 small letters, digits or underscores"
FORMS: dict[type[Struct], dict[str, str]] = {
    ModelArchitecture: {"id": ID_FORM, "name": "text of 1 to 120 characters"},
    Defaults: dict.fromkeys(Defaults.__struct_fields__, "a whole number"),
    Component: {
        "id": ID_FORM,
        "type": "the name of a block",
        "props": "an object of at most 64 properties with names of at most 64 characters",
        "x": "a number from -1,000,000 to 1,000,000",
        "y": "a number from -1,000,000 to 1,000,000",
        "inside": "the id of a component, or null",
    },
}
"""what each field must be, beside the lists of a design and its version"""
HARMLESS_FIELDS: dict[type[Struct], frozenset[str]] = {
    ModelArchitecture: frozenset({"id", "name"}),
    Defaults: frozenset(),
    Component: frozenset({"x", "y"}),
}
"""fields on which no other verdict depends"""


def read_outline(raw: dict[str, Any]) -> tuple[ModelArchitecture, list[Problem]]:
    """Read everything of a design but its lists; what cannot be read is left to its default, a missing id to `unnamed`."""
    problems = _unknown_fields(raw, ModelArchitecture, "", "a design")
    fields, faults = _read_fields(raw, ModelArchitecture, "")
    problems += faults
    if "id" not in raw:
        problems.append(Problem("malformed", "the design has no id", field="/id"))
    meta = raw.get("meta", {})
    if not isinstance(meta, dict):
        message = f"the design's meta must be an object of defaults, not {shown_list(meta)}"
        problems.append(Problem("malformed", message, field="/meta"))
        meta = {}
    problems += _unknown_fields(meta, Defaults, "/meta", "the design's meta")
    defaults, faults = _read_fields(meta, Defaults, "/meta")
    problems += faults
    return ModelArchitecture(**{"id": "unnamed", **fields, "meta": Defaults(**defaults)}), problems


def read_component(raw: Any, pointer: str, index: int) -> tuple[Component | None, list[Problem]]:
    """Read one component; without an id or a type nothing comes back. An id of the wrong form is kept as a name."""
    if not isinstance(raw, dict):
        return None, [Problem("malformed", f"a component must be an object, not {shown_list(raw)}", field=pointer)]
    block_type = raw.get("type")
    known = block_type.lower() if isinstance(block_type, str) and block_type.isascii() else block_type
    owner = f"component {index + 1} of the list"
    if isinstance(known, str) and known in BLOCK_BY_TYPE:
        owner += f" ({BLOCK_BY_TYPE[known].title})"
    if not isinstance(raw.get("id"), str):
        message = f"{owner} has no id" if "id" not in raw else f"the id of {owner} must be {ID_FORM}, not {shown_list(raw['id'])}"
        return None, [Problem("malformed", message, field=f"{pointer}/id")]
    name = raw["id"][:64]
    problems = _unknown_fields(raw, Component, pointer, "a component", name)
    fields, faults = _read_fields(raw, Component, pointer, name)
    problems += faults
    if "type" not in raw:
        problems.append(Problem("malformed", "has no type, the name of its block", name, f"{pointer}/type"))
    if "type" not in fields:
        return None, [_of_no_component(problem, name) for problem in problems]
    return Component(**{**fields, "id": fields.get("id", name), "type": known}), problems


def _of_no_component(problem: Problem, name: str) -> Problem:
    """The same fault told of a component that could not be read, and so is in no list."""
    return msgspec.structs.replace(problem, component_id=None, message=f"component {name}: {problem.message}")


def loses_content(problem: Problem) -> bool:
    """Whether something of the document could not be read, so that what depends on it cannot be judged."""
    return problem.code not in HARMLESS


def shown_list(value: Any) -> str:
    """A value in a message: as JSON, or what it is where that is long."""
    if isinstance(value, list | dict) and len(value) > 4:
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _unknown_fields(
    raw: dict[str, Any], struct: type[Struct], pointer: str, owner: str, name: str | None = None
) -> list[Problem]:
    """Name unknown fields, each with the nearest known one."""
    known = struct.__struct_fields__
    strange = [field[:64] for field in raw if field not in known]
    subject = "has" if name is not None else f"{owner} has"
    return [
        Problem("unknown_field", f"{subject} no field {field!r}{suggest(field, known)}", name, pointer + pointer_to(field))
        for field in strange[: MAX_UNKNOWN_REPORTED[struct]]
    ]


def _read_fields(
    raw: dict[str, Any], struct: type[Struct], pointer: str, name: str | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """Read the fields that have a form, each by itself."""
    fields, problems = {}, []
    for field, form in FORMS[struct].items():
        if field not in raw:
            continue
        try:
            fields[field] = msgspec.convert(raw[field], annotation_of(struct, field))
        except msgspec.ValidationError:
            code = "wrong_form" if field in HARMLESS_FIELDS[struct] else "malformed"
            owner = "" if name is not None else "the design's "
            message = f"{owner}{field} must be {form}, not {shown_list(raw[field])}"
            problems.append(Problem(code, message, name, f"{pointer}/{field}"))
    return fields, problems
