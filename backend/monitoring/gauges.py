"""Reads the gauges of the metrics page: runs, queues, connections, sizes and free space."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from backend.compile.service import CompileService
from backend.monitoring.metrics import Gauge
from backend.runs.service import RunService
from backend.store.database import Store, Transaction
from backend.store.messages import last_seq
from backend.store.names import DATABASE


async def read_gauges(
    store: Store,
    training: RunService,
    compiling: CompileService,
    data_dir: Path,
    *,
    connections: Mapping[str, float],
    refused: Mapping[str, float],
) -> list[Gauge]:
    """The current values; `connections` and `refused` are counts by kind."""
    runs = Counter(run.status for run in await training.runs())
    designs, messages = await store.call(_counts)
    free, database = await asyncio.to_thread(_sizes, data_dir)
    return [
        Gauge("runs", "Runs by status.", {str(status): float(count) for status, count in sorted(runs.items())}, "status"),
        Gauge("designs", "Designs that are not deleted.", designs),
        Gauge("messages", "The number of the newest message.", messages, is_counter=True),
        Gauge("compiles_waiting", "Compiles that wait for others.", compiling.waiting),
        Gauge("database_ok", "1 while changes are stored.", float(store.condition == "ok")),
        Gauge("database_bytes", "The size of the database with its log.", database),
        Gauge("disk_free_bytes", "Free space of the disk with the data.", free),
        Gauge("connections", "Open connections, and those refused or closed to make room.", connections, "kind"),
        Gauge(
            "refused", "Requests beyond the rate of a client, and responses for which there was no memory.", refused, "kind", True
        ),
    ]


def _counts(transaction: Transaction) -> tuple[float, float]:
    row = transaction.row("SELECT count(*) FROM designs WHERE deleted = 0")
    return (float(row[0]) if row else 0.0), float(last_seq(transaction))


def _sizes(data_dir: Path) -> tuple[float, float]:
    paths = [data_dir / (DATABASE + ending) for ending in ("", "-wal")]
    return float(shutil.disk_usage(data_dir).free), float(sum(path.stat().st_size for path in paths if path.exists()))
