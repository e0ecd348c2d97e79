"""Data-parallel training: several processes play games of their own, and their gradients are averaged.

The process of rank 0 is the trainer that the server knows: it reports, stores checkpoints and plays test games, and the others
wait meanwhile. They meet at the end of each rollout and before each step; there rank 0 tells the others to go on, to send their
state, or to end, so that a checkpoint has the state of all of them after the same step.
"""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from backend.errors import WorkerLost
from backend.process.process import describe_exit

PATIENCE = timedelta(days=365)
"""for the others, since a run may be paused for long; a process that ends is noticed at once"""
LOOPBACK = ("lo", "lo0")
OF_ALL = ("optimizer", "figures", "workers")
"""parts of the state that all processes of a run have in common"""


class Command(IntEnum):
    """What rank 0 tells the others."""

    GO, STATE, END = range(3)


def seed_of(seed: int, rank: int) -> int:
    """The seed of a process: for rank 0 that of the run, for others one derived from it by `numpy.random.SeedSequence`."""
    return seed if rank == 0 else int(np.random.SeedSequence([seed, rank]).generate_state(1)[0]) & 0x7FFFFFFF


def states_of_each(state: dict[str, Any], size: int) -> list[dict[str, Any]]:
    """The states with which the processes of a run continue; empty ones where it begins."""
    if not state:
        return [{}] * size
    shared = {name: state[name] for name in OF_ALL if name in state}
    return [state, *(shared | own for own in state["workers"])]


class Workers:
    """The processes of one run, as one of them sees them; every method is called by all of them in the same order."""

    def __init__(self, rank: int, size: int, store: Path, processes: Sequence[int] = ()) -> None:
        """Join the group through the new file `store`; `processes` are the ids of the others, for rank 0."""
        self.rank, self.size, self.processes = rank, size, list(processes)
        self._ended_s = 0.0
        self.state: Callable[[], dict[str, Any]] = dict
        """gives the state of a process other than rank 0"""
        # gloo listens on the address of the host otherwise
        os.environ["GLOO_SOCKET_IFNAME"] = next(name for _, name in socket.if_nameindex() if name in LOOPBACK)
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.device_count() >= size else "gloo"
        with self._watched():
            dist.init_process_group(backend, store=dist.FileStore(str(store), size), rank=rank, world_size=size, timeout=PATIENCE)

    def begin(self) -> bool:
        """Go on together; false in the others when the run ends."""
        if self.rank == 0:
            self._tell(Command.GO)
            return True
        while (command := self._told()) == Command.STATE:
            self._gather(self.state())
        return command == Command.GO

    def average(self, tensors: Sequence[Tensor]) -> bool:
        """Replace float tensors by their mean over all processes; false, and they stay, when the run ends."""
        if not self.begin():
            return False
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        with self._watched():
            dist.all_reduce(flat)
        flat /= self.size
        for tensor, mean in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))
        return True

    def spread(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors by those of rank 0."""
        with self._watched():
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    def hand_out(self, states: Sequence[Any] | None) -> Any:
        """What rank 0 has for each process."""
        received: list[Any] = [None]
        with self._watched():
            dist.scatter_object_list(received, None if states is None else list(states), 0)
        return received[0]

    def collect(self, own: Any) -> list[Any]:
        """What every process has, in the order of their ranks; empty in the others."""
        return self._gather(own)

    def states(self) -> list[dict[str, Any]]:
        """The states of the others; for rank 0 alone, at any moment."""
        self._tell(Command.STATE)
        return self._gather(None)[1:]

    def end(self) -> None:
        """End the others; for rank 0 alone."""
        self._tell(Command.END)
        self._ended_s = self.processor_s()
        for process in self.processes:
            with suppress(ChildProcessError):
                os.waitpid(process, 0)
        self.processes = []

    def processor_s(self) -> float:
        """The processor time of the others (Linux); 0 elsewhere."""
        ticks = 0
        for process in self.processes:
            with suppress(OSError):
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return self._ended_s + ticks / os.sysconf("SC_CLK_TCK")

    def _tell(self, command: Command) -> None:
        with self._watched():
            dist.broadcast(torch.tensor(int(command)), 0)

    def _told(self) -> int:
        command = torch.tensor(0)
        with self._watched():
            dist.broadcast(command, 0)
        return int(command)

    def _gather(self, own: Any) -> list[Any]:
        gathered: list[Any] = [None] * self.size if self.rank == 0 else []
        with self._watched():
            dist.gather_object(own, gathered or None, 0)
        return gathered

    def _watched(self) -> "_Watch":
        return _Watch(self)

    def lost(self) -> str:
        """The reason why one of the other processes ended, as a sentence."""
        for process in self.processes:
            with suppress(ChildProcessError):
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    return f"a worker process {describe_exit(os.waitstatus_to_exitcode(status))}"
        return "a worker process no longer answers"


class _Watch:
    """Turns the error of a broken connection into one that says which process ended."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, RuntimeError):
            raise WorkerLost(f"{self._workers.lost()}; log.txt in the folder of the run says more") from error
