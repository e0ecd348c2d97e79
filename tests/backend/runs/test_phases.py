"""What a run says it does, what a stop during its test games leaves, and how far a killed run falls back."""

import os
import signal

import pytest
from support.designs import plain_design
from support.live_runs import await_message, await_status, messages, trainer_of, wait_until

from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder, RunState, StatusLine, describe, fold
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import CheckpointCreated, Run, RunStatusChanged, TrainingUpdate
from shared_py.training_config import TrainConfig

ROLLOUT = 8 * 8
TO_TESTS = TrainConfig(
    algorithm="afterstate_td", total_steps=2 * ROLLOUT, n_envs=8, n_steps=8, minibatch_size=32, threads=1, play_views=8
)
"""a run that soon plays its test games, which take long"""
ENDLESS = TrainConfig(total_steps=10**9, n_envs=8, n_steps=8, minibatch_size=32, threads=1, checkpoint_every_s=1e-9)
"""with a checkpoint after every rollout"""


def phases(manager: TrainingManager, run_id: str) -> list[str | None]:
    return [message.phase for message in messages(manager, run_id) if isinstance(message, RunStatusChanged)]


def killed(manager: TrainingManager, run_id: str) -> Run:
    """The run after `kill -9` of its trainer."""
    os.kill(trainer_of(manager, run_id), signal.SIGKILL)
    return await_status(manager, run_id, "failed", "interrupted")


def test_a_run_that_plays_its_last_test_games_says_so_and_a_stop_then_finishes_it(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), TO_TESTS)
    assert run.phase == "queued"
    wait_until(manager, lambda: manager.run(run.id).phase == "evaluating")
    assert (manager.run(run.id).status, manager.run(run.id).steps) == ("running", TO_TESTS.total_steps)
    manager.stop(run.id)
    ended = await_status(manager, run.id, "stopped", "finished", "failed")
    assert (ended.status, ended.reason) == ("finished", "test games skipped")
    assert (ended.phase, ended.steps) == (None, TO_TESTS.total_steps)
    assert phases(manager, run.id) == ["queued", "training", "evaluating", None]


def test_a_run_killed_in_its_last_test_games_plays_them_again_and_no_moves(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), TO_TESTS)
    wait_until(manager, lambda: manager.run(run.id).phase == "evaluating")
    assert killed(manager, run.id).phase is None
    before = len(messages(manager, run.id))
    manager.resume(run.id)
    wait_until(manager, lambda: manager.run(run.id).phase == "evaluating")
    again = messages(manager, run.id)[before:]
    assert {message.steps for message in again if isinstance(message, TrainingUpdate)} <= {TO_TESTS.total_steps}


@pytest.mark.parametrize("updates", [1, 3, 9])
def test_a_killed_run_falls_back_by_the_iteration_in_progress_at_most(manager: TrainingManager, updates: int) -> None:
    run = manager.start(plain_design(), ENDLESS)
    await_message(manager, run.id, CheckpointCreated)
    await_message(manager, run.id, TrainingUpdate, updates)
    ended = killed(manager, run.id)
    before = len(messages(manager, run.id))
    manager.resume(run.id)
    wait_until(manager, lambda: any(isinstance(message, TrainingUpdate) for message in messages(manager, run.id)[before:]))
    first = next(message for message in messages(manager, run.id)[before:] if isinstance(message, TrainingUpdate))
    assert first.steps >= ended.steps - 2 * ROLLOUT


def test_a_run_killed_while_paused_falls_back_by_less_than_a_rollout(manager: TrainingManager) -> None:
    config = TrainConfig(total_steps=10**9, n_envs=8, n_steps=64, minibatch_size=32, threads=1, checkpoint_every_s=86_400)
    run = manager.start(plain_design(), config)
    await_message(manager, run.id, CheckpointCreated)
    wait_until(manager, lambda: manager.run(run.id).steps > 3 * 512)
    manager.pause(run.id)
    paused = await_status(manager, run.id, "paused")
    assert paused.phase == "training"
    saved = [message.steps for message in messages(manager, run.id) if isinstance(message, CheckpointCreated)][-1]
    assert paused.steps - 512 <= saved <= paused.steps
    killed(manager, run.id)
    manager.resume(run.id)
    await_message(manager, run.id, CheckpointCreated, 3)
    first = [message.steps for message in messages(manager, run.id) if isinstance(message, CheckpointCreated)][2]
    assert first in (saved, saved + 512), "the rollout or the update that was cut is made whole"


def test_a_stopped_run_tells_the_moves_that_it_will_go_on_from(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), ENDLESS)
    await_message(manager, run.id, TrainingUpdate, 3)
    manager.stop(run.id)
    stopped = await_status(manager, run.id, "stopped")
    assert stopped.steps % ROLLOUT == 0
    before = len(messages(manager, run.id))
    manager.resume(run.id)
    wait_until(manager, lambda: any(isinstance(message, TrainingUpdate) for message in messages(manager, run.id)[before:]))
    first = next(message for message in messages(manager, run.id)[before:] if isinstance(message, TrainingUpdate))
    assert first.steps >= stopped.steps


def test_lines_of_older_versions_give_a_run_without_phase_and_warning() -> None:
    state = RunState()
    fold(state, [b'{"type":"run_status","seq":2,"run_id":"r1","status":"running","reason":null,"design_id":"d1"}'], "r1")
    assert (state.status, state.phase, state.warning) == ("running", None, None)


def test_phases_warning_and_reason_are_carried_from_line_to_line(manager: TrainingManager) -> None:
    run = manager.start(plain_design(), ENDLESS)
    await_message(manager, run.id, TrainingUpdate)
    manager.stop(run.id)
    await_status(manager, run.id, "stopped")
    folder = RunFolder(manager.run_folder(run.id))
    with Journal(folder, folder.request) as journal:
        journal.status("running", "it goes on")
        journal.enter("evaluating")
        journal.enter("evaluating")
        journal.warn("diverged")
        journal.status("paused")
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        journal.enter("training")
        journal.status("failed", "because")
    lines = [message for message in messages(manager, run.id) if isinstance(message, RunStatusChanged)][-7:]
    assert [(line.status, line.reason, line.phase, line.warning) for line in lines] == [
        ("running", "it goes on", "training", None),
        ("running", "it goes on", "evaluating", None),
        ("running", "it goes on", "evaluating", "diverged"),
        ("paused", None, "evaluating", "diverged"),
        ("running", None, "evaluating", "diverged"),
        ("running", None, "training", "diverged"),
        ("failed", "because", None, "diverged"),
    ]
    state = RunState()
    fold(state, folder.read_lines(0)[0], run.id)
    assert (describe(folder.request, state).phase, describe(folder.request, state).warning) == (None, "diverged")
    assert StatusLine(0, "", "queued", None, "").phase is None
