"""Time from the request to train to the first update, and of a compile; limits: 2.5 s after a server start, then 0.6 s."""

import tempfile
import time
from pathlib import Path

from benchmarks.server_process import PATIENCE_SECONDS, Client, serving

ROUNDS = 3
LIMIT_SECONDS, WARM_LIMIT_SECONDS = 2.5, 0.6


def run() -> list[dict[str, object]]:
    """One row per round; the first one includes the start of the fork server, which loads torch."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (client, _):
        for number in range(ROUNDS):
            design_id = client.call("/api/designs", "POST")["id"]
            first = _first_update_seconds(client, design_id)
            began = time.perf_counter()
            client.call(f"/api/designs/{design_id}/compile", "POST")
            compile_s = time.perf_counter() - began
            row = {
                "round": number + 1,
                "first_update_s": round(first, 2),
                "compile_s": round(compile_s, 2),
                "limit_s": WARM_LIMIT_SECONDS if number else LIMIT_SECONDS,
            }
            rows.append(row)
    return rows


def _first_update_seconds(client: Client, design_id: str) -> float:
    began = time.perf_counter()
    run_id = client.call(f"/api/designs/{design_id}/train", "POST")["run_id"]
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(m["type"] == "training_update" for m in client.call(f"/api/runs/{run_id}/metrics?after=0")):
        assert time.monotonic() < end, "no update came"
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    client.call(f"/api/runs/{run_id}/stop", "POST")
    while client.call(f"/api/runs/{run_id}")["status"] in ("queued", "running"):
        assert time.monotonic() < end, "the run did not stop"
        time.sleep(0.01)
    return seconds
