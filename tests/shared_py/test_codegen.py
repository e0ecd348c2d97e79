"""The text follows the edges, is the same every time, and holds nothing a person typed."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from support.allowed_imports import exported_modules, torch_modules
from support.designs import earlier_templates, template
from support.strategies import valid_designs

from shared_py import pyodide_api
from shared_py.blocks import BLOCKS
from shared_py.codegen import generate_source
from shared_py.design import Component, Defaults, ModelArchitecture, design_hash
from shared_py.properties import properties_of
from shared_py.templates import load_templates
from shared_py.validation import validate_design

GOLDEN = Path(__file__).parent.parent / "golden"
ROOT = GOLDEN.parent.parent
TEMPLATES = [*load_templates(), *earlier_templates()]

IMPORTS = {"torch": {"Tensor"}, "torch.nn": torch_modules(), "backend.models": exported_modules()}
BUILT_IN = {"GeneratedModel", "None", "board", "int", "self", "super", "torch", "x", "_", *Defaults.__struct_fields__}
ATTRIBUTES = {"__init__", "auxiliary", "cat", "mean", "output", "reset_parameters", "routings", "stack"}
WORDS = {choice for block in BLOCKS for rule in properties_of(block).values() for choice in rule.choices or []}


def assert_harmless(source: str, design: ModelArchitecture) -> None:
    """Parse a generated module and allow only the forms a drawing can become."""
    ids = {component.id for component in design.components}
    prefixes = ("x", "routing", "logits", "value", "inside", "block", "router", "Body")
    own = {f"{prefix}_{name}" for prefix in prefixes for name in ids}
    tree = ast.parse(source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in ast.walk(tree):
        assert isinstance(node, HARMLESS), ast.dump(node)
        match node:
            case ast.Name(id=name):
                assert name in BUILT_IN | own | imported | {"design_id", "design_hash"}
            case ast.Attribute(attr=name):
                assert name in ATTRIBUTES | own
            case ast.ImportFrom(module=package, names=names):
                assert {alias.name for alias in names} <= IMPORTS[package or ""]
            case ast.Import(names=names):
                assert [alias.name for alias in names] == ["torch"]
            case ast.Call(func=ast.Name(id=name)):
                assert name in imported | own | {"super"}
            case ast.ClassDef(name=name):
                assert name in own | {"GeneratedModel"}
            case ast.Lambda(body=ast.Call(func=ast.Name(id=name), args=[])):
                assert name in own
            case ast.Constant(value=str(text)):
                assert text in WORDS | ids | {design.id, design_hash(design)} or is_docstring(text, ids | {design.id})


HARMLESS = (
    ast.Module, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Expr, ast.Import,
    ast.ImportFrom, ast.alias, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.Constant, ast.Tuple, ast.List, ast.Dict,
    ast.BinOp, ast.Add, ast.Mult, ast.UnaryOp, ast.USub, ast.Load, ast.Store, ast.Lambda,
)  # fmt: skip
"""no loops, no comprehensions, no formatted strings, nothing that is raised or caught"""


def is_docstring(text: str, names: set[str]) -> bool:
    body = re.fullmatch(r"What (\w+) runs: (routing of )?\([B\d, d]+\) leaves it\.", text)
    head = re.fullmatch(r"Written from a drawing: [\w ,]+\.\n\ndesign (\w+)\nhash   [0-9a-f]{64}\nB boards, [\w ,]+\.\n", text)
    found = body or head
    return found is not None and found[1] in names


def texts_of(designs: st.SearchStrategy[ModelArchitecture], count: int) -> list[tuple[ModelArchitecture, str]]:
    """Many designs and their texts at once, for a tool that is slow to start."""
    found = []

    @settings(max_examples=count, database=None, phases=[Phase.generate])
    @given(designs)
    def collect(design: ModelArchitecture) -> None:
        found.append((design, generate_source(design).source))

    collect()
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_golden_text(template: ModelArchitecture) -> None:
    """The text of each template is the text kept; `make golden` writes it anew."""
    assert generate_source(template).source == (GOLDEN / f"{template.id}.py.txt").read_text()


@pytest.mark.parametrize("long_ids", [False, True], ids=["short", "long"])
def test_formatted_as_ruff_would(long_ids: bool, tmp_path: Path) -> None:
    """Not a byte to change, nothing unused, imports in order; whatever the design and however long its ids."""
    texts = [generate_source(template).source for template in TEMPLATES]
    texts += [source for _, source in texts_of(valid_designs(long_ids=long_ids), 250)]
    for number, text in enumerate(texts):
        (tmp_path / f"generated_{number}.py").write_text(text)
    for command in (["format", "--diff", "--line-length", "88"], ["check", "--select", "F,I"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        run = subprocess.run(ruff, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout[:4000] + run.stderr[:1000]


WRITE_ALL = """
import sys
import msgspec
from shared_py.codegen import generate_source
from shared_py.decoding import design_from
sources = [generate_source(design_from(raw)).source for raw in msgspec.json.decode(sys.stdin.buffer.read())]
sys.stdout.buffer.write(msgspec.json.encode(sources))
"""


@pytest.mark.parametrize("hash_seed", ["1", "2048"])
def test_the_same_bytes_in_every_process(hash_seed: str) -> None:
    found = texts_of(valid_designs(), 60)
    asked = msgspec.json.encode([design for design, _ in found])
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "PATH": ""}
    run = subprocess.run([sys.executable, "-c", WRITE_ALL], input=asked, env=environment, capture_output=True, check=True)
    assert msgspec.json.decode(run.stdout) == [source for _, source in found]


def test_follows_the_edges_not_the_list() -> None:
    drawn = template("cell_experts")
    turned = msgspec.structs.replace(drawn, components=drawn.components[::-1], edges=drawn.edges[::-1])
    assert generate_source(turned) == generate_source(drawn)
    rewired = msgspec.structs.replace(
        drawn,
        edges=[("c1", "c2"), ("c2", "c4"), ("c4", "c3"), ("c3", "c5"), ("c5", "c6"), ("c6", "c7")],
    )
    source = generate_source(rewired).source
    assert source.index("x_c4 = self.block_c4(x_c2)") < source.index("x_c3 = self.block_c3(x_c4)")


@given(valid_designs())
def test_lines_belong_to_their_component(design: ModelArchitecture) -> None:
    """Each component has lines, which name it; one that only passes on what arrives has none, or those it recomputes."""
    generated = generate_source(design)
    lines = generated.source.splitlines()
    owners: dict[int, str] = {}
    for component in design.components:
        spans = generated.lines.get(component.id, [])
        for span in spans:
            text = "\n".join(lines[span.first - 1 : span.last])
            if component.type == "grad_checkpoint":
                assert "checkpoint(" in text
                continue
            assert re.search(rf"(?<![a-z0-9])(\w+_)?{component.id}\b", text)
            for number in range(span.first, span.last + 1):
                assert owners.setdefault(number, component.id) == component.id
        assert spans or component.type in ("board_input", "grad_checkpoint")


def test_a_keyword_or_a_clash_makes_no_difference() -> None:
    names = {"c1": "class", "c2": "self", "c3": "torch", "c4": "c6_routing", "c5": "nn", "c6": "board", "c7": "import"}
    drawn = template("cell_experts")
    renamed = ModelArchitecture(
        id="lambda",
        meta=drawn.meta,
        components=[msgspec.structs.replace(component, id=names[component.id]) for component in drawn.components],
        edges=[(names[source], names[target]) for source, target in drawn.edges],
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
    if not msgspec.json.decode(pyodide_api.validate(text))["valid"]:
        with pytest.raises(ValueError):  # noqa: PT011 - every way of saying no is a ValueError
            pyodide_api.generate(text)
        return
    source = msgspec.json.decode(pyodide_api.generate(text))["source"]
    assert_harmless(source, msgspec.json.decode(text, type=ModelArchitecture))


def test_several_outputs_are_averaged() -> None:
    drawn = template("small_transformer")
    more = Component(id="c9", type="action_output", props={"pool": "mean"})
    design = msgspec.structs.replace(drawn, components=[*drawn.components, more], edges=[*drawn.edges, ("c4", "c9")])
    assert validate_design(design).valid
    source = generate_source(design).source
    assert "logits=torch.mean(torch.stack([logits_c5, logits_c9]), dim=0)" in source
    assert "value=torch.mean(torch.stack([value_c5, value_c9]), dim=0)" in source


if __name__ == "__main__":
    for design in TEMPLATES:
        (GOLDEN / f"{design.id}.py.txt").write_text(generate_source(design).source)
