"""The difference between two designs, and the plain words for places and values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.app_edits import KINDS, delete, edited, insert, named, retype
from support.design_edits import with_edges, with_meta, with_more, with_props
from support.designs import small_design

from shared_py.design import Component, ModelArchitecture
from shared_py.difference import Words, difference
from shared_py.message_catalogue import CHANGES
from shared_py.messages import fill, placeholders
from shared_py.naming import component_names

BASE = with_more(small_design(), Component("c8", "dropout"), Component("c9", "dropout"), Component("c10", "repeat"))


def test_what_was_added_removed_and_changed() -> None:
    after = with_props(delete(insert(BASE, ("c1", "c2"), "c11", "dropout"), "c8"), "c3", n_heads=4)
    found = difference(BASE, after)
    assert [(item.id, item.name) for item in found.added] == [("c11", "Dropout 2")]
    assert [(item.id, item.name) for item in found.removed] == [("c8", "Dropout 1")]
    ((change,),) = [component.changes for component in found.changed]
    assert (change.path, change.place, change.before, change.after) == (
        "/components/c3/props/n_heads", "Heads of Transformer layer", 2, 4,
    )  # fmt: skip
    assert (found.wires_added, found.wires_removed) == ([("c11", "c2"), ("c1", "c11")], [("c1", "c2")])
    assert found.summary == "Dropout 2 added, Dropout 1 removed, heads of Transformer layer changed from 2 to 4"


def moved(design: ModelArchitecture, name: str, inside: str | None) -> ModelArchitecture:
    return replace(design, components=[replace(part, inside=inside) if part.id == name else part for part in design.components])


@pytest.mark.parametrize(
    ("after", "summary"),
    [
        (BASE, "No change"),
        (delete(delete(BASE, "c8"), "c9"), "2 blocks removed"),
        (replace(BASE, name="Deep"), "Name changed from Small to Deep"),
        (with_meta(BASE, d_model=32), "Model width of the design changed from 16 to 32"),
        (with_props(BASE, "c2", cls_token=True), "Class token of Embedding changed from the default to on"),
        (retype(BASE, "c9", "linear"), "Block of Linear changed from Dropout to Linear"),
        (named(BASE, "c9", "Last"), "Name of Last changed from no name to Last"),
        (moved(BASE, "c9", "c10"), "Container of Dropout 2 changed from the top level to Repeat"),
        (with_edges(BASE, *BASE.edges[1:]), "1 connection removed"),
        (with_edges(BASE, *BASE.edges, ("c2", "c8"), ("c8", "c9")), "2 connections added"),
        (replace(BASE, components=[replace(part, x=9.0) for part in BASE.components[:3]] + BASE.components[3:]),
         "3 blocks moved on the canvas"),
        (replace(with_props(BASE, "c3", n_heads=4, dim_feedforward=8, dropout=0.2, norm_first=False), name="Deep"),
         "Heads of Transformer layer changed from 2 to 4, feed-forward width of Transformer layer changed from 32 to 8, "
         "dropout of Transformer layer changed from the default to 0.2 and 2 more changes"),
    ],
)  # fmt: skip
def test_a_summary_names_the_first_changes(after: ModelArchitecture, summary: str) -> None:
    assert difference(BASE, after).summary == summary


def test_inputs_in_another_order_are_named() -> None:
    base = with_more(BASE, Component("c12", "add"), edges=(("c2", "c12"), ("c3", "c12")))
    found = difference(base, with_edges(base, *base.edges[:-2], *base.edges[:-3:-1]))
    assert [item.name for item in found.reordered] == ["Add"]
    assert found.summary == "Inputs of Add reordered"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("/name", "a", ("Name", "a")),
        ("/meta/n_heads", 2, ("Heads of the design", "2")),
        ("/components/c3/props/n_heads", None, ("Heads of Transformer layer", "the default")),
        ("/components/c3/props/nonsense", 1.5, ("nonsense of Transformer layer", "1.5")),
        ("/components/c6/props/hidden_sizes", [], ("Hidden layers of Action output", "nothing")),
        ("/components/c6/props/hidden_sizes", [8, 16], ("Hidden layers of Action output", "8, 16")),
        ("/components/c8/type", "linear", ("Block of Dropout 1", "Linear")),
        ("/components/c8/type", "other", ("Block of Dropout 1", "other")),
        ("/components/c8/inside", None, ("Container of Dropout 1", "the top level")),
        ("/components/c8/inside", "c10", ("Container of Dropout 1", "Repeat")),
        ("/components/c8/inside", "c99", ("Container of Dropout 1", "c99")),
        ("/components/c8/name", None, ("Name of Dropout 1", "no name")),
        ("/components/c8/name", "A", ("Name of Dropout 1", "A")),
        ("/components/c8/props/nonsense", {"p": True}, ("nonsense of Dropout 1", "p on")),
        ("/components/c8/props/nonsense", {}, ("nonsense of Dropout 1", "the default")),
        ("/components/c99/props/p", 3, ("p of c99", "3")),
    ],
)  # fmt: skip
def test_a_place_and_a_value_are_told_in_plain_words(path: str, value: Any, words: tuple[str, str]) -> None:
    said = Words(BASE)
    assert (said.place(path), said.value(path, value)) == words


def test_a_link_is_told_by_the_name_of_its_definition() -> None:
    base = with_more(BASE, Component("s1", "subnetwork"), Component("s2", "subnetwork"))
    told = [Words(base).value("/components/s2/props/definition", value) for value in ("s1", "s9", None)]
    assert told == ["Subnetwork 1", "s9", "the default"]


def test_a_removed_component_is_named_as_in_an_earlier_version() -> None:
    assert Words(delete(BASE, "c8"), BASE).place("/components/c8/inside") == "Container of Dropout 1"


@pytest.mark.parametrize("code", CHANGES)
def test_every_sentence_can_be_filled(code: str) -> None:
    assert "{" not in fill(CHANGES[code], dict.fromkeys(placeholders(CHANGES[code]), 3))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[ModelArchitecture, ModelArchitecture]:
    return draw(edited(BASE, "m", KINDS)), draw(edited(BASE, "t", KINDS))


@given(pairs())
def test_a_difference_leads_from_one_version_to_the_other(pair: tuple[ModelArchitecture, ModelArchitecture]) -> None:
    before, after = pair
    found = difference(before, after)
    names = component_names(before).keys() - {item.id for item in found.removed} | {item.id for item in found.added}
    assert names == component_names(after).keys()
    assert set(before.edges) - set(found.wires_removed) | set(found.wires_added) == set(after.edges)
    back = difference(after, before)
    assert [item.id for item in found.added] == [item.id for item in back.removed]
    values = {change.path: (change.before, change.after) for item in found.changed for change in item.changes}
    assert {path: (new, old) for path, (old, new) in values.items()} == {
        change.path: (change.before, change.after) for item in back.changed for change in item.changes
    }
    one, other = (replace(design, edges=sorted(design.edges)) for design in pair)
    assert (found.summary == "No change") == (one == other)
