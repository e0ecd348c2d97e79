"""Earlier versions of designs, and the bin, over HTTP."""

from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from backend.history.versions import list_versions, remove_version_name, restore_version
from backend.ids import checked_id
from backend.store.bin import list_bin, purge, restore_from_bin
from backend.store.database import Store
from backend.store.revisions import MAX_NAMED, document_of, name_version
from backend.web.bodies import read_struct
from backend.web.clients import AnyRequest
from backend.web.etag import quoted
from backend.web.litestar_adapters import allow_query, json_body, problems
from shared_py.design import ModelArchitecture, etag_of
from shared_py.protocol import DeletedDesign, DesignMeta, Revision, RevisionName

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The etag of the version that is replaced.")]
Before = Annotated[
    int | None,
    QueryParameter(name="before", ge=0, le=2**53 - 1, description="The number of the last version of the page before."),
]
Limit = Annotated[
    int,
    QueryParameter(
        name="limit", ge=1, le=200, description="Maximum number of versions; for the next page, pass the last one as `before`."
    ),
]
NO_VERSION = "no such design, or no such version of it"


@get(
    "/api/designs/{design_id:str}/revisions",
    guards=[allow_query("before", "limit", whole_numbers=["before", "limit"])],
    responses=problems(s404="no such design", s422="no such parameter, or out of bounds"),
)
async def all_revisions(
    design_id: FromPath[str], store: NamedDependency[Store], before: Before = None, limit: Limit = 50
) -> list[Revision]:
    """The versions of a design, also of a deleted one, newest first."""
    return await list_versions(store, checked_id("design", design_id), before, limit)


@get("/api/designs/{design_id:str}/revisions/{etag:str}", responses=problems(s404=NO_VERSION))
async def one_revision(
    design_id: FromPath[str], etag: FromPath[str], store: NamedDependency[Store]
) -> Response[ModelArchitecture]:
    """A version of a design, for a preview."""
    document = await store.call(document_of, checked_id("design", design_id), etag)
    return Response(document, headers={"etag": quoted(etag_of(document))})


@post(
    "/api/designs/{design_id:str}/revisions/{etag:str}/restore",
    status_code=200,
    responses=problems(s404=NO_VERSION, s412="changed since, to `current`"),
)
async def restore_revision(
    design_id: FromPath[str], etag: FromPath[str], store: NamedDependency[Store], if_match: IfMatch = None
) -> Response[ModelArchitecture]:
    """Store an earlier version as a new one, which phones receive like any other change; a deleted design is restored too."""
    document = await store.call(restore_version, checked_id("design", design_id), etag, if_match)
    return Response(document, headers={"etag": quoted(etag_of(document))})


@put(
    "/api/designs/{design_id:str}/revisions/{etag:str}/name",
    operation_class=json_body(RevisionName),
    status_code=204,
    responses=problems(s404=NO_VERSION, s409=f"{MAX_NAMED} versions of the design have names already", s422="not a name"),
)
async def name_revision(
    design_id: FromPath[str], etag: FromPath[str], request: AnyRequest, store: NamedDependency[Store]
) -> None:
    """Name a version; named ones are never removed by the program."""
    named = read_struct(await request.body(), RevisionName)
    await store.call(name_version, checked_id("design", design_id), etag, named.name)


@delete("/api/designs/{design_id:str}/revisions/{etag:str}/name", responses=problems(s404=NO_VERSION))
async def unname_revision(design_id: FromPath[str], etag: FromPath[str], store: NamedDependency[Store]) -> None:
    """Remove the name of a version, which is then thinned out with age like others."""
    await store.call(remove_version_name, checked_id("design", design_id), etag)


@get("/api/bin")
async def all_deleted(store: NamedDependency[Store]) -> list[DeletedDesign]:
    """The deleted designs, the one deleted last first; they stay here until a person removes them."""
    return await store.call(list_bin)


@post("/api/bin/{design_id:str}/restore", status_code=200, responses=problems(s404="not in the bin"))
async def restore_deleted(design_id: FromPath[str], store: NamedDependency[Store]) -> DesignMeta:
    """Restore a deleted design with its last version."""
    return await store.call(restore_from_bin, checked_id("design", design_id))


@delete("/api/bin/{design_id:str}", responses=problems(s404="not in the bin"))
async def remove_deleted(design_id: FromPath[str], store: NamedDependency[Store]) -> None:
    """Remove a deleted design and all its versions for good; its runs stay."""
    await store.call(purge, checked_id("design", design_id))
