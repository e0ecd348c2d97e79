"""Values set to zero by chance."""

from typing import Annotated

from shared_py.blocks.base import Block, BlockCode, Site, check_values, problem, value_bytes
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about
from shared_py.shapes import Signal


class Dropout(Block, frozen=True):
    """`torch.nn.Dropout`: while training, sets a share of the values to zero and scales up the rest."""

    type = "dropout"
    title = "Dropout"
    summary = "While training, sets some values to zero by chance."
    kind = "layer"

    p: Annotated[float, about("Share", "Share of values set to zero; no effect under PPO.", ge=0, le=0.9, step=0.05)] = 0.1

    def check(self, site: Site) -> list[Problem]:
        return check_values(site)

    def advise(self, site: Site) -> list[Problem]:
        return advise_dropout(site, "p", self.p)

    def output(self, site: Site) -> Signal:
        return site.inputs[0]

    def is_view(self, site: Site) -> bool:
        return True

    def backward_bytes(self, site: Site) -> int:
        return value_bytes(site.inputs[0])

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(site, "Dropout", self.texts(site, "p"), inputs, package="torch.nn")


def advise_dropout(site: Site, field: str, share: float) -> list[Problem]:
    """Say that PPO trains without dropout: with it the ratio of new to old probability would not start at 1."""
    if share == 0:
        return []
    fix = SetProperty(site.component_id, field, 0.0, f"Set {field} to 0")
    message = f"{field} above 0 has no effect under PPO: it is kept off, so that the ratio of new to old probability starts at 1"
    return [problem(site, "dropout_is_off", message, field=field, expected="0", received=f"{share:g}", fix=fix)]
