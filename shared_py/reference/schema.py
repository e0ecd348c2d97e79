"""The form of a design as JSON Schema (draft 2020-12), from the blocks.

The schema accepts what the decoder accepts, apart from the rules in `NOT_EXPRESSED`. Bounds and choices of values are in
descriptions and examples, since a design with a value out of bounds is stored and its problem shown; the strict schema of the
same design asserts them too.
"""

import inspect
import json
from typing import Any

import msgspec

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block
from shared_py.design import IDENTIFIER_PATTERN, PLAIN_VERSION, SCHEMA_VERSION, Defaults, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.resolution import META_ANNOTATIONS, meta_fields

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NOT_EXPRESSED = (
    "ids of components are unique",
    "both ends of an edge are ids of components",
    "`inside` is the id of a component; no component lies in itself or more than 8 deep",
    "whole numbers are written without a decimal point or an exponent",
    "numbers lie within what a double can hold",
    "designs with an older schema_version are read and upgraded; this schema describes the newest versions",
)
"""rules of the decoder that JSON Schema cannot express"""
COMMENT = (
    "Generated from shared_py by `make generate`; edit the Python, not this. A document that follows this schema is read without "
    "a document error if it also keeps these rules, which JSON Schema cannot express: " + "; ".join(NOT_EXPRESSED) + "."
)
DESCRIPTION = (
    "Components and the edges between them. Whether values lie within their bounds, and what only the whole design shows, such "
    "as cycles and shapes that do not agree, is no matter of form: `model-studio schema-lint` checks that too."
)
STRICT_DESCRIPTION = "A design all of whose values lie within their bounds."
FORM_KEYWORDS = ("type", "pattern", "items", "default", "title", "description")
"""what of a property's schema the decoder insists on; the rest bounds its value"""
ID = {"$ref": "#/$defs/id"}
END = r"$(?!\n)"
"""the end of a text, also for validators whose `$` stands before a last line break as well"""


def schema_text(*, strict: bool = False) -> str:
    """The schema as the text of a file."""
    return json.dumps(design_schema(strict=strict), indent=2, ensure_ascii=False) + "\n"


def design_schema(*, strict: bool = False) -> dict[str, Any]:
    """The schema of a whole design; the `type` of a component decides what its `props` may hold.

    It accepts what is read without a document error; the strict one only what also has all values within their bounds.
    """
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
    version = {
        "description": f"{SCHEMA_VERSION} where a component has a name, else {PLAIN_VERSION}; either is read.",
        "enum": [PLAIN_VERSION, SCHEMA_VERSION],
        "default": PLAIN_VERSION,
    }
    fields |= {"id": ID, "schema_version": version, "meta": {"$ref": "#/$defs/meta"}}
    fields["components"]["items"] = {"$ref": "#/$defs/component"}
    fields["edges"] |= {"description": "A target's edges are in the order of its inputs.", "items": edge, "uniqueItems": True}
    pattern = IDENTIFIER_PATTERN.replace(r"\Z", END)
    return {
        "$schema": DRAFT,
        "$id": f"urn:model-studio:design:{SCHEMA_VERSION}{':strict' if strict else ''}",
        "$comment": COMMENT,
        **design,
        "title": f"Design, schema version {SCHEMA_VERSION}{', strict' if strict else ''}",
        "description": f"{STRICT_DESCRIPTION} {DESCRIPTION}" if strict else DESCRIPTION,
        "$defs": {
            "id": {
                "title": "id",
                "description": "A letter, then letters, digits, underscores.",
                "type": "string",
                "pattern": pattern,
            },
            "meta": _meta(strict),
            "component": _component(component),
            **{block.type: props_schema(block, strict=strict) for block in BLOCKS},
        },
    }


