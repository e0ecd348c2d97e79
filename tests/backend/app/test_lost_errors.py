"""No task ends in an error that nobody sees."""

import asyncio
import gc
from pathlib import Path

import pytest
from support.server_thread import Served, serving
from websockets.sync.client import connect

from backend.machine.service import MachineService
from backend.process.threads import first_to_end
from backend.sync import commands as sync_commands


async def fail() -> None:
    raise ZeroDivisionError


async def wait() -> None:
    await asyncio.Event().wait()


def test_such_an_error_would_fail_a_test(lost_errors: list[str]) -> None:
    async def work() -> None:
        asyncio.create_task(fail())  # noqa: RUF006  # lost on purpose
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(work())
    gc.collect()
    assert [message.startswith("Task exception was never retrieved") for message in lost_errors] == [True]
    lost_errors.clear()


def test_of_several_tasks_none_is_left_and_no_error_lost() -> None:
    async def work() -> None:
        both = await first_to_end(fail(), fail())
        assert all(task.done() for task in both)
        first, second = await first_to_end(wait(), fail())
        assert first.cancelled()
        assert isinstance(second.exception(), ZeroDivisionError)
        outer = asyncio.create_task(first_to_end(wait(), wait()))
        await asyncio.sleep(0)
        outer.cancel()
        await asyncio.gather(outer, return_exceptions=True)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(work())
    gc.collect()


def test_a_result_that_cannot_be_stored_is_logged_and_the_command_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path) as client:
        command = {"id": "k1", "kind": "compile", "design_id": "dnone"}
        with monkeypatch.context() as patch:
            patch.setattr(sync_commands, "finish_running_command", lambda *_: 1 // 0)
            assert client.sync(commands=[command])["commands"][0]["status"] == "running"
            wait_for_log(client, caplog, "the result of command k1 could not be stored")
        gc.collect()
        while (answer := client.sync(commands=[command])["commands"][0])["status"] == "running":
            pass
        assert answer["problem"]["status"] == 404


def wait_for_log(client: Served, caplog: pytest.LogCaptureFixture, words: str) -> None:
    for _ in range(10_000):
        client.get("/api/health")
        if words in caplog.text:
            return
    raise AssertionError(f"not logged: {words}")


def test_a_measurement_that_fails_in_any_way_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def idle() -> bool:
        return True

    async def work() -> None:
        service = MachineService(tmp_path / "machine.json", idle, quiet_s=0.0, measure=lambda: 1 // 0)  # type: ignore[arg-type,return-value]  # wrong on purpose
        await service.open()
        assert service._measuring is not None
        await service._measuring
        await service.close()

    asyncio.run(work())
    assert "could not be measured" in caplog.text


def test_a_listener_that_goes_while_it_is_sent_to_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        for _ in range(5):
            with connect(f"{client.socket_url}?after=0"):
                client.new_design()
        gc.collect()
        assert client.get("/api/health").status_code == 200
    gc.collect()
