"""Time from process start to the first healthy answer, and of a Python that only imports litestar; limit 1.5 s. Processor time
to build the tables of the environment, which every training needs; limit 0.5 s."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from backend.environment import line_tables
from benchmarks.server_process import serving

ROUNDS = 5
LIMIT_SECONDS = 1.5
TABLES_LIMIT_SECONDS = 0.5


def run() -> list[dict[str, object]]:
    """Medians of both, measured in turns."""
    peers, starts = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import litestar"], check=True)
        peers.append(time.perf_counter() - began)
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (_, seconds):
            starts.append(seconds)
    start, peer = statistics.median(starts), statistics.median(peers)
    row: dict[str, object] = {"start_s": round(start, 2), "import_litestar_s": round(peer, 2)}
    tables_s = statistics.median(_build_tables() for _ in range(ROUNDS))
    tables: dict[str, object] = {"tables_cpu_s": round(tables_s, 3), "limit_s": TABLES_LIMIT_SECONDS}
    return [row | {"ratio": round(start / peer, 2), "limit_s": LIMIT_SECONDS}, tables]


def _build_tables() -> float:
    began = time.process_time()
    line_tables.line_tables.__wrapped__()
    line_tables.tile_tables.__wrapped__()
    return time.process_time() - began
