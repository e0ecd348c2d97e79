"""The process on the server that follows a run in a Ray cluster: it starts the worker, and stores what it sends.

To the training manager it is the trainer: it holds the lock, sends heartbeats and obeys the same signals.
"""

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from backend.cluster.connection import connect
from backend.cluster.inbox import Inbox
from backend.cluster.remote_worker import Lost, RemoteWorker
from backend.cluster.resources import Needs, fits_some_node, needs_of, reason_to_wait
from backend.cluster.upload import upload_run
from backend.errors import ProcessFailed, is_disk_full
from backend.runs.executors import MAX_AUTOMATIC_RESUMES, count_automatic_resume
from backend.runs.failures import DISK_FULL, FILES_GONE
from backend.runs.heartbeat import HeartbeatWriter
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder

logger = logging.getLogger(__name__)
REASON_EVERY_S = 2.0
"""between two looks at what a run waits for"""
NODE_LOSS_S = 5.0
"""for the cluster to notice that a node is gone, before a place for the run is looked for"""


def relay(path: str, trainer: bytes | None, address: str) -> None:
    """Follow a run until it ends; ProcessFailed, ClusterUnavailable."""
    folder = RunFolder(Path(path))
    with Journal(folder, folder.request) as journal:
        control = Control(folder)
        with control.postponed_stop():  # Ray would end the process
            ray = connect(address)
        try:
            Relay(ray, folder, journal, control, trainer).run()
            ray.shutdown()
        except Exception as error:
            if is_disk_full(error):
                raise ProcessFailed(DISK_FULL) from error
            if not journal.has_ended:
                raise
            logger.exception("the run had ended when its relay failed")


class Control:
    """What the manager asks for by signals, and the heartbeats that it waits for."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self.stopping = folder.stop_marker.exists()
        self.paused = False
        self._listen()
        folder.lock.write_text(str(os.getpid()))
        self._heartbeat = HeartbeatWriter(folder.heartbeat)
        self._inode = folder.metrics.stat().st_ino

    @contextmanager
    def postponed_stop(self) -> Iterator[None]:
        """Keep SIGTERM until the end of the block, and install the handlers again, since Ray has its own."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            yield
        finally:
            self._listen()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            self.stopping = True
        else:
            self.paused = number == signal.SIGUSR1

    def beat(self, steps: int | None = None, *, saving: bool = False) -> None:
        """Write a heartbeat where one is due; FileNotFoundError once the files of the run have been deleted."""
        if saving:
            self._heartbeat.beat(steps, saving=True)
        self._heartbeat.beat_if_due(steps)
        if not self._folder.metrics.exists() or self._folder.metrics.stat().st_ino != self._inode:
            raise FileNotFoundError(FILES_GONE)


class Relay:
    """Follows one run from worker to worker."""

    def __init__(self, ray: Any, folder: RunFolder, journal: Journal, control: Control, trainer: bytes | None) -> None:
        self._ray, self._folder, self._journal, self._control = ray, folder, journal, control
        self._trainer = trainer
        self._needs: Needs = needs_of(folder, journal.config, ray.cluster_resources())
        self._reason: str | None = None

    def run(self) -> None:
        """Train on one node after the other, until the run has ended or was resumed too often."""
        while True:
            worker = RemoteWorker(self._ray, self._needs)
            try:
                if self._wait_for_place(worker):
                    worker.require_same_versions()
                    self._train(worker)
                return
            except Lost:
                logger.exception("a worker was lost")
                if self._journal.has_ended or not self._goes_on(worker):
                    return
            finally:
                worker.end()

    def _wait_for_place(self, worker: RemoteWorker) -> bool:
        """Wait until the worker is on a node; false where the run was stopped before."""
        look_s = time.monotonic() + REASON_EVERY_S
        while not worker.is_placed():
            self._control.beat()
            if self._control.stopping:
                self._journal.status("stopped", self._folder.stop_reason())
                return False
            if time.monotonic() >= look_s:
                look_s += REASON_EVERY_S
                self._tell(reason_to_wait(self._needs, self._ray.nodes(), self._ray.available_resources()))
        return True

    def _tell(self, reason: str) -> None:
        if reason != self._reason:
            self._journal.status("queued", reason)
            self._reason = reason

    def _train(self, worker: RemoteWorker) -> None:
        """Pass on requests and store what the worker sends, until its trainer has ended."""
        names = upload_run(worker, self._folder, self._journal, self._trainer, self._control.beat)
        self._folder.mark_start()
        inbox = Inbox(self._folder, self._journal)
        try:
            inbox.begin(names)
            self._store_all(worker, inbox)
        finally:
            inbox.close()
        if not self._journal.has_ended:
            raise Lost("the trainer ended without a message")

    def _store_all(self, worker: RemoteWorker, inbox: Inbox) -> None:
        has_stopped = is_paused = False
        while True:
            if self._control.stopping and not has_stopped:
                worker.ask("stop", self._folder.stop_reason())
                has_stopped = True
            if self._control.paused != is_paused:
                is_paused = self._control.paused
                worker.ask("pause" if is_paused else "resume")
            batch = worker.next_batch(inbox.received)
            inbox.store(batch)
            if batch.is_responding:
                self._control.beat(batch.steps, saving=batch.is_saving)
            if batch.has_ended:
                return

    def _goes_on(self, worker: RemoteWorker) -> bool:
        """Queue the run again where a node can take it and it was not resumed too often; otherwise it is interrupted."""
        end_s = time.monotonic() + NODE_LOSS_S
        while time.monotonic() < end_s and not self._control.stopping and worker.is_node_alive():
            self._control.beat()
            time.sleep(0.1)
        reason = worker.describe_loss()
        way = "resume to continue from the last checkpoint" if self._folder.checkpoint.exists() else "resume to begin again"
        if self._control.stopping:
            self._journal.status("stopped", f"{reason} before it had stopped; {way}")
        elif not fits_some_node(self._needs, worker.nodes()):
            self._journal.status("interrupted", f"{reason}, and no other node can take the run; {way}")
        elif (count := count_automatic_resume(self._folder.path, MAX_AUTOMATIC_RESUMES)) is None:
            self._journal.status("interrupted", f"{reason}, after {MAX_AUTOMATIC_RESUMES} automatic resumes; {way}")
        else:
            self._journal.status("queued", f"{reason}; resumed automatically ({count} of {MAX_AUTOMATIC_RESUMES})")
            self._reason = None
            return True
        return False
