"""The documents are consistent: links resolve, decisions are indexed, tables can be read."""

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)#\s]+)|src=\"([^\"]+)\"")
MENTION = re.compile(r"\bdocs/[\w./-]+\.(?:md|csv|json)\b")
EXAMPLES = {"shared_py/blocks/prelu.py", "backend/export/design_file.py", "backend/training/a2c_trainer.py", "model.py"}
"""files that documents name and that are made by the reader or by a run"""
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [path for folder in ("shared_py", "backend", "benchmarks", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
EXPERIMENTS = sorted((ROOT / "docs" / "experiments").glob("*.csv"))
STATUS = re.compile(r"^- Status: (accepted|(?:superseded by|accepted, amended by) \[(\d{4})\]\(\S+\))$", re.MULTILINE)
ROW = re.compile(r"^\| \[(\d{4})\]\((\S+)\) \| (.+?) \| (.+?) \| .+ \|$", re.MULTILINE)
NUMBERS = ("cpu_seconds", "moves", "games", "mean_score", "games_with_1024_percent", "games_with_2048_percent")


def by_path(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_path)
def test_links_lead_somewhere(document: Path) -> None:
    links = [first or second for first, second in LINK.findall(document.read_text())]
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_documents_that_code_and_text_mention_exist() -> None:
    mentions = {(by_path(path), name) for path in (*SOURCES, *DOCUMENTS) for name in MENTION.findall(path.read_text())}
    assert mentions
    assert [(path, name) for path, name in sorted(mentions) if not (ROOT / name).exists()] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"`(?:[A-Z]+=\S+ )*make ([a-z-]+)`", document.read_text())}
    assert named <= targets


def test_the_index_of_decisions_lists_every_file_with_its_title_and_status() -> None:
    rows = ROW.findall((ROOT / "docs" / "decisions" / "README.md").read_text())
    files = []
    for path in DECISIONS:
        text = path.read_text()
        title, status = re.match(r"# (\d{4}) (.+)\n", text), STATUS.search(text)
        assert title, path.name
        assert status, path.name
        files.append((title[1], path.name, title[2], status[1]))
    assert rows == files
    assert [number for number, *_ in files] == [f"{number:04}" for number in range(1, len(files) + 1)]


@pytest.mark.parametrize("decision", DECISIONS, ids=by_path)
def test_a_decision_has_a_date_a_decision_and_a_later_successor(decision: Path) -> None:
    text = decision.read_text()
    number, status = decision.name[:4], STATUS.search(text)
    assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert "\n## Decision\n" in text
    assert status
    assert status[2] is None or status[2] > number


@pytest.mark.parametrize("path", EXPERIMENTS, ids=by_path)
def test_rows_of_experiments_are_complete_and_numeric(path: Path) -> None:
    rows = list(csv.DictReader(path.read_text().splitlines(), strict=True))
    assert rows
    for row in rows:
        assert None not in row, "more cells than columns"
        assert None not in row.values(), "fewer cells than columns"
        assert row["date"]
        for name in NUMBERS:
            assert row.get(name, "") == "" or float(row[name]) >= 0


def test_the_page_of_performance_stays_short() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    assert len(page.splitlines()) < 150


def test_every_source_file_that_is_named_exists() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in ("backend", "shared_py", "pwa/src", "pwa/scripts", "tests", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".ts", ".tsx", ".mjs"} and "node_modules" not in path.parts
    }
    named = {
        (document.name, name)
        for document in DOCUMENTS
        if document.name not in {"CHANGELOG.md", "experiments.md"}  # history names files of its time
        for name in re.findall(r"`((?:\w+/)*\w+\.(?:py|tsx?|mjs))`", document.read_text())
    }
    named = {(document, name) for document, name in named if name not in EXAMPLES}
    missing = [(document, name) for document, name in sorted(named) if not any(f"/{file}".endswith(f"/{name}") for file in files)]
    assert missing == []
