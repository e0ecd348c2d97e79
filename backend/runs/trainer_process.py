"""The process of a trainer: signals, the network, the lines it writes, its checkpoints."""

import os
import pickle
import select
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import torch

from backend.errors import DamagedCheckpoint, ProcessFailed, WorkerLost, is_disk_full
from backend.models import GameTransformer
from backend.process.process import describe_exception, is_out_of_memory
from backend.runs.checkpoint_files import is_whole, thin_out
from backend.runs.checkpoints import load_checkpoint, load_first_whole, save_checkpoint
from backend.runs.failures import CANNOT_COMPILE, DISK_FULL, FILES_GONE, OUT_OF_MEMORY
from backend.runs.heartbeat import HEARTBEAT_S, HeartbeatWriter
from backend.runs.journal import Journal
from backend.runs.malloc import Heap
from backend.runs.process_setup import limit_to_estimate, network_of, training_threads
from backend.runs.progress import write_progress
from backend.runs.random_state import random_states, restore_random_states, seed_all
from backend.runs.run_folder import RunFolder
from backend.runs.worker_processes import follow, start_workers
from backend.training.divergence import WARNING, LossWatch, require_finite
from backend.training.loop import TrainingLoop
from backend.training.trainer import Trainer
from backend.training.trainers import TRAINERS
from backend.training.updates import require_finite_tensors
from backend.training.workers import Workers
from shared_py.estimation import share_of_worker
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import CheckpointCreated, Evaluation, EvaluationProgress, RunPhase, TrainingUpdate
from shared_py.training_config import TrainConfig

NICENESS = 10
AUTOGROUP = Path("/proc/self/autogroup")
MIN_PAUSE_S, MAX_PAUSE_S = 0.1, 0.5
"""between two updates: ten a second at first, two a second from the fifth minute on, so that a day stays readable"""
PAUSE_PER_SECOND = MAX_PAUSE_S / 300
PROGRESS_EVERY_S = 0.5
"""between two messages about the test games that are being played"""
LONG_SAVE_S = 1.0
"""saving that is expected to take longer is shown as a phase"""
SAVED_BYTES_PER_S = 100e6
"""before a save has been timed; a slow disk"""
STATES_PER_PARAMETER = 4
"""values stored per parameter: itself, Adam's two moments and its average"""
EVALUATION_SKIPPED = "test games skipped"


class SignalControl:
    """SIGTERM stops, SIGUSR1 pauses, SIGUSR2 continues; handlers only note it for `poll`, which also sends heartbeats."""

    def __init__(self, folder: RunFolder, journal: Journal, heartbeat: HeartbeatWriter) -> None:
        self._folder, self._journal, self._heartbeat = folder, journal, heartbeat
        self._wakes, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(self._wakes, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.stopping = self._paused = False
        self.has_stopped_trainer = False
        """whether `poll` has returned true, so that the trainer stops"""
        self.paused_s = 0.0
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, self._note)
        folder.lock.write_text(str(os.getpid()))
        self._own_files, self._next_look_s = self._files(), 0.0
        if folder.stop_marker.exists():
            self.stopping = True

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            self.stopping = True
        else:
            self._paused = number == signal.SIGUSR1

    def poll(self, before_pause: Callable[[], None] | None = None) -> bool:
        """Wait here while paused; true when the run is to stop. FileNotFoundError once the files of the run have been deleted."""
        self._beat()
        if self._paused and not self.stopping:
            began = time.monotonic()
            if before_pause is not None:
                before_pause()
            self._journal.status("paused")
            while self._paused and not self.stopping:
                readable, _, _ = select.select([self._wakes], [], [], HEARTBEAT_S)
                if readable:
                    os.read(self._wakes, 4096)
                self._beat()
            if not self.stopping:
                self._journal.status("running")
            self.paused_s += time.monotonic() - began
        self.has_stopped_trainer = self.stopping
        return self.stopping

    def _beat(self) -> None:
        self._heartbeat.beat_if_due()
        if time.monotonic() >= self._next_look_s:
            self._next_look_s = time.monotonic() + HEARTBEAT_S
            if self._files() != self._own_files:
                raise FileNotFoundError(FILES_GONE)  # the manager could no longer find or stop this process

    def _files(self) -> tuple[int, int] | None:
        """The inodes of lock and metrics; None where one is missing. A server that checks the lock creates a new one."""
        try:
            return self._folder.lock.stat().st_ino, self._folder.metrics.stat().st_ino
        except FileNotFoundError:
            return None


