"""Published networks can be drawn with exactly the parameters that their sources say (docs/published-networks.md)."""

import re
from pathlib import Path

import pytest
import torch
from support.published_networks import PUBLISHED

from backend.models import GameTransformer
from shared_py.validation import validate_design

PAGE = (Path(__file__).parents[2] / "docs" / "published-networks.md").read_text()
TABLE = {
    cells[0].removeprefix("| "): cells
    for line in PAGE.splitlines()
    if re.match(r"\| [a-z]+_", line) and (cells := line.removesuffix(" |").split(" | "))
}


def test_the_table_has_every_drawing_and_its_source() -> None:
    assert list(TABLE) == list(PUBLISHED)
    assert len(TABLE) == 16
    for _, _, source, _ in TABLE.values():
        assert re.search(r"<https://[^ ]+>", source)


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_of_the_publication(name: str) -> None:
    design, parameters = PUBLISHED[name]()
    verdict = validate_design(design)
    assert verdict.errors == []
    assert f"{parameters:,}" == TABLE[name][3]
    assert verdict.parameters == parameters
    model = GameTransformer.from_architecture(design)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    with torch.inference_mode():
        logits, value = model(torch.randint(0, 12, (2, 16)))
    assert logits.isfinite().all()
    assert value.isfinite().all()
