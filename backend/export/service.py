"""The exports of the server: finds the run, then writes its file, one at a time, off the event loop."""

from collections.abc import Callable
from pathlib import Path

from backend.errors import NotFound, NothingTrained
from backend.export.exporter import Export
from backend.export.formats import Suffix
from backend.file_names import download_name
from backend.process.threads import run_detached
from backend.runs.run_folder import RunFolder
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.designs import find_design
from backend.turns import Turns

ExportCheckpoint = Callable[[Path, Suffix, str | None], Export]


class ExportService:
    """Finds the run to export and writes its file, one at a time."""

    def __init__(self, export_checkpoint: ExportCheckpoint, store: Store, training: RunService) -> None:
        self._export_checkpoint = export_checkpoint
        self._store = store
        self._training = training
        self._turns = Turns(1)

    async def export(
        self, design_id: str, fmt: Suffix, run_id: str | None, checkpoint: str | None = None, client: str = ""
    ) -> tuple[Export, str]:
        """Write the file, client by client; returns it with a name for the download. Cancelling it stops the writing.

        NotFound, NothingTrained, DamagedCheckpoint.
        """
        stored = await self._store.call(find_design, design_id)
        runs = [run for run in await self._training.runs() if run.design_id == design_id]
        if not runs and (stored is None or stored.deleted):
            raise NotFound(f"There is no design {design_id}")
        if run_id is not None and run_id not in [run.id for run in runs]:
            raise NotFound(f"Design {design_id} has no run {run_id}")
        for run in runs:
            if run_id not in (None, run.id):
                continue
            try:
                folder = await self._training.folder(run.id)
            except NotFound:  # deleted meanwhile
                if run_id is not None:
                    raise
                continue
            if RunFolder(folder).is_exportable:
                async with self._turns.turn(client, run.id):
                    export = await run_detached(self._export_checkpoint, folder, fmt, checkpoint)
                name = stored.meta.name if stored is not None else design_id
                return export, download_name(name, f"{run.id}-{_which(export)}.{fmt}")
        raise NothingTrained("Train the design first; there is no checkpoint to export")


def _which(export: Export) -> str:
    """The network in a file's name: `best-20480`, `last-20480` or `20480`."""
    steps = "" if export.steps is None else str(export.steps)
    return steps if export.checkpoint == steps else f"{export.checkpoint}-{steps}".rstrip("-")
