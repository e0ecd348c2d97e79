"""Several branches added up."""

from shared_py.blocks.base import Assign, Block, BlockCode, Site, problem, shape_problem, value_bytes, variable
from shared_py.blocks.linear import insert_linear
from shared_py.layout import Sum
from shared_py.problems import Problem
from shared_py.shapes import Signal, describe_apart, is_values, width_of, with_width


class Add(Block, frozen=True):
    """The sum of two or more inputs of the same shape: a residual or parallel branch comes home."""

    type = "add"
    title = "Add"
    summary = "The sum of its inputs."
    kind = "combine"
    min_inputs = 2
    max_inputs = None

    def check(self, site: Site) -> list[Problem]:
        for index, signal in enumerate(site.inputs):
            if not is_values(signal):
                return [shape_problem(site, "values of one shape", index)]
        first = site.inputs[0]
        for index, signal in enumerate(site.inputs):
            if signal != first:
                return [self._differs(site, index)]
        return []

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def forward_bytes(self, site: Site) -> int:
        """The sum so far, where there are more than two."""
        return value_bytes(site.inputs[0]) if len(site.inputs) > 2 else 0

    def backward_bytes(self, site: Site) -> int:
        """The gradient of the sum is that of each input."""
        return value_bytes(site.inputs[0])

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        return BlockCode(steps=(Assign(variable(site.component_id), Sum(inputs)),))

    def _differs(self, site: Site, index: int) -> Problem:
        first, signal = site.inputs[0], site.inputs[index]
        width = width_of(first)
        expected, received = describe_apart(first, signal, site.d_model)
        both = f"{site.source_name()} gives {expected}, but {site.source_name(index)} gives {received}"
        message = f"its inputs must have equal shapes: {both}"
        fix = insert_linear(site, width, index) if with_width(signal, width) == first else None
        return problem(site, "shape_mismatch", message, expected=expected, received=received, fix=fix)
