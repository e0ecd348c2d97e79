"""The fields of a design and of a component, read one by one: a problem says what a field must be, valid fields are kept."""

import json
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.json_pointer import pointer_to
from shared_py.messages import Text, part
from shared_py.problems import Problem, make_problem, with_params
from shared_py.properties import annotation_of
from shared_py.resolution import printable
from shared_py.suggestion import nearest_hint

MAX_UNKNOWN_REPORTED: dict[type[Struct], int] = {ModelArchitecture: 20, Defaults: 20, Component: 4}
"""unknown fields of one object that are named one by one"""
MAX_VALUE_CHARS = 40
"""characters of a value shown in a message"""
HARMLESS = frozenset({"unknown_field", "wrong_form", "duplicate_edge"})
"""codes of problems after which the rest of the document can still be validated"""
ID_FORM = part("id_form")
FORMS: dict[type[Struct], dict[str, Text]] = {
    ModelArchitecture: {"id": ID_FORM, "name": part("name_form")},
    Defaults: dict.fromkeys(Defaults.__struct_fields__, part("whole_number")),
    Component: {
        "id": ID_FORM,
        "type": part("block_name"),
        "props": part("props_form"),
        "x": part("coordinate"),
        "y": part("coordinate"),
        "inside": part("component_id_or_null"),
        "name": part("component_name_form"),
    },
}
"""what each field must be, beside the lists of a design and its version"""
HARMLESS_FIELDS: dict[type[Struct], frozenset[str]] = {
    ModelArchitecture: frozenset({"id", "name"}),
    Defaults: frozenset(),
    Component: frozenset({"x", "y", "name"}),
}
"""fields on which no other check depends"""


def read_outline(raw: dict[str, Any]) -> tuple[ModelArchitecture, list[Problem]]:
    """Read everything of a design but its lists; what cannot be read is left to its default, a missing id to `unnamed`."""
    problems = _unknown_fields(raw, ModelArchitecture, "", part("of_a_design"))
    fields, faults = _read_fields(raw, ModelArchitecture, "")
    problems += faults
    if "id" not in raw:
        problems.append(make_problem("malformed", {"case": "no_design_id"}, field="/id"))
    meta = raw.get("meta", {})
    if not isinstance(meta, dict):
        problems.append(make_problem("malformed", {"case": "meta", "value": value_text(meta)}, field="/meta"))
        meta = {}
    problems += _unknown_fields(meta, Defaults, "/meta", part("of_meta"))
    defaults, faults = _read_fields(meta, Defaults, "/meta")
    problems += faults
    return ModelArchitecture(**{"id": "unnamed", **fields, "meta": Defaults(**defaults)}), problems


def read_component(raw: Any, pointer: str, index: int) -> tuple[Component | None, list[Problem]]:
    """Read one component; without an id or a type nothing comes back. An id of the wrong form is kept as a name."""
    if not isinstance(raw, dict):
        return None, [make_problem("malformed", {"case": "component", "value": value_text(raw)}, field=pointer)]
    block_type = raw.get("type")
    known = block_type.lower() if isinstance(block_type, str) and block_type.isascii() else block_type
    owner = part("listed", {"position": index + 1})
    if isinstance(known, str) and known in BLOCK_BY_TYPE:
        owner = part("listed_block", {"position": index + 1, "block": BLOCK_BY_TYPE[known].title})
    if not isinstance(raw.get("id"), str):
        params = {"case": "no_id", "component": owner}
        if "id" in raw:
            params = {"case": "id", "component": owner, "form": ID_FORM, "value": value_text(raw["id"])}
        return None, [make_problem("malformed", params, field=f"{pointer}/id")]
    name = raw["id"][:64]
    problems = _unknown_fields(raw, Component, pointer, "", name)
    fields, faults = _read_fields(raw, Component, pointer, name)
    problems += faults
    if "type" not in raw:
        problems.append(make_problem("malformed", {"case": "no_type", "of": ""}, name, f"{pointer}/type"))
    if "type" not in fields:
        # The component is in no list of the design, so the sentence has to name it.
        return None, [with_params(problem, None, of=part("of_component", {"component": name})) for problem in problems]
    return Component(**{**fields, "id": fields.get("id", name), "type": known}), problems


def loses_content(problem: Problem) -> bool:
    """Whether a part of the document could not be read, so that what depends on it cannot be validated."""
    return problem.code not in HARMLESS


def value_text(value: Any) -> str | Text:
    """A value in a message: as JSON, or what it is where that is long."""
    if isinstance(value, list | dict) and len(value) > 4:
        return part("long_list" if isinstance(value, list) else "long_object", {"count": len(value)})
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _unknown_fields(
    raw: dict[str, Any], struct: type[Struct], pointer: str, of: Text | str, name: str | None = None
) -> list[Problem]:
    """Name unknown fields, each with the nearest known one."""
    known = struct.__struct_fields__
    strange = [field[:64] for field in raw if field not in known]
    found = []
    for field in strange[: MAX_UNKNOWN_REPORTED[struct]]:
        params = {"of": of, "name": printable(field), "hint": nearest_hint(field, known)}
        found.append(make_problem("unknown_field", params, name, pointer + pointer_to(field)))
    return found


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
            params = {"of": "" if name is not None else part("of_design"), "property": field, "form": form}
            params |= {"value": value_text(raw[field])} | ({"case": "form"} if code == "malformed" else {})
            problems.append(make_problem(code, params, name, f"{pointer}/{field}"))
    return fields, problems
