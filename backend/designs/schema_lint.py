"""Checks files that should contain designs: what is wrong, where, and how to fix it; files are only read."""

import json
import os
import stat
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shared_py.decoding import DesignError, design_from, read_design
from shared_py.design import PLAIN_VERSION, Component, ModelArchitecture
from shared_py.json_pointer import pointer_to
from shared_py.problems import Problem
from shared_py.validation import sentences, validate_document

ROOT = Path(__file__).parent.parent
OTHER_DESIGNS = ("benchmarks", "tests/shared_py/old_designs")
"""folders of a checkout that hold designs beside the templates; drafts are among them"""

MAX_BYTES = 16 << 20
"""of a file; a design is far below"""

State = Literal["ok", "draft", "problems", "unreadable"]
EXIT_STATUS: dict[State, int] = {"ok": 0, "draft": 0, "problems": 1, "unreadable": 2}
_SEVERITY: list[State] = ["ok", "draft", "problems", "unreadable"]
DESIGNS = "designs"
"""the one member of a file that lists several designs"""
NAMES: dict[State, str] = {"ok": "valid", "draft": "unfinished", "problems": "with problems", "unreadable": "unreadable"}


class Finding(Struct, frozen=True):
    """One problem, or warning, and its place in the file as a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    message: str
    component_id: str | None
    fix: str | None


class Report(Struct, frozen=True):
    """The result for one file; `schema_version` is the one it was written in, where it can be read."""

    file: str
    state: State
    schema_version: int | None = None
    problems: list[Finding] = []
    warnings: list[Finding] = []
    reason: str | None = None
    """why it cannot be read"""
    designs: int | None = None
    """how many designs it lists; None for a file that is one design itself"""


def check_known() -> list[Report]:
    """Check the templates, and in a checkout every other design file, where drafts are welcome."""
    templates = [Path(str(item)) for item in files("shared_py.templates").iterdir() if item.name.endswith(".json")]
    others = [path for folder in OTHER_DESIGNS for path in (ROOT / folder).rglob("*.json")]
    return [*check_files(_as_seen_from_here(templates)), *check_files(_as_seen_from_here(others), drafts=True)]


def check_files(paths: Sequence[Path], *, drafts: bool = False) -> list[Report]:
    """Check files, and all `.json` files of folders; with `drafts` an unfinished design is not counted as a problem."""
    reports = []
    for path in paths:
        files_here = [path]
        if _is_folder(path):
            files_here = sorted(item for item in path.rglob("*.json") if not _is_folder(item))
        checked = [check_file(item, drafts=drafts) for item in files_here]
        reports += checked or [Report(_name(path), "unreadable", reason="a folder without .json files")]
    return reports


def check_file(path: Path, *, drafts: bool = False) -> Report:
    """Check one file; it never raises."""
    try:
        raw = msgspec.json.decode(_read(path))
    except OSError as error:
        return Report(_name(path), "unreadable", reason=error.strerror or str(error))
    except UnicodeDecodeError as error:
        return Report(_name(path), "unreadable", reason=f"not UTF-8: {error.reason} at byte {error.start}")
    except (ValueError, RecursionError) as error:
        return Report(_name(path), "unreadable", reason=f"not JSON: {error}")
    try:
        return _report(_name(path), raw, drafts=drafts)
    except (ArithmeticError, ValueError, RecursionError) as error:
        return Report(_name(path), "unreadable", _version(raw), reason=f"beyond what can be checked: {error}")


def _read(path: Path) -> bytes:
    """Read a regular file of at most 16 MB, in UTF-8; OSError or UnicodeDecodeError. A pipe or a device would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(f"larger than {MAX_BYTES >> 20} MB, which no design is")
    data.decode()
    return data


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long
        return False


