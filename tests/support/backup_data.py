"""The data folder of the backup tests."""

import os
from pathlib import Path

from support.damaged_database import write_designs
from support.run_folders import write_run

COUNT = 40


def write_data(folder: Path) -> None:
    """Write a data folder with designs, deleted ones among them, and one run."""
    write_designs(folder, COUNT, deleted=(5,))
    write_run(folder / "runs", "r1", "finished")
    (folder / "runs" / "r1" / "checkpoint.pt").write_bytes(os.urandom(3_000))
    (folder / "runs" / "r1" / "spaced").mkdir()
    (folder / "runs" / "r1" / "spaced" / "64.pt").hardlink_to(folder / "runs" / "r1" / "checkpoint.pt")
    (folder / "runs" / ".r2.deleted").mkdir()


def names(folder: Path) -> set[str]:
    """The names in a folder."""
    return {path.name for path in folder.iterdir()}
