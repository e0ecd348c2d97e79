"""Runs in a Ray cluster of this machine against the same runs without Ray: figures and time of one run, a queue of runs, nodes
that are killed, and calls of the API while eight runs stream.

`make bench-cluster` starts it in a network namespace, since Ray listens on every interface. Processor time is of all processes in
the namespace, so that Ray's own are included. A node is a raylet and its processes; it is killed with SIGKILL at a random moment
of a run, another node takes the run, and its last weights are compared with those of a run without Ray.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, TypeVar

import httpx
import msgspec

from backend.limits import Limits
from backend.runs.run_folder import ACTIVE
from backend.settings import Settings
from tests.support.ray_cluster import ray_cluster

MOVES = int(os.environ.get("BENCH_CLUSTER_MOVES", "200000"))
QUEUED = int(os.environ.get("BENCH_CLUSTER_QUEUED", "50"))
KILLS = int(os.environ.get("BENCH_CLUSTER_KILLS", "30"))
CALLS_S = float(os.environ.get("BENCH_CLUSTER_SECONDS", "20"))
STREAMED = 8
CALLS_PER_SECOND = 20
ROUNDS = 3
KILLED_MOVES = 60_000
KILLED_WITHIN_S = 6.0
SEED = 7
POLL_S = 0.05
PATIENCE_S = 900.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SETTINGS = {"algorithm": "ppo", "seed": SEED, "threads": 1, "checkpoint_every_s": 1.0}

Row = dict[str, object]
Found = TypeVar("Found")


def run() -> list[Row]:
    """The rows of one run, of the queue, of the killed nodes and of the API."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, ray_cluster(processors=0) as cluster:
        nodes = [cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)]
        rows += _shown(_one_run(Path(folder) / "one", cluster.address))
        rows += _shown(_queues(Path(folder) / "queue", cluster.address))
        cluster.remove_node(nodes[0], allow_graceful=False)
        rows += _shown(iter([_kills(Path(folder) / "kills", cluster, nodes[1])]))
        cluster.add_node(num_cpus=STREAMED)
        rows += _shown(_calls(Path(folder) / "calls", cluster.address))
    return rows


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, printed as they come, since all together take half an hour."""
    for row in rows:
        print(row, flush=True)
        yield row


class Studio(msgspec.Struct):
    """A running server, its data folder and its process."""

    client: httpx.Client
    data: Path
    process: int

    def train(self, design: str, **settings: Any) -> str:
        """Ask for a run; returns its id."""
        answer = self.client.post(f"/api/designs/{design}/train", json=SETTINGS | settings).raise_for_status()
        return str(answer.json()["run_id"])

    def design(self, template: str = "tiny_mlp") -> str:
        """A new design made from a template."""
        return str(self.client.post("/api/designs", json={"template": template}).raise_for_status().json()["id"])

    def runs(self) -> list[dict[str, Any]]:
        """All runs, the oldest first."""
        listed: list[dict[str, Any]] = self.client.get("/api/runs").raise_for_status().json()
        return sorted(listed, key=lambda run: run["sequence"])

    def await_end(self, run: str) -> dict[str, Any]:
        """The run, once it has ended."""
        return _await(lambda: found if (found := self.run(run))["status"] not in ACTIVE else None)

    def await_messages(self, run: str, kind: str, count: int = 1) -> None:
        """Wait until the run has written at least `count` messages of this type."""
        _await(lambda: sum(message["type"] == kind for message in self.messages(run)) >= count)

    def messages(self, run: str) -> list[dict[str, Any]]:
        """The lines of the run's folder."""
        path = self.data / "runs" / run / "metrics.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [msgspec.json.decode(line) for line in lines]

    def weights(self, run: str) -> dict[str, Any]:
        """The weights of the run's newest checkpoint."""
        import torch

        state: dict[str, Any] = torch.load(self.data / "runs" / run / "checkpoint.pt", weights_only=True)["model"]
        return state

    def memory_mb(self) -> float:
        """The resident memory of the server's process."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def run(self, run: str) -> dict[str, Any]:
        """A run as the server shows it."""
        found: dict[str, Any] = self.client.get(f"/api/runs/{run}").raise_for_status().json()
        return found


@contextmanager
def _studio(data: Path, *, address: str = "", concurrent: int = 1) -> Iterator[Studio]:
    """A server; with an address its runs are in the Ray cluster there."""
    command = [sys.executable, "-m", "benchmarks.cluster", str(data), str(concurrent), address]
    port_file = data / "port"
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL) as process:
        try:
            port = _await(lambda: port_file.read_text() if port_file.exists() else None)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                _await(lambda: _answers(client))
                yield Studio(client, data, process.pid)
        finally:
            process.terminate()
            process.wait(60)


def _answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/api/health").is_success
    return False


def _await(condition: Callable[[], Found | None]) -> Found:
    """The first true result of a condition; TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(POLL_S)


