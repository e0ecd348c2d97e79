"""Memory and time of whole runs through a server, against what is shown before them; a median of 10 %, 25 % at worst.

Every run is started over HTTP on a server of its own process and followed to its end. Memory is the peak of the trainer's
anonymous resident memory (RssAnon) beyond that of the fork server, which has all libraries loaded: file-backed pages are code
that all processes share. Time is the processor time of the trainer's process, test games and checkpoints included, against the
seconds shown. Each repeat has a server of its own, which measures the machine anew, since the speed of a shared machine changes
from minute to minute; of each design the median of the repeats counts. Wall time is told beside the load.
`BENCH_RUNS` (names, separated by commas), `BENCH_RUN_SECONDS` and `BENCH_REPEATS` choose less; the last design runs four times
as long. Of runs whose training takes about 30 s (25 to 35) the forecast may be wrong by one round of test games, the first of
which is due then.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.memory import AGAIN, LAYER, NARROW, chain
from benchmarks.server_process import Client, serving
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.forecasting import forecast, seconds_per_move
from shared_py.presets import preset, with_budget
from shared_py.protocol import Forecast, Machine
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig

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
BY_TD = {"tiny_mlp", "mixture_of_experts", "conv_stem", "repeat_and_copy", "four_mixtures", "layers_128x3"}


class Watched(NamedTuple):
    """What one run took."""

    memory_bytes: int
    cpu_s: float
    wall_s: float
    load: float
    shown: Forecast
    """before it"""


def chosen() -> list[tuple[ModelArchitecture, AlgorithmName]]:
    """The eight templates and four others, or those named; half of them by each algorithm."""
    named = [name for name in os.environ.get("BENCH_RUNS", "").split(",") if name]
    every = [*load_templates(), *OTHERS]
    return [(design, TD if design.id in BY_TD else "ppo") for design in every if not named or design.id in named]


def settings(design: ModelArchitecture, algorithm: AlgorithmName, seconds: float, machine: Machine) -> TrainConfig:
    """The recipe for so many seconds of training, test games not counted."""
    sizes = analyse(design).sizes
    usual = preset(algorithm, sizes)
    a_move = seconds_per_move(sizes, usual, machine)
    assert a_move is not None
    return with_budget(usual, seconds / a_move)


def measured_machine(client: Client) -> Machine:
    """What the server says of its machine once it has measured it."""
    end = time.monotonic() + MEASURING_SECONDS
    while (machine := msgspec.convert(client.call("/api/machine"), Machine)).multiply_adds_per_second is None:
        assert time.monotonic() < end, "the speed was not measured"
        time.sleep(0.5)
    return machine


def run(repeats: int = REPEATS, seconds: float = SECONDS) -> list[dict[str, object]]:
    """One row a design, then the errors."""
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


def _row(name: str, algorithm: AlgorithmName, found: list[Watched]) -> dict[str, Any]:
    middle = statistics.median
    memory_ratio = middle(one.shown.training_bytes / one.memory_bytes for one in found)
    time_ratio = middle((one.shown.seconds or 0.0) / one.cpu_s for one in found)
    return {
        "design": name,
        "algorithm": algorithm,
        "shown_mb": round(middle(one.shown.training_bytes for one in found) / MEGABYTE),
        "resident_mb": round(middle(one.memory_bytes for one in found) / MEGABYTE),
        "memory_error": f"{memory_ratio - 1:+.0%}",
        "shown_s": round(middle(one.shown.seconds or 0.0 for one in found), 1),
        "cpu_s": round(middle(one.cpu_s for one in found), 1),
        "time_error": f"{time_ratio - 1:+.0%}",
        "wall_s": round(middle(one.wall_s for one in found), 1),
        "load": round(middle(one.load for one in found), 1),
    }


def _errors(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """The median and the worst error of each."""
    summary: list[dict[str, object]] = []
    for what in ("memory", "time"):
        errors = [abs(float(row[f"{what}_error"].rstrip("%")) / 100) for row in rows]
        limits = f"{MEDIAN_LIMIT:.0%}, {WORST_LIMIT:.0%}"
        median, worst = f"{statistics.median(errors):.0%}", f"{max(errors):.0%}"
        summary.append({"of": what, "designs": len(rows), "median_error": median, "worst_error": worst, "limits": limits})
    return summary


def watch(client: Client, data: Path, design_id: str, config: TrainConfig, shown: Forecast) -> Watched:
    """Train over HTTP and follow the trainer's process until it has ended."""
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
    """Anonymous resident bytes so far at most, and processor seconds; None once the process has ended."""
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
    """The child of a server's process that has all libraries loaded; trainers are forked from it."""
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    (found,) = [path for path in processes if b"forkserver" in _read(path / "cmdline") and _parent(path) == server]
    return found


def _parent(process: Path) -> int:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
