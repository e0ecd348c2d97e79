"""The same few blocks, several times over."""

from shared_py.blocks.base import Block, BlockCode, Module, Site, Sizes, literal, no_effect, problem
from shared_py.blocks.common import ShareWeights, Times
from shared_py.blocks.containers import body_arguments, body_class, body_of, container_code, repeated
from shared_py.blocks.linear import append_linear
from shared_py.layout import LAMBDA, Brackets, Keyed, Node
from shared_py.problems import Fix, Problem, SetProperty
from shared_py.shapes import Signal, describe_apart, width_of, with_width


class Repeat(Block, frozen=True):
    """Runs what lies inside it several times, each time on what the last one gave, with weights of its own or shared ones."""

    type = "repeat"
    title = "Repeat"
    summary = "Runs the blocks inside it several times over."
    kind = "container"
    container = True

    times: Times = 2
    share_weights: ShareWeights = False

    def check(self, site: Site) -> list[Problem]:
        arrives, leaves = site.inputs[0], body_of(site).output
        if arrives == leaves or self.times == 1:
            return []
        expected, received = describe_apart(arrives, leaves, site.d_model)
        message = f"must give back what it takes: it takes {expected} and gives {received}"
        fix: Fix | None = SetProperty(site.component_id, "times", 1, "Set times to 1")
        if arrives.kind == "values" and with_width(leaves, width_of(arrives)) == arrives:
            fix = append_linear(body_of(site).last, width_of(arrives)) or fix
        return [problem(site, "shape_mismatch", message, field="times", expected=expected, received=received, fix=fix)]

    def advise(self, site: Site) -> list[Problem]:
        return no_effect(site, self, "share_weights", "when it runs once") if self.times == 1 else []

    def output(self, site: Site) -> Signal:
        return body_of(site).output

    def sizes(self, site: Site) -> Sizes:
        """Those of what lies inside, times `times`; once with shared weights."""
        return repeated(body_of(site), self.times, copies=1 if self.share_weights else self.times)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        body, arguments = body_class(site.component_id), body_arguments(site)
        build: Node = body
        if arguments:
            build = Keyed(LAMBDA, Brackets(f"{body}(", tuple(Keyed(f"{name}=", arguments[name]) for name in arguments), ")"))
        module = Module("Repeat", {"body": build, "times": literal(self.times), "share_weights": literal(self.share_weights)})
        return container_code(site, (module,), inputs)
