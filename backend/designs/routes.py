"""Designs over HTTP."""

from typing import Annotated, Any

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from backend.designs.edit import from_template, remove_design, replace_design
from backend.designs.validation import judge
from backend.errors import InvalidDocument
from backend.ids import checked_id, new_id
from backend.store.database import Store
from backend.store.designs import create_design, get_design, list_designs
from backend.web.bodies import convert_struct, read_design, read_json, read_struct
from backend.web.etag import names, quoted
from backend.web.litestar_adapters import BodyMayBeMissing, body_reader, problems
from shared_py.design import Identifier, ModelArchitecture
from shared_py.protocol import DesignMeta, NewDesign, ValidationResult
from shared_py.templates import load_templates

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The etag of the version the change was made to.")]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match")]


class _NewDesignOutline(Struct, frozen=True, forbid_unknown_fields=True):
    """A `NewDesign` whose architecture is still text, because designs have a decoder of their own."""

    id: Identifier | None = None
    name: str | None = None
    template: str | None = None
    architecture: Raw | UnsetType = UNSET


def _read_new_design(data: bytes) -> NewDesign:
    outline = read_struct(data, _NewDesignOutline)
    architecture = None
    if outline.architecture is not UNSET and bytes(outline.architecture) != b"null":
        try:
            architecture = read_design(bytes(outline.architecture))
        except InvalidDocument as error:
            error.errors = [{**fault, "pointer": "/architecture" + fault["pointer"]} for fault in error.errors]
            raise
    fields = {name: getattr(outline, name) for name in ("id", "name", "template")}
    return convert_struct({**fields, "architecture": architecture}, NewDesign)


def _etag_header(meta: DesignMeta) -> dict[str, str]:
    return {"etag": quoted(meta.etag)}


@post(
    "/api/designs",
    dto=body_reader(_read_new_design, NewDesign),
    return_dto=None,
    operation_class=BodyMayBeMissing,
    responses=problems(s409="the id is taken", s422="not a design"),
)
async def make_design(store: NamedDependency[Store], data: JSONBody[NewDesign | None] = None) -> Response[DesignMeta]:
    """Make a design: a given one, or a copy of a template."""
    wanted = data or NewDesign()
    if wanted.architecture is not None:
        design = wanted.architecture if wanted.id is None else replace(wanted.architecture, id=wanted.id)
    else:
        design = from_template(load_templates(), wanted.template, wanted.id or new_id("d"))
    if wanted.name is not None:
        design = replace(design, name=wanted.name)
    meta = await store.call(create_design, design)
    return Response(meta, status_code=201, headers={**_etag_header(meta), "location": f"/api/designs/{meta.id}"})


@get("/api/designs")
async def all_designs(store: NamedDependency[Store]) -> list[DesignMeta]:
    """The designs, the one changed last first."""
    return await store.call(list_designs)


@get(
    "/api/designs/{design_id:str}",
    responses={304: ResponseSpec(None, description="it is the version that was named")} | problems(s404="no such design"),
)
async def one_design(
    design_id: FromPath[str], store: NamedDependency[Store], if_none_match: IfNoneMatch = None
) -> Response[ModelArchitecture | None]:
    """A design with its etag."""
    found = await store.call(get_design, checked_id("design", design_id))
    if if_none_match is not None and names(if_none_match, found.meta.etag):
        return Response(None, status_code=304, headers=_etag_header(found.meta))
    return Response(found.document, headers=_etag_header(found.meta))


@put(
    "/api/designs/{design_id:str}",
    dto=body_reader(read_design, ModelArchitecture),
    return_dto=None,
    responses={201: ResponseSpec(DesignMeta, description="a new design", generate_examples=False)}
    | problems(
        s404="no such design",
        s412="changed since, to `current`",
        s422="not a design",
        s428="If-Match is missing",
    ),
)
async def put_design(
    design_id: FromPath[str],
    data: JSONBody[ModelArchitecture],
    store: NamedDependency[Store],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DesignMeta]:
    """Replace a design, or make it under a given id; a half-finished drawing is taken too, so that it is safe here."""
    if data.id != checked_id("design", design_id):
        message = f"the id in the document is not {design_id}"
        raise InvalidDocument(message, errors=[{"pointer": "/id", "message": message}])
    meta, is_new = await store.call(replace_design, data, if_match, if_none_match)
    return Response(meta, status_code=201 if is_new else 200, headers=_etag_header(meta))


@delete("/api/designs/{design_id:str}", responses=problems(s404="no such design", s412="changed since"))
async def drop_design(design_id: FromPath[str], store: NamedDependency[Store], if_match: IfMatch = None) -> None:
    """Delete a design; its history is kept."""
    await store.call(remove_design, checked_id("design", design_id), if_match)


@post(
    "/api/designs/{design_id:str}/validate",
    dto=body_reader(read_json, ModelArchitecture),
    return_dto=None,
    status_code=200,
    responses=problems(s404="no id of a design", s422="not valid; the body has every field of a ValidationResult too"),
)
async def validate(design_id: FromPath[str], data: JSONBody[Any]) -> ValidationResult:
    """The verdict on a drawing, which need not be stored."""
    checked_id("design", design_id)
    return await judge(data)
