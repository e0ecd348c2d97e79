"""Memory and time of whole runs through a server, against what is displayed before them; limits 10 % (median), 25 % (worst).

Every run is started over HTTP, on a server in a process of its own, and followed to its end. Memory is the peak of the trainer's
anonymous resident memory (RssAnon) beyond that of the fork server, which has all libraries loaded; file-backed pages are shared
code. Time is the processor time of the trainer's process, test games and checkpoints included. Each repeat has a new server,
which measures the machine again, since the speed of a shared machine changes within minutes; the median of the repeats counts.
`BENCH_RUNS` (names, separated by commas), `BENCH_RUN_SECONDS` and `BENCH_REPEATS` reduce the work; the last design runs four
times as long. Runs whose training takes about 30 s (25 to 35) may be off by one round of test games, the first of which is due
then.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.memory import AGAIN, LAYER, NARROW, chain
from benchmarks.page import Row, worst
from benchmarks.server_process import Client, serving
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.forecasting import forecast, seconds_per_move
from shared_py.presets import preset, with_budget
from shared_py.protocol import Forecast, Machine
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig
from tests.support.designs import earlier_templates

SECONDS = float(os.environ.get("BENCH_RUN_SECONDS", "40"))
REPEATS = int(os.environ.get("BENCH_REPEATS", "3"))
LONGER = 4
POLL_SECONDS = 0.01
MEASURING_SECONDS = 300
MEGABYTE = 1e6
MEDIAN_LIMIT, WORST_LIMIT = 0.10, 0.25
OTHERS = (
    chain("four_mixtures", 64, *[LAYER, ("moe_layer", {})] * 4),
    chain("narrow_layers", 128, *[NARROW] * 4),
    chain("all_checkpointed", 96, *[LAYER, AGAIN] * 4),
    chain("layers_128x3", 128, *[LAYER] * 3),
)
TD: AlgorithmName = "afterstate_td"
BY_TD = {"tiny_mlp", "cell_experts", "conv_stem", "repeat_and_copy", "four_mixtures", "layers_128x3"}


class Watched(NamedTuple):
    """Memory and time of one run."""

    memory_bytes: int
    cpu_s: float
    wall_s: float
    load: float
    shown: Forecast
    """displayed before the run"""


def chosen() -> list[tuple[ModelArchitecture, AlgorithmName]]:
    """Templates of today and of earlier versions and four others, or those in `BENCH_RUNS`; half of them for each algorithm."""
    named = [name for name in os.environ.get("BENCH_RUNS", "").split(",") if name]
    every = [*load_templates(), *earlier_templates(), *OTHERS]
    return [(design, TD if design.id in BY_TD else "ppo") for design in every if not named or design.id in named]


def settings(design: ModelArchitecture, algorithm: AlgorithmName, seconds: float, machine: Machine) -> TrainConfig:
    """The preset for `seconds` of training, test games not counted."""
    sizes = analyse(design).sizes
    usual = preset(algorithm, sizes)
    a_move = seconds_per_move(sizes, usual, machine)
    assert a_move is not None
    return with_budget(usual, seconds / a_move)


def measured_machine(client: Client) -> Machine:
    """The server's machine, once its speed is measured."""
    end = time.monotonic() + MEASURING_SECONDS
    while (machine := msgspec.convert(client.call("/api/machine"), Machine)).multiply_adds_per_second is None:
        assert time.monotonic() < end, "the speed was not measured"
        time.sleep(0.5)
    return machine


def run(repeats: int = REPEATS, seconds: float = SECONDS) -> list[dict[str, object]]:
    """One row per design, then the errors."""
    watched: dict[str, list[Watched]] = {design.id: [] for design, _ in chosen()}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder), measure_after_s=1) as (client, _):
            machine = measured_machine(client)
            for place, (design, algorithm) in enumerate(chosen()):
                length = seconds * (LONGER if place == len(chosen()) - 1 else 1)
                config = settings(design, algorithm, length, machine)
                client.call("/api/designs", "POST", {"id": design.id, "architecture": msgspec.to_builtins(design)})
                shown = forecast(analyse(design).sizes, config, machine)
                watched[design.id].append(watch(client, Path(folder), design.id, config, shown))
                print(_row(design.id, algorithm, watched[design.id]), file=sys.stderr, flush=True)
    rows = [_row(design.id, algorithm, watched[design.id]) for design, algorithm in chosen()]
    return [*rows, *_errors(rows)]


