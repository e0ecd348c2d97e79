"""Compiling: written, imported under its name, checked; and each check fails when it should."""

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given, settings
from support.designs import plain_design, small_design
from support.strategies import valid_designs

import backend.models.generated as generated_package
from backend.compile import checks, compiler
from backend.compile.compiler import compile_design
from backend.compile.service import CompileService
from backend.designs.validation import require_valid
from backend.errors import CompileFailed, InvalidDesign, ProcessFailed
from backend.models import GameTransformer
from backend.models import autocast as precision
from shared_py.analysis import Analysis
from shared_py.codegen import generate_source, source_of
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.protocol import GeneratedSource
from shared_py.templates import load_templates

CHECKS = ["parameters", "finite", "gradients", "batch independence", "mask", "ratio"]


@pytest.mark.parametrize(
    "design",
    [*load_templates(), small_design(), small_design(checkpoint=True), plain_design("class")],
    ids=lambda design: design.id,
)
def test_valid_designs_compile(design: ModelArchitecture, tmp_path: Path) -> None:
    result = compile_design(require_valid(design), tmp_path)
    assert [check.name for check in result.checks] == CHECKS
    assert all(check.passed for check in result.checks)
    assert result.import_path == f"backend.models.generated.{design.id}"
    assert (tmp_path / f"{design.id}.py").read_text() == result.source
    assert [path.name for path in tmp_path.iterdir()] == [f"{design.id}.py"]


def test_a_compile_sees_the_newest_text(tmp_path: Path) -> None:
    first = compile_design(require_valid(small_design()), tmp_path)
    second = compile_design(require_valid(small_design(d_model=24)), tmp_path)
    assert first.design_hash != second.design_hash
    assert f'design_hash = "{second.design_hash}"' in (tmp_path / "d0.py").read_text()


def test_the_generated_package_reads_the_data_directory(tmp_path: Path) -> None:
    compile_design(require_valid(plain_design("lambda")), tmp_path / "generated")
    code = "import importlib; m = importlib.import_module('backend.models.generated.lambda'); print(m.GeneratedModel.design_id)"
    environment = {"MODEL_STUDIO_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"}
    printed = subprocess.run([sys.executable, "-B", "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "lambda"


def test_an_invalid_design_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    service = CompileService(compile_design, tmp_path)
    with pytest.raises(InvalidDesign) as refused:
        asyncio.run(service.compile(ModelArchitecture("d0", components=[Component("c1", "board_input")])))
    assert refused.value.problems
    assert refused.value.errors
    assert not list(tmp_path.iterdir())


def test_a_formula_that_disagrees_with_torch_fails_the_compile(tmp_path: Path) -> None:
    analysis = require_valid(plain_design())
    miscounted = msgspec.structs.replace(analysis, sizes=msgspec.structs.replace(analysis.sizes, parameters=7))
    with pytest.raises(CompileFailed, match=r"parameters: .* in torch, 7 by the formula"):
        compile_design(miscounted, tmp_path)


def test_a_module_that_does_not_run_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_broken(analysis: Analysis, folder: Path) -> GeneratedSource:
        generated = source_of(analysis)
        (folder / f"{analysis.design.id}.py").write_text("raise RuntimeError('broken on purpose')")
        return generated

    monkeypatch.setattr(compiler, "write_generated", write_broken)
    with pytest.raises(ProcessFailed, match="RuntimeError: broken on purpose"):
        compile_design(require_valid(plain_design()), tmp_path)


def test_a_network_too_large_for_the_machine_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "usable_memory_bytes", lambda: 1 << 20)
    wide = ModelArchitecture("wide", components=chain(("linear", {"out_features": 4096})), edges=CHAINED)
    with pytest.raises(
        ProcessFailed, match=r"too large to be checked here: it may take 0\.000524 GB, half of this machine's memory"
    ):
        compile_design(require_valid(wide), tmp_path)


@pytest.mark.parametrize(
    ("check", "cause", "sentence"),
    [
        ("killed_while_checking", "killed", "ended from outside, which says nothing about the network"),
        ("check_without_memory", "memory", "too large to be checked here"),
        ("hang", "time", r"could not be checked in 0\.5 s"),
    ],
)
def test_a_killed_check_is_not_called_a_network_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: str, cause: str, sentence: str
) -> None:
    monkeypatch.setattr(compiler, "RUN_CHECKS", f"support.process_functions:{check}")
    if cause == "time":
        monkeypatch.setattr(compiler, "TIMEOUT_S", 0.5)
    with pytest.raises(ProcessFailed, match=sentence) as failed:
        compile_design(require_valid(plain_design()), tmp_path)
    assert failed.value.cause == cause


