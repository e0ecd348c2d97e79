"""Design files are checked from the command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.designs import small_design

from backend.designs.schema_lint import check_file
from shared_py.design import PLAIN_VERSION, SCHEMA_VERSION, canonical_bytes

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
    assert f"problem at /components/{place}/props/bias: Transformer layer: bias must be true or false" in said
    raw["components"][place]["props"]["bias"] = True
    said = lint(written(tmp_path / "wrong.json", raw), status=1)
    assert f"problem at /components/{place}/props/n_heads: Transformer layer: n_heads must divide" in said
    assert "    fix: Set n_heads to 4\n" in said


def test_values_of_the_whole_design_are_pointed_at(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["meta"]["d_model"] = 12
    assert "problem at /meta/d_model: The design's d_model must be a multiple of 8" in lint(
        written(tmp_path / "a.json", raw), status=1
    )


def test_warnings_are_told_and_are_no_problems(tmp_path: Path, raw: dict[str, Any]) -> None:
    place = next(index for index, component in enumerate(raw["components"]) if component["id"] == "c3")
    raw["components"][place]["props"]["dropout"] = 0.1
    said = lint(written(tmp_path / "a.json", raw), status=0)
    assert "a.json: OK, 1 warning\n" in said
    assert f"warning at /components/{place}/props/dropout: Transformer layer: " in said


def test_older_versions_are_read_and_said_so_newer_ones_are_refused(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["schema_version"] = 1
    raw["components"][3]["props"] |= {"z_loss_coef": 0.1} if raw["components"][3]["type"] == "load_balance_router" else {}
    assert f"a.json: OK, schema version 1, read as {PLAIN_VERSION}\n" in lint(written(tmp_path / "a.json", raw), status=0)
    raw["schema_version"] = SCHEMA_VERSION + 1
    assert f"problem at /schema_version: The design's schema_version {SCHEMA_VERSION + 1} is newer" in lint(
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
    assert "list.json: 1 problem\n  problem: A design is a JSON object, not [] [malformed]\n" in said
    assert said.endswith("7 files: 1 valid, 1 with problems, 5 unreadable\n")


def test_programs_read_json(tmp_path: Path, raw: dict[str, Any]) -> None:
    place = next(index for index, component in enumerate(raw["components"]) if component["id"] == "c3")
    raw["components"][place]["type"] = "board_inputs"
    (report,) = json.loads(lint("--format", "json", written(tmp_path / "a.json", raw), status=1))
    assert (report["state"], report["schema_version"], report["warnings"]) == ("problems", PLAIN_VERSION, [])
    (unknown,) = [problem for problem in report["problems"] if problem["code"] == "unknown_block"]
    assert unknown["pointer"] == f"/components/{place}/type"
    assert (unknown["component_id"], unknown["fix"]) == ("c3", "Remove component c3")
    assert "did you mean board_input?" in unknown["message"]


def test_the_file_that_the_app_saves_where_it_cannot_start_is_checked_design_by_design(
    tmp_path: Path, raw: dict[str, Any]
) -> None:
    """It holds all drawings of a phone in one list."""
    good, wrong, none = raw, json.loads(json.dumps(raw)), [1]
    wrong["edges"].append(["c3", "nowhere"])
    path = tmp_path / "drawings.json"
    assert "drawings.json: OK, 2 designs\n" in lint(written(path, {"designs": [good, good]}), status=0)
    said = lint(written(path, {"designs": [good, wrong, none]}), status=1)
    assert "drawings.json: 2 problems, 3 designs\n" in said
    assert f"problem at /designs/1/edges/{len(wrong['edges']) - 1}: There is no component nowhere [dangling_edge]" in said
    assert "problem at /designs/2: A design is a JSON object, not [1] [malformed]" in said
    unfinished = json.loads(json.dumps(raw))
    unfinished["edges"].pop()
    assert "1 file: 1 unfinished\n" in lint("--drafts", written(path, {"designs": [good, unfinished]}), status=0)
    assert "1 file: 1 with problems\n" in lint("--drafts", written(path, {"designs": [unfinished, wrong]}), status=1)
    (report,) = json.loads(lint("--format", "json", written(path, {"designs": [{**good, "schema_version": 1}]}), status=0))
    assert (report["state"], report["designs"], report["schema_version"]) == ("ok", 1, 1)
    assert "drawings.json: cannot be read: a list without designs\n" in lint(written(path, {"designs": []}), status=2)
    assert "problem at /designs: " in lint(written(path, {"designs": 3}), status=1)


def test_a_component_without_properties_beside_its_double(tmp_path: Path, raw: dict[str, Any]) -> None:
    for props in (5, None, [1], "bias"):
        double = {"id": "c9", "type": "linear", "props": {"out_features": 0}}
        raw["components"] = [{"id": "c9", "type": "linear", "props": props}, double]
        assert "/components/0" in lint(written(tmp_path / "a.json", raw), status=1)


def test_only_regular_files_of_some_size_are_read(tmp_path: Path, raw: dict[str, Any]) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "folder.json" / "pipe.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate((16 << 20) + 1)
    written(tmp_path / "good.json", raw)
    said = lint(tmp_path, "/dev/zero", tmp_path / f"{'a' * 300}.json", status=2)
    assert "pipe.json: cannot be read: not a regular file\n" in said
    assert "/dev/zero: cannot be read: not a regular file\n" in said
    assert "huge.json: cannot be read: larger than 16 MB, which no design is\n" in said
    assert "aaa.json: cannot be read: File name too long\n" in said
    assert said.endswith("5 files: 1 valid, 4 unreadable\n")


def test_a_name_may_hold_any_byte(tmp_path: Path, raw: dict[str, Any]) -> None:
    path = written(tmp_path / os.fsdecode(b"a\xff.json"), raw)
    assert f"{tmp_path}/a\\xff.json: OK\n" in lint(path, status=0)
    (report,) = json.loads(lint("--format", "json", path, status=0))
    assert report["file"] == f"{tmp_path}/a\\xff.json"


def test_no_line_can_be_forged(tmp_path: Path, raw: dict[str, Any]) -> None:
    raw["\x1b[31mred\nother.json: OK\u202e\x9b"] = 1
    path = written(tmp_path / "a\nb.json", raw)
    said = lint(path, status=1)
    assert all(line.isprintable() for line in said.splitlines())
    assert r"problem at /\x1b[31mred\nother.json: OK\u202e\x9b: " in said
    assert r"a\nb.json: 1 problem" in said
    printed = lint("--format", "json", path, status=1)
    assert printed.isascii()
    assert json.loads(printed)[0]["problems"][0]["pointer"] == "/\x1b[31mred\nother.json: OK\u202e\x9b"


def test_text_that_is_not_utf_8_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes('{"id": "d1", "name": "Müsli"}'.encode("latin-1"))
    assert "latin.json: cannot be read: not UTF-8: invalid start byte at byte 23\n" in lint(path, status=2)


def test_numbers_beyond_reckoning_are_said(tmp_path: Path, raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def overflow(raw: Any) -> NoReturn:
        raise OverflowError("int too large to convert to float")

    raw["schema_version"] = 10**400
    path = written(tmp_path / "a.json", raw)
    assert '"state": "problems"' in lint("--format", "json", path, status=1)
    monkeypatch.setattr("backend.designs.schema_lint.validate_document", overflow)
    report = check_file(path)
    assert (report.state, report.reason) == ("unreadable", "beyond what can be checked: int too large to convert to float")


def test_npm_passes_it_on(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["npm", "run", "--silent", "schema-lint", "--", str(TEMPLATES[0]), str(tmp_path / "broken.json")]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PATH": path})
    assert run.returncode == 2
    assert f"{TEMPLATES[0]}: OK" in run.stdout
    assert "broken.json: cannot be read: " in run.stdout
