"""A run on a node of the cluster: a temporary folder, and in it the same trainer as on the server."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from signal import SIGUSR1, SIGUSR2
from typing import Literal

import msgspec

from backend.cluster.batches import Batch, FileNames, Received
from backend.cluster.fork_server import start_by_fork
from backend.cluster.outbox import Outbox, named_checkpoints
from backend.process.process import environment_with_heap_setting
from backend.runs.heartbeat import read_heartbeat
from backend.runs.run_folder import RunFolder
from backend.runs.stopping import ask_to_stop, signal_trainer
from backend.runs.vitals import Limits, Vitals

WAIT_S, LOOK_S = 0.25, 0.02
"""how long a call waits for something to send, and how often it looks"""
MODULE = "backend.cluster.attached_trainer"
MAIN = f"{MODULE}:main"
"""the supervisor of the trainer"""
TRAINER = "trainer.pickle"
"""the file of an external trainer"""
Request = Literal["stop", "pause", "resume"]


class NodeRun:
    """The calls of a worker; they come one after the other."""

    def __init__(self) -> None:
        self._folder = RunFolder(Path(tempfile.mkdtemp(prefix="model-studio-run-")))
        self._vitals = Vitals(Limits())

    def write(self, name: str, content: bytes) -> None:
        """Append to a file of the folder."""
        path = self._folder.path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as file:
            file.write(content)

    def start(self) -> FileNames:
        """Start the trainer; returns the checkpoints that it starts with."""
        names = {name: _content_id(path) for name, path in named_checkpoints(self._folder).items()}
        lock = self._folder.take_lock()
        assert lock is not None, "the folder is new"
        first_byte = self._folder.metrics.stat().st_size
        self._outbox = Outbox(self._folder, first_byte, names)
        self._start_trainer(lock)
        self._vitals.since_s = time.monotonic()
        return names

    def _start_trainer(self, lock: int) -> None:
        """Start its supervisor, by fork where that is possible; both keep the lock."""
        leash, self._leash = os.pipe()  # the other end is closed when this process ends, however it ends
        try:
            with self._folder.log.open("ab") as log:
                if not start_by_fork(MAIN, [str(self._folder.path)], [leash, log.fileno(), log.fileno()], lock):
                    self._start_interpreter(leash, lock, log.fileno())
        except BaseException:
            os.close(self._leash)  # ends what may have been started
            raise
        finally:
            os.close(leash)
            os.close(lock)

    def _start_interpreter(self, leash: int, lock: int, log: int) -> None:
        """Start the supervisor in a new interpreter; returns once it goes on by itself."""
        subprocess.run(  # noqa: S603  # a module of this package, without input from outside
            [sys.executable, "-m", MODULE, str(self._folder.path), str(lock)],
            pass_fds=(lock,),
            stdin=leash,
            stdout=log,
            stderr=log,
            env=environment_with_heap_setting(),
            start_new_session=True,
            check=True,
        )

    def next(self, received: Received) -> Batch:
        """What comes after what the server has; waits a moment where there is nothing yet."""
        end_s = time.monotonic() + WAIT_S
        while True:
            batch = self._outbox.batch(received, is_alive=self._folder.is_locked())
            if batch != Batch() or time.monotonic() >= end_s:
                return self._with_vitals(batch)
            time.sleep(LOOK_S)

    def ask(self, request: Request, reason: str | None = None) -> None:
        """Stop, pause or resume the trainer, as a signal does on the server."""
        if request == "stop":
            if reason is not None:
                self._folder.write_stop_reason(reason)
            self._folder.stop_marker.touch()
            ask_to_stop(self._folder)
        else:
            signal_trainer(self._folder, SIGUSR1 if request == "pause" else SIGUSR2)

    def _with_vitals(self, batch: Batch) -> Batch:
        beat, pid = read_heartbeat(self._folder.heartbeat), self._folder.trainer_pid()
        self._vitals.update(beat, pid, time.monotonic(), 0.0)
        return msgspec.structs.replace(
            batch,
            steps=beat.steps if beat is not None else 0,
            is_saving=beat is not None and beat.saving,
            is_responding=self._vitals.responding,
        )


def _content_id(path: Path) -> str:
    status = path.stat()
    return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
