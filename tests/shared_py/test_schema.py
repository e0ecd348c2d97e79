"""The JSON schema says of a document what the decoder says, and the strict one also what the validator says of values."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.strategies import drawings, valid_designs

from shared_py.blocks import BLOCKS
from shared_py.decoding import DesignError, decode_design
from shared_py.design import MAX_EDGES, PLAIN_VERSION, SCHEMA_VERSION, ModelArchitecture
from shared_py.properties import Property, properties_of
from shared_py.reference.schema import NOT_EXPRESSED, design_schema
from shared_py.templates import load_templates
from shared_py.validation import validate_text

SCHEMA = Draft202012Validator(design_schema(strict=True))
FORM = Draft202012Validator(design_schema())
PROPERTIES = [(block.type, rule) for block in BLOCKS for rule in properties_of(block).values()]
NAMES = [f"{kind}-{rule.name}" for kind, rule in PROPERTIES]


def faults(raw: Any) -> list[str]:
    """Where the strict schema refuses a document, as JSON pointers."""
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
    if rule.type == "patterns":
        return [rule.default, [[0]], [[0, 5, 10, 15, 3, 12]] * (rule.max_items or 0)]
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
    if rule.type == "patterns":
        return [*values, [], [[]], [[16]], [[-1]], [[0]] * 17, [[0, 1, 2, 3, 4, 5, 6]], [[True]], [[1.5]], [3]]
    if rule.minimum is not None and rule.maximum is not None:
        values += [int(rule.minimum) - 1, int(rule.maximum) + 1]
    if rule.type == "integer" and rule.step and rule.step > 1:
        values.append(int((rule.minimum or 0) + 1))
    return values


def test_the_schema_itself_is_sound() -> None:
    for strict in (False, True):
        Draft202012Validator.check_schema(design_schema(strict=strict))
        assert design_schema(strict=strict)["properties"]["schema_version"]["enum"] == [PLAIN_VERSION, SCHEMA_VERSION]


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
        raw.get("schema_version") not in range(1, PLAIN_VERSION)
    )  # older designs are read, and are not what this schema describes
    assert not faults(raw) or not validate_text(msgspec.json.encode(raw)).valid


# --- the form: the schema accepts what is read without a document error, and nothing else

EXCLUDED_CODES = frozenset({"duplicate_id", "dangling_edge", "lost_inside"})
"""document errors that only a comparison of several places shows"""


def follows(raw: Any) -> bool:
    return bool(FORM.is_valid(raw))


def is_read(raw: Any) -> bool:
    """Whether a document is read, rules aside that JSON Schema cannot express."""
    try:
        decode_design(msgspec.json.encode(raw))
    except DesignError as error:
        return all(problem.code in EXCLUDED_CODES for problem in error.problems)
    except msgspec.DecodeError:
        return False
    return True


def is_excluded(raw: Any) -> bool:
    """Whether a document has a number that no double holds, or an older version, which the comment of the schema excludes."""
    if isinstance(raw, dict):
        version = raw.get("schema_version")
        return (type(version) is int and 0 < version < PLAIN_VERSION) or any(map(is_excluded, raw.values()))
    if isinstance(raw, list):
        return any(map(is_excluded, raw))
    return isinstance(raw, int) and abs(raw) > 2**53


def without_points(raw: Any) -> Any:
    """The same document with whole numbers written without a decimal point, as the schema's comment asks."""
    if isinstance(raw, dict):
        return {name: without_points(value) for name, value in raw.items()}
    if isinstance(raw, list):
        return [without_points(value) for value in raw]
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def assert_schema_and_decoder_agree(raw: Any) -> None:
    raw = without_points(raw)
    if is_excluded(raw):
        return
    assert follows(raw) == is_read(raw), [error.message for error in FORM.iter_errors(raw)][:3]


