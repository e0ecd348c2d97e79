"""Takes exports for the server: finds the run, then writes its file, one at a time, off the event loop."""

from collections.abc import Callable
from pathlib import Path

from backend.errors import NotFound, NothingTrained
from backend.export.exporter import Format
from backend.file_names import download_name
from backend.store.database import Store
from backend.store.designs import find_design
from backend.threads import in_passing
from backend.training.desk import TrainingDesk
from backend.turns import Turns

ExportRun = Callable[[Path, Format], Path]
_CHECKPOINTS = ("best.pt", "checkpoint.pt")


class ExportDesk:
    """Finds the run to export and writes its file, one at a time."""

    def __init__(self, export_run: ExportRun, store: Store, training: TrainingDesk) -> None:
        self._export_run = export_run
        self._store = store
        self._training = training
        self._turns = Turns(1)

    async def export(self, design_id: str, fmt: Format, run_id: str | None, client: str = "") -> tuple[Path, str]:
        """The file and the name to save it under, client by client; cancelling it ends the writing. NotFound, NothingTrained."""
        stored = await self._store.call(find_design, design_id)
        runs = [run for run in await self._training.runs() if run.design_id == design_id]
        if not runs and (stored is None or stored.deleted):
            raise NotFound(f"There is no design {design_id}")
        if run_id is not None and run_id not in [run.id for run in runs]:
            raise NotFound(f"Design {design_id} has no run {run_id}")
        for run in runs:
            folder = await self._training.folder(run.id)
            if run_id in (None, run.id) and any((folder / name).exists() for name in _CHECKPOINTS):
                async with self._turns.turn(client, run.id):
                    path = await in_passing(self._export_run, folder, fmt)
                name = stored.meta.name if stored is not None else design_id
                return path, download_name(name, f"{run.id}.{fmt}")
        raise NothingTrained("Train the design first; there is no checkpoint to export")
