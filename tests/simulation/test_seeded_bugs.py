"""The simulation finds bugs: each of these, put into one module, within a bounded number of runs."""

from contextlib import closing

import pytest

from tests.simulation.__main__ import run_sharded
from tests.simulation.seeded_bugs import BUGS
from tests.simulation.tasks import Task

RUNS = 30
EDITS = 120
PROCESSES = 2


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_found(name: str) -> None:
    bug = BUGS[name]
    tasks = [Task(seed, bug.mode, EDITS) for seed in range(RUNS)]
    with closing(run_sharded(tasks, PROCESSES, name)) as results:
        assert any(sum(one["kind"] in bug.finds for one in result["violations"]) >= bug.at_least for result in results)
