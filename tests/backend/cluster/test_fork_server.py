"""The fork server of a node, which has torch loaded and starts trainers."""

import fcntl
import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.waiting import wait_until

from backend.cluster import fork_server
from backend.cluster.fork_server import IDLE_SETTING, READY, STARTED, start_by_fork

WAIT_S = 60


def report(place: str, lock: int) -> None:
    """What a started process finds; it ends when its standard input is closed."""
    import sys

    has_torch, has_lock = "torch" in sys.modules, fcntl.fcntl(lock, fcntl.F_GETFD) >= 0
    facts = [os.getppid(), os.environ.get("COLOUR"), str(Path.cwd()), has_torch, has_lock]
    (Path(place) / "written").write_text(json.dumps(facts))
    (Path(place) / "written").rename(Path(place) / "facts")
    print("printed", flush=True)
    os.read(0, 1)
    (Path(place) / "over").touch()


class Started:
    """One process that was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "lock").touch()

    def start(self) -> bool:
        lock = os.open(self.folder / "lock", os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        leash, self.end = os.pipe()
        with (self.folder / "log").open("wb") as log:
            try:
                return start_by_fork(f"{__name__}:report", [str(self.folder)], [leash, log.fileno(), log.fileno()], lock)
            finally:
                os.close(leash)
                os.close(lock)

    def facts(self) -> list[object]:
        wait_until((self.folder / "facts").exists, WAIT_S)
        found: list[object] = json.loads((self.folder / "facts").read_text())
        return found

    def is_locked(self) -> bool:
        with (self.folder / "lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder, also for the sockets, whose paths must be short; the fork server ends soon after its last child."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        monkeypatch.setattr(fork_server.tempfile, "gettempdir", lambda: name)
        monkeypatch.setenv(IDLE_SETTING, "1")
        monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[3]}:{Path(__file__).parent}:{Path(__file__).parents[2]}")
        monkeypatch.setenv("COLOUR", "blue")
        yield folder
        wait_until(lambda: not [*folder.glob("model-studio-forks-*/*.socket")], WAIT_S)


def test_processes_start_from_one_that_has_torch_loaded(place: Path) -> None:
    first, second = Started(place / "one"), Started(place / "two")
    assert first.start()
    assert second.start()
    parents = [process.facts()[0] for process in (first, second)]
    assert parents[0] == parents[1] != os.getpid()
    for process in (first, second):
        assert process.facts()[1:] == ["blue", str(Path.cwd()), True, True]
        assert (process.folder / "log").read_bytes() == b"printed\n"
        assert process.is_locked()
    os.close(first.end)
    wait_until(lambda: (first.folder / "over").exists() and not first.is_locked(), WAIT_S)
    assert second.is_locked()
    os.close(second.end)
    wait_until(lambda: not second.is_locked(), WAIT_S)


def test_a_killed_one_is_replaced(place: Path) -> None:
    first, second = Started(place / "one"), Started(place / "two")
    assert first.start()
    os.kill(int(str(first.facts()[0])), signal.SIGKILL)
    os.close(first.end)
    wait_until(lambda: not first.is_locked(), WAIT_S)
    assert second.start()
    assert second.facts()[0] != first.facts()[0]
    os.close(second.end)


def test_a_stopped_one_starts_nothing_also_when_it_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Started(place / "one"), Started(place / "two")
    assert first.start()
    server = int(str(first.facts()[0]))
    os.kill(server, signal.SIGSTOP)
    try:
        monkeypatch.setattr(fork_server, "READY_S", 0.3)
        assert not second.start()
    finally:
        os.kill(server, signal.SIGCONT)
    third = Started(place / "three")
    monkeypatch.setattr(fork_server, "READY_S", WAIT_S)
    assert third.start()
    assert third.facts()[0] == server
    assert not (second.folder / "facts").exists()
    assert not second.is_locked()
    for process in (first, third):
        os.close(process.end)


def test_an_incomplete_request_starts_nothing_and_the_next_one_is_answered(place: Path) -> None:
    first, second = Started(place / "one"), Started(place / "two")
    assert first.start()
    (address,) = place.glob("model-studio-forks-*/*.socket")
    for content in (b"", b"f", b"f" + (9).to_bytes(8) + b"{", b"f" + (1).to_bytes(8) + b"{", b"f" + (2).to_bytes(8) + b"{}"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(address))
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            assert STARTED not in b"".join(iter(lambda one=connection: one.recv(16), b""))
    assert second.start()
    assert second.facts()[0] == first.facts()[0]
    for process in (first, second):
        os.close(process.end)


def test_one_that_ends_while_it_starts_a_process_is_an_error(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the caller would start a second trainer in the same folder."""
    client, server = socket.socketpair()
    monkeypatch.setattr(fork_server, "_connected", lambda _: client)
    server.sendall(READY)
    server.shutdown(socket.SHUT_WR)
    with server, pytest.raises(ConnectionError, match="ended while it started"):
        Started(place / "one").start()


def test_without_a_working_directory_nothing_is_started(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = place / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert not Started(place / "one").start()


def test_a_folder_that_others_can_open_is_not_used(place: Path) -> None:
    (place / f"model-studio-forks-{os.getuid()}").mkdir(mode=0o755)
    assert not Started(place / "one").start()


def test_other_code_gets_a_process_of_its_own(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Started(place / "one"), Started(place / "two")
    assert first.start()
    monkeypatch.setenv("PYTHONPATH", f"{os.environ['PYTHONPATH']}:{place}")
    assert second.start()
    assert first.facts()[0] != second.facts()[0]
    for process in (first, second):
        os.close(process.end)


def test_a_folder_with_too_long_a_name_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr(fork_server.tempfile, "gettempdir", lambda: str(folder))
    assert not Started(tmp_path / "one").start()