def test_the_rules_it_cannot_express_are_listed_in_its_comment() -> None:
    assert all(rule in design_schema()["$comment"] for rule in NOT_EXPRESSED)
    good = {"id": "d1", "components": [{"id": "a", "type": BLOCKS[0].type}], "edges": []}
    assert follows(good)
    assert is_read(good)
    for spoilt_one in (
        {**good, "components": [*good["components"], *good["components"]]},
        {**good, "edges": [["a", "b"]]},
        {**good, "components": [{**good["components"][0], "inside": "nobody"}]},
        {**good, "meta": {"d_model": 64.0}},
        {**good, "schema_version": 1},
    ):
        assert follows(spoilt_one) != _decodes(spoilt_one), spoilt_one


def _decodes(raw: Any) -> bool:
    try:
        decode_design(msgspec.json.encode(raw))
    except DesignError:
        return False
    return True


@given(drawings())
def test_every_drawing_that_can_be_stored_follows_it(design: ModelArchitecture) -> None:
    raw = plain(design)
    assert follows(raw)
    assert_schema_and_decoder_agree(raw)


@pytest.mark.parametrize(("kind", "rule"), PROPERTIES, ids=NAMES)
def test_a_property_has_the_same_type_for_schema_and_decoder(kind: str, rule: Property) -> None:
    for value in [*bounds_of(rule), *beyond(rule), -1, 10**6, 0.25, "other", [], [1], ["a"], None, True, {}]:
        raw = design_of(kind, {rule.name: value})
        assert_schema_and_decoder_agree(raw)


@pytest.mark.parametrize(
    "written", ["EMBEDDING", "Embedding", "eMBEDDING", "embeddinG", "embedding ", "embedding\n", "dropout\u212a", ""]
)
def test_the_type_of_a_block_is_read_in_the_same_cases(written: str) -> None:
    assert_schema_and_decoder_agree(design_of(written, {}))
    assert_schema_and_decoder_agree(design_of(written, {"d_modell": 1}))
    assert_schema_and_decoder_agree(design_of("grad_checKpoint".replace("K", "\u212a"), {}))


@pytest.mark.parametrize("name", ["a", "A", "", "a\n", "a" * 64, "a" * 65, "1a", "a-b", "ä"])
def test_an_id_has_the_same_form(name: str) -> None:
    for raw in (
        {"id": name},
        {"id": "d1", "components": [{"id": name, "type": "linear"}]},
        {"id": "d1", "components": [{"id": name, "type": "linear"}], "edges": [[name, name]]},
    ):
        assert_schema_and_decoder_agree(raw)


@settings(max_examples=400)
@given(spoilt())
def test_schema_and_decoder_agree_on_spoilt_documents(raw: dict[str, Any]) -> None:
    assert_schema_and_decoder_agree(raw)


FIELDS = st.sampled_from(["id", "name", "schema_version", "meta", "components", "edges", "type", "props", "x", "y", "inside"])
VALUES = anything | st.sampled_from(
    ["a", "b", "linear", "LINEAR", {}, [], [["a", "b"]], [{"id": "a", "type": "linear"}], 2, 1e6, 1000001]
)


@settings(max_examples=300)
@given(
    st.fixed_dictionaries({"id": st.sampled_from(["d1", "D", 3])}, optional={"meta": anything, "name": VALUES, "edges": VALUES})
    | st.dictionaries(FIELDS, VALUES, max_size=4)
    | st.builds(
        lambda component: {"id": "d1", "components": [component]},
        st.fixed_dictionaries({"id": st.just("a"), "type": st.sampled_from([block.type for block in BLOCKS])}, optional={
            "props": st.dictionaries(st.sampled_from(sorted({rule.name for _, rule in PROPERTIES})), VALUES, max_size=3),
            "x": VALUES, "y": VALUES, "inside": VALUES, "name": VALUES | st.text(min_size=58, max_size=62),
        }),
    )
)  # fmt: skip
def test_schema_and_decoder_agree_on_documents_from_nothing(raw: dict[str, Any]) -> None:
    assert_schema_and_decoder_agree(raw)
