"""What TLS costs, and the largest number of paired sockets that receive ten messages a second while 20 phones sync: nothing lost,
95 of 100 calls within 250 ms, in one of three tries; at least 1,000 over http and 300 over https.

`server_cpu` is the share of a core that the server takes. A run writes eight messages a second in the way of a trainer, and one
in ten of the calls of the phones (one a second each) pushes an edit, which is a message too. Sockets offer compression as
browsers do. More sockets are opened until a limit is missed three times, since other programs on the machine delay single tries.
"""

import asyncio
import os
import random
import resource
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import msgspec

from backend.pairing.registry import open_registry
from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunRequest, now
from backend.tls.authority import CERTIFICATE, FOLDER
from benchmarks.load_client import Connection, Phone, Place, Socket, open_sockets
from benchmarks.month import _update
from shared_py.codegen import generate_source
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

LEVELS = (20, 300, 400, 600, 800, 1000, 1200, 1500, 2000)
TRIES = 3
LEAST = {"http": 1000, "https": 300}
API_LIMIT_MS, SYNC_LIMIT_MS = 250, 150
PHONES, EDIT_EVERY, RUN_MESSAGES = 20, 10, 8
LEVEL_S = float(os.environ.get("BENCH_SOCKETS_SECONDS", "10"))
GRACE_S = 2.0
"""after a level, for the last messages to arrive"""
REQUESTS = 400
ROUNDS = 4
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 60.0

Row = dict[str, object]


class Server(msgspec.Struct):
    """A running server: its process, how to reach it, and the run that this process writes."""

    process_id: int
    place: Place
    journal: Journal

    def processor_s(self) -> float:
        """The processor time of the server since its start."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def memory_kb(self) -> int:
        """The resident memory of the server."""
        status = Path(f"/proc/{self.process_id}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])


def run() -> list[Row]:
    """The cost of TLS, then the levels of both schemes."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving(tls=False) as http, serving(tls=True) as https:
        rows = asyncio.run(_cost({"http": http, "https": https}))
    for scheme in LEAST:
        with serving(tls=scheme == "https") as server:
            rows += asyncio.run(_levels(scheme, server))
    return rows


def summary(rows: list[Row]) -> list[Row]:
    """One row for each scheme."""
    costs = {row["scheme"]: row for row in rows if "request_ms" in row}
    found: list[Row] = []
    for scheme in LEAST:
        levels = [row for row in rows if row["scheme"] == scheme and "sockets" in row]
        reached = [row for row in levels if row["within"]]
        last = reached[-1] if reached else {}
        tries = sum(row["sockets"] == last.get("sockets") for row in levels)
        names = ("request_ms", "request_cpu_ms", "handshake_cpu_ms", "socket_kb")
        found.append(
            {"scheme": scheme, **{name: costs[scheme][name] for name in names}}
            | {"sync_p95_ms": levels[0]["api_p95_ms"], "sync_limit_ms": SYNC_LIMIT_MS}
            | {"sockets": last.get("sockets", 0), "least": LEAST[scheme], "api_p95_ms": last.get("api_p95_ms", "")}
            | {"api_limit_ms": API_LIMIT_MS, "delivered_p95_ms": last.get("delivered_p95_ms", ""), "tries": tries}
            | {"server_cpu": last.get("server_cpu", ""), "load": last.get("load", "")}
        )
    return found


