"""Files of one run that cannot be read concern that run alone: the others go on, and no request fails because of it."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.designs import plain_design
from support.live_runs import LONG, await_message, await_status, kill_trainer, make, trainer_of, wait_until
from support.run_folders import write_run

from backend.errors import RunUnusable
from backend.runs.executors import LocalExecutor
from backend.runs.line_file import READ_BYTES
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from shared_py.protocol import TrainingUpdate

DEEP = b"[" * 100_000


def replace_by_file(folder: RunFolder) -> None:
    shutil.rmtree(folder.path)
    folder.path.write_text("not a folder")


def replace_by_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits to be reaped."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


FAULTS: dict[str, Callable[[RunFolder], None]] = {
    "the folder is a file": replace_by_file,
    "the folder is gone": lambda folder: shutil.rmtree(folder.path),
    "the lines are a folder": lambda folder: replace_by_folder(folder.metrics),
    "the lock is a folder": lambda folder: replace_by_folder(folder.lock),
    "the lock is not UTF-8": lambda folder: append(folder.lock, b"\xff\xfe"),
    "the heartbeat is not UTF-8": lambda folder: append(folder.heartbeat, b"\xff"),
    "the heartbeat is nested too deeply": lambda folder: append(folder.heartbeat, DEEP),
    "a line is nested too deeply": lambda folder: append(folder.metrics, b'{"type":"run_status","zz":' + DEEP + b"\n"),
    "a line has no end": lambda folder: append(folder.metrics, b"x" * (READ_BYTES + 10)),
}


@pytest.mark.parametrize("is_found_at_start", [True, False], ids=["found at the start", "later"])
@pytest.mark.parametrize("is_held", [False, True], ids=["no process", "a process"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_whose_files_cannot_be_read_stops_no_other(
    tmp_path: Path, fault: str, is_held: bool, is_found_at_start: bool
) -> None:
    folder = write_run(tmp_path / "runs", "r1", "running", sequence=1)
    write_run(tmp_path / "runs", "r2", "running", sequence=2)
    lock = folder.take_lock() if is_held else None
    if is_found_at_start:
        FAULTS[fault](folder)
    manager = make(tmp_path, executor=LocalExecutor(0))
    if not is_found_at_start:
        FAULTS[fault](folder)
    for _ in range(3):
        manager.poll_runs()
    assert manager.run("r2").status == "interrupted"
    started = manager.start(plain_design(), LONG)
    assert started.status == "queued"
    assert {run.id for run in manager.runs()} >= {"r2", started.id}
    if lock is not None:
        os.close(lock)
    manager.close()


@pytest.fixture
def forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingManager:
    """A manager with a run whose files it may not open, as those of another user; root may open any."""
    write_run(tmp_path / "runs", "r1", "running", sequence=1)
    write_run(tmp_path / "runs", "r2", "running", sequence=2)
    manager = make(tmp_path, executor=LocalExecutor(0))
    take_lock = RunFolder.take_lock

    def refuse(folder: RunFolder) -> int | None:
        if folder.path.name == "r1":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return take_lock(folder)

    monkeypatch.setattr(RunFolder, "take_lock", refuse)
    return manager


def test_a_run_that_belongs_to_another_user_fails_with_what_to_do(forbidden: TrainingManager) -> None:
    forbidden.poll_runs()
    run = forbidden.run("r1")
    assert run.status == "failed"
    assert "Permission denied" in (run.reason or "")
    assert "restart the server" in (run.reason or "")
    assert forbidden.run("r2").status == "interrupted"
    for request in (forbidden.delete, forbidden.resume):
        with pytest.raises(RunUnusable, match="Permission denied"):
            request("r1", 0.0)
    assert forbidden.start(plain_design(), LONG).status == "queued"


def test_an_error_of_the_disk_that_may_pass_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / "runs", "r1", "running")
    manager = make(tmp_path, executor=LocalExecutor(0))

    def fail(_: RunFolder) -> int | None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "take_lock", fail)
        manager.poll_runs()
        assert manager.run("r1").status == "running"
    manager.poll_runs()
    assert manager.run("r1").status == "interrupted"


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "runs", "r1", "running")
    end = folder.metrics.read_bytes().splitlines(keepends=True)[-1].replace(b'"running"', b'"stopped"')
    append(folder.metrics, b"x" * (2 * READ_BYTES + 10) + b"\n" + end)
    assert make(tmp_path).run("r1").status == "stopped"


@pytest.mark.parametrize("missing", ["lock", "metrics"])
@pytest.mark.parametrize("is_paused", [False, True], ids=["training", "paused"])
def test_a_trainer_whose_files_were_taken_away_ends(manager: TrainingManager, missing: str, is_paused: bool) -> None:
    run = manager.start(plain_design(), LONG)
    await_message(manager, run.id, TrainingUpdate)
    folder, pid = RunFolder(manager.run_folder(run.id)), trainer_of(manager, run.id)
    if is_paused:
        manager.pause(run.id)
        await_status(manager, run.id, "paused")
    try:
        getattr(folder, missing).unlink()
        wait_until(manager, lambda: has_ended(pid))
    finally:
        kill_trainer(folder)
    wait_until(manager, lambda: manager.run(run.id).status in ("failed", "interrupted"))
