"""Several branches added up."""

from shared_py.blocks.base import Assign, Block, BlockCode, Site, problem, shape_problem, variable
from shared_py.problems import Problem
from shared_py.shapes import Signal, describe


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
            if signal.kind != "values":
                return [shape_problem(site, "values of one shape", index)]
        first = site.inputs[0]
        for signal, source in zip(site.inputs[1:], site.sources[1:], strict=True):
            if signal.dims != first.dims:
                expected, received = describe(first, site.d_model), describe(signal, site.d_model)
                message = f"adds equal shapes: {site.sources[0]} gives {expected}, {source} gives {received}"
                return [problem(site, "shape_mismatch", message, expected=expected, received=received)]
        return []

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        return BlockCode(steps=(Assign(variable(site.component_id), " + ".join(inputs)),))
