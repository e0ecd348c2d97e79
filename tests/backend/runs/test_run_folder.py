"""A run on disk: numbered lines, torn lines, the fold, the lock."""

import os
from pathlib import Path

import msgspec
import pytest
from designs import plain_design

from backend.runs.run_folder import Journal, RunFolder, RunRequest, RunState, decode_messages, fold, now
from shared_py.codegen import generate_source
from shared_py.protocol import CheckpointCreated, RunStatusChanged
from shared_py.training_config import TrainConfig


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    design = plain_design()
    request = RunRequest("r1", design.id, "hash", now(), TrainConfig(), {"d_model": 8})
    return RunFolder.create(tmp_path / "r1", request, design, generate_source(design))


def test_a_new_run_is_whole_and_queued(folder: RunFolder) -> None:
    assert {path.name for path in folder.path.iterdir()} == {"run.json", "design.json", "model.py", "metrics.jsonl", "lock"}
    lines, _ = folder.read_lines(0)
    assert decode_messages(lines) == [RunStatusChanged(1, "r1", "queued", None, "d1", "queued")]
    with pytest.raises(FileExistsError):
        RunFolder.create(folder.path, folder.request, plain_design(), generate_source(plain_design()))


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
    assert decode_messages(lines) == [CheckpointCreated(3, "r1", 5, 1.5)]


def test_a_line_that_does_not_fit_leaves_nothing(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with Journal(folder, folder.request) as journal:
        monkeypatch.setattr(os, "write", lambda file, text: write(file, text[:9]))
        with pytest.raises(OSError, match="No space left"):
            journal.status("running")
        monkeypatch.undo()
        journal.status("paused")
    messages = decode_messages(folder.read_lines(0)[0])
    assert [(message.seq, getattr(message, "status", None)) for message in messages] == [(1, "queued"), (2, "paused")]


def test_the_state_is_a_fold(folder: RunFolder) -> None:
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        journal.write(CheckpointCreated(0, "", 5, 30.0))
        journal.write(CheckpointCreated(0, "", 9, 20.0))
        journal.status("failed", "because")
    state = RunState()
    fold(state, folder.read_lines(0)[0])
    assert (state.status, state.reason, state.steps, state.best_score) == ("failed", "because", 9, 30.0)
    assert state.started_at is not None
    assert state.ended_at is not None
    assert state.started_at <= state.ended_at


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
    ("text", "is_adopted", "values_boards"),
    [
        ({"config": {}, "trainer": "ppo"}, False, False),
        (AFTERSTATES | {"trainer": "ppo"}, False, True),
        (AFTERSTATES, False, True),
        (AFTERSTATES | {"trainer": "imitation"}, True, False),
        (AFTERSTATES | {"trainer": "afterstate_td", "adopted": False}, False, True),
        (AFTERSTATES | {"trainer": "imitation", "adopted": True}, True, False),
    ],
    ids=["old ppo", "old afterstates", "oldest", "old adopted", "built-in", "adopted"],
)
def test_run_json_of_every_version_tells_built_in_trainers_from_adopted_ones(
    text: dict[str, object], is_adopted: bool, values_boards: bool
) -> None:
    request = request_of(text)
    assert (request.is_adopted, request.values_boards) == (is_adopted, values_boards)
