"""Whoever listens is told that a trainer has stopped responding, and that it responds again; a hanging process writes nothing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.designs import plain_design
from support.live_runs import LONG, kill_trainer
from support.server_parts import Inside, inside

from backend.process.process import run_in_process
from backend.runs.run_folder import RunFolder
from backend.runs.vitals import Limits
from backend.store.messages import messages_of_run
from shared_py.analysis import analyse

QUICK = Limits(suspended_s=1.5)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    """The folder of the one run, whose trainer is killed with the test."""
    run_in_process("support.process_functions:double", 1, timeout_s=120.0)
    folder = RunFolder(tmp_path / "runs" / "r1")
    yield folder
    kill_trainer(folder)


def test_a_hung_trainer_is_told_once_and_so_is_its_return(tmp_path: Path, folder: RunFolder) -> None:
    async def hang(parts: Inside) -> int:
        await parts.run_service.start_once(
            analyse(plain_design()), {"total_steps": LONG.total_steps, "n_envs": 8, "n_steps": 8}, "r1"
        )
        await parts.until(type="training_update")
        pid = folder.trainer_pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        told = await parts.until(type="run_status", responding=False)
        run = parts.manager.run("r1")
        assert (told["run_id"], told["status"], told["design_id"]) == ("r1", "running", run.design_id)
        assert told["last_heartbeat_step"] == run.last_heartbeat_step
        assert told["last_heartbeat_step"] is not None
        count = len(parts.published)
        for _ in range(5):
            await parts.poll_once()
        assert [message["responding"] for message in parts.published[count:] if message["type"] == "run_status"] == []
        assert [message["seq"] for message in parts.published] == list(range(1, len(parts.published) + 1))
        return pid

    async def restart(parts: Inside) -> None:
        for _ in range(5):
            await parts.poll_once()
        assert [message for message in parts.published if message["type"] == "run_status"] == []
        assert not parts.manager.run("r1").responding
        os.kill(pid, signal.SIGCONT)
        await parts.until(type="run_status", responding=True)
        await parts.run_service.stop("r1")
        await parts.until(status="stopped")
        kept = await parts.store.call(messages_of_run, "r1", 0, 100_000)
        assert sum(b'"responding":false' in message.payload for message in kept) == 1

    pid = inside(tmp_path, hang, limits=QUICK)
    inside(tmp_path, restart, limits=QUICK)
