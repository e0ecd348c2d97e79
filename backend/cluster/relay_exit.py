"""How a run ends whose relay failed or was killed; its supervisor calls this, and imports no Ray."""

from pathlib import Path

from backend.runs.journal import on_trainer_exit
from backend.runs.run_folder import RunFolder


def on_relay_exit(path: str, trainer: bytes | None, address: str, sentence: str, killed: bool) -> None:
    """Write the final status of a run, except where the relay was killed without a stop: the manager then resumes the run.

    Ray itself ends the process of the relay when the head of the cluster has been silent for a minute.
    """
    if not killed or RunFolder(Path(path)).stopped_by_force() is not None:
        on_trainer_exit(path, trainer, address, sentence, killed)