def props_schema(block: type[Block], *, strict: bool = True) -> dict[str, Any]:
    """The schema of one block's properties, with their bounds if it is strict; all of them may be left out."""
    (_,), found = msgspec.json.schema_components([block], ref_template="{name}")
    written = _plain(found[block.__name__])
    rules = properties_of(block, meta_fields(block))
    return {
        "title": block.title,
        "description": f"{block.summary} {' '.join(inspect.cleandoc(block.__doc__ or '').split())}",
        "type": "object",
        "properties": {name: _property(rules[name], value, strict) for name, value in written["properties"].items()},
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
    if rule.type == "patterns":
        return f"{rule.min_items} to {rule.max_items} lists of 1 to {rule.max_cells} different cells, each {bounds}"
    if rule.max_items is not None:
        bounds = f"up to {rule.max_items}, each {bounds}"
    if rule.divides is not None:
        bounds += f", a divisor of {rule.divides}"
    return f"{bounds} {rule.unit}".strip()


def _property(rule: Property, written: dict[str, Any], strict: bool) -> dict[str, Any]:
    """One property: choices in the order of the sheet, and said in words what stands in when it is left out."""
    schema = dict(written)
    notes = [rule.help]
    if strict and rule.choices is not None:
        schema["enum"] = [*rule.choices, None] if rule.nullable else rule.choices
    if not strict:
        schema = _form_of(rule, written)
        if rule.type not in ("boolean", "component"):
            notes.append(f"Allowed: {allowed_values(rule)}.")
    if rule.divides is not None:
        notes.append(f"It divides {rule.divides}.")
    if rule.from_meta:
        schema.pop("default", None)
        notes.append(f"Left out, it is that of the design's meta, else {json.dumps(rule.default)}.")
    if rule.default_text is not None:
        notes.append(f"Left out, it is {rule.default_text}.")
    schema["description"] = " ".join(notes)
    return schema


def _form_of(rule: Property, written: dict[str, Any]) -> dict[str, Any]:
    """The type of a property alone; its choices are examples, which editors offer."""
    kept = [key for key in FORM_KEYWORDS if (key, rule.type) != ("pattern", "component")]
    schema = {key: value for key, value in written.items() if key in kept}
    if rule.choices is not None:
        schema |= {"type": ["string", "null"] if rule.nullable else "string", "examples": list(rule.choices)}
    if "items" in schema:
        schema["items"] = _type_alone(schema["items"])
    return schema


def _type_alone(items: dict[str, Any]) -> dict[str, Any]:
    inner = {"items": _type_alone(items["items"])} if "items" in items else {}
    return {"type": items["type"]} | inner


def _component(written: dict[str, Any]) -> dict[str, Any]:
    """A component: one rule a block for its properties, so that a validator names the property and not the whole."""
    types = [block.type for block in BLOCKS]
    schema = {
        "description": "The block, in small letters; capitals are read too.",
        "anyOf": [{"enum": types}, {"pattern": f"^(?:{'|'.join(map(_any_case, types))}){END}"}],
        "type": "string",
    }
    inside = {
        "description": "The container it lies in; null is the design itself.",
        "anyOf": [ID, {"type": "null"}],
        "default": None,
    }
    places = {name: written["properties"][name] | {"description": "px on the canvas"} for name in ("x", "y")}
    props: dict[str, Any] = {"description": "What differs from the defaults.", "type": "object", "default": {}}
    props |= {"maxProperties": 64, "propertyNames": {"maxLength": 64}}
    name = written["properties"]["name"] | {"description": "What it is called; left out, it is called by its block."}
    return written | {
        "properties": {"id": ID, "type": schema, "props": props, **places, "inside": inside, "name": name},
        "allOf": [_rule(block) for block in BLOCKS],
    }


def _rule(block: type[Block]) -> dict[str, Any]:
    return {
        "if": {"properties": {"type": {"pattern": f"^{_any_case(block.type)}{END}"}}, "required": ["type"]},
        "then": {"properties": {"props": {"$ref": f"#/$defs/{block.type}"}}},
    }


def _any_case(name: str) -> str:
    """A pattern for a name in small letters, in capitals, or in a mixture of both."""
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in name)


def _meta(strict: bool) -> dict[str, Any]:
    values = {}
    for field in msgspec.structs.fields(Defaults):
        schema = _plain(msgspec.json.schema(META_ANNOTATIONS[field.name]))
        values[field.name] = (schema if strict else {key: schema[key] for key in FORM_KEYWORDS if key in schema}) | {
            "default": field.default
        }
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
    schema = {key: _plain(value) for key, value in written.items() if (key, value) != ("required", [])}
    if isinstance(schema.get("pattern"), str):
        schema["pattern"] = schema["pattern"].replace(r"\Z", END)
    if isinstance(schema.get("description"), str):
        schema["description"] = " ".join(schema["description"].split())
    return _nullable(schema)


def _nullable(written: dict[str, Any]) -> dict[str, Any]:
    """Write a value of one type, or null, without an `anyOf`."""
    parts = written.get("anyOf", [])
    values = [part for part in parts if part != {"type": "null"}]
    if len(parts) != 2 or len(values) != 1 or "type" not in values[0]:
        return written
    others = {key: value for key, value in written.items() if key != "anyOf"}
    return {**values[0], "type": [values[0]["type"], "null"], **others}
