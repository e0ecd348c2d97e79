"""How many phones one server carries, where each has an open socket and edits its design every ten seconds; and what that costs.

Every edit is a call of the server and a message to every socket, so calls grow with the phones and messages with their square.
`call_ms` and `message_ms` are the processor time of the server for one call and for one message to one socket: least squares over
all levels. The plan in docs/scale.md rests on them. `BENCH_SCALE_LEVELS=50,100` tries other levels.
"""

import asyncio
import os
import random
import resource
import time
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.load_client import Connection, Phone, Socket, open_sockets
from benchmarks.sockets import GRACE_S, Row, Server, _delays, serving
from shared_py.templates import load_templates

LEVELS = tuple(map(int, os.environ.get("BENCH_SCALE_LEVELS", "25,50,100,150,200,300,400,600,800").split(",")))
EDIT_EVERY_S = 10.0
LEVEL_S = float(os.environ.get("BENCH_SCALE_SECONDS", "15"))
LIMIT_MS = 250
FULL = 0.8
"""the share of a core that a server may take in the plan"""
TINY = 1e-9
"""the least cost, since noise makes those of few levels negative"""


def run() -> list[Row]:
    """A row for each level until calls take too long, then the costs and what follows from them."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with serving(tls=False) as server:
        rows = asyncio.run(_levels(server))
    return [*rows, _costs(rows)]


async def _levels(server: Server) -> list[Row]:
    """Add phones until 95 of 100 calls are no longer within the limit, or a message is lost."""
    design = msgspec.to_builtins(load_templates()[0])
    phones: list[Phone] = []
    sockets: list[Socket] = []
    rows: list[Row] = []
    for count in LEVELS:
        for number in range(len(phones), count):
            phones.append(Phone(await Connection(server.place).open(), number, design))
            await phones[-1].sync(edit=True)
        for phone in phones:
            await phone.sync(edit=False)
        sockets += await open_sockets(server.place, count - len(sockets), compressed=True)
        rows.append(await _level(server, phones, sockets))
        if rows[-1]["within"] == "no":
            break
    for one in sockets:
        one.close()
    return rows


async def _level(server: Server, phones: list[Phone], sockets: list[Socket]) -> Row:
    """Some seconds of edits, and what was late or lost."""
    for one in sockets:
        one.first = one.last = one.missing = one.received = 0
        one.arrived = None
    sampled = sockets[:: max(1, len(sockets) // 10)]
    for one in sampled:
        one.arrived = {}
    size, before, began = _written_bytes(server), server.processor_s(), time.perf_counter()
    calls = await asyncio.gather(*(_edits(phone, number) for number, phone in enumerate(phones)))
    took_s = time.perf_counter() - began
    processor = (server.processor_s() - before) / took_s
    await asyncio.sleep(GRACE_S)
    times = sorted(took for of_phone in calls for took in of_phone)
    last = max(one.last for one in sockets)
    lost = sum(one.missing + (last - one.last) + one.is_lost for one in sockets)
    delays = sorted(_delays(sampled))
    p95 = times[int(0.95 * (len(times) - 1))]
    return {
        "phones": len(phones),
        "calls_per_s": round(len(times) / took_s, 1),
        "messages_per_s": round(sum(one.received for one in sockets) / took_s),
        "lost": lost,
        "call_p50_ms": round(times[len(times) // 2], 1),
        "call_p95_ms": round(p95),
        "delivered_p95_ms": round(1000 * delays[int(0.95 * (len(delays) - 1))]),
        "server_cpu": round(processor, 3),
        "server_mb": round(server.memory_kb() / 1024),
        "kb_written_per_edit": round((_written_bytes(server) - size) / 1000 / max(1, len(times)), 1),
        "load": round(os.getloadavg()[0], 1),
        "within": "yes" if lost == 0 and p95 <= LIMIT_MS else "no",
    }


async def _edits(phone: Phone, number: int) -> list[float]:
    """Edits of one phone at random moments, one in ten seconds on average; the milliseconds of their calls."""
    moments = random.Random(number)
    times: list[float] = []
    end = time.perf_counter() + LEVEL_S
    while True:
        wait_s = moments.expovariate(1 / EDIT_EVERY_S)
        if time.perf_counter() + wait_s > end:
            await asyncio.sleep(max(0.0, end - time.perf_counter()))
            return times
        await asyncio.sleep(wait_s)
        times.append(await phone.sync(edit=True))


def _written_bytes(server: Server) -> int:
    """What the server has written to the disk since its start."""
    counts = dict(line.split(": ") for line in Path(f"/proc/{server.process_id}/io").read_text().splitlines())
    return int(counts["write_bytes"])


def _costs(rows: list[Row]) -> Row:
    """The cost of a call and of a message, and the phones that they allow on one core."""
    causes = np.array([[1.0, float(str(row["calls_per_s"])), float(str(row["messages_per_s"]))] for row in rows])
    shares = np.array([float(str(row["server_cpu"])) for row in rows])
    idle, call_s, message_s = np.maximum(np.linalg.lstsq(causes, shares, rcond=None)[0], TINY).tolist()
    rate = 1 / EDIT_EVERY_S
    # phones x rate calls, and as many messages to every phone: a x^2 + b x + c = FULL
    a, b, c = message_s * rate, call_s * rate, idle - FULL
    together = (-b + (b * b - 4 * a * c) ** 0.5) / (2 * a)
    apart = -c / (b + 2 * message_s * rate)
    return {
        "call_ms": round(1000 * call_s, 2),
        "message_ms": round(1000 * message_s, 4),
        "idle_cpu": round(idle, 3),
        "phones on one core, all see every edit": round(together),
        "phones on one core, each edit goes to two phones": round(apart),
        "servers for 10,000 phones then": int(np.ceil(10_000 / apart)),
    }
