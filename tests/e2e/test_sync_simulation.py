"""The simulation of phones and a server (`tests/simulation`) over the IndexedDB of a real browser."""

import pytest

from tests.simulation.browser import run_in_browser
from tests.simulation.scripts import build_scripts
from tests.simulation.tasks import MODES, Task


@pytest.mark.parametrize("mode", MODES)
def test_a_run_in_a_browser_violates_nothing(mode: str) -> None:
    build_scripts()
    (result,) = run_in_browser([Task(seed=1, mode=mode, edits=60)])
    assert result["counts"]["edits"] >= 60
    assert result["violations"] == []
