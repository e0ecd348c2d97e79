"""`GET /api/designs/{id}/export`: the file that plays elsewhere."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from backend.export.desk import ExportDesk
from backend.export.exporter import Format
from backend.file_names import attachment
from backend.ids import checked_id
from backend.web.binding import only_query, problems
from backend.web.clients import AnyRequest, ClientId, client_of, while_connected

RunId = Annotated[str | None, QueryParameter(name="run_id", description="Without it, the newest run that has a checkpoint.")]


@get(
    "/api/designs/{design_id:str}/export",
    guards=[only_query("fmt", "run_id")],
    responses=problems(s404="no such design or run", s409="nothing trained yet", s422="no such format or parameter"),
)
async def export_design(
    request: AnyRequest,
    design_id: FromPath[str],
    exports: NamedDependency[ExportDesk],
    fmt: FromQuery[Format] = "onnx",
    run_id: RunId = None,
    client_id: ClientId = None,
) -> File:
    """A trained network as a file; what is written for it is cancelled when the client goes."""
    exporting = exports.export(checked_id("design", design_id), fmt, run_id, client_of(request, client_id))
    path, name = await while_connected(request, exporting)
    media_type = "text/x-python" if fmt == "py" else "application/octet-stream"
    return File(path, filename=name, media_type=media_type, headers={"content-disposition": attachment(name)})
