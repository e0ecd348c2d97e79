"""Components are called by the titles of their blocks; the phone counts the same way (`pwa/src/document/names.test.ts`)."""

from msgspec.structs import replace

from shared_py.design import Component, ModelArchitecture
from shared_py.naming import component_names, names_of


def drawing(*ids: str) -> ModelArchitecture:
    kinds = {"e": "embedding", "u": "nothing"}
    return ModelArchitecture("d1", components=[Component(name, kinds.get(name, "linear")) for name in ids])


def test_blocks_with_the_same_title_are_numbered_in_the_natural_order_of_their_ids() -> None:
    assert component_names(drawing("c10ab", "c2", "e", "c02", "c9br")) == {
        "c02": "Linear 1",
        "c2": "Linear 2",
        "c9br": "Linear 3",
        "c10ab": "Linear 4",
        "e": "Embedding",
    }


def test_a_component_is_called_by_its_own_name_and_changes_no_number_by_it() -> None:
    design = drawing("c1", "c2", "c3", "u")
    parts = [replace(part, name="Encoder") if part.id in ("c2", "u") else part for part in design.components]
    assert component_names(replace(design, components=parts)) == {
        "c1": "Linear 1",
        "c2": "Encoder",
        "c3": "Linear 3",
        "u": "Encoder",
    }


def test_an_unknown_block_or_component_is_called_by_its_id() -> None:
    assert names_of(drawing("u"))("u") == "Component u"
    assert names_of(drawing("e"))("gone") == "gone"
    assert names_of(None)("c1") == "c1"
