"""A cluster of this machine alone, made by the server: a process that keeps it while a server or a run needs it.

It outlives the server as trainers do, so that runs continue; the next server on the same data finds it.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from backend.cluster.availability import ClusterUnavailable
from backend.process.file_lock import take_lock
from backend.runs.run_folder import RunFolder

START_S = 120.0
LOOK_S = 1.0
ONLY_OWNER = 0o600
ADDRESS, KEEPER_LOCK, USER_LOCK, TOKEN = "address", "keeper.lock", "users.lock", "token"
"""in the folder `cluster` of the data: where the cluster is, the locks of its keeper and of its servers, its token"""


def own_cluster_address(data_dir: Path) -> str:
    """The address of this server's own cluster, which is started where none runs; CannotStart."""
    folder = data_dir / "cluster"
    folder.mkdir(parents=True, exist_ok=True)
    _note_use(folder)
    _use_token(folder / TOKEN)
    if (lock := take_lock(folder / KEEPER_LOCK)) is not None:
        os.close(lock)
        (folder / ADDRESS).unlink(missing_ok=True)
        with (folder / "log.txt").open("ab") as log:
            keeper = subprocess.Popen(  # noqa: S603  # a module of this package, without input from outside
                [sys.executable, "-m", "backend.cluster.keeper", str(data_dir)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    else:
        keeper = None
    end_s = time.monotonic() + START_S
    while not (folder / ADDRESS).exists():
        if time.monotonic() > end_s or (keeper is not None and keeper.poll() is not None):
            raise ClusterUnavailable(f"Ray did not start on this machine; {folder / 'log.txt'} says why")
        time.sleep(0.05)
    return (folder / ADDRESS).read_text()


def _use_token(path: Path) -> None:
    """Make everything of Ray that this process starts want the token of the cluster, since Ray listens on every interface."""
    if not path.exists():
        with suppress(FileExistsError), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER), "w") as file:
            file.write(secrets.token_hex(32))
    os.environ.pop("RAY_AUTH_TOKEN", None)  # it would take precedence
    os.environ.update({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(path)})


def is_needed(data_dir: Path) -> bool:
    """Whether a server uses the cluster, or a run in it has not ended."""
    if (lock := take_lock(data_dir / "cluster" / USER_LOCK)) is None:
        return True
    os.close(lock)
    return any(RunFolder(path).is_locked() for path in (data_dir / "runs").glob("[!.]*") if (path / "lock").exists())


def take_keeper_lock(data_dir: Path) -> int | None:
    """The lock that shows that a cluster is kept; None where another process keeps one."""
    return take_lock(data_dir / "cluster" / KEEPER_LOCK)


def _note_use(folder: Path) -> None:
    """Hold the shared lock of servers until this process ends."""
    descriptor = os.open(folder / USER_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