def _one_run(folder: Path, address: str) -> Iterator[Row]:
    """The same run in turns, without Ray and with it; the first pair warms up."""
    taken: dict[str, list[tuple[float, float, float]]] = {"local": [], "Ray": []}
    weights: dict[str, Any] = {}
    with _studio(folder / "local") as local, _studio(folder / "ray", address=address) as ray:
        idle = _idle_share()
        for place, studio in [("local", local), ("Ray", ray)] * (ROUNDS + 1):
            design = studio.design()
            began, used = time.perf_counter(), _processor_seconds()
            run = studio.train(design, total_steps=MOVES)
            studio.await_messages(run, "training_update")
            first_s = time.perf_counter() - began
            ended = studio.await_end(run)
            assert ended["status"] == "finished", ended["reason"]
            taken[place].append((first_s, time.perf_counter() - began, _processor_seconds() - used))
            weights.setdefault(place, studio.weights(run))
    base = statistics.median(row[2] for row in taken["local"][1:])
    for place, rows in taken.items():
        first_s, wall_s, cpu_s = (statistics.median(column) for column in zip(*rows[1:], strict=True))
        yield {
            "one run": place,
            "moves": f"{MOVES:,}",
            "same weights": "yes" if _are_same(weights["local"], weights[place]) else "no",
            "seconds to the first update": f"{first_s:.1f}",
            "seconds": f"{wall_s:.1f}",
            "processor seconds": f"{cpu_s:.1f}",
            "against local": f"{cpu_s / base:.3f}",
            "of a core while idle, all processes": f"{idle:.3f}",
        }


def _queues(folder: Path, address: str) -> Iterator[Row]:
    """Many short runs in the queue, without Ray and on two nodes."""
    for place, other in (("local", ""), ("two nodes", address)):
        with _studio(folder / place.replace(" ", "_"), address=other) as studio:
            design = [studio.design() for _ in range(QUEUED)]
            before_mb, most_mb = studio.memory_mb(), 0.0
            began = time.perf_counter()
            names = [studio.train(each, total_steps=5000) for each in design]
            while any(run["status"] in ACTIVE for run in studio.runs()):
                most_mb = max(most_mb, studio.memory_mb())
                assert time.perf_counter() - began < PATIENCE_S
                time.sleep(1)
            seconds = time.perf_counter() - began
            runs = studio.runs()
            starts = [run["started_at"] for run in runs]
            sequences = [[message["seq"] for message in studio.messages(name)] for name in names]
            yield {
                "queue": place,
                "runs": len(runs),
                "finished": sum(run["status"] == "finished" for run in runs),
                "started in their order": "yes" if starts == sorted(starts) else "no",
                "messages": sum(map(len, sequences)),
                "lost or doubled": sum(found != list(range(1, len(found) + 1)) for found in sequences),
                "seconds": f"{seconds:.0f}",
                "MB of the server before": f"{before_mb:.0f}",
                "most MB": f"{most_mb:.0f}",
            }


