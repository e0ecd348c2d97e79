"""Several branches side by side."""

from typing import Annotated, Literal

from shared_py.blocks.base import TOKENS, Assign, Block, BlockCode, BlockContext, variable
from shared_py.blocks.block_problems import problem, shape_problem
from shared_py.blocks.linear import insert_linear
from shared_py.layout import Brackets
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, describe_apart, is_tokens, is_values, tokens, width_of, with_width


class Concat(Block, frozen=True):
    """`torch.cat` of two or more inputs: wider vectors, or more of them."""

    type = "concat"
    title = "Concatenate"
    summary = "Its inputs side by side."
    keywords = ("cat", "merge", "join", "stack")
    kind = "combine"
    min_inputs = 2
    max_inputs = None

    dim: Annotated[
        Literal["features", "cells"], about("Along", "features: wider vectors; cells: more vectors of the same width.")
    ] = "features"

    def check(self, context: BlockContext) -> list[Problem]:
        for index, signal in enumerate(context.inputs):
            if not is_values(signal) or (self.dim == "cells" and not is_tokens(signal)):
                return [shape_problem(context, TAKES[self.dim], index)]
        for index, signal in enumerate(context.inputs):
            if not self._fits(context.inputs[0], signal):
                return [self._differs(context, index)]
        return []

    def output(self, context: BlockContext) -> Signal:
        first = context.inputs[0]
        if self.dim == "features":
            return with_width(first, sum(width_of(signal) for signal in context.inputs))
        return tokens(width_of(first), None, cells=sum(cells_of(signal) for signal in context.inputs), cls_token=first.cls_token)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        dim = -1 if self.dim == "features" else 1
        branches = Brackets("[", inputs, "]")
        return BlockCode(steps=(Assign(variable(context.component_id), Brackets("torch.cat(", (branches, f"dim={dim}"), ")")),))

    def _fits(self, first: Signal, signal: Signal) -> bool:
        if self.dim == "features":
            return with_width(signal, width_of(first)) == first
        return width_of(signal) == width_of(first)

    def _differs(self, context: BlockContext, index: int) -> Problem:
        expected, received = describe_apart(context.inputs[0], context.inputs[index], context.d_model)
        case = "cells" if self.dim == "features" else "widths"
        params = {"case": case, "first": context.source_name(), "source": context.source_name(index)}
        fix = insert_linear(context, width_of(context.inputs[0]), index) if self.dim == "cells" else None
        return problem(context, "shape_mismatch", params, expected=expected, received=received, fix=fix)


TAKES = {"features": part("takes_vectors"), "cells": TOKENS}
