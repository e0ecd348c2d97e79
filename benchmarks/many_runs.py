"""A server with many ended runs: idle processor use, time to start and to list them; and the time to enqueue many runs."""

import json
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from backend.runs.executors import LocalExecutor
from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunRequest, now
from backend.runs.training_manager import TrainingManager
from backend.store.names import DATABASE
from benchmarks.server_process import serving
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

ENDED = int(os.environ.get("BENCH_ENDED_RUNS", "2800"))
QUEUED = int(os.environ.get("BENCH_QUEUED_RUNS", "1800"))
IDLE_SECONDS = 10.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def run() -> list[dict[str, Any]]:
    """One row: the server, then the queue."""
    design = load_templates()[0]
    with tempfile.TemporaryDirectory() as folder:
        write_ended_runs(Path(folder) / "runs", design, ENDED)
        server = measure_idle_server(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        queue = measure_queue(Path(folder), design, QUEUED)
    return [server | queue]


def write_ended_runs(runs_dir: Path, design: ModelArchitecture, count: int) -> None:
    """Write the folders of stopped runs, as the manager and a trainer do."""
    generated = generate_source(design)
    runs_dir.mkdir(parents=True)
    for number in range(count):
        request = RunRequest(f"r{number:06}", design.id, generated.design_hash, now(), TrainConfig(), generated.config)
        folder = create_run_folder(runs_dir / request.id, request, design, generated)
        with Journal(folder, request) as journal:
            journal.status("running")
            journal.status("stopped")


def measure_idle_server(data: Path) -> dict[str, Any]:
    """Processor use of a server without requests, once it has ingested all runs."""
    with serving(data) as (client, started_s):
        process = children_of(os.getpid())[-1]
        while runs_in_database(data) < ENDED:
            time.sleep(0.5)
        before = processor_seconds(process)
        time.sleep(IDLE_SECONDS)
        share = (processor_seconds(process) - before) / IDLE_SECONDS
        began = time.perf_counter()
        size = len(json.dumps(client.call("/api/runs")))
        listing_s = time.perf_counter() - began
    return {
        "ended runs": ENDED,
        "share of a core while idle": f"{share:.1%}",
        "seconds to start": f"{started_s:.1f}",
        "seconds for the list": f"{listing_s:.2f}",
        "megabytes of the list": f"{size / 1e6:.1f}",
    }


def runs_in_database(data: Path) -> int:
    """The number of runs whose messages the server has ingested."""
    with closing(sqlite3.connect(f"{(data / DATABASE).resolve().as_uri()}?mode=ro", uri=True)) as connection:
        count: int = connection.execute("SELECT count(*) FROM run_offsets").fetchone()[0]
    return count


def measure_queue(root: Path, design: ModelArchitecture, count: int) -> dict[str, Any]:
    """Seconds to enqueue runs of one design while none may start."""
    manager = TrainingManager(root / "runs", root / "generated", executor=LocalExecutor(0))
    began = time.perf_counter()
    for _ in range(count):
        manager.start(design, TrainConfig(total_steps=1000))
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(10):
        manager.poll_runs()
    tick_s = (time.perf_counter() - began) / 10
    manager.close()
    return {"runs enqueued": count, "seconds": f"{seconds:.1f}", "milliseconds of a tick then": f"{tick_s * 1000:.2f}"}


def children_of(process: int) -> list[int]:
    """The child processes of a process, oldest first (Linux)."""
    return [int(text) for text in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def processor_seconds(process: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
