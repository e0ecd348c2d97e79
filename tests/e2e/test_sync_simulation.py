"""The simulation of phones and a server (`tests/simulation`) over the IndexedDB of a real browser."""

from tests.simulation.browser import run_in_browser
from tests.simulation.scripts import build_scripts
from tests.simulation.tasks import MODES, Task


def test_a_run_of_each_mode_in_a_browser_violates_nothing() -> None:
    build_scripts()
    results = run_in_browser([Task(seed=1, mode=mode, edits=60) for mode in MODES])
    assert [result["mode"] for result in results] == list(MODES)
    for result in results:
        assert result["counts"]["edits"] >= 60
        assert result["violations"] == [], result["mode"]