def _name(path: Path) -> str:
    """A path as text; bytes that are not UTF-8 as `\\xff`."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _report(name: str, raw: Any, *, drafts: bool) -> Report:
    """Check decoded JSON: a design, or a list of designs as the app saves them when it cannot start."""
    if not (isinstance(raw, dict) and raw.keys() == {DESIGNS} and isinstance(raw[DESIGNS], list)):
        return _report_design(name, raw, drafts=drafts)
    reports = [_report_design(name, item, drafts=drafts) for item in raw[DESIGNS]]
    if not reports:
        return Report(name, "unreadable", reason="a list without designs", designs=0)
    return Report(
        name,
        max((report.state for report in reports), key=_SEVERITY.index),
        min((report.schema_version for report in reports if report.schema_version is not None), default=None),
        [_inside(index, item) for index, report in enumerate(reports) for item in report.problems],
        [_inside(index, item) for index, report in enumerate(reports) for item in report.warnings],
        designs=len(reports),
    )


def _inside(index: int, finding: Finding) -> Finding:
    """A finding in one design of a list."""
    return replace(finding, pointer=f"/{DESIGNS}/{index}{finding.pointer}")


def _report_design(name: str, raw: Any, *, drafts: bool) -> Report:
    design, _ = read_design(raw)
    result = validate_document(raw)
    problems, warnings = ([_finding(raw, design, item) for item in items] for items in (result.problems, result.warnings))
    state: State = "problems" if problems else "ok"
    if problems and drafts and _is_document(raw):
        state = "draft"
    return Report(name, state, _version(raw), problems, warnings)


def exit_status(reports: Iterable[Report]) -> int:
    """0 when every file is a valid design, 1 when some have problems, 2 when some cannot be read."""
    return max((EXIT_STATUS[report.state] for report in reports), default=0)


def as_text(reports: Sequence[Report]) -> str:
    """One line for each file, its problems below it, and a summary at the end; no content of a file can break or forge a line."""
    lines = [_printable(line) for report in reports for line in _lines(report)]
    counts = {name: sum(report.state == state for report in reports) for state, name in NAMES.items()}
    parts = [f"{count} {name}" for name, count in counts.items() if count]
    return "\n".join([*lines, f"{_count(len(reports), 'file')}: {', '.join(parts)}"])


def as_json(reports: Sequence[Report]) -> str:
    """The same for programs: a list of reports, in ASCII."""
    return json.dumps(msgspec.to_builtins(reports), indent=2)


def _printable(line: str) -> str:
    """Escape control characters, line breaks and characters that change the direction of text."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def _lines(report: Report) -> list[str]:
    notes = [f"cannot be read: {report.reason}" if report.state == "unreadable" else "OK"]
    if report.problems:
        notes = [*(["unfinished"] if report.state == "draft" else []), _count(len(report.problems), "problem")]
    if report.warnings:
        notes.append(_count(len(report.warnings), "warning"))
    if report.designs:
        notes.append(_count(report.designs, "design"))
    if report.schema_version is not None and report.schema_version < PLAIN_VERSION:
        notes.append(f"schema version {report.schema_version}, read as {PLAIN_VERSION}")
    lines = [f"{report.file}: {', '.join(notes)}"]
    for word, findings in (("problem", report.problems), ("warning", report.warnings)):
        for finding in findings:
            place = f" at {finding.pointer}" if finding.pointer else ""
            lines.append(f"  {word}{place}: {finding.message} [{finding.code}]")
            if finding.fix is not None:
                lines.append(f"    fix: {finding.fix}")
    return lines


def _is_document(raw: Any) -> bool:
    """Whether the only problems are those that an editor can have in between: something missing, or a value out of bounds."""
    try:
        design_from(raw)
    except DesignError:
        return False
    return True


def _as_seen_from_here(paths: Iterable[Path]) -> list[Path]:
    here = Path.cwd()
    return [path.relative_to(here) if path.is_relative_to(here) else path for path in sorted(paths)]


def _finding(raw: Any, design: ModelArchitecture | None, problem: Problem) -> Finding:
    fix = problem.fix.label if problem.fix is not None else None
    return Finding(_pointer(raw, problem), problem.code, sentences(design, [problem])[0], problem.component_id, fix)


def _pointer(raw: Any, problem: Problem) -> str:
    """The pointer to a problem: to the property if the file has it, else to the component, else to the whole."""
    field = problem.field or ""
    if problem.component_id is None or field.startswith("/"):
        return field if field.startswith("/") or not field else pointer_to("meta", field)
    for index, component in enumerate(raw["components"]):
        if isinstance(component, dict) and component.get("id") == problem.component_id:
            props = component.get("props")
            if isinstance(props, dict) and field in props:
                return pointer_to("components", index, "props", field)
            return pointer_to("components", index, *([field] if field in Component.__struct_fields__ else []))
    return ""


def _version(raw: Any) -> int | None:
    version = raw.get("schema_version", PLAIN_VERSION) if isinstance(raw, dict) else None
    return version if type(version) is int else None


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
