"""A trainer that hangs is noticed, can be stopped within a bound, and holds up nobody; one that works hard is left alone."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.designs import plain_design
from support.external_trainers import HangingTrainer
from support.live_runs import LONG, await_message, await_status, end_runs, make, messages, trainer_of, wait_until

from backend.errors import RunNotActive
from backend.runs import stopping, vitals
from backend.runs.failures import UNKILLABLE
from backend.runs.heartbeat import Heartbeat, HeartbeatWriter, read_heartbeat
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from backend.runs.vitals import Limits, ProcessState, Vitals
from shared_py.protocol import CheckpointCreated, RunStatusChanged, TrainingUpdate

QUICK = Limits(suspended_s=1.5, repeat_stop_s=0.3, stop_s=1.0, saving_s=1.0, kill_s=1.0)


@pytest.fixture
def manage(warm: None, tmp_path: Path) -> Iterator[Callable[..., TrainingManager]]:
    """Makes managers with short limits; their runs are ended with the test."""
    made = []

    def manage(**options: Any) -> TrainingManager:
        made.append(make(tmp_path, **{"limits": QUICK} | options))
        return made[-1]

    yield manage
    for manager in made:
        end_runs(manager)


def supervisor_of(pid: int) -> int:
    return os.getsid(pid)


def await_silence(manager: TrainingManager, run_id: str) -> None:
    wait_until(manager, lambda: not manager.run(run_id).responding)


def test_a_suspended_trainer_is_reported_until_it_goes_on(manage: Callable[..., TrainingManager]) -> None:
    manager = manage()
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    wait_until(manager, lambda: (manager.run(run.id).last_heartbeat_step or 0) > 0)
    assert manager.run(run.id).responding
    pid = trainer_of(manager, run.id)
    os.kill(pid, signal.SIGSTOP)
    await_silence(manager, run.id)
    hung = manager.run(run.id)
    beat = read_heartbeat(RunFolder(manager.run_folder(run.id)).heartbeat)
    assert beat is not None
    assert (hung.status, hung.last_heartbeat_step, hung.last_heartbeat_at) == ("running", beat.steps, beat.at)
    for wish in (manager.pause, manager.resume):
        with pytest.raises(RunNotActive, match=r"has not responded since 20.*; stop it|is running, not paused|cannot be resumed"):
            wish(run.id)

    os.kill(pid, signal.SIGCONT)
    wait_until(manager, lambda: manager.run(run.id).responding)
    manager.pause(run.id)
    await_status(manager, run.id, "paused")


def test_a_restarted_server_knows_at_once_that_a_trainer_hangs(manage: Callable[..., TrainingManager]) -> None:
    manager = manage()
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    os.kill(trainer_of(manager, run.id), signal.SIGSTOP)
    await_silence(manager, run.id)
    second = manage()
    second.poll_runs()
    assert not second.run(run.id).responding


def test_a_paused_trainer_responds(manage: Callable[..., TrainingManager]) -> None:
    manager = manage()
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    manager.pause(run.id)
    await_status(manager, run.id, "paused")
    beats = set()

    def has_beaten_twice() -> bool:
        beats.add(manager.run(run.id).last_heartbeat_at)
        return len(beats) > 2

    wait_until(manager, has_beaten_twice)
    assert manager.run(run.id).responding


def test_the_stop_of_a_suspended_trainer_keeps_its_last_move(manage: Callable[..., TrainingManager]) -> None:
    manager = manage(limits=Limits(suspended_s=1.5))
    run = manager.start(plain_design(), LONG)
    waiting = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    os.kill(trainer_of(manager, run.id), signal.SIGSTOP)
    await_silence(manager, run.id)
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped", "failed", "interrupted")
    assert (stopped.status, stopped.reason) == ("stopped", None)
    assert [message.steps for message in messages(manager, run.id) if isinstance(message, CheckpointCreated)][-1] == stopped.steps
    await_status(manager, waiting.id, "running")


@pytest.mark.parametrize("how", ["computing", "waiting"])
def test_a_trainer_that_hangs_is_killed_after_a_stop_and_the_queue_goes_on(
    manage: Callable[..., TrainingManager], how: str
) -> None:
    manager = manage()
    manager.adopt_external_trainer(HangingTrainer(how))
    hung = manager.start(plain_design(), LONG)
    await_message(manager, hung.id, TrainingUpdate)
    wait_until(manager, lambda: manager.run(hung.id).last_heartbeat_step == 1)
    waiting = manager.start(plain_design(), LONG)
    manager.stop(hung.id)
    stopped = await_status(manager, hung.id, "stopped", "failed", "interrupted")
    assert stopped.status == "stopped"
    assert stopped.reason == (
        "it did not respond to a stop for 1 s and was killed after 1 move; resume to go on from the last checkpoint"
    )
    assert stopped.responding
    await_status(manager, waiting.id, "running")
    assert manager.resume(hung.id).status == "queued"


def test_a_stop_goes_on_after_a_restart_of_the_server(manage: Callable[..., TrainingManager]) -> None:
    manager = manage(limits=Limits())
    manager.adopt_external_trainer(HangingTrainer("computing"))
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    manager.stop(run.id)
    second = manage()
    assert await_status(second, run.id, "stopped", "failed", "interrupted").status == "stopped"


def test_a_trainer_that_dies_under_a_suspended_supervisor_is_noticed(manage: Callable[..., TrainingManager]) -> None:
    manager = manage()
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    pid = trainer_of(manager, run.id)
    os.kill(supervisor_of(pid), signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)
    failed = await_status(manager, run.id, "failed", "interrupted")
    assert (failed.reason or "").startswith("killed by SIGKILL")


def test_a_run_that_ended_under_a_suspended_supervisor_can_be_resumed(manage: Callable[..., TrainingManager]) -> None:
    manager = manage()
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, CheckpointCreated)
    pid = trainer_of(manager, run.id)
    supervisor = supervisor_of(pid)
    manager.stop(run.id)
    os.kill(supervisor, signal.SIGSTOP)
    await_status(manager, run.id, "stopped")
    wait_until(manager, lambda: not RunFolder(manager.run_folder(run.id)).is_locked())
    manager.resume(run.id)
    await_status(manager, run.id, "running")


def test_a_process_that_survives_its_kill_does_not_hold_up_the_queue(
    manage: Callable[..., TrainingManager], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = manage()
    manager.adopt_external_trainer(HangingTrainer("waiting"))
    hung = manager.start(plain_design(), LONG)
    await_message(manager, hung.id, TrainingUpdate)
    waiting = manager.start(plain_design(), LONG)
    kill = os.kill
    monkeypatch.setattr(stopping.os, "killpg", lambda *_: None)
    monkeypatch.setattr(stopping.os, "kill", lambda pid, number: None if number == signal.SIGKILL else kill(pid, number))
    manager.stop(hung.id)
    await_status(manager, waiting.id, "running")
    given_up = manager.run(hung.id)
    assert (given_up.status, given_up.reason) == ("stopped", UNKILLABLE)
    monkeypatch.undo()
    os.kill(trainer_of(manager, hung.id), signal.SIGKILL)
    folder = RunFolder(manager.run_folder(hung.id))
    wait_until(manager, lambda: not folder.is_locked() and manager._runs[hung.id].pending_end is None)
    told = [message.status for message in messages(manager, hung.id) if isinstance(message, RunStatusChanged)]
    assert told == ["queued", "running", "stopped"]


class Process:
    """What the system is to say of a process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = ProcessState(is_suspended=False, processor_s=0.0)
        monkeypatch.setattr(vitals, "process_state", lambda _pid: self.state)


