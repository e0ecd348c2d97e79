"""Whether a trainer's process responds, judged by its heartbeats, its state and its processor time; no torch, no server.

How long a silence may last depends on what the process does meanwhile:

- a suspended or dead process (SIGSTOP, a debugger, a zombie) cannot send a heartbeat, so a short silence is enough;
- one that uses no processor time waits for something: a checkpoint of a gigabyte takes minutes to reach a slow disk, and
  torch.compile waits for the C++ compiler for a minute on a busy machine;
- one that computes may be in a long operation: a pass over a large minibatch takes many minutes on a small machine.
"""

import os
from pathlib import Path

from msgspec import Struct

from backend.runs.heartbeat import Heartbeat

BUSY_SHARE = 0.05
"""of one core: a process below it is idle"""
OBSERVE_S = 5.0
"""before a process can be called idle"""
SUSPENDED_STATES = frozenset("TtZX")
"""proc(5): stopped by a signal, stopped by a debugger, zombie, dead"""


class Limits(Struct, frozen=True):
    """How long a process may be silent, and how long each step of a stop waits, in seconds."""

    suspended_s: float = 10.0
    """silence of a process that is suspended or dead: ten heartbeats"""
    idle_s: float = 300.0
    """silence of a process that uses no processor time"""
    busy_s: float = 1800.0
    """silence of a process that computes, or whose state the system does not report"""
    repeat_stop_s: float = 10.0
    """from a stop to the second request"""
    stop_s: float = 60.0
    """from a stop to SIGKILL: a pass over a minibatch and the last checkpoint take seconds"""
    saving_s: float = 300.0
    """from the start of a checkpoint that is being written to SIGKILL"""
    kill_s: float = 10.0
    """from SIGKILL to the run being given up: a process in an uninterruptible system call does not die before the call ends"""


class ProcessState(Struct, frozen=True):
    """The state of a process as the system reports it."""

    is_suspended: bool
    """cannot run: stopped, or dead"""
    processor_s: float
    """processor time used so far"""


def process_state(pid: int) -> ProcessState | None:
    """The state of a process; None where the system does not report it (no procfs)."""
    if not Path("/proc/self/stat").exists():
        return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ProcessState(is_suspended=True, processor_s=0.0)  # it has exited
    ticks = int(fields[11]) + int(fields[12])
    return ProcessState(fields[0] in SUSPENDED_STATES, ticks / os.sysconf("SC_CLK_TCK"))


class Vitals(Struct):
    """The heartbeats of one process read so far, and whether it counts as responding."""

    limits: Limits
    since_s: float | None = None
    """when the process was launched (monotonic); None for one found running, which may be of a version without heartbeats"""
    heartbeat: Heartbeat | None = None
    responding: bool = True
    _observed: tuple[float, ProcessState] | None = None
    """when the process was first observed in this silence, and its state then"""

    def update(self, heartbeat: Heartbeat | None, pid: int | None, now_s: float, awake_since_s: float) -> None:
        """Update `responding`; silence before `awake_since_s` does not count, since this process may have been suspended."""
        if heartbeat is not None and heartbeat != self.heartbeat:
            self.heartbeat, self._observed = heartbeat, None
        last_s = self.since_s if self.heartbeat is None else max(self.heartbeat.monotonic_s, self.since_s or 0.0)
        if last_s is None:
            return
        silent_s = now_s - max(last_s, awake_since_s)
        self.responding = silent_s <= self.limits.suspended_s or silent_s <= self._limit_s(pid, now_s)

    def _limit_s(self, pid: int | None, now_s: float) -> float:
        """How long the process may be silent, by what it does."""
        if pid is None:
            return self.limits.idle_s  # it is being forked
        state = process_state(pid)
        if state is None:
            return self.limits.busy_s
        if state.is_suspended:
            return self.limits.suspended_s
        if self._observed is None:
            self._observed = now_s, state
        began_s, before = self._observed
        observed_s = now_s - began_s
        is_idle = observed_s >= OBSERVE_S and state.processor_s - before.processor_s < BUSY_SHARE * observed_s
        return self.limits.idle_s if is_idle else self.limits.busy_s
