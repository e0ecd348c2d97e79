"""The section of CONTRIBUTING.md, followed to the letter on a copy of the project: one file, one row, and the block is there."""

import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.project_copy import copy_project, recipe, run_in


def add_row(text: str, row: str) -> str:
    """Write the import and the row where a person would."""
    (line,) = [line for line in row.splitlines() if line.startswith("from ")]
    head, opening, rest = text.partition("BLOCKS: tuple[type[Block], ...] = (\n")
    assert opening in row
    (entry,) = re.findall(r"^    \.\.\.,\n(    \w+,\n)\)$", row, re.MULTILINE)
    members, closing, tail = rest.partition(")\n")
    imports = sorted([*re.findall(r"^from .*$", head, re.MULTILINE), line])
    docstring = head.split("\n\n")[0]
    return f"{docstring}\n\n{chr(10).join(imports)}\n\n{opening}{members}{entry}{closing}{tail}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the block of the recipe."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    (path, listed), (file, row) = recipe("Add a block")
    assert listed == "shared_py/blocks/__init__.py"
    assert not (folder / path).exists(), "the recipe's block is a new one"
    (folder / path).write_text(file)
    (folder / listed).write_text(add_row((folder / listed).read_text(), row))
    return folder


def run(project: Path, *command: str) -> str:
    return run_in(project, sys.executable, *command)


LOOK = """
import msgspec
import torch
import shared_py
from backend.models import GameTransformer
from shared_py import pyodide_api
from shared_py.blocks import BLOCKS
from shared_py.catalogue import block_catalogue
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.reference.handbook import handbook
from shared_py.reference.schema import design_schema
from shared_py.validation import validate_design

kind = BLOCKS[-1].type
parts = [Component("c1", "board_input"), Component("c2", "embedding"), Component("c3", kind), Component("c4", "action_output")]
edges = [("c1", "c2"), ("c2", "c3"), ("c3", "c4")]
design = ModelArchitecture("d1", meta=Defaults(d_model=16), components=parts, edges=edges)
wrong = msgspec.structs.replace(design, components=[*parts[:2], Component("c3", kind, {"init": 2}), parts[3]])
after_board = msgspec.structs.replace(design, edges=[("c1", "c3"), ("c3", "c2"), ("c2", "c4")])
text = msgspec.json.encode(design).decode()
model = GameTransformer.from_architecture(design)
logits, value = model(torch.randint(0, 18, (3, 16)))
(logits.exp().sum() + value.sum()).backward()
print(msgspec.json.encode({
    "at": shared_py.__file__,
    "palette": [entry for entry in block_catalogue()["blocks"] if entry["type"] == kind],
    "schema": design_schema(strict=True),
    "handbook": handbook(),
    "verdict": msgspec.json.decode(pyodide_api.validate(text)),
    "source": msgspec.json.decode(pyodide_api.generate(text))["source"],
    "refused": [validate_design(wrong).errors, validate_design(after_board).errors],
    "held": sum(parameter.numel() for parameter in model.parameters()),
    "missing": [name for name, parameter in model.named_parameters() if parameter.grad is None],
}).decode())
"""


@pytest.fixture(scope="module")
def seen(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(run(project, "-c", LOOK))
    assert Path(found["at"]).is_relative_to(project)
    return found


def test_the_palette_and_the_sheet_have_it(seen: dict[str, Any]) -> None:
    (entry,) = seen["palette"]
    assert (entry["title"], entry["kind"], entry["has_output"]) == ("PReLU", "layer", True)
    (rule,) = entry["properties"]
    assert (rule["name"], rule["title"], rule["minimum"], rule["maximum"], rule["default"]) == ("init", "Slope", 0, 1, 0.25)


def test_the_verdict_counts_and_refuses(seen: dict[str, Any]) -> None:
    assert seen["verdict"]["errors"] == []
    assert seen["verdict"]["blocks"]["c3"]["parameters"] == 1
    assert seen["refused"] == [
        ["PReLU: init must be from 0 to 1, not 2"],
        ["PReLU: takes tokens or a vector, got a board (B, 16) from Board"],
    ]


def test_the_code_is_written_and_torch_agrees(seen: dict[str, Any]) -> None:
    assert "from torch.nn import PReLU" in seen["source"]
    assert "self.block_c3 = PReLU(init=0.25)" in seen["source"]
    assert "x_c3 = self.block_c3(x_c2)  # (B, 16, d)" in seen["source"]
    assert seen["held"] == seen["verdict"]["parameters"]
    assert seen["missing"] == []


def test_the_schema_and_the_handbook_tell_of_it(seen: dict[str, Any]) -> None:
    assert '"prelu"' in msgspec.json.encode(seen["schema"]).decode()
    assert "## PReLU" in seen["handbook"]
    assert "`init`" in seen["handbook"]


def test_it_passes_the_tests_of_every_block_but_the_one_that_asks_to_draw_it(project: Path) -> None:
    tests = ["tests/shared_py/test_blocks.py", "-q", "-p", "no:cacheprovider", "--deselect"]
    printed = run(
        project,
        "-m",
        "pytest",
        *tests,
        "tests/shared_py/test_blocks.py::test_generated_designs_hold_every_block_with_every_property",
    )
    assert "passed" in printed
    assert "failed" not in printed


def test_the_recipe_is_formatted(project: Path) -> None:
    files, _ = recipe("Add a block")
    run(project, "-m", "ruff", "check", "--no-cache", *files)
    run(project, "-m", "ruff", "format", "--check", "--no-cache", *files)
