"""The text follows the edges, is the same every time, and holds nothing a person typed."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import exported_modules, valid_designs

from shared_py import phone
from shared_py.blocks import BLOCKS
from shared_py.codegen import generate_source
from shared_py.design import Component, ModelArchitecture, design_hash
from shared_py.properties import properties_of
from shared_py.templates import load_templates
from shared_py.validation import validate_design

GOLDEN = Path(__file__).parent.parent / "golden"
TEMPLATES = load_templates()

ALLOWED_NAMES = exported_modules() | {"GeneratedModel", "None", "Tensor", "board", "int", "self", "super", "torch"}
WORDS = {choice for block in BLOCKS for rule in properties_of(block).values() for choice in rule.choices or []}


def assert_harmless(source: str, design: ModelArchitecture) -> None:
    """Parse a generated module and allow only the forms a drawing can become."""
    ids = {component.id for component in design.components}
    variables = {f"{prefix}_{name}" for prefix in ("x", "routing", "logits", "value") for name in ids}
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, ast.Lambda | ast.ListComp | ast.Await | ast.Global | ast.JoinedStr | ast.While | ast.Try)
        if isinstance(node, ast.Name):
            assert node.id in ALLOWED_NAMES | variables | {"d_model", "n_heads", "n_experts", "design_id", "design_hash", "_"}
        if isinstance(node, ast.ImportFrom):
            assert node.module in ("torch", "backend.models")
        if isinstance(node, ast.Import):
            assert [alias.name for alias in node.names] == ["torch"]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id in ALLOWED_NAMES
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100:
            assert node.value in WORDS | ids | {design.id, design_hash(design)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_golden_text(template: ModelArchitecture) -> None:
    """The text of each template is the text kept; `make golden` writes it anew."""
    assert generate_source(template).source == (GOLDEN / f"{template.id}.py.txt").read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_formatted_as_ruff_would(template: ModelArchitecture, tmp_path: Path) -> None:
    path = tmp_path / "generated.py"
    path.write_text(generate_source(template).source)
    for command in (["format", "--check", "--diff"], ["check", "--select", "E,F,I,W"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(path)], capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_follows_the_edges_not_the_list() -> None:
    template = TEMPLATES[0]
    turned = msgspec.structs.replace(template, components=template.components[::-1], edges=template.edges[::-1])
    assert generate_source(turned) == generate_source(template)
    rewired = msgspec.structs.replace(
        template,
        edges=[("c1", "c2"), ("c2", "c4"), ("c4", "c3"), ("c3", "c5"), ("c5", "c6"), ("c6", "c7")],
    )
    source = generate_source(rewired).source
    assert source.index("x_c4 = self.block_c4(x_c2)") < source.index("x_c3 = self.block_c3(x_c4)")


def test_lines_belong_to_their_component() -> None:
    generated = generate_source(TEMPLATES[2])
    lines = generated.source.splitlines()
    for name, spans in generated.lines.items():
        for span in spans:
            assert name in "\n".join(lines[span.first - 1 : span.last])


def test_a_keyword_or_a_clash_makes_no_difference() -> None:
    names = {"c1": "class", "c2": "self", "c3": "torch", "c4": "c6_routing", "c5": "nn", "c6": "board", "c7": "import"}
    template = TEMPLATES[0]
    renamed = ModelArchitecture(
        id="lambda",
        meta=template.meta,
        components=[msgspec.structs.replace(component, id=names[component.id]) for component in template.components],
        edges=[(names[source], names[target]) for source, target in template.edges],
    )
    assert_harmless(generate_source(renamed).source, renamed)


def test_an_invalid_design_has_no_code() -> None:
    with pytest.raises(ValueError, match="only a valid design"):
        generate_source(ModelArchitecture(id="d1"))


@given(valid_designs())
def test_only_known_forms_reach_the_text(design: ModelArchitecture) -> None:
    generated = generate_source(design)
    assert_harmless(generated.source, design)
    assert generate_source(design) == generated


HOSTILE = st.sampled_from(
    ["__import__('os').system('x')", '"""', "\\", "'); import os; ('", "\n    import os\n", "{board}", "%s", "c1)#", "\u2028x"]
)


@given(valid_designs(), st.data())
def test_nothing_typed_reaches_the_text(design: ModelArchitecture, data: st.DataObject) -> None:
    """Put Python into every string of a design in turn: it is refused, or it leaves no trace."""
    raw: dict[str, Any] = msgspec.to_builtins(design)
    hostile = data.draw(HOSTILE | st.text(min_size=1))
    place = data.draw(st.sampled_from(["name", "id", "component", "type", "prop_key", "prop_value", "edge", "meta"]))
    component = data.draw(st.sampled_from(raw["components"]))
    match place:
        case "name" | "id":
            raw[place] = hostile
        case "component":
            component["id"] = hostile
        case "type":
            component["type"] = hostile
        case "prop_key":
            component["props"][hostile] = 1
        case "prop_value":
            component["props"][data.draw(st.sampled_from(["activation", "pool", "position", "target", "d_model"]))] = hostile
        case "edge":
            raw["edges"][0] = [hostile, raw["edges"][0][1]]
        case "meta":
            raw["meta"]["d_model"] = hostile
    text = msgspec.json.encode(raw).decode()
    if not msgspec.json.decode(phone.validate(text))["valid"]:
        with pytest.raises(ValueError):  # noqa: PT011 - every way of saying no is a ValueError
            phone.generate(text)
        return
    source = msgspec.json.decode(phone.generate(text))["source"]
    assert_harmless(source, msgspec.json.decode(text, type=ModelArchitecture))


def test_several_outputs_are_averaged() -> None:
    template = TEMPLATES[1]
    more = Component(id="c9", type="action_output", props={"pool": "mean"})
    design = msgspec.structs.replace(template, components=[*template.components, more], edges=[*template.edges, ("c4", "c9")])
    assert validate_design(design).valid
    source = generate_source(design).source
    assert "torch.stack([logits_c5, logits_c9]).mean(dim=0)" in source
    assert "torch.stack([value_c5, value_c9]).mean(dim=0)" in source


if __name__ == "__main__":
    for design in TEMPLATES:
        (GOLDEN / f"{design.id}.py.txt").write_text(generate_source(design).source)