def _row(name: str, algorithm: AlgorithmName, runs: list[Watched]) -> dict[str, Any]:
    middle = statistics.median
    memory_ratio = middle(run.shown.training_bytes / run.memory_bytes for run in runs)
    time_ratio = middle((run.shown.seconds or 0.0) / run.cpu_s for run in runs)
    return {
        "design": name,
        "algorithm": algorithm,
        "shown_mb": round(middle(run.shown.training_bytes for run in runs) / MEGABYTE),
        "resident_mb": round(middle(run.memory_bytes for run in runs) / MEGABYTE),
        "memory_error": f"{memory_ratio - 1:+.0%}",
        "shown_s": round(middle(run.shown.seconds or 0.0 for run in runs), 1),
        "cpu_s": round(middle(run.cpu_s for run in runs), 1),
        "time_error": f"{time_ratio - 1:+.0%}",
        "wall_s": round(middle(run.wall_s for run in runs), 1),
        "load": round(middle(run.load for run in runs), 1),
    }


def _errors(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """The median and the worst error of memory and time."""
    summary: list[dict[str, object]] = []
    for what in ("memory", "time"):
        errors = [abs(float(row[f"{what}_error"].rstrip("%")) / 100) for row in rows]
        limits = f"{MEDIAN_LIMIT:.0%}, {WORST_LIMIT:.0%}"
        median, worst = f"{statistics.median(errors):.0%}", f"{max(errors):.0%}"
        summary.append({"of": what, "designs": len(rows), "median_error": median, "worst_error": worst, "limits": limits})
    return summary


def summary(rows: Sequence[Row]) -> list[Row]:
    """The errors over all designs, then the designs with the largest ones."""
    errors = [row for row in rows if "of" in row]
    return errors + worst([row for row in rows if "design" in row], "memory_error", "time_error")


def watch(client: Client, data: Path, design_id: str, config: TrainConfig, shown: Forecast) -> Watched:
    """Start a run over HTTP and watch the trainer's process until it has ended."""
    began = time.monotonic()
    run_id = client.call(f"/api/designs/{design_id}/train", "POST", msgspec.to_builtins(config))["run_id"]
    lock = data / "runs" / run_id / "lock"
    while not (lock.exists() and (pid := lock.read_text()).isdigit()):
        time.sleep(POLL_SECONDS)
    process = Path("/proc") / pid
    base = _held_bytes(_fork_server_of(client.process_id))
    most, cpu_s = 0, 0.0
    while (seen := _seen(process)) is not None:
        most, cpu_s = max(most, seen[0]), seen[1]
        time.sleep(POLL_SECONDS)
    wall_s = time.monotonic() - began
    while (ended := client.call(f"/api/runs/{run_id}"))["status"] in ("queued", "running"):
        time.sleep(POLL_SECONDS)
    assert ended["status"] == "finished", ended
    return Watched(most - base, cpu_s, wall_s, os.getloadavg()[0], shown)


def _seen(process: Path) -> tuple[int, float] | None:
    """Anonymous resident bytes and processor seconds; None once the process has ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        held = _held_bytes(process)
    except (OSError, KeyError):
        return None
    return (held, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")) if fields[0] != "Z" else None


def _held_bytes(process: Path) -> int:
    return 1024 * int(_status(process)["RssAnon"].split()[0])


def _status(process: Path) -> dict[str, str]:
    lines = (process / "status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _fork_server_of(server: int) -> Path:
    """The server's child process that has all libraries loaded and forks the trainers."""
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    (fork_server,) = [path for path in processes if b"forkserver" in _read(path / "cmdline") and _parent(path) == server]
    return fork_server


def _parent(process: Path) -> int:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