@pytest.mark.parametrize(
    ("processor_share", "is_suspended", "silent_s", "responding"),
    [(0.0, True, 9, True), (0.0, True, 11, False), (0.0, False, 299, True), (0.0, False, 301, False), (1.0, False, 1799, True)],
)
def test_how_long_a_silence_may_last_depends_on_what_the_process_does(
    monkeypatch: pytest.MonkeyPatch, processor_share: float, is_suspended: bool, silent_s: float, responding: bool
) -> None:
    process, seen = Process(monkeypatch), Vitals(Limits(), 1000.0)
    beat = Heartbeat(5, "", 1000.0)
    for second in (0.0, 11.0, silent_s):
        process.state = ProcessState(is_suspended, processor_share * second)
        if second <= silent_s:
            seen.update(beat, 1, 1000.0 + second, 0.0)
    assert seen.responding is responding


def test_the_time_a_machine_slept_is_no_silence_of_its_trainers(monkeypatch: pytest.MonkeyPatch) -> None:
    process, seen = Process(monkeypatch), Vitals(Limits(), 0.0)
    process.state = ProcessState(is_suspended=True, processor_s=0.0)
    seen.update(Heartbeat(5, "", 1000.0), 1, 5000.0, 4999.0)
    assert seen.responding
    seen.update(Heartbeat(5, "", 1000.0), 1, 5010.0, 4999.0)
    assert not seen.responding


def test_a_heartbeat_that_cannot_be_written_does_not_end_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = HeartbeatWriter(tmp_path / "heartbeat")
    writer.beat(3)

    def refuse(*_: Any) -> int:
        raise OSError("no")

    monkeypatch.setattr(os, "pwrite", refuse)
    writer.beat(4)
    monkeypatch.undo()
    beat = read_heartbeat(tmp_path / "heartbeat")
    assert beat is not None
    assert beat.steps == 3
    (tmp_path / "heartbeat").write_bytes(b'{"steps": 3, "at')
    assert read_heartbeat(tmp_path / "heartbeat") is None
