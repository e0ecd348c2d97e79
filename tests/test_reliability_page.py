"""The table of failure cases in `docs/reliability.md` has every case, and names the tests that are named after it."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
CASES = 30
ROW = re.compile(r"^\| (\d+) \| .+ \| .+ \| (.+) \|$", re.MULTILINE)
PYTHON_TEST = re.compile(r"^def (test_case_(\d\d)_\w+)", re.MULTILINE)
APP_TEST = re.compile(r"\b(?:test|it)\b[^'\n]*'cases? (\d+(?: and \d+)*): ")


def listed() -> dict[int, set[str]]:
    """The tests that the page names, by the number of the case."""
    return {int(number): set(re.findall(r"`([^`]+)`", tests)) for number, tests in ROW.findall(PAGE.read_text())}


def written() -> dict[int, set[str]]:
    """The tests of Python by their names, and those of the phone by their files, by the number of the case."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name, number in PYTHON_TEST.findall(path.read_text()):
            found[int(number)].add(name)
    for path in (ROOT / "pwa" / "src").rglob("*.test.ts"):
        for numbers in APP_TEST.findall(path.read_text()):
            for number in numbers.split(" and "):
                found[int(number)].add(path.name)
    return dict(found)


def test_every_failure_case_has_a_row_with_tests() -> None:
    rows = listed()
    assert list(rows) == list(range(1, CASES + 1))
    assert all(rows.values())


def test_the_page_names_the_tests_that_exist() -> None:
    assert listed() == written()


def test_the_page_stays_short() -> None:
    assert len(PAGE.read_text().splitlines()) < 130
