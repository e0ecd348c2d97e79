"""The form of a design as JSON Schema (draft 2020-12), from the blocks; what only a drawing shows, such as shapes, is not in it.

What the schema refuses, the decoder or the validator finds a problem with too. One thing it does not know: it takes the type
of a block in small or in capital letters, the decoder also in a mixture of both.
"""

import inspect
import json
from typing import Any

import msgspec

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block
from shared_py.design import IDENTIFIER_PATTERN, SCHEMA_VERSION, Defaults, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.resolution import META_ANNOTATIONS, meta_fields

DRAFT = "https://json-schema.org/draft/2020-12/schema"
COMMENT = "Generated from shared_py by `make generate`; edit the Python, not this."
DESCRIPTION = (
    "Components and the edges between them. What no value shows by itself is not told here: ids that are there twice, edges to "
    "nowhere, circles, shapes that do not agree. `model-studio schema-lint` tells those, and reads designs of older versions."
)
ID = {"$ref": "#/$defs/id"}


def schema_text() -> str:
    """The schema as the text of a file."""
    return json.dumps(design_schema(), indent=2, ensure_ascii=False) + "\n"


def design_schema() -> dict[str, Any]:
    """The schema of a whole design; the `type` of a component decides what its `props` may hold."""
    _, found = msgspec.json.schema_components([ModelArchitecture], ref_template="#/$defs/{name}")
    design, component = (_plain(found[name]) for name in ("ModelArchitecture", "Component"))
    edge = {
        "description": "From the first to the second.",
        "type": "array",
        "prefixItems": [ID, ID],
        "items": False,
        "minItems": 2,
    }
    fields = design["properties"]
    fields |= {"id": ID, "schema_version": {"const": SCHEMA_VERSION, "default": SCHEMA_VERSION}, "meta": {"$ref": "#/$defs/meta"}}
    fields["components"]["items"] = {"$ref": "#/$defs/component"}
    fields["edges"] |= {"description": "A target's edges are in the order of its inputs.", "items": edge, "uniqueItems": True}
    pattern = IDENTIFIER_PATTERN.replace(r"\Z", "$")
    return {
        "$schema": DRAFT,
        "$id": f"urn:model-studio:design:{SCHEMA_VERSION}",
        "$comment": COMMENT,
        **design,
        "title": f"Design, schema version {SCHEMA_VERSION}",
        "description": DESCRIPTION,
        "$defs": {
            "id": {
                "title": "id",
                "description": "A letter, then letters, digits, underscores.",
                "type": "string",
                "pattern": pattern,
            },
            "meta": _meta(),
            "component": _component(component),
            **{block.type: props_schema(block) for block in BLOCKS},
        },
    }


def props_schema(block: type[Block]) -> dict[str, Any]:
    """The schema of one block's properties; all of them may be left out."""
    (_,), found = msgspec.json.schema_components([block], ref_template="{name}")
    written = _plain(found[block.__name__])
    rules = properties_of(block, meta_fields(block))
    return {
        "title": block.title,
        "description": f"{block.summary} {' '.join(inspect.cleandoc(block.__doc__ or '').split())}",
        "type": "object",
        "properties": {name: _property(rules[name], value) for name, value in written["properties"].items()},
        "additionalProperties": False,
    }


def allowed_values(rule: Property) -> str:
    """Say in words what a property may hold."""
    if rule.choices is not None:
        return ", ".join(rule.choices)
    if rule.type in ("boolean", "component"):
        return {"boolean": "true, false", "component": "the id of a component"}[rule.type]
    bounds = f"{rule.minimum:g} to {rule.maximum:g}" if rule.minimum is not None and rule.maximum is not None else ""
    if rule.type == "integer" and rule.step and rule.step > 1:
        bounds = f"{bounds}, multiples of {rule.step:g}"
    if rule.max_items is not None:
        bounds = f"up to {rule.max_items}, each {bounds}"
    if rule.divides is not None:
        bounds += f", a divisor of {rule.divides}"
    return f"{bounds} {rule.unit}".strip()


def _property(rule: Property, written: dict[str, Any]) -> dict[str, Any]:
    """One property: choices in the order of the sheet, and said in words what stands in when it is left out."""
    told = dict(written)
    if rule.choices is not None:
        told["enum"] = [*rule.choices, None] if rule.nullable else rule.choices
    notes = [rule.help]
    if rule.divides is not None:
        notes.append(f"It divides {rule.divides}.")
    if rule.from_meta:
        del told["default"]
        notes.append(f"Left out, it is that of the design's meta, else {json.dumps(rule.default)}.")
    if rule.default_text is not None:
        notes.append(f"Left out, it is {rule.default_text}.")
    told["description"] = " ".join(notes)
    return told


def _component(written: dict[str, Any]) -> dict[str, Any]:
    """A component: one rule a block for its properties, so that a validator names the property and not the whole."""
    types = [block.type for block in BLOCKS]
    told = {"description": "The block, in small letters; capitals are read too.", "enum": [*types, *map(str.upper, types)]}
    inside = {
        "description": "The container it lies in; null is the drawing itself.",
        "anyOf": [ID, {"type": "null"}],
        "default": None,
    }
    places = {name: written["properties"][name] | {"description": "px on the canvas"} for name in ("x", "y")}
    props = {"description": "What differs from the defaults.", "type": "object", "default": {}}
    return written | {
        "properties": {"id": ID, "type": told, "props": props, **places, "inside": inside},
        "allOf": [_rule(block) for block in BLOCKS],
    }


def _rule(block: type[Block]) -> dict[str, Any]:
    return {
        "if": {"properties": {"type": {"enum": [block.type, block.type.upper()]}}, "required": ["type"]},
        "then": {"properties": {"props": {"$ref": f"#/$defs/{block.type}"}}},
    }


def _meta() -> dict[str, Any]:
    values = {}
    for field in msgspec.structs.fields(Defaults):
        values[field.name] = _plain(msgspec.json.schema(META_ANNOTATIONS[field.name])) | {"default": field.default}
    description = " ".join((Defaults.__doc__ or "").split())
    return {
        "title": "Defaults",
        "description": description,
        "type": "object",
        "properties": values,
        "additionalProperties": False,
    }


def _plain(written: Any) -> Any:
    """Write what msgspec says as every validator reads it: ECMA patterns, one type list for a value or null, whole numbers."""
    if isinstance(written, list):
        return [_plain(item) for item in written]
    if isinstance(written, float) and written.is_integer():
        return int(written)
    if not isinstance(written, dict):
        return written
    told = {key: _plain(value) for key, value in written.items() if (key, value) != ("required", [])}
    if isinstance(told.get("pattern"), str):
        told["pattern"] = told["pattern"].replace(r"\Z", "$")
    if isinstance(told.get("description"), str):
        told["description"] = " ".join(told["description"].split())
    return _nullable(told)


def _nullable(written: dict[str, Any]) -> dict[str, Any]:
    """Write a value of one type, or null, without an `anyOf`."""
    parts = written.get("anyOf", [])
    values = [part for part in parts if part != {"type": "null"}]
    if len(parts) != 2 or len(values) != 1 or "type" not in values[0]:
        return written
    others = {key: value for key, value in written.items() if key != "anyOf"}
    return {**values[0], "type": [values[0]["type"], "null"], **others}