def test_numbers_that_grow_too_large_fail_a_check_in_words(tmp_path: Path) -> None:
    """A shared body that more than doubles what it gets, 256 times in a row."""
    inner = [
        Component("r2", "repeat", {"times": 4}, inside="c3"),
        Component("i1", "activation", {"activation": "relu"}, inside="r2"),
        Component("i2", "dropout", {"p": 0.0}, inside="r2"),
        Component("i3", "add", inside="r2"),
    ]
    design = ModelArchitecture(
        "exploding",
        meta=Defaults(d_model=8, n_heads=2),
        components=[*chain(("repeat", {"times": 64})), *inner],
        edges=[*CHAINED, ("i1", "i3"), ("i2", "i3")],
    )
    with pytest.raises(CompileFailed, match=r"finite: infinite or not a number on 32 of 32 boards") as failed:
        compile_design(require_valid(design), tmp_path)
    assert [(check.name, check.passed) for check in failed.value.errors] == [("parameters", True), ("finite", False)]


CHAINED = [("c1", "c2"), ("c2", "c3"), ("c3", "c4")]


def chain(middle: tuple[str, dict[str, Any]]) -> list[Component]:
    ends = ("board_input", "embedding", "action_output")
    first, second, last = (Component(name, kind) for name, kind in zip(("c1", "c2", "c4"), ends, strict=True))
    return [first, second, Component("c3", *middle), last]


@pytest.fixture
def generated(tmp_path: Path) -> Iterator[Path]:
    before = list(generated_package.__path__)
    yield tmp_path
    generated_package.__path__[:] = before
    sys.modules.pop("backend.models.generated.d1", None)


def test_a_module_of_another_version_is_noticed(generated: Path) -> None:
    (generated / "d1.py").write_text(generate_source(plain_design()).source)
    with pytest.raises(RuntimeError, match="another version"):
        checks.build("d1", generated, "otherhash", {"d_model": 8})
    assert importlib.import_module("backend.models.generated.d1").GeneratedModel.design_id == "d1"


def network() -> GameTransformer:
    torch.manual_seed(0)
    return GameTransformer.from_architecture(small_design())


def test_an_unused_parameter_is_found() -> None:
    model = network()
    model.register_parameter("idle", torch.nn.Parameter(torch.zeros(3)))
    passed, detail = checks.check_gradients(model, checks.sample_boards(32))
    assert not passed
    assert "idle" in detail


class Mixing(torch.nn.Module):
    """Lets boards of a batch see each other, or answers nonsense."""

    def __init__(self, inner: torch.nn.Module, how: str) -> None:
        super().__init__()
        self.inner, self.how = inner, how

    def forward(self, board: torch.Tensor) -> torch.Tensor:
        tokens: torch.Tensor = self.inner(board)
        if self.how == "batch":
            return tokens + tokens.mean(dim=0, keepdim=True)
        if self.how == "noise":
            return tokens + torch.randn_like(tokens)
        return tokens * float("nan")


@pytest.mark.parametrize(("how", "name"), [("batch", "batch independence"), ("noise", "ratio"), ("nan", "finite")])
def test_each_check_fails_when_it_should(how: str, name: str) -> None:
    model = network()
    torch.nn.init.normal_(model.block_c6.policy.weight, std=1.0)
    boards = checks.sample_boards(32)
    assert checks.CHECKS[name](model, boards)[0]
    model.block_c2 = Mixing(model.block_c2, how)
    assert not checks.CHECKS[name](model, boards)[0]


def test_an_unmasked_network_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    model, boards = network(), checks.sample_boards(32)
    monkeypatch.setattr(type(model), "evaluate", lambda self, board: self.compute(board))
    passed, detail = checks.check_mask(model, boards)
    assert not passed
    assert not detail.startswith("0 illegal")


def test_sample_boards_can_all_be_played_and_reach_large_tiles() -> None:
    from backend.models import legal_moves

    boards = checks.sample_boards(64)
    assert legal_moves(boards).any(dim=1).all()
    assert boards.max() >= 12
    assert boards.max() <= 17


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_checks_pass_where_bfloat16_pays_off(design: ModelArchitecture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "bfloat16_pays_off", lambda: True)
    assert failed_checks(design) == {}


@given(valid_designs())
@settings(max_examples=20)
def test_every_valid_design_passes_every_check(design: ModelArchitecture) -> None:
    assert failed_checks(design) == {}


def failed_checks(design: ModelArchitecture) -> dict[str, str]:
    """Name and detail of each."""
    torch.manual_seed(checks.SEED)
    model = GameTransformer.from_architecture(design)
    boards = checks.sample_boards(checks.BOARDS)
    return {name: detail for name, check in checks.CHECKS.items() for passed, detail in [check(model, boards)] if not passed}
