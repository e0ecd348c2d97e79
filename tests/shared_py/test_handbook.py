"""The handbook tells everything about every block, and what it shows is so."""

import ast
import re

import pytest

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import Block
from shared_py.properties import properties_of
from shared_py.reference.examples import THIS, examples, findings, fitting
from shared_py.reference.handbook import formula_of, handbook

TEXT = handbook()
SECTIONS = dict(
    zip(re.findall(r"^## (.+)$", TEXT, re.MULTILINE), re.split(r"^## .+$", TEXT, flags=re.MULTILINE)[1:], strict=True)
)

each_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)


@each_block
def test_every_block_has_a_section_with_all_its_properties(block: type[Block]) -> None:
    section = SECTIONS[block.title]
    assert f"`{block.type}`" in section
    assert block.summary in section
    for rule in properties_of(block).values():
        assert f"| `{rule.name}` | {rule.title} |" in section
        assert rule.help in section
        assert all(choice in section for choice in rule.choices or [])


@each_block
def test_every_block_that_counts_parameters_says_how(block: type[Block]) -> None:
    counts = block.parameters is not Block.parameters or block.sizes is not Block.sizes
    assert bool(formula_of(block)) == counts
    assert ("**Parameters:** none." in SECTIONS[block.title]) == (not counts)


@each_block
def test_every_block_can_stand_somewhere(block: type[Block]) -> None:
    assert any(example.fits for example in examples(block))
    assert fitting(block).analysis.nodes[THIS].block == block()


@each_block
def test_its_code_is_python(block: type[Block]) -> None:
    for text in re.findall(r"```python\n(.*?)```", SECTIONS[block.title], re.DOTALL):
        ast.parse(text)


@each_block
def test_a_block_that_refuses_or_warns_does_so_in_some_example(block: type[Block]) -> None:
    found = findings(block)
    assert any(not finding.warns for finding in found.values()) == (block.check is not Block.check) or block.container
    assert any(finding.warns for finding in found.values()) == (block.advise is not Block.advise)


def test_the_contents_lead_to_sections() -> None:
    anchors = {title.lower().replace(" ", "-") for title in SECTIONS}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) == anchors - {"values-of-the-whole-design"}
    assert len(SECTIONS) == len(BLOCKS) + 1
