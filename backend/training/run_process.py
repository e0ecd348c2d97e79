"""The inside of a trainer's process: signals, the network, the lines it writes, its checkpoints."""

import os
import pickle
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import torch

from backend.errors import DamagedCheckpoint, ProcessFailed, is_disk_full
from backend.machine.hardware import usable_memory_bytes
from backend.models import GameTransformer
from backend.models.source import load_file
from backend.processes import describe_exception, is_out_of_memory, limit_memory
from backend.training.checkpoints import load_checkpoint, load_first_whole, save_checkpoint, thin_out
from backend.training.heap import keep_compact_if_short
from backend.training.heartbeat import HEARTBEAT_S, HeartbeatWriter
from backend.training.random_state import random_states, restore_random_states, seed_all
from backend.training.run_folder import DISK_FULL, Journal, RunFolder, is_whole
from backend.training.trainer import Progress, Trainer
from backend.training.trainers import TRAINERS
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.estimation import estimate_memory
from shared_py.protocol import CheckpointCreated, Evaluation, TrainingUpdate
from shared_py.training_config import TrainConfig

NICENESS = 10
AUTOGROUP = Path("/proc/self/autogroup")
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 0.5
"""between two updates: ten a second at first, two a second from the fifth minute on, so that a day stays readable"""
PAUSE_PER_SECOND = LONGEST_PAUSE_S / 300
RESERVED_BYTES = 512_000_000
"""what libraries reserve for the code they write for each shape of tensors, and hardly touch; 240 MB were the most measured"""
THREAD_BYTES = 18_000_000
"""what each thread reserves for its stack and heap and hardly touches; measured"""


class SignalControl:
    """SIGTERM stops, SIGUSR1 pauses, SIGUSR2 goes on; handlers only note it; the trainer polls, which sends the heartbeat too."""

    def __init__(self, folder: RunFolder, journal: Journal, heartbeat: HeartbeatWriter) -> None:
        self._journal, self._heartbeat = journal, heartbeat
        self._wakes, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(self._wakes, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.stopping = self._paused = False
        self.paused_s = 0.0
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, self._note)
        folder.lock.write_text(str(os.getpid()))
        if folder.stop_marker.exists():
            self.stopping = True

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            self.stopping = True
        else:
            self._paused = number == signal.SIGUSR1

    def poll(self) -> bool:
        """Wait here while paused; true when the run is to stop."""
        self._heartbeat.beat_if_due()
        if self._paused and not self.stopping:
            began = time.monotonic()
            self._journal.status("paused")
            while self._paused and not self.stopping:
                readable, _, _ = select.select([self._wakes], [], [], HEARTBEAT_S)
                if readable:
                    os.read(self._wakes, 4096)
                self._heartbeat.beat_if_due()
            if not self.stopping:
                self._journal.status("running")
            self.paused_s += time.monotonic() - began
        return self.stopping


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
        heartbeat: HeartbeatWriter | None = None,
    ) -> None:
        self._folder, self._journal, self._config = folder, journal, config
        self._model, self._trainer, self._control = model, trainer, control
        self._heartbeat = heartbeat or HeartbeatWriter(folder.heartbeat)
        self._began = time.monotonic()
        self._next_update = self._began
        self._kept: Progress | None = None
        self.elapsed_before_s = 0.0
        self.best_score: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds of training, earlier parts of the run included, pauses not."""
        return self.elapsed_before_s + time.monotonic() - self._began - self._control.paused_s

    def due(self) -> bool:
        """Whether the last update is long enough ago."""
        return time.monotonic() >= self._next_update

    def update(self, progress: Progress) -> None:
        """Write a training update, or keep it while none is due; of those kept the newest counts."""
        self._kept = progress
        self._heartbeat.beat_if_due(progress.steps)
        if self.due():
            self._write_kept(progress)

    def finish(self) -> None:
        """Write the update that is kept, as soon as it is due."""
        if self._kept is not None:
            time.sleep(max(0.0, self._next_update - time.monotonic()))
            self._write_kept(self._kept)

    def _write_kept(self, progress: Progress) -> None:
        elapsed_s, self._kept = self.elapsed_s, None
        self._next_update = time.monotonic() + min(max(SHORTEST_PAUSE_S, elapsed_s * PAUSE_PER_SECOND), LONGEST_PAUSE_S)
        figures = msgspec.structs.asdict(progress)
        total = self._config.total_steps
        self._journal.write(TrainingUpdate(seq=0, run_id="", total_steps=total, elapsed_s=elapsed_s, **figures))

    def evaluation(self, evaluation: Evaluation) -> None:
        """Write an evaluation."""
        self._journal.write(evaluation)

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Store everything; also as the best when no earlier score was higher."""
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
            "design_hash": self._model.design_hash,
        }
        self._heartbeat.beat(steps, saving=True)
        names = [self._folder.best] if is_best else []
        save_checkpoint(self._folder.checkpoint, state, also=[*names, self._folder.spaced_at(steps)])
        thin_out(self._folder.spaced())
        self._journal.write(CheckpointCreated(0, "", steps, score))
        self._heartbeat.beat(steps)

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._model.load_state_dict(state["model"])
        self._trainer.load_state_dict(state["trainer"])
        restore_random_states(state["random"])
        self.elapsed_before_s = state["elapsed_s"]
        self.best_score = state["best_score"]
        self._heartbeat.beat(state["steps"])


