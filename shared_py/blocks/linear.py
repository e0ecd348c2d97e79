"""A linear map."""

from typing import Annotated, Any

from shared_py.blocks.base import Block, BlockCode, Site, check_values, width_text
from shared_py.blocks.common import Bias
from shared_py.problems import AddComponent, Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, width_of, with_width

MAX_OUT = 8192


class Linear(Block, frozen=True):
    """`torch.nn.Linear` over the last dimension: of each cell's vector, or of the one vector of a board."""

    type = "linear"
    title = "Linear"
    summary = "A linear map of each vector, to any width."
    kind = "layer"

    out_features: (
        Annotated[int, about("Width out", "Numbers in each vector that leaves.", ge=1, le=MAX_OUT, default_text="d_model")] | None
    ) = None
    bias: Bias = True

    def check(self, site: Site) -> list[Problem]:
        return check_values(site)

    def output(self, site: Site) -> Signal:
        return with_width(site.inputs[0], self._width(site))

    def parameters(self, site: Site) -> int:
        """inputs × outputs, and outputs of bias (`torch.nn.Linear`)."""
        return (width_of(site.inputs[0]) + self.bias) * self._width(site)

    def flops(self, site: Site) -> int:
        return cells_of(site.inputs[0]) * width_of(site.inputs[0]) * self._width(site)

    def largest_tensor(self, site: Site) -> int:
        return width_of(site.inputs[0]) * self._width(site)

    def saves_input(self, site: Site) -> bool:
        return True

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        width = "d_model" if self.out_features is None else str(self.out_features)
        arguments = {"in_features": width_text(site), "out_features": width, **self.texts(site, "bias")}
        return self.single(site, "Linear", arguments, inputs, package="torch.nn")

    def _width(self, site: Site) -> int:
        return self.out_features or site.d_model


def append_linear(component_id: str, width: int) -> AddComponent | None:
    """Mend what leaves a component by a linear map behind it, if one can be so wide."""
    if width > MAX_OUT:
        return None
    return AddComponent(Linear.type, f"Add a linear map to {width}", source=component_id, props={"out_features": width})


def insert_linear(site: Site, width: int, index: int = 0) -> AddComponent | None:
    """Mend one input of the wrong width by a linear map before it, if one can be so wide."""
    if width > MAX_OUT:
        return None
    props: dict[str, Any] = {"out_features": width}
    return AddComponent(
        Linear.type, f"Insert a linear map to {width}", source=site.sources[index], target=site.component_id, props=props
    )
