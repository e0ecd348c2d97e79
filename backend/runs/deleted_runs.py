"""Keeps track of the folders of deleted runs until they are removed from disk; every step can be repeated after a crash."""

import shutil
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from backend.process.durable import sync_folder
from backend.runs.run_folder import REQUEST
from backend.runs.tracked_run import deleted_path


class DeletedRuns:
    """Knows the deleted runs whose files are still there, also those a crash left behind; for use from any thread."""

    def __init__(self, runs_dir: Path, designs: dict[str, str]) -> None:
        """`designs` holds the design of each deleted run found at start."""
        self._runs_dir, self._designs = runs_dir, designs
        self._mutex = threading.Lock()

    def items(self) -> list[tuple[str, str]]:
        """Each deleted run with its design."""
        with self._mutex:
            return sorted(self._designs.items())

    def add(self, folder: Path, run_id: str, design_id: str) -> None:
        """Rename the folder of a run to `.<run_id>.deleted`, replacing an earlier one of that name; OSError."""
        self.remove(run_id)
        folder.rename(deleted_path(self._runs_dir, run_id))
        sync_folder(self._runs_dir)
        self.note(run_id, design_id)

    def note(self, run_id: str, design_id: str) -> None:
        """Note a deleted run, which may have no folder any more."""
        with self._mutex:
            self._designs[run_id] = design_id

    def empty(self, run_id: str) -> None:
        """Remove the files of a deleted run except `run.json`, from which a restart knows its design; OSError."""
        with suppress(FileNotFoundError):
            for path in deleted_path(self._runs_dir, run_id).iterdir():
                if path.is_dir():
                    _remove_tree(path)
                elif path.name != REQUEST:
                    path.unlink(missing_ok=True)

    def remove(self, run_id: str) -> None:
        """Remove the folder of a deleted run; OSError where that is not possible."""
        _remove_tree(deleted_path(self._runs_dir, run_id))
        with self._mutex:
            self._designs.pop(run_id, None)


def _remove_tree(path: Path) -> None:
    """Remove a folder; what another thread has removed meanwhile is no error."""

    def fail(_function: object, _path: str, error: tuple[type[BaseException], BaseException, TracebackType]) -> None:
        if not isinstance(error[1], FileNotFoundError):
            raise error[1]

    shutil.rmtree(path, onerror=fail)
