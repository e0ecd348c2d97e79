"""Every module of `backend.models`, in networks written by hand: proved, exported, and made one text that needs torch alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support.designs import small_design
from support.handwritten_networks import TEXTS

import backend.models
from backend.compile.checks import CHECKS, sample_boards
from backend.export.bundle import bundle_source
from backend.models import GameTransformer
from backend.models.loading import load_source
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.codegen import generate_source
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture, canonical_bytes
from shared_py.reference.handbook import handbook
from shared_py.templates import load_templates


def renamed(design: ModelArchitecture, length: int) -> ModelArchitecture:
    """The design with its ids made longer."""
    text = re.sub(r'"(c\d+)"', lambda found: f'"{found[1] + "_":x<{length}}"', canonical_bytes(design).decode())
    return decode_design(text)


SOURCES = {
    **TEXTS,
    "small": generate_source(small_design(checkpoint=True)).source,
    **{design.id: generate_source(design).source for design in load_templates()},
}
LONG_IDS = {
    f"{design.id}_{length}": generate_source(renamed(design, length)).source for design in load_templates() for length in (20, 28)
}

ALONE = """
import sys
import types

sys.path = [path for path in sys.path if path]
class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("backend", "shared_py", "msgspec", "litestar"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refusal())

import torch

torch.set_num_threads(1)
module = types.ModuleType("alone")
exec(compile(open("bundle.py").read(), "bundle.py", "exec"), module.__dict__)
model = module.GeneratedModel().eval()
state = torch.load("state.pt", weights_only=True)
assert list(model.state_dict()) == list(state)
model.load_state_dict(state)
with torch.inference_mode():
    torch.save(model(torch.load("boards.pt")), "given.pt")
boards = torch.load("boards.pt")
output = model.train().evaluate(boards)
(model.auxiliary_loss(output, boards) + output.value.sum()).backward()
"""


def build(source: str) -> GameTransformer:
    """A network whose weights are far from their start."""
    torch.manual_seed(1)
    model: GameTransformer = load_source(source, "hand_made").GeneratedModel()
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    return model.eval()


@pytest.mark.parametrize("name", list(TEXTS))
def test_every_check_passes(name: str) -> None:
    model, boards = build(TEXTS[name]), sample_boards(32)
    for check in CHECKS.values():
        passed, detail = check(model, boards)
        assert passed, f"{check.__name__}: {detail}"


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_bundle_needs_torch_alone(name: str, tmp_path: Path) -> None:
    model, boards = build(SOURCES[name]), sample_boards(64)
    (tmp_path / "bundle.py").write_text(bundle_source(SOURCES[name]))
    torch.save(model.state_dict(), tmp_path / "state.pt")
    torch.save(boards, tmp_path / "boards.pt")
    run = subprocess.run([sys.executable, "-I", "-c", ALONE], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with torch.inference_mode():
        expected = model(boards)
    for given, wanted in zip(torch.load(tmp_path / "given.pt"), expected, strict=True):
        assert torch.equal(given, wanted)


@pytest.mark.parametrize("name", [*SOURCES, *LONG_IDS])
def test_a_bundle_is_formatted(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bundle.py"
    path.write_text(bundle_source((SOURCES | LONG_IDS)[name]))
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--line-length", "130", str(path)]
        run = subprocess.run(ruff, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout


def test_a_bundle_holds_what_is_needed_and_no_more() -> None:
    small = bundle_source(generate_source(small_design()).source)
    assert "class Router(" in small
    assert "class Repeat(" not in small
    assert "def checkpoint(" not in small
    assert "from_architecture" not in small
    assert small.startswith('"""Written from a drawing')


def test_a_bundle_keeps_what_is_for_training_only_and_says_so() -> None:
    """As the handbook and README.md say; tests/backend/export/test_export.py holds the `.onnx` to leaving it out."""
    text = bundle_source(generate_source(small_design(checkpoint=True)).source)
    assert "self.block_c7 = AuxiliaryHead(" in text
    assert "checkpoint(self, self.block_c3," in text
    for block in (BLOCK_BY_TYPE["aux_loss_head"], BLOCK_BY_TYPE["grad_checkpoint"]):
        assert "`.py`" in (block.__doc__ or "")
        assert "`.onnx`" in (block.__doc__ or "")
    assert "gone at export" not in handbook()


def test_every_public_name_can_be_bundled() -> None:
    """Also: no two files define one name, since they would meet here."""
    names = ", ".join(backend.models.__all__)
    text = bundle_source(f'"""All."""\n\nfrom backend.models import {names}\n\nEVERYTHING = [{names}]\n')
    module = load_source(text, "all_bundled")
    assert len(module.EVERYTHING) == len(backend.models.__all__)
    imported = {line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported - sys.stdlib_module_names == {"torch"}


def test_every_public_name_is_in_a_hand_made_network() -> None:
    text = "".join(TEXTS.values())
    assert {name for name in backend.models.__all__ if f" {name}," not in text} == {
        "ACTIVATIONS", "AfterstatePlayer", "Prediction", "Routing", "hidden_layers", "legal_moves",
    }  # fmt: skip