class JournalReport:
    """Writes what a trainer reports to the run's folder."""

    def __init__(
        self,
        folder: RunFolder,
        journal: Journal,
        config: TrainConfig,
        model: GameTransformer,
        trainer: Trainer,
        control: SignalControl,
        heap: Heap | None = None,
        heartbeat: HeartbeatWriter | None = None,
    ) -> None:
        self._heap = heap
        self._folder, self._journal, self._config = folder, journal, config
        self._model, self._trainer, self._control = model, trainer, control
        self._heartbeat = heartbeat or HeartbeatWriter(folder.heartbeat)
        self._began, self._processor_began_s = time.monotonic(), time.process_time()
        self._next_update = self._began
        self._next_progress = self._began
        self._unwritten: TrainingMetrics | None = None
        self._losses = LossWatch()
        self._losses.is_diverging = journal.warning is not None
        self._reports_losses = False
        self._saving_s = sum(parameter.nbytes for parameter in model.parameters()) * STATES_PER_PARAMETER / SAVED_BYTES_PER_S
        self.steps = 0
        self.others_s: Callable[[], float] = float
        """processor seconds of the other processes that train"""
        self.elapsed_before_s = 0.0
        self.processor_before_s: float | None = 0.0
        """None where the run continues from a checkpoint that does not say"""
        self._tests_began_s: float | None = None
        """processor time at the start of the test games that are being played"""
        self.best_score: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds of training, earlier parts of the run included, pauses not."""
        return self.elapsed_before_s + time.monotonic() - self._began - self._control.paused_s

    @property
    def processor_s(self) -> float | None:
        """Processor seconds of the training processes, earlier parts of the run included; None where those are unknown."""
        before = self.processor_before_s
        return None if before is None else before + time.process_time() - self._processor_began_s + self.others_s()

    def due(self) -> bool:
        """Whether it is time for the next update."""
        return time.monotonic() >= self._next_update

    def update(self, metrics: TrainingMetrics) -> None:
        """Write a training update, or keep the newest until one is due; FloatingPointError for a metric that is not finite."""
        require_finite(msgspec.structs.asdict(metrics))
        if metrics.loss is not None and not self._reports_losses:
            self._watch(metrics.loss)
        self.steps = metrics.steps
        self._unwritten = metrics
        self._heartbeat.beat_if_due(metrics.steps)
        if self.due():
            self._write_update(metrics)

    def finish(self) -> None:
        """Wait until an update may be written, then write the last one received."""
        if self._unwritten is not None:
            time.sleep(max(0.0, self._next_update - time.monotonic()))
            self._write_update(self._unwritten)

    def _write_update(self, metrics: TrainingMetrics) -> None:
        elapsed_s, self._unwritten = self.elapsed_s, None
        if self._heap is not None:
            self._heap.tidy()
        self._next_update = time.monotonic() + min(max(MIN_PAUSE_S, elapsed_s * PAUSE_PER_SECOND), MAX_PAUSE_S)
        filled_in = {"total_steps": self._config.total_steps, "elapsed_s": elapsed_s, "processor_s": self.processor_s}
        self._journal.write(TrainingUpdate(seq=0, run_id="", **(msgspec.structs.asdict(metrics) | filled_in)))

    def evaluation(self, evaluation: Evaluation) -> None:
        """Write an evaluation; FloatingPointError for a metric that is not finite."""
        require_finite(msgspec.structs.asdict(evaluation))
        used_s = self.processor_s if self._tests_began_s is None else self._tests_began_s
        self._journal.write(msgspec.structs.replace(evaluation, processor_s=used_s))

    def evaluation_progress(self, games_done: int, games: int, board: Sequence[int]) -> None:
        """Write the progress of the test games, about twice a second."""
        if time.monotonic() >= self._next_progress:
            self._next_progress = time.monotonic() + PROGRESS_EVERY_S
            progress = EvaluationProgress(0, "", self.steps, games_done, games, [int(cell) for cell in board])
            write_progress(self._folder.progress, progress)

    def loss(self, loss: float) -> None:
        """Set or clear the warning by the loss of a gradient step."""
        self._reports_losses = True
        require_finite({"loss": loss})
        self._watch(loss)

    def _watch(self, loss: float) -> None:
        if self._losses.add(loss):
            self._journal.warn(WARNING if self._losses.is_diverging else None)

    def phase(self, phase: RunPhase) -> None:
        """Write a change of phase."""
        self._tests_began_s = self.processor_s if phase == "evaluating" else None
        self._journal.enter(phase)

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Write a checkpoint; also as the best when the score is higher than every earlier one.

        FloatingPointError, with nothing stored, where a parameter is not finite. The phase only changes where saving takes long.
        """
        require_finite({} if score is None else {"score": score})
        require_finite_tensors("the weights", self._model.parameters())
        before, began = self._journal.phase, time.monotonic()
        if self._saving_s > LONG_SAVE_S:
            self._journal.enter("saving")
        self._save(steps, score)
        self._saving_s = time.monotonic() - began
        if before is not None:
            self._journal.enter(before)

    def _save(self, steps: int, score: float | None) -> None:
        is_best = score is not None and (self.best_score is None or score > self.best_score)
        if is_best:
            self.best_score = score
        state = {
            "model": self._model.state_dict(),
            "trainer": self._trainer.state_dict(),
            "random": random_states(),
            "steps": steps,
            "score": score,
            "best_score": self.best_score,
            "elapsed_s": self.elapsed_s,
            "processor_s": self.processor_s,
            "losses": self._losses.state_dict() | {"told": self._reports_losses},
            "design_hash": self._model.design_hash,
        }
        self._heartbeat.beat(steps, saving=True)
        folder = self._folder
        copies, also = [folder.best] if is_best else [], [folder.spaced_at(steps)]
        save_checkpoint(folder.checkpoint, state, also, copies, folder.previous)
        thin_out(self._folder.spaced())
        self.steps = steps
        self._journal.write(CheckpointCreated(0, "", steps, score))
        self._heartbeat.beat(steps)

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self._model.load_state_dict(state["model"])
        self._trainer.load_state_dict(state["trainer"])
        restore_random_states(state["random"])
        self.elapsed_before_s = state["elapsed_s"]
        self.processor_before_s = state.get("processor_s")
        self.best_score = state["best_score"]
        if "losses" in state:
            self._losses.load_state_dict(state["losses"])
            self._reports_losses = state["losses"]["told"]
        self.steps = state["steps"]
        self._heartbeat.beat(state["steps"])


