"""The exports of the server: finds the run, then writes its file, one at a time, off the event loop."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from backend.errors import NoInspection, NotFound, NothingTrained, RunUnusable
from backend.export.exporter import Export, existing_export, missing_file
from backend.export.file_details import details_of
from backend.export.formats import INSPECTION
from backend.export.listing import exportable_run, facts_of
from backend.file_names import download_name
from backend.process.foreground import Foreground
from backend.process.process import LOWEST_PRIORITY
from backend.process.threads import run_detached, run_detached_to_its_end
from backend.runs.run_folder import RunFolder
from backend.runs.service import RunService
from backend.store.database import Store
from backend.store.designs import StoredDesign, find_design
from backend.turns import Turns
from shared_py.protocol import ExportList, Run

ExportCheckpoint = Callable[[Path, str, str | None, int], Export]
"""run folder, format, checkpoint and niceness"""


class Download(NamedTuple):
    """A file to send."""

    export: Export
    name: str
    """for the download"""
    sha256: str
    """hexadecimal"""


class ExportService:
    """Finds the run to export and writes its file, one at a time."""

    def __init__(
        self, export_checkpoint: ExportCheckpoint, store: Store, training: RunService, foreground: Foreground | None = None
    ) -> None:
        """`foreground` is shared with everything else that people wait for."""
        self._export_checkpoint = export_checkpoint
        self._store = store
        self._training = training
        self._turns = Turns(1)
        self._foreground = foreground or Foreground()

    async def export(
        self,
        design_id: str,
        fmt: str,
        run_id: str | None,
        checkpoint: str | None = None,
        client: str = "",
        *,
        background: bool = False,
    ) -> Download:
        """Write the file where it is missing, client by client. Cancelling it stops the writing.

        In the background it is written at the lowest priority and only while no person's compile or export waits or runs.
        NotFound, NothingTrained, DamagedCheckpoint, NoInspection.
        """
        stored, runs = await self._runs_of(design_id)
        if run_id is not None and run_id not in [run.id for run in runs]:
            raise NotFound(f"Design {design_id} has no run {run_id}")
        for run in runs:
            folder = await self._folder_of(run, run_id)
            if folder is not None and RunFolder(folder).is_exportable:
                write = partial(self._export_checkpoint, folder, fmt, checkpoint)
                export, sha256 = await self._file(folder, fmt, checkpoint, write, client, run, background=background)
                name = stored.meta.name if stored is not None else design_id
                return Download(export, download_name(name, f"{run.id}-{_which(export)}.{fmt}"), sha256)
        raise NothingTrained("Train the design first; there is no checkpoint to export")

    async def list_exports(self, design_id: str) -> ExportList:
        """What can be exported of a design; NotFound."""
        _, runs = await self._runs_of(design_id)
        found = []
        for run in runs:
            if (folder := await self._folder_of(run, None)) is not None:
                found.append(await asyncio.to_thread(exportable_run, folder, run))
        return ExportList([described for described in found if described is not None])

    async def _file(
        self,
        folder: Path,
        fmt: str,
        checkpoint: str | None,
        write: Callable[[int], Export],
        client: str,
        run: Run,
        *,
        background: bool,
    ) -> tuple[Export, str]:
        """The file and its hash; `write` is called with the niceness where the file is missing."""
        try:
            export = await asyncio.to_thread(existing_export, folder, fmt, checkpoint)
            if export is None:
                await self._require_content(folder, fmt)
                export = await self._written(write, client, run, background=background)
            details = await asyncio.to_thread(details_of, export.path)
        except FileNotFoundError as error:
            if await asyncio.to_thread(folder.exists):
                raise missing_file(error) from error
            raise NotFound("The run was deleted before its file was sent") from None
        return export, details.sha256

    async def _written(self, write: Callable[[int], Export], client: str, run: Run, *, background: bool) -> Export:
        if background:
            return await self._foreground.run_in_background(lambda: run_detached_to_its_end(write, LOWEST_PRIORITY))
        with self._foreground.work():
            async with self._turns.turn(client, run.id):
                return await run_detached(write, 0)

    async def _require_content(self, folder: Path, fmt: str) -> None:
        """NoInspection where an inspection file would have nothing to show, RunUnusable where the design cannot tell it."""
        if fmt != INSPECTION.suffix:
            return
        facts = await asyncio.to_thread(facts_of, RunFolder(folder))
        if not facts.is_readable and await asyncio.to_thread(folder.exists):
            raise RunUnusable("The design of this run cannot be read, so there is no file for looking inside")
        if not facts.inspectable:
            raise NoInspection("This network has neither attention nor experts that work on the cells of the board")

    async def _runs_of(self, design_id: str) -> tuple[StoredDesign | None, list[Run]]:
        """A design, if it is stored, and its runs, the newest first; NotFound if there are neither."""
        stored = await self._store.call(find_design, design_id)
        runs = [run for run in await self._training.runs() if run.design_id == design_id]
        if not runs and (stored is None or stored.deleted):
            raise NotFound(f"There is no design {design_id}")
        return stored, runs

    async def _folder_of(self, run: Run, requested: str | None) -> Path | None:
        """The folder of a run; None if another run was requested, or it was deleted meanwhile. NotFound for the requested one."""
        if requested not in (None, run.id):
            return None
        try:
            return await self._training.folder(run.id)
        except NotFound:
            if requested is not None:
                raise
            return None


def _which(export: Export) -> str:
    """The network in a file's name: `best-20480`, `last-20480` or `20480`."""
    steps = "" if export.steps is None else str(export.steps)
    return steps if export.checkpoint == steps else f"{export.checkpoint}-{steps}".rstrip("-")
