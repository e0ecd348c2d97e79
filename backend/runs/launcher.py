"""Starts the processes of runs, each from a thread of its own, since the fork server may still be loading torch."""

import logging
import os
import pickle
import threading
import time

from backend.errors import ProcessFailed
from backend.process.process import start_detached
from backend.runs.executors import Executor
from backend.runs.failures import CANNOT_START, NOT_REGISTERED
from backend.runs.journal import on_trainer_exit
from backend.runs.tracked_run import TrackedRun
from backend.runs.vitals import Limits, Vitals
from backend.training.trainer import Trainer

MAX_LAUNCH_S = 30.0
_log = logging.getLogger(__name__)


class Launcher:
    """Starts processes for runs with the built-in trainers and the registered external ones."""

    def __init__(self, limits: Limits, executor: Executor) -> None:
        self._limits, self._executor = limits, executor
        self._trainers: dict[str, bytes] = {}
        self._threads: list[threading.Thread] = []

    def add_trainer(self, trainer: Trainer) -> None:
        """Register an external trainer; afterwards runs with its name can be started."""
        self._trainers[trainer.name] = pickle.dumps(trainer)

    def launch(self, tracked: TrackedRun, lock: int) -> bool:
        """Start the process of a queued run whose lock is held; false, and the run has failed, if its trainer is unknown."""
        tracked.launched = True
        tracked.vitals = Vitals(self._limits, time.monotonic())
        tracked.folder.heartbeat.unlink(missing_ok=True)
        tracked.folder.lock.write_text("")
        name = tracked.request.trainer
        if tracked.request.is_external and name not in self._trainers:
            tracked.end("failed", f"this run is trained by {name}, {NOT_REGISTERED}")
            os.close(lock)
            return False
        trainer = self._trainers[name] if tracked.request.is_external else None
        thread = threading.Thread(target=_start_process, args=(tracked, lock, trainer, self._executor), daemon=True)
        self._threads = [started for started in self._threads if started.is_alive()]
        self._threads.append(thread)
        thread.start()
        return True

    def close(self) -> None:
        """Wait for processes that are being started."""
        for thread in self._threads:
            thread.join(MAX_LAUNCH_S)


def _start_process(tracked: TrackedRun, lock: int, trainer: bytes | None, executor: Executor) -> None:
    folder = tracked.folder
    try:
        start_detached(
            executor.function,
            str(folder.path),
            trainer,
            executor.argument,
            lock=lock,
            log=folder.log,
            on_death=executor.on_death,
        )
    except (OSError, EOFError, ProcessFailed) as error:
        _log.exception("run %s could not be started", tracked.request.id)
        sentence = f"{CANNOT_START}: {error}; resume to try again"
        on_trainer_exit(str(folder.path), None, None, sentence, False)
    finally:
        os.close(lock)
