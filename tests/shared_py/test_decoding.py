"""What is no design is refused with a pointer to each fault."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import drawings

from shared_py import pyodide_api
from shared_py.decoding import DesignError, decode_design
from shared_py.design import ModelArchitecture, canonical_bytes, design_hash, etag_of
from shared_py.resolution import MAX_UNKNOWN_REPORTED
from shared_py.templates import load_templates
from shared_py.validation import validate_text

TEMPLATE = load_templates()[0]


def altered(**changes: Any) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(TEMPLATE), **changes})


def component(**changes: Any) -> dict[str, Any]:
    return {"id": "c1", "type": "board_input", **changes}


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (altered(id="../x"), "/id"),
        (altered(id="__import__('os')"), "/id"),
        (altered(id="d1\n"), "/id"),
        (altered(id="D1"), "/id"),
        (altered(colour="red"), "/colour"),
        (altered(name=7), "/name"),
        (altered(meta={"d_model": "x"}), "/meta/d_model"),
        (altered(components={}), "/components"),
        (altered(components=[component(id="1")], edges=[]), "/components/0/id"),
        (altered(components=[component(), component()], edges=[]), "/components/1/id"),
        (altered(components=[component(type="boardinput")], edges=[]), "/components/0/type"),
        (altered(components=[component(props={"n": 1})], edges=[]), "/components/0/props/n"),
        (altered(components=[component(x="left")], edges=[]), "/components/0/x"),
        (altered(components=[component(type="embedding", props={"d_model": "64"})], edges=[]), "/components/0/props/d_model"),
        (altered(edges=[["c1", "c99"]]), "/edges/0"),
        (altered(edges=[["c1"]]), "/edges/0"),
        (altered(edges=[["c1", "c2"], ["c1", "c2"]]), "/edges/1"),
        (altered(schema_version=999), "/schema_version"),
        (altered(schema_version="1"), "/schema_version"),
        (altered(components=[component(props={"n" * 65: 1})], edges=[]), "/components/0/props"),
        (altered(components=[component(props={f"n{n}": 1 for n in range(65)})], edges=[]), "/components/0/props"),
        (b"[]", ""),
        (b"7", ""),
    ],
)
def test_refused_with_a_pointer(data: bytes, pointer: str) -> None:
    with pytest.raises(DesignError) as caught:
        decode_design(data)
    assert pointer in [error["pointer"] for error in caught.value.errors]


@pytest.mark.parametrize("dropped", [{"id": "c1", "type": "embedding"}, {"id": "c2"}, 7])
def test_a_pointer_behind_a_component_that_could_not_be_read_names_the_right_one(dropped: Any) -> None:
    late = [
        {"id": "c3", "type": "embedding", "props": {"colour": 1}},
        {"id": "c4", "type": "repeat", "inside": "c4"},
    ]
    with pytest.raises(DesignError) as caught:
        decode_design(altered(components=[component(), dropped, *late], edges=[]))
    pointers = [error["pointer"] for error in caught.value.errors]
    assert "/components/2/props/colour" in pointers
    assert "/components/3/inside" in pointers
    assert not any(pointer.startswith(("/components/1/props", "/components/2/inside")) for pointer in pointers)


@pytest.mark.parametrize("end", ["", "C1", "1", "c1\n", "c" * 65])
def test_an_edge_end_that_no_component_can_have_is_malformed(end: str) -> None:
    for components in ([component()], [component(), component()]):
        with pytest.raises(DesignError) as caught:
            decode_design(altered(components=components, edges=[["c1", end]]))
        assert ("malformed", "/edges/0") in [(problem.code, problem.field) for problem in caught.value.problems]


def test_content_of_a_container_that_could_not_be_read_is_no_problem_of_its_own() -> None:
    with pytest.raises(DesignError) as caught:
        decode_design(altered(components=[{"id": "a"}, {"id": "b", "type": "linear", "inside": "a"}], edges=[]))
    assert [error["pointer"] for error in caught.value.errors] == ["/components/0/type"]


@pytest.mark.parametrize("name", ["type", "props", "id", "/components/7"])
def test_the_pointer_to_a_property_does_not_depend_on_its_name(name: str) -> None:
    with pytest.raises(DesignError) as caught:
        decode_design(altered(components=[component(props={name: 1})], edges=[]))
    escaped = name.replace("/", "~1")
    assert [error["pointer"] for error in caught.value.errors] == [f"/components/0/props/{escaped}"]


def test_an_edge_to_a_component_with_too_long_an_id_is_one_problem() -> None:
    long = "c" * 65
    with pytest.raises(DesignError) as caught:
        decode_design(altered(components=[component(), component(id=long)], edges=[["c1", long]]))
    assert [error["pointer"] for error in caught.value.errors] == ["/components/1/id"]


def test_all_faults_are_named() -> None:
    with pytest.raises(DesignError) as caught:
        decode_design(altered(colour="red", edges=[["c1", "c99"], ["c98", "c1"]]))
    assert [error["pointer"] for error in caught.value.errors] == ["/colour", "/edges/0", "/edges/1"]


def test_a_flood_of_unknown_fields_is_answered_briefly() -> None:
    with pytest.raises(DesignError) as caught:
        decode_design(altered(**{f"field{n}": n for n in range(5000)}))
    assert len(caught.value.errors) == 20


@pytest.mark.parametrize("data", [b"", b'{"id": ', b"\xff\xfe", b'{"id": NaN}'])
def test_not_json(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_design(data)


def test_deep_nesting_raises_and_the_phone_answers() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    with pytest.raises((RecursionError, msgspec.DecodeError)):
        decode_design(deep)
    assert msgspec.json.decode(pyodide_api.validate(deep))["valid"] is False


def test_unknown_newer_version_is_refused_by_name() -> None:
    with pytest.raises(DesignError, match="schema_version 999 is newer"):
        decode_design(altered(schema_version=999))


@given(drawings())
def test_round_trip(design: ModelArchitecture) -> None:
    assert decode_design(canonical_bytes(design)) == design


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["id", "components", "edges", "meta", "props", "type", "name"]) | st.text(), inner)))  # fmt: skip
def test_any_json_gets_a_verdict(raw: Any) -> None:
    result = msgspec.json.decode(pyodide_api.validate(msgspec.json.encode(raw).decode()))
    assert result["valid"] is False


def test_hashes() -> None:
    moved = msgspec.structs.replace(
        TEMPLATE, name="Other", components=[msgspec.structs.replace(c, x=c.x + 8) for c in TEMPLATE.components[::-1]]
    )
    assert etag_of(moved) != etag_of(TEMPLATE)
    assert design_hash(moved) == design_hash(TEMPLATE)
    rewired = msgspec.structs.replace(TEMPLATE, edges=TEMPLATE.edges[:-1])
    assert design_hash(rewired) != design_hash(TEMPLATE)


def test_of_very_many_unknown_properties_a_few_are_named() -> None:
    strange = [component(id=f"c{n}", props={f"a{k}/~": 1 for k in range(64)}) for n in range(3)]
    with pytest.raises(DesignError) as caught:
        decode_design(altered(components=strange, edges=[]))
    assert len(caught.value.errors) == 3 * (MAX_UNKNOWN_REPORTED + 1)
    assert caught.value.errors[0]["pointer"] == "/components/0/props/a0~1~0"
    assert caught.value.errors[MAX_UNKNOWN_REPORTED]["message"] == (
        f"Board 1: has {64 - MAX_UNKNOWN_REPORTED} more properties that it should not have"
    )


@pytest.mark.parametrize("text", [b'{"id": "\xff"}', '{"id": "\ud800"}'])
def test_what_is_no_utf_8_is_no_json(text: bytes | str) -> None:
    with pytest.raises(msgspec.DecodeError, match="not UTF-8"):
        decode_design(text)
    assert [problem.code for problem in validate_text(text).problems] == ["malformed"]