@contextmanager
def serving(*, tls: bool) -> Iterator[Server]:
    """A server process that pairs devices and has one running run."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        journal, lock = _running_run(data)
        port, page_port = _free_port(), _free_port()
        options = ["--lan", "--host", "127.0.0.1", "--setup-port", str(page_port)] if tls else ["--require-pairing"]
        options += ["--connections", "5000", "--connections-per-address", "5000", "--requests-per-second", "0"]
        options += ["--port", str(port), "--data-dir", folder, "--measure-after", "0", "--no-preload", "--no-prepare"]
        command = [sys.executable, "-m", "backend.cli", "serve", *options]
        with (data / "server.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                place = _paired(data, port, tls=tls)
                yield Server(process.pid, place, journal)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
                os.close(lock)


def _running_run(data: Path) -> tuple[Journal, int]:
    """A run that the server takes for a running one, since its lock is held."""
    design = load_templates()[0]
    generated = generate_source(design)
    request = RunRequest("r1", design.id, generated.design_hash, now(), TrainConfig(), generated.config)
    (data / "runs").mkdir()
    folder = create_run_folder(data / "runs" / "r1", request, design, generated)
    lock = folder.take_lock()
    assert lock is not None
    journal = Journal(folder, request)
    journal.__enter__()
    journal.status("running")
    return journal, lock


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _paired(data: Path, port: int, *, tls: bool) -> Place:
    """Wait for the server, and pair a device."""
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    end = time.monotonic() + PATIENCE_S
    while True:
        with suppress(OSError, httpx.TransportError):
            context = ssl.create_default_context(cafile=data / FOLDER / CERTIFICATE) if tls else None
            httpx.get(f"{url}/api/health", verify=context or False).raise_for_status()
            break
        if time.monotonic() > end:
            raise RuntimeError((data / "server.log").read_text())
        time.sleep(0.05)
    with open_registry(data) as registry:
        code = registry.make_code()
    answer = httpx.post(f"{url}/api/pair", json={"code": code, "name": "benchmark"}, verify=context or False).raise_for_status()
    return Place(port, answer.headers["set-cookie"].partition(";")[0], context)


async def _cost(servers: dict[str, Server]) -> list[Row]:
    """Medians of a small sync call, of its processor time, of a handshake, and the memory of a socket; both schemes in turns."""
    measured: dict[str, list[tuple[float, float, float, float]]] = {scheme: [] for scheme in servers}
    for _ in range(ROUNDS):
        for scheme, server in servers.items():
            measured[scheme].append(await _cost_of(server))
    rows: list[Row] = []
    for scheme, rounds in measured.items():
        request_ms, request_cpu, handshake_cpu, socket_kb = (statistics.median(column) for column in zip(*rounds, strict=True))
        row: Row = {"scheme": scheme, "request_ms": round(request_ms, 2), "request_cpu_ms": round(request_cpu, 2)}
        rows.append(row | {"handshake_cpu_ms": round(handshake_cpu, 2), "socket_kb": round(socket_kb)})
    return rows


async def _cost_of(server: Server) -> tuple[float, float, float, float]:
    connection = await Connection(server.place).open()
    before = server.processor_s()
    times = [(await connection.call("POST", "/api/sync", {}))[1] for _ in range(REQUESTS)]
    request_cpu = 1000 * (server.processor_s() - before) / REQUESTS
    connection.close()
    before, memory = server.processor_s(), server.memory_kb()
    sockets = await open_sockets(server.place, REQUESTS // 2, compressed=True)
    handshake_cpu = 1000 * (server.processor_s() - before) / len(sockets)
    socket_kb = (server.memory_kb() - memory) / len(sockets)
    for one in sockets:
        one.close()
    return statistics.median(times), request_cpu, handshake_cpu, socket_kb


async def _levels(scheme: str, server: Server) -> list[Row]:
    """Open more and more sockets until a limit is missed in every try."""
    design = msgspec.to_builtins(load_templates()[0])
    phones = [Phone(await Connection(server.place).open(), number, design) for number in range(PHONES)]
    for phone in phones:
        await phone.sync(edit=True)
        await phone.sync(edit=False)
    sockets: list[Socket] = []
    rows: list[Row] = []
    for count in LEVELS:
        sockets += await open_sockets(server.place, count - len(sockets), compressed=True)
        for _ in range(TRIES):
            rows.append(await _level(scheme, server, phones, sockets))
            if rows[-1]["within"]:
                break
        else:
            break
    for one in sockets:
        one.close()
    return rows


async def _level(scheme: str, server: Server, phones: list[Phone], sockets: list[Socket]) -> Row:
    """Messages and calls for some seconds, and what was lost or late."""
    for one in sockets:
        one.first = one.last = one.missing = one.received = 0
        one.arrived = None
    sampled = sockets[:: max(1, len(sockets) // 10)]
    for one in sampled:
        one.arrived = {}
    before, began = server.processor_s(), time.perf_counter()
    _, *calls = await asyncio.gather(_write(server.journal), *(_sync(phone, number) for number, phone in enumerate(phones)))
    processor = (server.processor_s() - before) / (time.perf_counter() - began)
    await asyncio.sleep(GRACE_S)
    times = sorted(took for of_phone in calls for took in of_phone)
    last = max(one.last for one in sockets)
    lost = sum(one.missing + (last - one.last) + one.is_lost for one in sockets)
    delays = sorted(_delays(sampled))
    p95 = times[int(0.95 * len(times))]
    return {
        "scheme": scheme,
        "sockets": len(sockets),
        "messages_per_s": round(sockets[0].received / LEVEL_S, 1),
        "lost": lost,
        "api_p95_ms": round(p95),
        "delivered_p95_ms": round(1000 * delays[int(0.95 * len(delays))]),
        "server_cpu": round(processor, 2),
        "load": round(os.getloadavg()[0], 1),
        "within": lost == 0 and p95 <= API_LIMIT_MS,
    }


def _delays(sampled: list[Socket]) -> Iterator[float]:
    """How much later than on the first socket each message arrived on the others."""
    numbers = set().union(*(one.arrived or {} for one in sampled))
    for number in numbers:
        times = [one.arrived[number] for one in sampled if one.arrived and number in one.arrived]
        first = min(times)
        yield from (arrived - first for arrived in times)


async def _write(journal: Journal) -> list[float]:
    """Write messages of a run at an even pace; returns no times of calls."""
    generator = random.Random(1)
    began = time.perf_counter()
    for number in range(round(RUN_MESSAGES * LEVEL_S)):
        journal.write(_update(generator, 4096 * (number + 1), number / 10))
        await asyncio.sleep(max(0.0, began + (number + 1) / RUN_MESSAGES - time.perf_counter()))
    return []


async def _sync(phone: Phone, number: int) -> list[float]:
    """One call a second, at a second of its own, and an edit in one of ten."""
    began = time.perf_counter() + number / PHONES
    times = []
    for turn in range(round(LEVEL_S)):
        await asyncio.sleep(max(0.0, began + turn - time.perf_counter()))
        times.append(await phone.sync(edit=(turn + number) % EDIT_EVERY == 0))
    return times
