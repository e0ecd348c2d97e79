"""Designs whose blocks stand in a row, and what validation says of them."""

from itertools import pairwise

from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.problems import Problem
from shared_py.validation import validate_design
from support.design_edits import mended


def chain(*middle: Component, d_model: int = 16, embedding: dict[str, object] | None = None) -> ModelArchitecture:
    """A board, an embedding, what is given, and an output, in a row; what lies inside something stands beside the row."""
    parts = [
        Component("b", "board_input"),
        Component("e", "embedding", embedding or {}),
        *middle,
        Component("o", "action_output"),
    ]
    row = [part.id for part in parts if part.inside is None]
    return ModelArchitecture("d1", meta=Defaults(d_model=d_model), components=parts, edges=list(pairwise(row)))


def only_problem(design: ModelArchitecture) -> Problem:
    """The one problem of a design, after its fix has been seen to mend it."""
    (problem,) = validate_design(design).problems
    if problem.fix is not None:
        assert problem not in validate_design(mended(design, problem.fix)).problems
    return problem


def leaves(design: ModelArchitecture, name: str) -> str:
    verdict = validate_design(design)
    assert verdict.errors == []
    return verdict.blocks[name].shape


GRIDLESS = {"cls_token": True}
