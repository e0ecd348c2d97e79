"""What every block promises, and that none is named where it should not be."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, given, settings
from support.allowed_imports import exported_modules, torch_modules
from support.strategies import valid_designs

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import KINDS, Block, BlockContext, Body, Sizes
from shared_py.catalogue import block_catalogue
from shared_py.design import ModelArchitecture
from shared_py.properties import properties_of
from shared_py.shapes import BOARD, Signal, tokens, vector

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
def test_every_block_introduces_itself(block: type[Block]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", block.type)
    assert block.title
    assert block.summary.endswith(".")
    assert len(block.summary) <= 80
    assert block.kind in KINDS
    assert block.keywords
    assert len({word.lower() for word in block.keywords}) == len(block.keywords)
    assert block.title.lower() not in {word.lower() for word in block.keywords}
    assert block.__doc__
    assert block()  # all defaults are allowed


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
def test_every_property_has_words_bounds_and_an_allowed_default(block: type[Block]) -> None:
    for rule in properties_of(block).values():
        assert rule.title
        assert rule.help.endswith(".")
        if rule.type in ("integer", "number"):
            assert rule.minimum is not None
            assert rule.maximum is not None
        if rule.type == "string":
            assert rule.choices
        assert msgspec.convert({rule.name: rule.default}, block)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
def test_every_module_it_constructs_is_there_to_import(block: type[Block]) -> None:
    signals = (BOARD, tokens(64), vector(64), Signal("routing", tokens(64).dims, 4, 2))
    count = max(block.min_inputs, min(block.max_inputs or 2, 1))
    placed = block(**{name: 64 for name in block.__struct_fields__ if name == "d_model"})
    bodies = [Body(signal, Sizes()) if block.container else None for signal in signals]
    contexts = [
        BlockContext("c9", (signal,) * count, ("c1",) * count, 64, body=body)
        for signal, body in zip(signals, bodies, strict=True)
    ]
    fitting = [context for context in contexts if not placed.check(context)]
    assert fitting, "some signal suits it"
    names_of = {"backend.models": exported_modules(), "torch.nn": torch_modules(), "": set()}
    for context in fitting:
        for module in placed.code(context, ("x",) * count).modules:
            assert module.type in names_of[module.package] or (block.container and module.type == "Body_")


def test_types_and_titles_are_unique() -> None:
    assert len({block.type for block in BLOCKS}) == len(BLOCKS)
    assert len({block.title for block in BLOCKS}) == len(BLOCKS)


def test_generated_designs_hold_every_block_with_every_property() -> None:
    """So that whatever is compared on generated designs is compared for all of the vocabulary."""
    wanted = {block.type: set(block.__struct_fields__) for block in BLOCKS}
    found: dict[str, set[str]] = {}

    @settings(max_examples=600, derandomize=True, database=None, phases=[Phase.generate])
    @given(valid_designs())
    def collect(design: ModelArchitecture) -> None:
        for component in design.components:
            found.setdefault(component.type, set()).update(component.props)

    collect()
    assert found == wanted


def test_the_catalogue_is_plain_json() -> None:
    catalogue = block_catalogue()
    assert msgspec.json.decode(msgspec.json.encode(catalogue)) == catalogue
    assert [entry["type"] for entry in catalogue["blocks"]] == [block.type for block in BLOCKS]
    assert [rule["name"] for rule in catalogue["meta"]] == ["d_model", "n_heads", "n_experts"]


EVERYDAY = {"add", "attention", "linear", "activation", "dropout", "pool", "repeat", "concat", "multiply", "broadcast"}
"""types that are also words of other meaning; they count where they stand as a type"""


def mention(kind: str) -> str:
    before = r"type\W{1,6}" if kind in EVERYDAY else ""
    return before + r"[\"'`]" + kind + r"[\"'`]"


def test_no_block_is_named_outside_its_own_place() -> None:
    """A block's type stands in its file, its row in BLOCKS, templates, tests and docs; nowhere else."""
    allowed = {"shared_py/blocks", "shared_py/templates", "tests", "docs", "pwa/src/generated", "benchmarks"}
    named = re.compile("|".join(mention(block.type) for block in BLOCKS), re.IGNORECASE)
    found = []
    for folder, patterns in {"shared_py": ["*.py"], "backend": ["*.py"], "pwa/src": ["*.ts", "*.tsx", "*.css"]}.items():
        for pattern in patterns:
            for path in (ROOT / folder).rglob(pattern):
                place = path.relative_to(ROOT).as_posix()
                is_test = ".test." in path.name or path.name.startswith("test_")
                if not any(place.startswith(prefix) for prefix in allowed) and not is_test:
                    found += [f"{place}: {match[0]}" for match in named.finditer(path.read_text())]
    assert found == []
