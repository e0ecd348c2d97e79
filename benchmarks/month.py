"""Simulates a share of a month of a server with 100 runs, five million messages and 10,000 edits.

Each run writes its file as a trainer does, the server reads, numbers and stores its lines, and a simulated clock spreads the
edits over the month. The clean-up of old messages, versions and points of charts runs once a simulated day instead of once an
hour. `BENCH_MONTH_SHARE` (default 0.1, about three minutes) scales messages and edits, and its square root the runs; 1 is the
whole month.
"""

import asyncio
import os
import random
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from backend.app import Parts, make_parts, opened
from backend.history.cleanup import clean_up
from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunRequest, now
from backend.runs.tracked_run import _find_run
from backend.runs.vitals import Limits
from backend.settings import Settings
from backend.store import database
from backend.store.database import Transaction
from backend.store.designs import find_design, write_design
from benchmarks.server_process import serving
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.metrics import MoveChoice
from shared_py.protocol import TrainingUpdate
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

SHARE = float(os.environ.get("BENCH_MONTH_SHARE", "0.1"))
DAYS = 30
RUNS = max(3, round(100 * SHARE**0.5))
MESSAGES = max(30_000, round(5_000_000 * SHARE))
EDITS = max(300, round(10_000 * SHARE))
DESIGNS = 20
START = datetime(2026, 11, 1, 8, tzinfo=UTC)


class _Clock:
    """The simulated time, which the database stores."""

    def __init__(self) -> None:
        self.now = START

    def text(self) -> str:
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run() -> list[dict[str, Any]]:
    """One row: what a month leaves on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        clock, real = _Clock(), database.now_text
        database.now_text = clock.text
        began = time.perf_counter()
        try:
            written_bytes, most_bytes = asyncio.run(_month(data, clock))
        finally:
            database.now_text = real
        simulated_s = time.perf_counter() - began
        left, in_database = _used_bytes(data), _used_bytes(data, "studio.db*")
        with serving(data) as (_, started_s):
            pass
    return [
        {
            "runs": RUNS,
            "messages": f"{MESSAGES:,}",
            "edits": f"{EDITS:,}",
            "MB that runs wrote": f"{written_bytes / 1e6:,.0f}",
            "most MB on the disk": f"{most_bytes / 1e6:,.0f}",
            "MB at the end": f"{left / 1e6:,.0f}",
            "of these, database": f"{in_database / 1e6:,.0f}",
            "seconds to start": f"{started_s:.1f}",
            "seconds simulated": f"{simulated_s:.0f}",
        }
    ]


async def _month(data: Path, clock: _Clock) -> tuple[int, int]:
    """Simulate the month; returns the bytes that the runs wrote, and the maximum on the disk at the end of a day."""
    settings = Settings(data_dir=data, preload=False, clean_up_after_s=None, pump_interval_s=3600.0)
    parts = make_parts(settings)
    written = most = 0
    generator = random.Random(1)
    async with parts.channels, opened(parts, settings):
        for day in range(DAYS):
            clock.now = START + timedelta(days=day)
            await _edit(parts, clock, generator, EDITS * (day + 1) // DAYS - EDITS * day // DAYS)
            for number in range(RUNS * day // DAYS, RUNS * (day + 1) // DAYS):
                written += await _train(parts, settings, number)
            most = max(most, _used_bytes(data))
            await clean_up(parts.store, 0.0, settings.limits.points_per_run)
            await parts.retention.clean_up()
    return written, most


async def _edit(parts: Parts, clock: _Clock, generator: random.Random, count: int) -> None:
    """Make `count` edits within a day, each of which moves a block of a design."""
    templates = load_templates()

    def store(transaction: Transaction, design: ModelArchitecture) -> None:
        write_design(transaction, design, find_design(transaction, design.id))

    for number in range(count):
        clock.now += timedelta(seconds=12 * 3600 / max(1, count))
        template = generator.choice(templates)
        first, *others = template.components
        moved = replace(first, x=generator.uniform(-500, 500), y=generator.uniform(-500, 500))
        name = f"d{number % DESIGNS}"
        await parts.store.call(store, replace(template, id=name, components=[moved, *others]))


async def _train(parts: Parts, settings: Settings, number: int) -> int:
    """Write and store the messages of one run; returns the bytes of its file."""
    design = load_templates()[number % 3]
    generated = generate_source(design)
    request = RunRequest(
        f"r{number:04}", design.id, generated.design_hash, now(), TrainConfig(), generated.config, sequence=number + 1
    )
    folder = create_run_folder(settings.runs_dir / request.id, request, design, generated)
    generator = random.Random(number)
    count = MESSAGES // RUNS
    with Journal(folder, request) as journal:
        journal.status("running")
        for step in range(count):
            journal.write(_update(generator, 4096 * (step + 1), step / 10))
        journal.status("finished")
    tracked = _find_run(folder.path, Limits())
    assert tracked is not None
    parts.training._manager._runs[request.id] = tracked  # as after a restart
    size = folder.metrics.stat().st_size
    parts.training._tail._behind = None  # makes the next poll read all runs, since this one is new to the process
    while True:
        before = parts.training._tail.offset_of(request.id)
        await parts.ingest.poll_once()
        if parts.training._tail.offset_of(request.id) in (before, size):
            return size


def _update(generator: random.Random, steps: int, elapsed_s: float) -> TrainingUpdate:
    """A point of a chart with as many digits as a real one."""

    def number() -> float:
        return generator.random()

    return TrainingUpdate(
        seq=0,
        run_id="",
        episode=steps // 300,
        steps=steps,
        steps_per_second=1e4 * number(),
        score=1e4 * number(),
        reward=number(),
        loss=number(),
        policy_loss=number(),
        value_loss=number(),
        entropy=number(),
        approx_kl=number(),
        clip_fraction=number(),
        explained_variance=number(),
        learning_rate=number(),
        avg_game_length=number(),
        max_tile_frequency={str(2**power): number() for power in range(6, 11)},
        board_state=[generator.randrange(11) for _ in range(16)],
        total_steps=10**9,
        elapsed_s=elapsed_s,
        choice=MoveChoice([generator.randrange(11) for _ in range(16)], [number() for _ in range(4)], 1),
    )


def _used_bytes(folder: Path, pattern: str = "") -> int:
    """The disk usage (`du`) of a folder, or of the files in it that match a pattern."""
    paths = sorted(folder.glob(pattern)) if pattern else [folder]
    done = subprocess.run(["du", "-sk", *map(str, paths)], capture_output=True, text=True, check=True)
    return sum(1024 * int(line.split()[0]) for line in done.stdout.splitlines())