def _kills(folder: Path, cluster: Any, node: Any) -> Row:
    """Kill the node of a run again and again, at random moments, while another node is there."""
    moments = random.Random(SEED)
    outcomes: list[str] = []
    gaps, differing, restarts = 0, 0, 0
    with _studio(folder / "local") as local:
        run = local.train(local.design(), total_steps=KILLED_MOVES)
        assert local.await_end(run)["status"] == "finished"
        expected, tests = local.weights(run), _tests_of(local.messages(run))
    with _studio(folder / "ray", address=cluster.address) as studio:
        for number in range(KILLS):
            run = studio.train(studio.design(), total_steps=KILLED_MOVES)
            _await(lambda run=run: studio.run(run)["status"] != "queued")  # type: ignore[misc]
            time.sleep(moments.uniform(0, KILLED_WITHIN_S))
            following = cluster.add_node(num_cpus=1)
            cluster.remove_node(node, allow_graceful=False)
            node = following
            ended = studio.await_end(run)
            outcomes.append(ended["status"])
            messages = studio.messages(run)
            numbers = [message["seq"] for message in messages]
            gaps += numbers != list(range(1, len(numbers) + 1))
            restarts += any("resumed automatically" in (message.get("reason") or "") for message in messages)
            if ended["status"] == "finished":
                is_same = _are_same(expected, studio.weights(run)) and _tests_of(messages) == tests
                differing += not is_same
            print(f"node {number + 1} killed: {ended['status']} {ended['reason'] or ''}", flush=True)
    return {
        "nodes killed": KILLS,
        "runs that finished": outcomes.count("finished"),
        "of these, after a loss": restarts,
        "interrupted with a reason": outcomes.count("interrupted"),
        "other ends": len(outcomes) - outcomes.count("finished") - outcomes.count("interrupted"),
        "runs with lost or doubled messages": gaps,
        "finished runs with other weights or test games": differing,
    }


def _calls(folder: Path, address: str) -> Iterator[Row]:
    """The time of calls while eight runs stream, in turns without Ray and with it."""
    times: dict[str, list[float]] = {"local": [], "Ray": []}
    with (
        _studio(folder / "local", concurrent=STREAMED) as local,
        _studio(folder / "ray", address=address) as ray,
    ):
        for place, studio in [("local", local), ("Ray", ray)] * ROUNDS:
            runs = [studio.train(studio.design(), total_steps=10**9) for _ in range(STREAMED)]
            for run in runs:
                studio.await_messages(run, "training_update")
            times[place] += _timed_calls(studio)
            for run in runs:
                studio.client.post(f"/api/runs/{run}/stop").raise_for_status()
            for run in runs:
                studio.await_end(run)
    base = _quantile(times["local"], 0.95)
    for place, taken in times.items():
        yield {
            "calls while 8 runs stream": place,
            "calls": len(taken),
            "p50 ms": f"{_quantile(taken, 0.5):.1f}",
            "p95 ms": f"{_quantile(taken, 0.95):.1f}",
            "against local": f"{_quantile(taken, 0.95) / base:.2f}",
            "load": f"{os.getloadavg()[0]:.0f}",
        }


def _timed_calls(studio: Studio) -> list[float]:
    """Milliseconds of the list of runs, twenty times a second."""
    taken: list[float] = []
    for _ in range(int(CALLS_S * CALLS_PER_SECOND)):
        began = time.perf_counter()
        studio.client.get("/api/runs").raise_for_status()
        taken.append(1000 * (time.perf_counter() - began))
        time.sleep(max(0.0, 1 / CALLS_PER_SECOND - taken[-1] / 1000))
    return taken


def _quantile(numbers: list[float], share: float) -> float:
    return sorted(numbers)[int(share * (len(numbers) - 1))]


def _tests_of(messages: list[dict[str, Any]]) -> list[Any]:
    """What the last test games of a run found, without what depends on the clock."""
    of_the_clock = {"seq", "run_id", "elapsed_s", "processor_s", "at"}
    found = [message for message in messages if message["type"] == "evaluation"]
    return [{name: value for name, value in message.items() if name not in of_the_clock} for message in found[-2:]]


def _are_same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return first.keys() == second.keys() and all(bool((first[name] == second[name]).all()) for name in first)


def _processor_seconds() -> float:
    """The processor time of all processes in this namespace, and of those that ended."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS_PER_SECOND


def _idle_share(seconds: float = 10.0) -> float:
    """The share of a core that the cluster and both servers take while nothing is trained."""
    before = _processor_seconds()
    time.sleep(seconds)
    return (_processor_seconds() - before) / seconds


def _serve(data: Path, concurrent: int, address: str) -> int:
    """Serve from a folder until SIGTERM; the port is written into it."""
    import socket

    from backend.serve import serve

    data.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    (data / "port").write_text(str(port))
    executor = {"executor": "ray", "ray_address": address} if address else {}
    settings = Settings(data, max_concurrent_runs=concurrent, limits=Limits(max_queued=QUEUED + 10), **executor)  # type: ignore[arg-type]
    return serve(settings, "127.0.0.1", port)


if __name__ == "__main__":
    sys.exit(_serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
