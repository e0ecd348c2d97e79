"""One run trained by one process and by two that share its games, one thread each, and by one process with two threads: moves a
second and processor seconds for each million moves, in turns.

`against one` is the speed against one process with one thread in the same round; the median of the rounds. Test games are left
out. Where the cores of a machine are two threads of one, as those of many virtual machines, little can be gained.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from backend.runs.executors import LocalExecutor
from backend.runs.training_manager import TrainingManager
from benchmarks.page import Row
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.presets import preset
from shared_py.protocol import TrainingUpdate
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig
from tests.support.live_runs import await_status, end_runs, messages

SECONDS = float(os.environ.get("BENCH_WORKERS_SECONDS", "20"))
ROUNDS = int(os.environ.get("BENCH_WORKERS_ROUNDS", "3"))
NETWORKS = ("tiny_mlp", "small_transformer")
LOOK_S = 0.2
ALGORITHMS: tuple[AlgorithmName, ...] = ("ppo", "afterstate_td")
WAYS = {"one process": (1, 1), "two processes": (2, 1), "one process, two threads": (1, 2)}


def run() -> list[dict[str, object]]:
    """A row for each network, algorithm and way."""
    designs = {design.id: design for design in load_templates()}
    return [row for name in NETWORKS for algorithm in ALGORITHMS for row in _rows(designs[name], algorithm)]


def _rows(design: ModelArchitecture, algorithm: AlgorithmName) -> Iterator[dict[str, object]]:
    speeds: dict[str, list[float]] = {way: [] for way in WAYS}
    costs: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        manager = TrainingManager(Path(folder) / "runs", Path(folder) / "generated", executor=LocalExecutor())
        for _ in range(ROUNDS):
            for way, (workers, threads) in WAYS.items():
                config = msgspec.structs.replace(
                    preset(algorithm, analyse(design).sizes), total_steps=10**9, workers=workers, threads=threads
                )
                speed, cost = _measured(manager, design, config)
                speeds[way].append(speed)
                costs[way].append(cost)
        end_runs(manager)
    for way in WAYS:
        ratios = [speed / one for speed, one in zip(speeds[way], speeds["one process"], strict=True)]
        yield {
            "network": design.id,
            "algorithm": algorithm,
            "by": way,
            "moves a second": f"{statistics.median(speeds[way]):,.0f}",
            "against one": f"{statistics.median(ratios):.2f}",
            "processor s for a million moves": f"{1e6 * statistics.median(costs[way]):,.0f}",
            "load": f"{os.getloadavg()[0]:.1f}",
        }


def _measured(manager: TrainingManager, design: ModelArchitecture, config: TrainConfig) -> tuple[float, float]:
    """Moves a second, and processor seconds a move, between the first update and the last before the first test games."""
    run = manager.start(design, config)
    await_status(manager, run.id, "running", "failed")
    while True:
        updates = [message for message in messages(manager, run.id) if isinstance(message, TrainingUpdate)]
        manager.poll_runs()
        if len(updates) > 1 and (updates[-1].elapsed_s or 0) > SECONDS:
            break
        time.sleep(LOOK_S)
    manager.stop(run.id)
    await_status(manager, run.id, "stopped", "failed")
    first = next(update for update in updates if update.steps > 0)
    last = updates[-1]
    moves = last.steps - first.steps
    assert first.elapsed_s is not None
    assert last.elapsed_s is not None
    assert first.processor_s is not None
    assert last.processor_s is not None
    return moves / (last.elapsed_s - first.elapsed_s), (last.processor_s - first.processor_s) / moves


def summary(rows: list[Row]) -> list[Row]:
    """All but the load."""
    return [{name: value for name, value in row.items() if name != "load"} for row in rows]
