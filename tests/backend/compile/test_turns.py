"""Compiles are done client by client: what one asks for delays another by no more than what is running."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.designs import plain_design
from support.server_thread import Served, serving

from backend.compile import compiler
from backend.compile.service import CompileService
from backend.errors import ProcessFailed
from backend.turns import Turns
from shared_py.analysis import Analysis
from shared_py.protocol import CompileResult

DEADLINE_S = 240.0
_pace = threading.Event()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in four minutes"
        _pace.wait(0.005)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Clients:
    """Takes turns and notes who was given one; each is held until it is ended."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.order: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def ask(self, client: str, number: int, *, design: str | None = None, is_alone: bool = False) -> None:
        key = f"{client}{number}"
        self.ends[key] = asyncio.Event()

        async def hold() -> None:
            async with self.turns.turn(client, design or key, is_alone=is_alone):
                self.order.append(key)
                await self.ends[key].wait()

        self.tasks[key] = asyncio.create_task(hold())

    async def end(self, *keys: str) -> None:
        for key in keys:
            self.ends[key].set()
            await settle()

    async def finish(self) -> None:
        while not all(task.done() for task in self.tasks.values()):
            for key in list(self.order):
                self.ends[key].set()
            await settle()


def test_many_compiles_of_one_client_delay_another_by_one() -> None:
    async def work() -> list[str]:
        clients = Clients(1)
        for number in range(60):
            clients.ask("a", number)
        await settle()
        clients.ask("b", 0)
        clients.ask("c", 0)
        await clients.finish()
        return clients.order

    order = asyncio.run(work())
    assert order[:4] == ["a0", "b0", "c0", "a1"]
    assert len(order) == 62


def test_a_client_that_asks_again_after_each_answer_is_not_served_before_those_who_wait() -> None:
    async def story() -> None:
        clients = Clients(1)
        for client in "bcd":
            for number in range(3):
                clients.ask(client, number)
        for number in range(3):
            clients.ask("a", number)
            while f"a{number}" not in clients.order:
                await settle()
                await clients.end(clients.order[-1])
            await clients.end(f"a{number}")
        await clients.finish()
        served = "".join(key[0] for key in clients.order)
        assert [served.index("a"), *(len(turns) for turns in served.split("a")[1:-1])] == [3, 3, 3]

    asyncio.run(story())


def test_a_client_has_one_turn_and_another_client_the_second() -> None:
    async def work() -> None:
        clients = Clients(2)
        for key in (("a", 0), ("a", 1), ("b", 0), ("c", 0)):
            clients.ask(*key)
        await settle()
        assert clients.order == ["a0", "b0"]
        await clients.end("b0")
        assert clients.order == ["a0", "b0", "c0"]
        await clients.end("a0")
        assert clients.order == ["a0", "b0", "c0", "a1"]
        await clients.finish()

    asyncio.run(work())


def test_one_design_is_compiled_once_at_a_time() -> None:
    """Both would write the file that the other is about to import."""

    async def work() -> None:
        clients = Clients(2)
        clients.ask("a", 0, design="d1")
        clients.ask("b", 0, design="d1")
        await settle()
        assert clients.order == ["a0"]
        await clients.end("a0")
        assert clients.order == ["a0", "b0"]
        await clients.finish()

    asyncio.run(work())


def test_what_is_cancelled_leaves_the_queue_and_frees_its_turn() -> None:
    async def work() -> None:
        clients = Clients(1)
        for number in range(3):
            clients.ask("a", number)
        clients.ask("b", 0)
        await settle()
        for key in ("a1", "a2", "a0"):
            clients.tasks[key].cancel()
        await settle()
        assert clients.order == ["a0", "b0"]
        assert clients.turns.waiting == 0
        clients.tasks["b0"].cancel()
        await settle()
        clients.ask("c", 0)
        await settle()
        assert clients.order == ["a0", "b0", "c0"]
        await clients.finish()
        await asyncio.gather(*clients.tasks.values(), return_exceptions=True)

    asyncio.run(work())


def test_what_must_run_alone_waits_and_is_not_passed_over_for_ever() -> None:
    async def work() -> None:
        clients = Clients(2)
        clients.ask("a", 0)
        await settle()
        clients.ask("b", 0, is_alone=True)
        clients.ask("c", 0)
        await settle()
        assert clients.order == ["a0"]
        await clients.end("a0")
        assert clients.order == ["a0", "b0"]
        await clients.end("b0")
        assert clients.order == ["a0", "b0", "c0"]
        await clients.finish()

    asyncio.run(work())


