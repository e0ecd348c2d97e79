"""Runs a list of seeds: one long-lived application process with one long-lived Node process, connected by pipes."""

import asyncio
import json
import shutil
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import msgspec

from tests.simulation.application import App
from tests.simulation.server import SimulatedServer, seeded
from tests.simulation.tasks import Task

IN_MEMORY = Path("/dev/shm")
_YOUNG = "--max-semi-space-size=64"
"""MiB for new objects: with the default a third of the time goes to collecting them"""
_LENGTHS = struct.Struct(">II")


class Node:
    """The Node process that plays the phones."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, driver: Path, phone: Path) -> "Node":
        """Start it with the driver and the script of a phone."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec("node", _YOUNG, str(driver), str(phone), stdin=pipe, stdout=pipe))

    def write(self, head: Any, body: bytes = b"") -> None:
        """Write a frame."""
        assert self._process.stdin is not None
        text = msgspec.json.encode(head)
        self._process.stdin.write(_LENGTHS.pack(len(text), len(body)) + text + body)

    async def read(self) -> tuple[dict[str, Any], bytes]:
        """Read the next frame."""
        assert self._process.stdout is not None
        head, body = _LENGTHS.unpack(await self._process.stdout.readexactly(_LENGTHS.size))
        return json.loads(await self._process.stdout.readexactly(head)), await self._process.stdout.readexactly(body)

    async def close(self) -> None:
        """End it and wait for that."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def answer(server: SimulatedServer, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Do what the phones' side asks for; returns the head and the body of the answer."""
    match head["do"]:
        case "sync":
            status, text = await server.sync(body)
            return {"status": status}, text
        case "crash":
            await server.crash()
        case "back_up":
            return {"copy": await server.back_up(head["how"])}, b""
        case "restore":
            await server.restore(head["copy"], head["how"])
        case "train":
            await server.train(head["messages"])
        case "at_rest":
            return {}, msgspec.json.encode(await server.at_rest())
        case other:
            raise ValueError(other)
    return {}, b""


async def run_one(task: Task, node: Node, folder: Path, template: Path) -> dict[str, Any]:
    """Run one seed; returns its result."""
    begin = time.perf_counter()
    with seeded(f"{task.mode} {task.seed}"):
        server = SimulatedServer(folder / f"{task.mode}{task.seed}", template)
        await server.start()
        node.write(task)
        while True:
            head, body = await node.read()
            if head["do"] == "done":
                break
            node.write(*await answer(server, head, body))
        await server.close()
    return {**json.loads(body), "seconds": round(time.perf_counter() - begin, 3)}


def make_folder() -> Path:
    """A folder for the data of servers, in memory where the system has such a place."""
    return Path(tempfile.mkdtemp(prefix="simulation", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))


async def run_all(tasks: Iterable[Task], driver: Path, phone: Path) -> AsyncIterator[dict[str, Any]]:
    """Run every task in turn, with the built scripts of the driver and of a phone."""
    folder = make_folder()
    node = await Node.start(driver, phone)
    try:
        template = await make_template(folder / "template")
        for task in tasks:
            yield await run_one(task, node, folder, template)
    finally:
        await node.close()
        shutil.rmtree(folder)


async def make_template(folder: Path) -> Path:
    """The data folder of a server that has never been used; each run gets its own epoch."""
    folder.mkdir()
    app = App(folder)
    await app.start()
    await app.stop()
    (folder / "epoch").unlink()
    return folder
