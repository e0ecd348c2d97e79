"""Designs over HTTP."""

from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from backend.designs.edit import from_template, remove_design, replace_design
from backend.designs.validation import validate_json
from backend.errors import InvalidDocument
from backend.ids import checked_id, new_id
from backend.store.database import Store
from backend.store.designs import create_design, get_design, list_designs
from backend.web.bodies import convert_struct, read_design, read_json, read_struct
from backend.web.clients import AnyRequest
from backend.web.etag import names, quoted
from backend.web.litestar_adapters import json_body, problems
from shared_py.design import Identifier, ModelArchitecture
from shared_py.protocol import DesignMeta, NewDesign, ValidationResult
from shared_py.templates import load_templates

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The etag of the version the change was made to.")]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match")]


class _NewDesignOutline(Struct, frozen=True, forbid_unknown_fields=True):
    """A `NewDesign` whose architecture is not decoded yet, because designs have a decoder of their own."""

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
            error.errors = [{**problem, "pointer": "/architecture" + problem["pointer"]} for problem in error.errors]
            raise
    fields = {name: getattr(outline, name) for name in ("id", "name", "template")}
    return convert_struct({**fields, "architecture": architecture}, NewDesign)


def _etag_header(meta: DesignMeta) -> dict[str, str]:
    return {"etag": quoted(meta.etag)}


@post(
    "/api/designs",
    operation_class=json_body(NewDesign, required=False),
    responses=problems(s409="the id is taken, or the server has as many designs as it keeps", s422="not a design"),
)
async def make_design(request: AnyRequest, store: NamedDependency[Store]) -> Response[DesignMeta]:
    """Store a new design: the one in the body, or a copy of a template."""
    body = await request.body()
    new = _read_new_design(body) if body else NewDesign()
    if new.architecture is not None:
        design = new.architecture if new.id is None else replace(new.architecture, id=new.id)
    else:
        design = from_template(load_templates(), new.template, new.id or new_id("d"))
    if new.name is not None:
        design = replace(design, name=new.name)
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
    stored = await store.call(get_design, checked_id("design", design_id))
    if if_none_match is not None and names(if_none_match, stored.meta.etag):
        return Response(None, status_code=304, headers=_etag_header(stored.meta))
    return Response(stored.document, headers=_etag_header(stored.meta))


@put(
    "/api/designs/{design_id:str}",
    operation_class=json_body(ModelArchitecture),
    responses={201: ResponseSpec(DesignMeta, description="a new design", generate_examples=False)}
    | problems(
        s404="no such design",
        s409="the server has as many designs as it keeps",
        s412="changed since, to `current`",
        s422="not a design",
        s428="If-Match is missing",
    ),
)
async def put_design(
    design_id: FromPath[str],
    request: AnyRequest,
    store: NamedDependency[Store],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DesignMeta]:
    """Replace a design, or make one with this id; a design with problems is stored too, so that no work is lost."""
    design = read_design(await request.body())
    if design.id != checked_id("design", design_id):
        message = f"the id in the document is not {design_id}"
        raise InvalidDocument(message, errors=[{"pointer": "/id", "message": message}])
    meta, is_new = await store.call(replace_design, design, if_match, if_none_match)
    return Response(meta, status_code=201 if is_new else 200, headers=_etag_header(meta))


@delete("/api/designs/{design_id:str}", responses=problems(s404="no such design", s412="changed since"))
async def drop_design(design_id: FromPath[str], store: NamedDependency[Store], if_match: IfMatch = None) -> None:
    """Delete a design; its history is kept."""
    await store.call(remove_design, checked_id("design", design_id), if_match)


@post(
    "/api/designs/{design_id:str}/validate",
    operation_class=json_body(ModelArchitecture),
    status_code=200,
    responses=problems(s404="no id of a design", s422="not valid; the body has every field of a ValidationResult too"),
)
async def validate(design_id: FromPath[str], request: AnyRequest) -> ValidationResult:
    """Validate a design, which need not be stored."""
    document = read_json(await request.body())
    checked_id("design", design_id)
    return await validate_json(document)
