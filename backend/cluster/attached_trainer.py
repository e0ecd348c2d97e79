"""The supervisor of a trainer on a node: `python -m backend.cluster.attached_trainer FOLDER`.

Standard input is a pipe from the worker. When the worker has ended, the trainer is killed, since nobody reads what it writes.
"""

import os
import sys
from pathlib import Path

from backend.cluster.node_run import TRAINER
from backend.process.process import supervise
from backend.runs.run_folder import RunFolder


def main(path: str) -> None:
    """Train the run in this folder; how it ended is in its last line."""
    folder = RunFolder(Path(path))
    lock = folder.take_lock()
    assert lock is not None, "nobody else trains in this folder"
    leash = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    file = folder.path / TRAINER
    trainer = file.read_bytes() if file.exists() else None
    supervise(
        "backend.runs.trainer_process:train", path, trainer, None, on_death="backend.runs.journal:on_trainer_exit", leash=leash
    )


if __name__ == "__main__":
    main(sys.argv[1])
