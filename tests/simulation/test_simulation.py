"""Seeded runs of phones and a server in each mode: nothing is lost, reverted, silent, stuck or different at the end.

`make simulate` runs many more, of twice the length.
"""

import json

import pytest

from tests.simulation.__main__ import run_sharded
from tests.simulation.tasks import MODES, Task

RUNS = 50
COMBINED_RUNS = 10
EDITS = 80
PROCESSES = 1


# "clone+copyback" finds losses that are open, see docs/reliability.md
@pytest.mark.parametrize(("mode", "runs"), [*((mode, RUNS) for mode in MODES), ("rollback+copyback", COMBINED_RUNS)])
def test_runs_violate_nothing(mode: str, runs: int) -> None:
    results = list(run_sharded([Task(seed, mode, EDITS) for seed in range(runs)], PROCESSES))
    assert len(results) == runs
    found = [(result["seed"], violation) for result in results for violation in result["violations"]]
    if found:
        pytest.fail(f"{len(found)} violations, the first of seed {found[0][0]}: {json.dumps(found[0][1])}", pytrace=False)


def test_a_seed_decides_everything() -> None:
    task = Task(7, "restore", EDITS, trace=True)
    one, other = list(run_sharded([task, task], 2))
    assert one["trace"] == other["trace"]
    assert one["counts"] == other["counts"]
    assert one["counts"]["restores"] > 0