def test_a_compile_without_memory_beside_another_is_repeated_alone(tmp_path: Path) -> None:
    go_on = threading.Event()
    shares: list[tuple[str, float]] = []

    def compile_design(analysis: Analysis, _: Path, memory_share: float) -> CompileResult:
        name = analysis.design.id
        shares.append((name, memory_share))
        if name == "dlong":
            go_on.wait(DEADLINE_S)
        elif memory_share < 0.5:
            go_on.set()
            raise ProcessFailed("out of memory", cause="memory")
        return CompileResult(name, 0.0, {}, 0, "", "", [])

    async def work() -> str:
        service = CompileService(compile_design, tmp_path)
        first = asyncio.create_task(service.compile(plain_design("dlong"), "a"))
        while not shares:
            await asyncio.sleep(0)
        second = await service.compile(plain_design("dwide"), "b")
        await first
        return second.import_path

    assert asyncio.run(work()) == "dwide"
    assert shares == [("dlong", 0.5), ("dwide", 0.25), ("dwide", 0.5)]


# --- through the server -----------------------------------------------------------------------------------------


def ask_to_compile(server: Served, design_id: str, client: str) -> socket.socket:
    """A request whose answer can be given up by closing the socket."""
    connection = socket.create_connection((server.base_url.host, server.base_url.port or 80))
    request = f"POST /api/designs/{design_id}/compile HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Client-Id: {client}\r\n"
    connection.sendall(f"{request}Content-Length: 0\r\n\r\n".encode())
    return connection


def checkers(server: Served, design_id: str) -> list[int]:
    folder = server.settings.generated_dir
    return [int(path.suffixes[0][1:]) for path in folder.glob(f"{design_id}.*.pid")]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_abandoned_compiles_do_not_delay_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as server:
        endless, small = server.new_design()["id"], server.new_design()["id"]
        with monkeypatch.context() as patch:
            patch.setattr(compiler, "RUN_CHECKS", "support.process_functions:check_for_ever")
            abandoned = [ask_to_compile(server, endless, f"phone{number % 5}") for number in range(60)]
            wait_until(lambda: len(checkers(server, endless)) == 1)
        for connection in abandoned:
            connection.close()
        (checker,) = checkers(server, endless)
        assert server.post(f"/api/designs/{small}/compile").status_code == 200
        wait_until(lambda: not is_running(checker))
        assert server.post(f"/api/designs/{endless}/compile").status_code == 200
        assert checkers(server, endless) == [checker]


def test_a_long_compile_of_one_client_does_not_hold_up_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as server:
        endless, small = server.new_design()["id"], server.new_design()["id"]
        with monkeypatch.context() as patch:
            patch.setattr(compiler, "RUN_CHECKS", "support.process_functions:check_for_ever")
            waiting = [ask_to_compile(server, endless, "greedy") for _ in range(2)]
            wait_until(lambda: len(checkers(server, endless)) == 1)
        answer = server.post(f"/api/designs/{small}/compile", headers={"x-client-id": "patient"})
        assert answer.status_code == 200
        assert is_running(checkers(server, endless)[0])
        for connection in waiting:
            connection.close()


def test_compiles_of_a_sync_call_are_in_turn_by_its_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as server:
        endless, small = server.new_design()["id"], server.new_design()["id"]
        with monkeypatch.context() as patch:
            patch.setattr(compiler, "RUN_CHECKS", "support.process_functions:check_for_ever")
            commands = [{"id": f"k{number}", "kind": "compile", "design_id": endless} for number in range(3)]
            epoch = server.sync(client_id="phone1", commands=commands)["epoch"]
            wait_until(lambda: len(checkers(server, endless)) == 1)
        asked = {"client_id": "phone2", "epoch": epoch, "commands": [{"id": "ksmall", "kind": "compile", "design_id": small}]}
        wait_until(lambda: server.sync(**asked)["commands"][0]["status"] == "done")
        assert is_running(checkers(server, endless)[0])
        checker = checkers(server, endless)[0]
    wait_until(lambda: not is_running(checker))  # a server that stops ends its checks
