"""Which problems of merged designs the simulation reports."""

from msgspec import Raw
from support.app_edits import delete, insert
from support.design_edits import with_meta, with_props
from support.merging import CHAIN

from shared_py.design import ModelArchitecture, canonical_bytes
from tests.simulation.problems import ProblemCheck, PushedPart

POOLED = insert(CHAIN, ("c5", "c6"), "p", "pool", pool="mean")


def problems_of(mine: ModelArchitecture, theirs: ModelArchitecture, merged: ModelArchitecture) -> list[object]:
    base, work, after = (Raw(canonical_bytes(design)) for design in (CHAIN, mine, merged))
    check = ProblemCheck()
    check.compare(PushedPart("d1", work, base), canonical_bytes(theirs).decode(), after)
    return [problem for found in check.violations for problem in found["problems"]]


def test_a_block_with_a_problem_that_it_would_not_have_elsewhere_is_reported() -> None:
    theirs = insert(CHAIN, ("c5", "c6"), "t", "transformer_layer")
    merged = insert(POOLED, ("p", "c6"), "t", "transformer_layer")
    assert problems_of(POOLED, theirs, merged) == [("shape_mismatch", "t")]


def test_a_block_that_fits_nowhere_beside_what_the_other_side_added_is_not_reported() -> None:
    theirs = insert(CHAIN, ("c5", "c6"), "q", "pool", pool="mean")
    merged = insert(POOLED, ("p", "c6"), "q", "pool", pool="mean")
    assert problems_of(POOLED, theirs, merged) == []


def test_a_deleted_block_that_the_other_side_edited_is_not_reported_where_it_fits_nowhere() -> None:
    mine, theirs = with_props(CHAIN, "c4", d_model=16), with_meta(delete(CHAIN, "c4"), d_model=32)
    assert problems_of(mine, theirs, with_meta(mine, d_model=32)) == []


def test_a_deleted_block_that_the_other_side_edited_is_reported_where_it_would_fit() -> None:
    mine, theirs = with_props(CHAIN, "c4", n_heads=2), insert(delete(CHAIN, "c4"), ("c5", "c6"), "q", "pool", pool="mean")
    merged = insert(theirs, ("q", "c6"), "c4", "transformer_layer", n_heads=2)
    assert problems_of(mine, theirs, merged) == [("shape_mismatch", "c4")]
