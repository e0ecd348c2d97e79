"""Signals to a trainer, and the escalation of a stop: request, repeat, kill, give up; each step has a time limit."""

import logging
import os
import signal
from contextlib import suppress

from msgspec import Struct

from backend.runs.heartbeat import Heartbeat
from backend.runs.run_folder import RunFolder
from backend.runs.vitals import Limits

logger = logging.getLogger(__name__)


class Escalation(Struct):
    """How far a stop has come; times are of the monotonic clock."""

    asked_s: float
    second_request_sent: bool = False
    session: int | None = None
    """of trainer and supervisor, noted before the trainer is killed"""
    killed_s: float | None = None
    is_session_killed: bool = False


def signal_trainer(folder: RunFolder, *numbers: signal.Signals) -> int | None:
    """Signal a trainer and return its process id; None is no error, since one that has not started yet finds the stop marker."""
    pid = folder.trainer_pid()
    if pid is not None:
        for number in numbers:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                logger.info("trainer %d ended before the signal reached it", pid)
    return pid


def wake_supervisor(pid: int) -> None:
    """Continue the supervisor of a trainer if it was suspended, so that it can write how the trainer exited."""
    if (session := _session_of(pid)) is not None:
        with suppress(ProcessLookupError):
            os.kill(session, signal.SIGCONT)


def escalate(stop: Escalation, folder: RunFolder, limits: Limits, heartbeat: Heartbeat | None, now_s: float, reason: str) -> bool:
    """Take the step of a stop that is due; returns true when even SIGKILL did not end the process.

    `reason` is recorded before the kill and becomes the reason of the final status.
    """
    if not stop.second_request_sent and now_s >= stop.asked_s + limits.repeat_stop_s:
        stop.second_request_sent = True
        ask_to_stop(folder)
    if stop.killed_s is None:
        if now_s >= _kill_at(stop, limits, heartbeat):
            _kill(stop, folder, now_s, reason)
        return False
    if not stop.is_session_killed and now_s >= stop.killed_s + limits.kill_s / 2:
        stop.is_session_killed = True
        if stop.session is not None and folder.trainer_pid() is not None:  # the lock is held, so the id has not been reused
            with suppress(ProcessLookupError):
                os.killpg(stop.session, signal.SIGKILL)
    return now_s >= stop.killed_s + limits.kill_s


def ask_to_stop(folder: RunFolder) -> None:
    """Ask a trainer to write a checkpoint and end; a suspended one is continued, so that it receives the signal."""
    pid = signal_trainer(folder, signal.SIGTERM, signal.SIGCONT)
    if pid is not None:
        wake_supervisor(pid)


def _kill_at(stop: Escalation, limits: Limits, heartbeat: Heartbeat | None) -> float:
    """When a process that was asked to stop is killed; a checkpoint that is being written gets more time."""
    kill_at_s = stop.asked_s + limits.stop_s
    if heartbeat is not None and heartbeat.saving:
        kill_at_s = max(kill_at_s, heartbeat.monotonic_s + limits.saving_s)
    return kill_at_s


def _kill(stop: Escalation, folder: RunFolder, now_s: float, reason: str) -> None:
    stop.killed_s = now_s
    with suppress(OSError):  # on a full disk the run then fails as killed
        folder.stop_by_force(reason)
    pid = folder.trainer_pid()
    if pid is None:
        return
    stop.session = _session_of(pid)
    logger.warning("trainer %d does not respond to a stop and is killed", pid)
    signal_trainer(folder, signal.SIGKILL)
    wake_supervisor(pid)


def _session_of(pid: int) -> int | None:
    """The session of a trainer, which is its supervisor's process id; None if it has exited, or is in this process's session."""
    try:
        session = os.getsid(pid)
    except ProcessLookupError:
        return None
    return None if session == os.getsid(0) else session
