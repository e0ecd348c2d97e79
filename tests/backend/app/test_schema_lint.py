"""Design files are checked from the command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from designs import small_design

from shared_py.design import SCHEMA_VERSION, canonical_bytes

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "shared_py" / "templates").glob("*.json"))


def lint(*arguments: str | Path, status: int) -> str:
    """Run the command as a person does; what it prints."""
    command = [sys.executable, "-m", "backend.cli", "schema-lint", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (run.returncode, run.stderr) == (status, "")
    return run.stdout


@pytest.fixture
def raw() -> dict[str, Any]:
    design: dict[str, Any] = json.loads(canonical_bytes(small_design()))
    return design


def written(path: Path, raw: Any) -> Path:
    path.write_text(json.dumps(raw))
    return path


def test_without_files_the_templates_and_the_designs_of_the_repository_are_checked() -> None:
    said = lint(status=0)
    assert all(f"{path.relative_to(ROOT)}: OK" in said for path in TEMPLATES)
    assert re.search(r"^\d+ files: \d+ valid(, \d+ unfinished)?$", said, re.MULTILINE)


def test_an_unfinished_drawing_may_pass_a_broken_document_may_not(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["edges"].pop()
    path = written(tmp_path / "a.json", raw)
    assert "1 file: 1 with problems\n" in lint(path, status=1)
    said = lint("--drafts", path, status=0)
    assert "a.json: unfinished, " in said
    assert said.endswith("1 file: 1 unfinished\n")
    raw["edges"].append(["c1", "nowhere"])
    assert "1 file: 1 with problems\n" in lint("--drafts", written(path, raw), status=1)


def test_a_problem_is_told_with_its_place_its_component_and_its_fix(tmp_path: Path, raw: dict[str, Any]) -> None:
    place = next(index for index, component in enumerate(raw["components"]) if component["id"] == "c3")
    raw["components"][place]["props"]["n_heads"] = 3
    raw["components"][place]["props"]["bias"] = "yes"
    raw["edges"].append(["c3", "nowhere"])
    said = lint(written(tmp_path / "wrong.json", raw), status=1)
    assert f"{tmp_path}/wrong.json: 2 problems" in said
    assert f"problem at /edges/{len(raw['edges']) - 1}: There is no component nowhere [dangling_edge]" in said
    assert f"problem at /components/{place}/props/bias: Transformer layer c3: bias must be of type boolean [wrong_type]" in said
    raw["components"][place]["props"]["bias"] = True
    said = lint(written(tmp_path / "wrong.json", raw), status=1)
    assert f"problem at /components/{place}/props/n_heads: Transformer layer c3: n_heads must divide" in said
    assert "    fix: Set n_heads to 4\n" in said


def test_values_of_the_whole_design_are_pointed_at(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["meta"]["d_model"] = 12
    assert "problem at /meta/d_model: D_model must be a multiple of 8" in lint(written(tmp_path / "a.json", raw), status=1)


def test_warnings_are_told_and_are_no_problems(tmp_path: Path, raw: dict[str, Any]) -> None:
    place = next(index for index, component in enumerate(raw["components"]) if component["id"] == "c3")
    raw["components"][place]["props"]["dropout"] = 0.1
    said = lint(written(tmp_path / "a.json", raw), status=0)
    assert "a.json: OK, 1 warning\n" in said
    assert f"warning at /components/{place}/props/dropout: Transformer layer c3: " in said


def test_older_versions_are_read_and_said_so_newer_ones_are_refused(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["schema_version"] = 1
    raw["components"][3]["props"] |= {"z_loss_coef": 0.1} if raw["components"][3]["type"] == "load_balance_router" else {}
    assert f"a.json: OK, schema version 1, read as {SCHEMA_VERSION}\n" in lint(written(tmp_path / "a.json", raw), status=0)
    raw["schema_version"] = SCHEMA_VERSION + 1
    assert f"problem at /schema_version: Schema_version {SCHEMA_VERSION + 1} is newer" in lint(
        written(tmp_path / "a.json", raw), status=1
    )


def test_what_cannot_be_read_is_told_beside_the_rest(tmp_path: Path, raw: dict[str, Any]) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    (tmp_path / "broken.json").write_text('{"id": "d1"')
    (tmp_path / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    (tmp_path / "empty").mkdir()
    written(tmp_path / "good.json", raw)
    written(tmp_path / "list.json", [])
    said = lint(tmp_path, tmp_path / "missing.json", tmp_path / "empty", status=2)
    for name in ("bytes.json", "broken.json", "deep.json", "missing.json", "empty"):
        assert f"{tmp_path}/{name}: cannot be read: " in said
    assert "good.json: OK\n" in said
    assert "list.json: 1 problem\n  problem: A design is a JSON object [malformed]\n" in said
    assert said.endswith("7 files: 1 valid, 1 with problems, 5 unreadable\n")


def test_programs_read_json(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["components"][0]["type"] = "board_inputs"
    (report,) = json.loads(lint("--format", "json", written(tmp_path / "a.json", raw), status=1))
    assert (report["state"], report["schema_version"], report["warnings"]) == ("problems", SCHEMA_VERSION, [])
    name = raw["components"][0]["id"]
    (unknown,) = [problem for problem in report["problems"] if problem["code"] == "unknown_block"]
    assert unknown["pointer"] == "/components/0/type"
    assert (unknown["component_id"], unknown["fix"]) == (name, f"Remove {name}")
    assert "did you mean board_input?" in unknown["message"]


def test_npm_passes_it_on(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["npm", "run", "--silent", "schema-lint", "--", str(TEMPLATES[0]), str(tmp_path / "broken.json")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PATH": path})
    assert run.returncode == 2
    assert f"{TEMPLATES[0]}: OK" in run.stdout
    assert "broken.json: cannot be read: " in run.stdout
