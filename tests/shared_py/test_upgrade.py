"""Designs as older apps stored them open as what they were; what is newer than this app is refused by name."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared_py.codegen import generate_source
from shared_py.decoding import DesignError, decode_design
from shared_py.design import PLAIN_VERSION, SCHEMA_VERSION, ModelArchitecture, canonical_bytes, design_hash, etag_of_bytes
from shared_py.templates import load_templates
from shared_py.upgrade import UPGRADES, upgrade_document
from shared_py.validation import validate_design, validate_text

FOLDER = Path(__file__).parent / "old_designs"

PARAMETERS = {
    "v1_mixture_of_experts": 240_005,
    "v1_small_transformer": 107_269,
    "v1_two_branches": 240_070,
    "v1_every_block": 72_039,
    "v1_half_drawn": 0,
    "v2_every_block": 72_039,
    "v2_half_drawn": 0,
    "v2_repeat_and_copy": 224_693,
}
"""of each kept design, as the app that stored it counted them"""


def kept(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def test_every_kept_design_is_tested_and_no_version_is_left_out() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(PARAMETERS)
    assert {msgspec.json.decode(kept(name))["schema_version"] for name in PARAMETERS} == set(range(1, SCHEMA_VERSION))
    assert sorted(UPGRADES) == list(range(1, PLAIN_VERSION))


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_an_old_design_opens_as_it_was(name: str) -> None:
    raw, design = msgspec.json.decode(kept(name)), decode_design(kept(name))
    assert design.schema_version == PLAIN_VERSION
    assert (design.id, design.name, msgspec.to_builtins(design.meta)) == (raw["id"], raw["name"], raw["meta"])
    assert [list(edge) for edge in design.edges] == raw["edges"]
    assert [(c.id, c.type, c.x, c.y, c.inside) for c in design.components] == [
        (c["id"], c["type"], c["x"], c["y"], c.get("inside")) for c in raw["components"]
    ]
    verdict = validate_design(design)
    assert verdict.parameters == PARAMETERS[name]
    assert verdict == validate_text(kept(name))
    assert verdict.valid == ("half_drawn" not in name)


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name.startswith("v2_")])
def test_a_design_without_names_is_byte_for_byte_that_of_version_2(name: str) -> None:
    """So the stored text, its etag and what older phones receive stay as they are."""
    stored = kept(name).strip()
    assert canonical_bytes(decode_design(stored)) == stored


def named(name: object = "Encoder", **more: Any) -> bytes:
    raw = msgspec.json.decode(kept("v2_repeat_and_copy")) | more
    raw["components"][1]["name"] = name
    return msgspec.json.encode(raw)


@pytest.mark.parametrize("version", [PLAIN_VERSION, SCHEMA_VERSION])
def test_a_design_with_a_named_component_needs_version_3_and_only_that(version: int) -> None:
    design = decode_design(named(schema_version=version))
    assert (design.schema_version, design.components[1].name) == (SCHEMA_VERSION, "Encoder")
    assert decode_design(canonical_bytes(design)) == design
    plain = msgspec.json.decode(kept("v2_repeat_and_copy")) | {"schema_version": SCHEMA_VERSION}
    assert decode_design(msgspec.json.encode(plain)) == decode_design(kept("v2_repeat_and_copy"))


def test_a_name_changes_the_document_and_not_the_network() -> None:
    design, plain = decode_design(named()), decode_design(kept("v2_repeat_and_copy"))
    assert design_hash(design) == design_hash(plain)
    assert etag_of_bytes(canonical_bytes(design)) != etag_of_bytes(canonical_bytes(plain))
    assert generate_source(design).source == generate_source(plain).source


@pytest.mark.parametrize("name", ["", " ", "\n", "x" * 61, 7, None, ["x"]])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(DesignError, match="name must be text of 1 to 60 characters that is not blank") as refused:
        decode_design(named(name))
    assert [error["pointer"] for error in refused.value.errors] == ["/components/1/name"]


def test_a_name_has_up_to_60_characters_of_any_script() -> None:
    assert decode_design(named("é🙂" * 30)).components[1].name == "é🙂" * 30


def test_an_upgraded_design_is_stored_as_a_new_one() -> None:
    design = decode_design(kept("v1_every_block"))
    assert decode_design(canonical_bytes(design)) == design
    assert upgrade_document(msgspec.to_builtins(design)) == (msgspec.to_builtins(design), [])


def test_the_z_loss_kept_its_weight_under_its_new_name() -> None:
    props = {component.id: component.props for component in decode_design(kept("v1_every_block")).components}
    assert props["c4"] == {
        "n_experts": 5, "top_k": 3, "norm_topk_prob": False, "reward_coef": 0.02, "router_z_loss_coef": 0.005,
    }  # fmt: skip
    assert props["c12"] == {"router_z_loss_coef": 0}
    source = generate_source(decode_design(kept("v1_every_block"))).source
    assert "router_z_loss_coef=0.005" in source
    assert "router_z_loss_coef=0" in source


def test_the_old_name_is_no_property_of_a_new_design() -> None:
    raw = msgspec.json.decode(kept("v1_every_block")) | {"schema_version": PLAIN_VERSION}
    with pytest.raises(DesignError, match="has no property 'z_loss_coef'; did you mean router_z_loss_coef"):
        decode_design(msgspec.json.encode(raw))


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 999])
def test_case_15_a_newer_version_is_refused_by_name(version: int) -> None:
    raw = msgspec.to_builtins(load_templates()[0]) | {"schema_version": version, "later": "unknown"}
    message = f"the design's schema_version {version} is newer than this app knows ({SCHEMA_VERSION}); update the app"
    with pytest.raises(DesignError) as refused:
        decode_design(msgspec.json.encode(raw))
    assert refused.value.errors == [{"pointer": "/schema_version", "message": message}]
    assert validate_text(msgspec.json.encode(raw)).errors == [f"{message[:1].upper()}{message[1:]}"]


@pytest.mark.parametrize("version", [0, -1, "2", 1.5, True, None])
def test_no_version_at_all(version: Any) -> None:
    raw = msgspec.to_builtins(load_templates()[0]) | {"schema_version": version}
    with pytest.raises(DesignError) as refused:
        decode_design(msgspec.json.encode(raw))
    assert refused.value.errors[0]["pointer"] == "/schema_version"


def test_a_design_without_a_version_is_of_this_one() -> None:
    raw = msgspec.to_builtins(load_templates()[0])
    del raw["schema_version"]
    assert decode_design(msgspec.json.encode(raw)) == load_templates()[0]


@pytest.mark.parametrize("components", [7, [7], [{"props": 7}], [{"id": "c1", "type": "load_balance_router", "props": [1]}]])
def test_an_old_design_that_is_none_is_refused_and_does_not_break_the_upgrade(components: Any) -> None:
    raw = {"schema_version": 1, "id": "d1", "components": components}
    with pytest.raises(DesignError):
        decode_design(msgspec.json.encode(raw))


def test_the_document_given_is_not_changed() -> None:
    raw = msgspec.json.decode(kept("v1_every_block"))
    before = msgspec.json.encode(raw)
    upgrade_document(raw)
    assert msgspec.json.encode(raw) == before


def test_designs_are_of_this_version() -> None:
    assert ModelArchitecture("d1").schema_version == PLAIN_VERSION
