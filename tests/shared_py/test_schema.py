"""The JSON schema says of a document what the decoder and the validator say."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from strategies import drawings, valid_designs

from shared_py.blocks import BLOCKS
from shared_py.design import MAX_EDGES, SCHEMA_VERSION, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.reference.schema import design_schema
from shared_py.templates import load_templates
from shared_py.validation import validate_text

SCHEMA = Draft202012Validator(design_schema())
PROPERTIES = [(block.type, rule) for block in BLOCKS for rule in properties_of(block).values()]
NAMES = [f"{kind}-{rule.name}" for kind, rule in PROPERTIES]


def faults(raw: Any) -> list[str]:
    """Where the schema refuses a document, as JSON pointers."""
    return sorted("/".join(["", *map(str, error.absolute_path)]) for error in SCHEMA.iter_errors(raw))


def plain(design: ModelArchitecture) -> Any:
    """A design as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(design))


def design_of(kind: str, props: dict[str, Any]) -> dict[str, Any]:
    return {"id": "d1", "components": [{"id": "c1", "type": kind, "props": props}]}


def bounds_of(rule: Property) -> list[Any]:
    """Allowed values of a property, the outermost among them."""
    if rule.type == "integers":
        return [[], [int(rule.minimum or 0)] * (rule.max_items or 0), [int(rule.maximum or 0)]]
    values: list[Any] = [rule.default, *(rule.choices or []), *([None] if rule.nullable else [])]
    if rule.type == "boolean":
        values += [True, False]
    if rule.type == "component":
        values += ["a", "z" * 64]
    return values + [
        int(bound) if rule.type == "integer" else bound for bound in (rule.minimum, rule.maximum) if bound is not None
    ]


def beyond(rule: Property) -> list[Any]:
    """Values that a property does not take: of another type, out of bounds, no choice of it."""
    values: list[Any] = [{}, "", "no such thing!", ["x"]]
    if not rule.nullable:
        values.append(None)
    if rule.type != "boolean":
        values.append(True)
    if rule.type not in ("integer", "number"):
        values += [7, -0.5]
    if rule.type == "integer":
        values.append(8.5)
    if rule.type == "integers":
        low, high = int(rule.minimum or 0), int(rule.maximum or 0)
        return [*values, [low - 1], [high + 1], [low] * ((rule.max_items or 0) + 1), [True], [1.5]]
    if rule.minimum is not None and rule.maximum is not None:
        values += [int(rule.minimum) - 1, int(rule.maximum) + 1]
    if rule.type == "integer" and rule.step and rule.step > 1:
        values.append(int((rule.minimum or 0) + 1))
    return values


def test_the_schema_itself_is_sound() -> None:
    Draft202012Validator.check_schema(design_schema())
    assert design_schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.name)
def test_every_template_follows_it(design: ModelArchitecture) -> None:
    raw = plain(design)
    assert faults(raw) == []
    for component in raw["components"]:
        component["type"] = component["type"].upper()
    assert faults(raw) == []


@given(valid_designs())
def test_every_valid_design_follows_it(design: ModelArchitecture) -> None:
    assert faults(plain(design)) == []


@pytest.mark.parametrize(("kind", "rule"), PROPERTIES, ids=NAMES)
def test_every_allowed_value_passes(kind: str, rule: Property) -> None:
    for value in bounds_of(rule):
        assert faults(design_of(kind, {rule.name: value})) == [], value


@pytest.mark.parametrize(("kind", "rule"), PROPERTIES, ids=NAMES)
def test_every_other_value_is_refused_in_both_ways(kind: str, rule: Property) -> None:
    for value in beyond(rule):
        raw = design_of(kind, {rule.name: value})
        place = f"/components/0/props/{rule.name}"
        found = faults(raw)
        assert found, value
        assert all(pointer.startswith(place) for pointer in found)
        said = validate_text(msgspec.json.encode(raw)).problems
        assert [problem.code for problem in said if problem.field == rule.name], value


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
def test_unknown_properties_are_refused(block: Any) -> None:
    assert faults(design_of(block.type, {"nothing_of_this_name": 1})) == ["/components/0/props"]
    assert faults(design_of(block.type.upper(), {"nothing_of_this_name": 1})) == ["/components/0/props"]


def test_limits_and_forms_of_the_rest() -> None:
    good: dict[str, Any] = {"id": "d1", "components": [{"id": "a", "type": BLOCKS[0].type}], "edges": [["a", "a"]]}
    assert faults(good) == []
    assert faults(good | {"id": "D1"}) == ["/id"]
    assert faults(good | {"schema_version": SCHEMA_VERSION + 1}) == ["/schema_version"]
    assert faults(good | {"meta": {"d_model": 12}}) == ["/meta/d_model"]
    assert faults(good | {"meta": {"width": 16}}) == ["/meta"]
    assert faults(good | {"edges": [["a"]]}) == ["/edges/0"]
    assert faults(good | {"edges": [["a", "b", "c"]]}) == ["/edges/0"]
    assert faults(good | {"edges": [["a", "b"], ["a", "b"]]}) == ["/edges"]
    assert faults(good | {"edges": [[f"a{n}", "b"] for n in range(MAX_EDGES + 1)]}) == ["/edges"]
    assert faults(good | {"name": ""}) == ["/name"]
    assert faults(good | {"components": [{"id": "a", "type": "nothing"}]}) == ["/components/0/type"]
    assert faults(good | {"components": [{"id": "a", "type": BLOCKS[0].type, "inside": 3}]}) == ["/components/0/inside"]
    assert faults(good | {"components": [{"id": "a", "type": BLOCKS[0].type, "x": 2e6}]}) == ["/components/0/x"]
    assert faults([]) == [""]


@given(drawings())
def test_what_it_refuses_of_a_drawing_has_a_problem(design: ModelArchitecture) -> None:
    raw = plain(design)
    assert not faults(raw) or not validate_text(msgspec.json.encode(raw)).valid


scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A valid document with one of its values replaced, taken away or doubled."""
    raw = plain(draw(valid_designs()))
    within: Any = raw
    while True:
        keys = list(within) if isinstance(within, dict) else list(range(len(within)))
        key = draw(st.sampled_from(keys))
        inner = within[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 3)) == 0:
            break
        within = inner
    what = draw(st.sampled_from(["replace", "remove", "add"]))
    if what == "remove":
        del within[key]
    elif what == "replace":
        within[key] = draw(anything)
    elif isinstance(within, dict):
        within[draw(st.text(max_size=8))] = draw(anything)
    else:
        within.append(draw(st.sampled_from([inner, *within]) | anything))
    return raw


@given(spoilt())
def test_what_it_refuses_of_a_spoilt_document_has_a_problem(raw: dict[str, Any]) -> None:
    assume(
        raw.get("schema_version") not in range(1, SCHEMA_VERSION)
    )  # older designs are read, and are not what this schema describes
    assert not faults(raw) or not validate_text(msgspec.json.encode(raw)).valid
