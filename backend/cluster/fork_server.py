"""A fork server on a node: it has torch loaded and forks trainers, so that a run after the first begins seconds sooner.

The first worker that needs it starts it. It listens on a Unix socket in a folder that only this user can open, belongs to one
version of the code, and ends when no run has needed it for five minutes. It is no child of a worker, since Ray ends those.

A client sends open files and a request. The server reads it and answers `READY`; the client answers `GO`; the server forks and
answers `STARTED`. So whatever fails before `GO` has started nothing, and the caller may start the trainer in another way.
"""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from backend.process.file_lock import take_lock
from backend.process.process import environment_with_heap_setting, find_function

IDLE_S = 300.0
IDLE_SETTING = "MODEL_STUDIO_FORK_SERVER_IDLE_S"
"""the environment variable with another time, for tests"""
LOOK_S = 0.5
"""between two looks at whether it is still needed"""
BIND_S = 10.0
"""for a new one to listen"""
READY_S = 60.0
"""for the answer to a request; the first one waits until torch is loaded"""
EXCHANGE_S = 5.0
"""for each part of a request, and for the answer that a trainer was forked"""
PACKAGES = Path(__file__).parents[2]
READY, GO, STARTED, REFUSED = b"r", b"g", b"s", b"x"
LENGTH_BYTES = 8
MAX_FILES = 4096


def start_by_fork(function: str, args: Sequence[object], files: Sequence[int], lock: int) -> bool:
    """Call a function in a new process with torch loaded; false where nothing was started.

    `files` become its standard input, output and error, and it gets this process's environment and working directory. Its
    arguments are `args` and the number of the open file `lock`. OSError where it is not known whether it was started.
    """
    try:
        request = {"function": function, "args": args, "environment": dict(os.environ), "directory": str(Path.cwd())}
        connection = _connected(_folder() / f"{_version()}.socket")
    except (OSError, subprocess.SubprocessError):
        return False
    with closing(connection):
        try:
            _send(connection, json.dumps(request).encode(), [*files, lock])
            connection.settimeout(READY_S)
            if connection.recv(1) != READY:
                return False
            connection.settimeout(EXCHANGE_S)
            connection.sendall(GO)
        except OSError:
            return False
        answer = connection.recv(1)
    if answer not in (STARTED, REFUSED):
        raise ConnectionError("the fork server ended while it started a trainer")
    return answer == STARTED


def _folder() -> Path:
    """The folder of the sockets; PermissionError where another user could open it."""
    folder = Path(tempfile.gettempdir()) / f"model-studio-forks-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} does not belong to this user alone")
    return folder


def _version() -> str:
    """What has to be the same: the interpreter, where it looks for code, that code, and the namespace of process ids.

    Containers may share a folder, and a process id in one of them means another process in the other.
    """
    files = [path for part in ("backend", "shared_py") for path in (PACKAGES / part).rglob("*.py")]
    files += [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]  # changed by each installation
    known = [sys.executable, sys.version, *(os.environ.get(name, "") for name in ("PYTHONPATH", "LD_LIBRARY_PATH"))]
    known += sorted(f"{path} {path.stat().st_mtime_ns}" for path in files)
    with suppress(OSError):  # Linux has it
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return sha256(repr(known).encode()).hexdigest()[:16]


def _connected(address: Path) -> socket.socket:
    """A connection to the fork server, which is started where there is none. OSError, SubprocessError."""
    end_s = time.monotonic() + BIND_S
    while True:
        try:
            return _connection(address)
        except OSError:  # there is none, or one that is starting or ending
            if time.monotonic() >= end_s:
                raise
        subprocess.run(  # noqa: S603  # a module of this package, without input from outside
            [sys.executable, "-m", "backend.cluster.fork_server", str(address)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment_with_heap_setting(),
            timeout=BIND_S,
            check=True,
        )


def _connection(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(EXCHANGE_S)
    try:
        connection.connect(str(address))
    except BaseException:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, request: bytes, files: Sequence[int]) -> None:
    """Send open files and a request behind its length."""
    socket.send_fds(connection, [b"f"], files)
    connection.sendall(len(request).to_bytes(LENGTH_BYTES) + request)


def _receive(connection: socket.socket, count: int) -> bytes:
    """Read so many bytes; ConnectionError where the connection ends before."""
    found = b""
    while len(found) < count:
        part = connection.recv(min(count - len(found), 1 << 16))
        if not part:
            raise ConnectionError("the request is incomplete")
        found += part
    return found


# --- the server ---------------------------------------------------------------------------------------------------


def main(address: Path) -> None:
    """Listen, and go on in a process that is no child of the one that started this; at once where there is such a process."""
    lock = take_lock(address.with_suffix(".lock"))
    if lock is None:
        return
    address.unlink(missing_ok=True)  # of one that was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(address))
    listener.listen()
    if os.fork() != 0:
        os._exit(0)
    code = 1
    try:
        os.setsid()
        os.chdir("/")
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in ("backend.process.preloading", "backend.cluster.attached_trainer"):
            import_module(name)
        _serve(listener, float(os.environ.get(IDLE_SETTING, IDLE_S)))
        code = 0
    finally:
        address.unlink(missing_ok=True)
        os._exit(code)  # at once, since the next one waits for the lock


def _serve(listener: socket.socket, idle_s: float) -> None:
    children = set[int]()
    listener.settimeout(min(LOOK_S, idle_s))
    used_s = time.monotonic()
    while children or time.monotonic() < used_s + idle_s:
        children = {child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0}
        with suppress(TimeoutError):
            connection, _ = listener.accept()
            with closing(connection):
                children |= _answer(connection)
        used_s = time.monotonic() if children else used_s


def _answer(connection: socket.socket) -> set[int]:
    """Fork what a connection asks for; returns the new process, if there is one."""
    connection.settimeout(EXCHANGE_S)
    files: list[int] = []
    child = 0
    try:
        _, files, _, _ = socket.recv_fds(connection, 1, 4)
        request = json.loads(_receive(connection, int.from_bytes(_receive(connection, LENGTH_BYTES))))
        connection.sendall(READY)
        if len(files) == 4 and _receive(connection, 1) == GO:
            child = os.fork()
            if child == 0:
                _run(request, files)
        connection.sendall(STARTED if child else REFUSED)
    except (OSError, ValueError):
        # not heard by a client that is gone; its end of standard input is closed then, which ends what was forked
        with suppress(OSError):
            connection.sendall(STARTED if child else REFUSED)
    finally:
        for number in files:
            os.close(number)
    return {child} if child else set()


def _run(request: dict[str, Any], files: Sequence[int]) -> NoReturn:
    """Call the function with the files, the environment and the directory of the client."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for target, number in enumerate(files):
            os.dup2(number, target)
        lock = len(files) - 1
        os.closerange(lock + 1, MAX_FILES)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["directory"])
        find_function(request["function"])(*request["args"], lock)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
