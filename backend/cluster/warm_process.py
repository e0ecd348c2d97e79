"""A process of a node that has torch loaded and starts trainers by fork, so that a run after the first begins seconds sooner.

The first worker that needs it starts it. It listens on a Unix socket in a folder that only this user can open, belongs to one
version of the code, and ends when no run has needed it for five minutes. It is no child of a worker, since Ray ends those.
"""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from backend.process.file_lock import take_lock
from backend.process.process import HEAP_SETTING, find_function

IDLE_S = 300.0
IDLE_SETTING = "MODEL_STUDIO_WARM_S"
"""the environment variable with another time, for tests"""
LOOK_S = 0.5
"""between two looks at whether it is still needed"""
BIND_S = 10.0
"""for a new one to listen"""
RETRY_S = 0.02
ANSWER_S = 120.0
"""for the first start, which waits until torch is loaded"""
PACKAGES = Path(__file__).parents[2]
STARTED = b"started"
MAX_FILES = 4096


def start_warm(function: str, args: Sequence[object], files: Sequence[int], lock: int) -> bool:
    """Call a function in a new process with torch loaded; false where there is no warm process and none can be made.

    `files` become its standard input, output and error, and it gets this process's environment and working directory. Its
    arguments are `args` and the number of the open file `lock`. OSError where it is not known whether it was started.
    """
    try:
        address = _folder() / f"{_version()}.socket"
        connection = _connected(address)
    except (OSError, subprocess.SubprocessError):
        return False
    request = {"function": function, "args": args, "environment": dict(os.environ), "directory": str(Path.cwd())}
    with closing(connection):
        try:
            socket.send_fds(connection, [b"1"], [*files, lock])
            connection.sendall(json.dumps(request).encode())
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(len(STARTED)) == STARTED
        except ConnectionError:
            return False


def _folder() -> Path:
    """The folder of the sockets; PermissionError where another user could open it."""
    folder = Path(tempfile.gettempdir()) / f"model-studio-warm-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} does not belong to this user alone")
    return folder


def _version() -> str:
    """What has to be the same: the interpreter, where it looks for modules, the code, and the namespace of process ids.

    Containers may share a folder, and a process id in one of them means another process in the other.
    """
    code = [(str(path), path.stat().st_mtime_ns) for part in ("backend", "shared_py") for path in (PACKAGES / part).rglob("*.py")]
    known = [sys.executable, sys.version, os.environ.get("PYTHONPATH", ""), *sorted(code)]
    with suppress(OSError):  # Linux has it
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return sha256(repr(known).encode()).hexdigest()[:16]


def _connected(address: Path) -> socket.socket:
    """A connection to the warm process, which is started where there is none. OSError."""
    with suppress(OSError):
        return _connection(address)
    before = os.environ.get("GLIBC_TUNABLES")
    settings = {"GLIBC_TUNABLES": f"{before}:{HEAP_SETTING}" if before else HEAP_SETTING}
    subprocess.run(  # noqa: S603  # a module of this package, without input from outside
        [sys.executable, "-m", "backend.cluster.warm_process", str(address)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | settings,
        timeout=BIND_S,
        check=True,
    )
    end_s = time.monotonic() + BIND_S
    while True:
        try:
            return _connection(address)
        except OSError:  # another worker has just started one, which does not listen yet
            if time.monotonic() >= end_s:
                raise
            time.sleep(RETRY_S)


def _connection(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_S)
    try:
        connection.connect(str(address))
    except BaseException:
        connection.close()
        raise
    return connection


# --- the warm process ---------------------------------------------------------------------------------------------


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
    os.setsid()
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("backend.process.preloading", "backend.cluster.attached_trainer"):
        import_module(name)
    try:
        _serve(listener, float(os.environ.get(IDLE_SETTING, IDLE_S)))
    finally:
        address.unlink(missing_ok=True)


def _serve(listener: socket.socket, idle_s: float) -> None:
    children = set[int]()
    listener.settimeout(min(LOOK_S, idle_s))
    used_s = time.monotonic()
    while children or time.monotonic() < used_s + idle_s:
        children = {child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0}
        with suppress(TimeoutError):
            connection, _ = listener.accept()
            with closing(connection):
                if (child := _start(connection, listener)) is not None:
                    children.add(child)
        used_s = time.monotonic() if children else used_s


def _start(connection: socket.socket, listener: socket.socket) -> int | None:
    """Start what a connection asks for; returns the process, None where the connection ended before."""
    connection.settimeout(LOOK_S)
    files: list[int] = []
    try:
        _, files, _, _ = socket.recv_fds(connection, 1, 4)
        request = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        if len(files) != 4:
            return None
        child = os.fork()
        if child == 0:
            listener.close()
            connection.close()
            _become(json.loads(request), files)
        connection.sendall(STARTED)
        return child
    except OSError:
        return None
    finally:
        for number in files:
            os.close(number)


def _become(request: dict[str, Any], files: Sequence[int]) -> NoReturn:
    """Call the function with the files, the environment and the directory of the process that asked."""
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
