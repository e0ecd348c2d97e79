"""`GET /api/designs/{id}/export`."""

from typing import Annotated

from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from backend.export.exporter import CHECKPOINT_PATTERN
from backend.export.formats import FORMATS, Suffix, format_of
from backend.export.service import ExportService
from backend.file_names import attachment
from backend.ids import checked_id
from backend.web.clients import AnyRequest, ClientId, client_of, while_connected
from backend.web.litestar_adapters import allow_query, problems

RunId = Annotated[str | None, QueryParameter(name="run_id", description="Without it, the newest run that has a checkpoint.")]

Checkpoint = Annotated[
    str | None,
    QueryParameter(
        name="checkpoint",
        pattern=CHECKPOINT_PATTERN,
        description="`best`, `last`, or the moves after which it was stored. Else the best, or the last before there is one.",
    ),
]
HEADERS = [
    ResponseHeader(
        name="x-export-checkpoint",
        description="The network in the file: `best`, `last` or a number of moves.",
        documentation_only=True,
    ),
    ResponseHeader(name="x-export-steps", description="Moves played when it was stored.", documentation_only=True),
    ResponseHeader(name="x-export-note", description="Why it is not the requested one; else absent.", documentation_only=True),
]


@get(
    "/api/designs/{design_id:str}/export",
    guards=[allow_query("fmt", "run_id", "checkpoint")],
    response_headers=HEADERS,
    responses=problems(
        s404="no such design, run or checkpoint", s409="nothing trained yet, or damaged", s422="no such format or parameter"
    ),
)
async def export_design(
    request: AnyRequest,
    design_id: FromPath[str],
    exports: NamedDependency[ExportService],
    fmt: FromQuery[Suffix] = FORMATS[0].suffix,
    run_id: RunId = None,
    checkpoint: Checkpoint = None,
    client_id: ClientId = None,
) -> File:
    """A trained network as a file; headers and file name say which. Writing it is cancelled when the client disconnects."""
    exporting = exports.export(checked_id("design", design_id), fmt, run_id, checkpoint, client_of(request, client_id))
    export, name = await while_connected(request, exporting)
    headers = {"content-disposition": attachment(name), "x-export-checkpoint": export.checkpoint}
    if export.steps is not None:
        headers["x-export-steps"] = str(export.steps)
    if export.note is not None:
        headers["x-export-note"] = export.note
    return File(export.path, filename=name, media_type=format_of(fmt).media_type, headers=headers)
