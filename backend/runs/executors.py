"""Where runs execute: an executor decides which process follows a run, and how many of them there may be.

Everything else is the same for each executor. A run is a folder, and the process that follows it outlives the server. It holds
the lock of the folder, writes its process id into it, sends heartbeats, appends lines, stops at SIGTERM, pauses at SIGUSR1 and
continues at SIGUSR2. How it ended is in the last line, or in the lock where no line could be written. Locally this process is the
trainer; with Ray it is a relay to a trainer on a node of the cluster.
"""

from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from backend.runs.capacity import refuse_what_cannot_fit
from shared_py.blocks.base import Sizes
from shared_py.training_config import TrainConfig

MAX_AUTOMATIC_RESUMES = 3
"""after the loss of a worker, counted since a person started or resumed the run"""
MAX_RELAYS = 64
"""runs in the cluster at once: each has a relay on the server"""
MAX_WAITING_RELAYS = 1
"""runs that wait in the cluster for a place, so that they start in their order; others wait on the server, without a process"""


class Executor(Protocol):
    """What the training manager needs to know to execute runs somewhere."""

    @property
    def function(self) -> str:
        """The process that follows a run, `package.module:function`; its arguments are the folder, the trainer and `argument`."""
        ...

    @property
    def argument(self) -> Any:
        """The third argument of `function`."""
        ...

    @property
    def on_death(self) -> str:
        """What its supervisor calls where it failed or was killed: the same arguments, the reason, and whether it was killed."""
        ...

    @property
    def automatic_resumes(self) -> int:
        """How often a run whose process is gone is resumed without a person."""
        ...

    def room(self, busy: int, waiting: int) -> int:
        """How many more runs may be started beside `busy` ones, `waiting` of which do not train yet."""
        ...

    def refuse(self, sizes: Sizes, config: TrainConfig) -> None:
        """InvalidRequest for a run that can never be executed here."""
        ...


class LocalExecutor(Struct, frozen=True):
    """Trainers are processes of this machine."""

    max_concurrent: int = 1
    memory_limit_bytes: int | None = None
    """of each run, not counting a loaded torch; None (as with a GPU) means no limit"""
    function: str = "backend.runs.trainer_process:train"
    on_death: str = "backend.runs.journal:on_trainer_exit"
    automatic_resumes: int = 0
    """none: trainers outlive the server, so one that is gone ended with the machine, or somebody ended it"""

    @property
    def argument(self) -> int | None:
        return self.memory_limit_bytes

    def room(self, busy: int, waiting: int) -> int:
        return self.max_concurrent - busy

    def refuse(self, sizes: Sizes, config: TrainConfig) -> None:
        if self.memory_limit_bytes is not None:
            refuse_what_cannot_fit(sizes, config, self.memory_limit_bytes)


class RayExecutor(Struct, frozen=True):
    """Trainers are processes of a Ray cluster, which places them."""

    address: str
    """`auto`, `ray://host:port` or `host:port`"""
    max_relays: int = MAX_RELAYS
    function: str = "backend.cluster.relay:relay"
    on_death: str = "backend.cluster.relay_exit:on_relay_exit"
    automatic_resumes: int = MAX_AUTOMATIC_RESUMES

    @property
    def argument(self) -> str:
        return self.address

    def room(self, busy: int, waiting: int) -> int:
        return min(self.max_relays - busy, MAX_WAITING_RELAYS - waiting)

    def refuse(self, sizes: Sizes, config: TrainConfig) -> None:
        """Nothing: nodes may join, so a run that fits no node of today waits for one."""


def count_automatic_resume(path: Path, most: int) -> int | None:
    """Count one more automatic resume in the folder of a run and return the count; None, and nothing is counted, above `most`."""
    file = path / RESUMES
    count = int(text) if file.exists() and (text := file.read_text()).isdecimal() else 0
    if count >= most:
        return None
    file.write_text(str(count + 1))
    return count + 1


RESUMES = "automatic_resumes"
"""the file of a run's folder with the number of its automatic resumes; a person's resume removes it"""