def training_threads(config: TrainConfig) -> int:
    """The threads asked for, one a core at most; by default one core is left to the server."""
    cores = os.cpu_count() or 1
    return min(config.threads, cores) or max(1, cores - 1)


def _keep_to_the_estimate(folder: RunFolder, config: TrainConfig, memory_limit_bytes: int | None) -> None:
    """Leave no holes in the heap where memory is short, and take no more than the limit; a card's memory ends by itself."""
    sizes = analyse(decode_design(folder.design.read_bytes())).sizes
    keep_compact_if_short(estimate_memory(sizes, config).training, memory_limit_bytes or usable_memory_bytes())
    if memory_limit_bytes is not None and not torch.cuda.is_available():
        limit_memory(memory_limit_bytes + RESERVED_BYTES + THREAD_BYTES * training_threads(config))


def train(path: str, pickled_trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    """Train the run in this folder to its end or a stop: a trainer's process. ProcessFailed tells what can be done."""
    try:
        _train(RunFolder(Path(path)), pickled_trainer, memory_limit_bytes)
    except Exception as error:
        raise ProcessFailed(what_can_be_done(error, memory_limit_bytes)) from error


def yield_to_others() -> None:
    """Take a low priority within this session, and for all of it where Linux shares time among sessions (sched(7), autogroup)."""
    os.nice(NICENESS)
    with suppress(OSError):  # where it does not, nor has the file
        AUTOGROUP.write_text(str(NICENESS))


def what_can_be_done(error: Exception, memory_limit_bytes: int | None) -> str:
    """Why a run failed, and what a person can do about it, in one sentence."""
    if is_out_of_memory(error):
        most = "there is" if memory_limit_bytes is None else f"the {memory_limit_bytes / 1e6:,.0f} MB it may take"
        place = "the card has" if isinstance(error, torch.OutOfMemoryError) else most
        return f"needs more memory than {place}; a smaller microbatch_size needs less"
    if is_disk_full(error):
        return DISK_FULL
    if type(error).__module__.startswith(("torch._inductor", "torch._dynamo")):
        return "this machine cannot prepare the network with torch.compile; set compile to never"
    if isinstance(error, (FloatingPointError, DamagedCheckpoint)):
        return str(error)
    return f"{describe_exception(error)}; log.txt in the folder of the run tells where"


def _newest_state(folder: RunFolder, journal: Journal) -> dict[str, Any]:
    """The state to go on from; what is damaged goes, so that nothing is measured against it, and that is told."""
    state, damaged = load_first_whole(folder.checkpoints())
    if damaged:
        if folder.best.exists() and not is_whole(folder.best):
            damaged.append(folder.best)
        for path in damaged:
            path.unlink(missing_ok=True)
        state["best_score"] = load_checkpoint(folder.best)["score"] if folder.best.exists() else None
        journal.status("running", f"its newest checkpoint was damaged; it goes on after {state['steps']:,} moves")
    return state


def _train(folder: RunFolder, pickled_trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    request = folder.request
    yield_to_others()
    with Journal(folder, request) as journal:
        heartbeat = HeartbeatWriter(folder.heartbeat)
        control = SignalControl(folder, journal, heartbeat)
        journal.status("running")
        torch.set_num_threads(training_threads(request.config))
        _keep_to_the_estimate(folder, request.config, memory_limit_bytes)
        seed_all(request.config.seed)
        module = load_file(folder.model, f"run_{request.id}")
        model: GameTransformer = module.GeneratedModel(**request.model_config)
        model.to("cuda" if torch.cuda.is_available() else "cpu")
        own = TRAINERS[request.config.algorithm]
        trainer: Trainer = own() if pickled_trainer is None else pickle.loads(pickled_trainer)  # noqa: S301  # ours
        report = JournalReport(folder, journal, request.config, model, trainer, control, heartbeat)
        if folder.checkpoints():
            report.take_up(_newest_state(folder, journal))
        trainer.train(model, request.config, report, control)
        report.finish()
        journal.status("stopped" if control.stopping else "finished")