def train(path: str, pickled_trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    """Train the run in this folder until it ends or is stopped; ProcessFailed with a sentence for the person."""
    try:
        _train(RunFolder(Path(path)), pickled_trainer, memory_limit_bytes)
    except Exception as error:
        raise ProcessFailed(failure_message(error, memory_limit_bytes)) from error


def lower_priority() -> None:
    """Lower the priority in this session, and of the session where Linux shares time among sessions (sched(7), autogroup)."""
    os.nice(NICENESS)
    with suppress(OSError):  # there is no such file where Linux does not
        AUTOGROUP.write_text(str(NICENESS))


def failure_message(error: Exception, memory_limit_bytes: int | None) -> str:
    """Why a run failed, and what a person can do about it, in one sentence."""
    if is_out_of_memory(error):
        limit = "there is" if memory_limit_bytes is None else f"the {memory_limit_bytes / 1e6:,.0f} MB it may take"
        available = "the GPU has" if isinstance(error, torch.OutOfMemoryError) else limit
        return f"{OUT_OF_MEMORY} {available}; a smaller microbatch_size needs less"
    if is_disk_full(error):
        return DISK_FULL
    if type(error).__module__.startswith(("torch._inductor", "torch._dynamo")):
        return f"{CANNOT_COMPILE}; set compile to never"
    if isinstance(error, (FloatingPointError, DamagedCheckpoint, WorkerLost)):
        return str(error)
    return f"{describe_exception(error)}; log.txt in the folder of the run says where"


def _newest_state(folder: RunFolder, journal: Journal) -> dict[str, Any]:
    """The state to continue from; damaged checkpoints are set aside, so that none counts as the best, and the run says so."""
    state, damaged = load_first_whole(folder.checkpoints())
    if damaged:
        if folder.best.exists() and not is_whole(folder.best):
            damaged.append(folder.best)
        for path in damaged:
            with suppress(FileNotFoundError):
                path.replace(folder.set_aside(path))
        state["best_score"] = load_checkpoint(folder.best)["score"] if folder.best.exists() else None
        journal.status("running", f"its newest checkpoint was damaged; it continues after {state['steps']:,} moves")
    return state


def _train(folder: RunFolder, pickled_trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    request = folder.request
    lower_priority()
    size = request.config.workers if pickled_trainer is None else 1
    if size > 1:
        limit = None if memory_limit_bytes is None else memory_limit_bytes // size
        store, processes = start_workers(size, lambda rank, store: follow(folder, rank, size, store, limit))
    with Journal(folder, request) as journal:
        heartbeat = HeartbeatWriter(folder.heartbeat)
        control = SignalControl(folder, journal, heartbeat)
        journal.status("running")
        config = journal.config
        torch.set_num_threads(training_threads(config))
        heap = limit_to_estimate(
            folder, share_of_worker(config), None if memory_limit_bytes is None else memory_limit_bytes // size
        )
        seed_all(config.seed)
        model = network_of(folder, 0)
        own = TRAINERS[config.algorithm]
        trainer: Trainer = own() if pickled_trainer is None else pickle.loads(pickled_trainer)  # noqa: S301  # ours
        report = JournalReport(folder, journal, config, model, trainer, control, heap, heartbeat)
        if size > 1:
            assert isinstance(trainer, TrainingLoop)
            trainer.workers = Workers(0, size, store, processes)
            trainer.workers.hand_out([config] * size)
            shutil.rmtree(store.parent, ignore_errors=True)  # every process has found the others
            report.others_s = trainer.workers.processor_s
        if folder.checkpoints():
            report.restore(_newest_state(folder, journal))
        trainer.train(model, config, report, control)
        report.finish()
        if control.stopping and report.steps < config.total_steps:
            journal.status("stopped", folder.stop_reason())
        else:
            would_test = isinstance(trainer, TrainingLoop) or journal.phase == "evaluating"
            journal.status("finished", EVALUATION_SKIPPED if control.has_stopped_trainer and would_test else None)
