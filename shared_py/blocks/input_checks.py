"""What blocks of a set width ask of the tokens that arrive, and how it is mended when they differ."""

from typing import Any

from shared_py.blocks.base import TOKENS, Site, problem, shape_problem
from shared_py.blocks.common import ModelWidth
from shared_py.blocks.linear import insert_linear
from shared_py.problems import Fix, Problem, SetProperty
from shared_py.properties import is_allowed
from shared_py.shapes import is_tokens, width_of


def check_tokens(site: Site, d_model: int) -> list[Problem]:
    """Check that one vector of width `d_model` arrives for each cell.

    The fix gives the property the width that arrives, or, where it may not have that, puts a linear map between.
    """
    signal = site.inputs[0]
    if not is_tokens(signal):
        return [shape_problem(site, TOKENS)]
    width = width_of(signal)
    if width == d_model:
        return []
    cells = signal.dims[1]
    expected, received = f"(B, {cells}, {d_model})", f"(B, {cells}, {width})"
    message = f"d_model is {d_model}, but {site.source_name()} gives {received}"
    fix: Fix | None = insert_linear(site, d_model)
    annotation: Any = ModelWidth
    if is_allowed(width, annotation):
        fix = SetProperty(site.component_id, "d_model", width, f"Set d_model to {width}")
    return [problem(site, "shape_mismatch", message, field="d_model", expected=expected, received=received, fix=fix)]
