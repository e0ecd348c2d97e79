"""A run on disk: numbered lines, torn lines, the fold, the lock."""

import os
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from support.designs import plain_design
from support.metric_messages import update

from backend.runs.journal import Journal, create_run_folder
from backend.runs.run_folder import RunFolder, RunRequest, RunState, decode_messages, fold, now
from shared_py.codegen import generate_source
from shared_py.protocol import CheckpointCreated, RunStatusChanged
from shared_py.training_config import TrainConfig


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    design = plain_design()
    request = RunRequest("r1", design.id, "hash", now(), TrainConfig(), {"d_model": 8})
    return create_run_folder(tmp_path / "r1", request, design, generate_source(design))


def test_a_new_run_is_whole_and_queued(folder: RunFolder) -> None:
    assert {path.name for path in folder.path.iterdir()} == {"run.json", "design.json", "model.py", "metrics.jsonl", "lock"}
    lines, _ = folder.read_lines(0)
    assert decode_messages(lines, "r1") == [RunStatusChanged(1, "r1", "queued", None, "d1", "queued")]
    with pytest.raises(FileExistsError):
        create_run_folder(folder.path, folder.request, plain_design(), generate_source(plain_design()))


def test_lines_are_numbered_across_writers_and_torn_ones_cut(folder: RunFolder) -> None:
    with Journal(folder, folder.request) as journal:
        journal.status("running")
    lines, offset = folder.read_lines(0)
    assert len(lines) == 2
    with folder.metrics.open("ab") as file:
        file.write(b'{"type":"run_status","seq":3,"st')
    assert folder.read_lines(offset) == ([], offset)
    with Journal(folder, folder.request) as journal:
        journal.write(CheckpointCreated(0, "", 5, 1.5))
    lines, _ = folder.read_lines(offset)
    assert decode_messages(lines, "r1") == [CheckpointCreated(3, "r1", 5, 1.5)]


def test_a_line_that_does_not_fit_leaves_nothing(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with Journal(folder, folder.request) as journal:
        monkeypatch.setattr(os, "write", lambda file, text: write(file, text[:9]))
        with pytest.raises(OSError, match="No space left"):
            journal.status("running")
        monkeypatch.undo()
        journal.status("paused")
    messages = decode_messages(folder.read_lines(0)[0], "r1")
    assert [(message.seq, getattr(message, "status", None)) for message in messages] == [(1, "queued"), (2, "paused")]


def test_the_state_is_a_fold(folder: RunFolder) -> None:
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        journal.write(CheckpointCreated(0, "", 5, 30.0))
        journal.write(CheckpointCreated(0, "", 9, 20.0))
        journal.status("failed", "because")
    state = RunState()
    fold(state, folder.read_lines(0)[0], "r1")
    assert (state.status, state.reason, state.steps, state.best_score) == ("failed", "because", 9, 30.0)
    assert state.started_at is not None
    assert state.ended_at is not None
    assert state.started_at <= state.ended_at


FOREIGN = [
    b'{"type":"training_update","steps":999999999999999999999999999999}',
    b'{"type":"training_update","run_id":"r1","steps":999999999999999999999999999999,"score":1.0}',
    b'{"type":"training_update","run_id":"r1","steps":9007199254740992,"score":1.0}',
    b'{"type":"training_update","run_id":"r1","steps":-1,"score":1.0}',
    b'{"type":"training_update","run_id":"r2","steps":77,"score":1.0}',
    b'{"type":"checkpoint_created","seq":4,"run_id":"r2","steps":77,"score":1e9}',
    b'{"type":"checkpoint_created","seq":4,"run_id":"r1","steps":9007199254740992,"score":1e9}',
    b'{"type":"run_status","seq":4,"run_id":"r2","status":"failed","reason":"of another","design_id":"d1","phase":"saving"}',
]


@pytest.mark.parametrize("line", FOREIGN)
def test_a_line_of_another_run_or_with_a_number_nobody_can_have_changes_nothing(folder: RunFolder, line: bytes) -> None:
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        journal.write(CheckpointCreated(0, "", 5, 30.0))
    before = RunState()
    fold(before, folder.read_lines(0)[0], "r1")
    messages = decode_messages(folder.read_lines(0)[0], "r1")
    with folder.metrics.open("ab") as file:
        file.write(line + b"\n")
    after = RunState()
    fold(after, folder.read_lines(0)[0], "r1")
    assert after == before
    assert decode_messages(folder.read_lines(0)[0], "r1") == messages
    with Journal(folder, folder.request) as journal:
        assert journal.phase == "training"


def test_figures_nobody_can_have_do_not_reach_the_stream_of_messages(folder: RunFolder) -> None:
    """SQLite takes no number above 2^63, so that one such line stopped the messages of every run."""
    for numbers in ({"steps": 10**30}, {"episode": 2**53}, {"total_steps": 2**53}, {"board_state": [10**30] * 16}):
        line = msgspec.json.encode({**msgspec.to_builtins(update(3)), "run_id": "r1", **numbers})
        assert decode_messages([line], "r1") == []
    assert len(decode_messages([msgspec.json.encode(replace(update(3), run_id="r1"))], "r1")) == 1


def test_one_holds_the_lock(folder: RunFolder) -> None:
    lock = folder.take_lock()
    assert lock is not None
    folder.lock.write_text("4711")
    assert folder.take_lock() is None
    assert folder.trainer_pid() == 4711
    os.close(lock)
    assert not folder.is_locked()
    assert folder.trainer_pid() is None


def request_of(text: dict[str, object]) -> RunRequest:
    """A `run.json` as some version wrote it."""
    plain = {"id": "r1", "design_id": "d1", "design_hash": "hash", "created_at": now(), "model_config": {}}
    return msgspec.json.decode(msgspec.json.encode(plain | text), type=RunRequest)


AFTERSTATES = {"config": {"algorithm": "afterstate_td"}}


@pytest.mark.parametrize(
    ("text", "is_external", "algorithm"),
    [
        ({"config": {}, "trainer": "ppo"}, False, "ppo"),
        (AFTERSTATES | {"trainer": "ppo"}, False, "afterstate_td"),
        (AFTERSTATES, False, "afterstate_td"),
        (AFTERSTATES | {"trainer": "imitation"}, True, None),
        (AFTERSTATES | {"trainer": "afterstate_td", "adopted": False}, False, "afterstate_td"),
        (AFTERSTATES | {"trainer": "imitation", "adopted": True}, True, None),
    ],
    ids=["old ppo", "old afterstates", "oldest", "old external", "built-in", "external"],
)
def test_run_json_of_every_version_tells_built_in_trainers_from_external_ones(
    text: dict[str, object], is_external: bool, algorithm: str | None
) -> None:
    request = request_of(text)
    built_in = request.built_in_algorithm
    assert (request.is_external, built_in and built_in.name) == (is_external, algorithm)
