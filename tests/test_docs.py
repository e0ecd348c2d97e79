"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)#\s]+)|src=\"([^\"]+)\"")
EXAMPLES = {"shared_py/blocks/prelu.py", "model.py"}
"""files that documents name and that are made by the reader or by a run"""
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = [first or second for first, second in LINK.findall(document.read_text())]
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"`(?:[A-Z]+=\S+ )*make ([a-z-]+)`", document.read_text())}
    assert named <= targets


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
