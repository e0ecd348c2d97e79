"""Several branches side by side."""

from typing import Annotated, Literal

from shared_py.blocks.base import Assign, Block, BlockCode, Site, problem, shape_problem, variable
from shared_py.blocks.linear import insert_linear
from shared_py.layout import Brackets
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, describe_apart, is_tokens, is_values, tokens, width_of, with_width


class Concat(Block, frozen=True):
    """`torch.cat` of two or more inputs: wider vectors, or more of them."""

    type = "concat"
    title = "Concatenate"
    summary = "Its inputs side by side."
    kind = "combine"
    min_inputs = 2
    max_inputs = None

    dim: Annotated[
        Literal["features", "cells"], about("Along", "features: wider vectors; cells: more vectors of the same width.")
    ] = "features"

    def check(self, site: Site) -> list[Problem]:
        for index, signal in enumerate(site.inputs):
            if not is_values(signal) or (self.dim == "cells" and not is_tokens(signal)):
                return [shape_problem(site, TAKES[self.dim], index)]
        for index, signal in enumerate(site.inputs):
            if not self._fits(site.inputs[0], signal):
                return [self._differs(site, index)]
        return []

    def output(self, site: Site) -> Signal:
        first = site.inputs[0]
        if self.dim == "features":
            return with_width(first, sum(width_of(signal) for signal in site.inputs))
        return tokens(width_of(first), None, cells=sum(cells_of(signal) for signal in site.inputs), cls_token=first.cls_token)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        dim = -1 if self.dim == "features" else 1
        branches = Brackets("[", inputs, "]")
        return BlockCode(steps=(Assign(variable(site.component_id), Brackets("torch.cat(", (branches, f"dim={dim}"), ")")),))

    def _fits(self, first: Signal, signal: Signal) -> bool:
        if self.dim == "features":
            return with_width(signal, width_of(first)) == first
        return width_of(signal) == width_of(first)

    def _differs(self, site: Site, index: int) -> Problem:
        expected, received = describe_apart(site.inputs[0], site.inputs[index], site.d_model)
        same = "the same cells" if self.dim == "features" else "the same width"
        message = (
            f"its inputs must have {same}: {site.source_name()} gives {expected}, but {site.source_name(index)} gives {received}"
        )
        fix = insert_linear(site, width_of(site.inputs[0]), index) if self.dim == "cells" else None
        return problem(site, "shape_mismatch", message, expected=expected, received=received, fix=fix)


TAKES = {"features": "tokens or vectors", "cells": "one vector for each cell, (B, 16, d)"}
