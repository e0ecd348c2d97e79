"""`GET /api/designs/{id}/export`: the file that plays elsewhere."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from backend.export.desk import ExportDesk
from backend.export.exporter import Format
from backend.ids import checked_id
from backend.web.binding import only_query, problems

RunId = Annotated[str | None, QueryParameter(name="run_id", description="Without it, the newest run that has a checkpoint.")]


@get(
    "/api/designs/{design_id:str}/export",
    guards=[only_query("fmt", "run_id")],
    responses=problems(s404="no such design or run", s409="nothing trained yet", s422="no such format or parameter"),
)
async def export_design(
    design_id: FromPath[str], exports: NamedDependency[ExportDesk], fmt: FromQuery[Format] = "onnx", run_id: RunId = None
) -> File:
    """A trained network as a file."""
    path, name = await exports.export(checked_id("design", design_id), fmt, run_id)
    media_type = "text/x-python" if fmt == "py" else "application/octet-stream"
    return File(path, filename=name, media_type=media_type, content_disposition_type="attachment")
