"""The supervisor of a trainer on a node: `python -m backend.cluster.attached_trainer FOLDER LOCK`.

LOCK is the open lock of the folder. Standard input is a pipe from the worker. When the worker has ended, however it ended, nobody
reads what the trainer writes: the trainer is killed and the folder removed.
"""

import os
import shutil
import sys
from pathlib import Path

from backend.cluster.node_run import TRAINER
from backend.errors import ProcessFailed
from backend.process.process import find_function, supervise
from backend.runs.failures import DISK_FULL, NODE_DISK_FULL

TRAIN = "backend.runs.trainer_process:train"


def main(path: str, lock: int) -> None:
    """Train the run in this folder; how it ended is in its last line. Then wait for the end of the worker."""
    leash, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    file = Path(path) / TRAINER
    try:
        supervise(
            "backend.cluster.attached_trainer:train",
            path,
            file.read_bytes() if file.exists() else None,
            None,
            on_death="backend.runs.journal:on_trainer_exit",
            leash=leash,
        )
    finally:
        os.close(lock)
        os.read(leash, 1)
        shutil.rmtree(path, ignore_errors=True)


def train(path: str, pickled_trainer: bytes | None, memory_limit_bytes: int | None) -> None:
    """Train the run in this folder, as on the server; a full disk is that of the node. ProcessFailed."""
    try:
        find_function(TRAIN)(path, pickled_trainer, memory_limit_bytes)
    except ProcessFailed as error:
        raise ProcessFailed(str(error).replace(DISK_FULL, NODE_DISK_FULL)) from error


if __name__ == "__main__":
    # no child of the worker: Ray kills its children with it, before they have removed the folder
    if os.fork() == 0:
        main(sys.argv[1], int(sys.argv[2]))
