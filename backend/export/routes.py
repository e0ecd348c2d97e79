"""`GET /api/designs/{id}/export` and the list of what can be exported."""

from base64 import b64encode
from typing import Annotated

from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from backend.errors import InvalidRequest
from backend.export.exporter import CHECKPOINT_PATTERN
from backend.export.formats import FORMATS, INSPECTION, Suffix, format_of
from backend.export.service import ExportService
from backend.file_names import attachment
from backend.ids import checked_id
from backend.web.clients import AnyRequest, ClientId, client_of, while_connected
from backend.web.litestar_adapters import allow_query, problems
from shared_py.protocol import ExportList

RunId = Annotated[str | None, QueryParameter(name="run_id", description="Without it, the newest run that has a checkpoint.")]

Checkpoint = Annotated[
    str | None,
    QueryParameter(
        name="checkpoint",
        pattern=CHECKPOINT_PATTERN,
        description="`best`, `last`, or the moves after which it was stored. Else the best, or the last before there is one.",
    ),
]
Inspect = Annotated[
    bool,
    QueryParameter(
        name="inspect",
        description="With `onnx` alone: a file with the outputs `routing/<path>` and `attention/<path>` and the inputs"
        " `experts_enabled/<path>`.",
    ),
]
Background = Annotated[
    bool,
    QueryParameter(
        name="background",
        description="A file that is missing is written at low priority, while no person's compile or export waits or runs.",
    ),
]
HEADERS = [
    ResponseHeader(name="repr-digest", description="SHA-256 of the file, as RFC 9530 says.", documentation_only=True),
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
    guards=[allow_query("fmt", "run_id", "checkpoint", "inspect", "background")],
    response_headers=HEADERS,
    responses=problems(
        s404="no such design, run or checkpoint",
        s409="nothing trained yet, damaged, or nothing to look into",
        s422="no such format or parameter",
    ),
)
async def export_design(
    request: AnyRequest,
    design_id: FromPath[str],
    exports: NamedDependency[ExportService],
    fmt: FromQuery[Suffix] = FORMATS[0].suffix,
    run_id: RunId = None,
    checkpoint: Checkpoint = None,
    inspect: Inspect = False,
    background: Background = False,
    client_id: ClientId = None,
) -> File:
    """A trained network as a file; headers and file name say which. Writing it is cancelled when the client disconnects."""
    client = client_of(request, client_id)
    exporting = exports.export(
        checked_id("design", design_id), _kind(fmt, inspect=inspect), run_id, checkpoint, client, background=background
    )
    export, name, sha256 = await while_connected(request, exporting)
    headers = {
        "content-disposition": attachment(name),
        "repr-digest": f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:",
        "x-export-checkpoint": export.checkpoint,
    }
    if export.steps is not None:
        headers["x-export-steps"] = str(export.steps)
    if export.note is not None:
        headers["x-export-note"] = _header_text(export.note)
    return File(export.path, filename=name, media_type=format_of(fmt).media_type, headers=headers)


def _header_text(text: str) -> str:
    """A text as a header can contain it: on one line, other characters than those of Latin-1 replaced."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line.encode("latin-1", "replace").decode("latin-1")


def _kind(fmt: str, *, inspect: bool) -> str:
    """The format to write; InvalidRequest for looking inside anything but ONNX."""
    if not inspect:
        return fmt
    if fmt not in INSPECTION.parts:
        sentence = f"inspect: only {INSPECTION.parts[0]} has a form for looking inside, not {fmt}"
        raise InvalidRequest(sentence, errors=[{"pointer": "/inspect", "message": sentence}])
    return INSPECTION.suffix


@get("/api/designs/{design_id:str}/exports", responses=problems(s404="no such design"))
async def list_exports(design_id: FromPath[str], exports: NamedDependency[ExportService]) -> ExportList:
    """Every run and checkpoint of a design that can be exported, with the files of each and their sizes."""
    return await exports.list_exports(checked_id("design", design_id))
