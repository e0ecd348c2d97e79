"""`POST /api/designs/{id}/compile`."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.compile.service import CompileService
from backend.ids import checked_id
from backend.store.database import Store
from backend.store.designs import get_design
from backend.web.clients import AnyRequest, ClientId, client_of, while_connected
from backend.web.litestar_adapters import problems
from shared_py.protocol import CompileResult


@post(
    "/api/designs/{design_id:str}/compile",
    status_code=200,
    responses=problems(s404="no such design", s422="not valid; the body has every field of a ValidationResult too"),
)
async def compile_stored(
    request: AnyRequest,
    design_id: FromPath[str],
    store: NamedDependency[Store],
    compiling: NamedDependency[CompileService],
    client_id: ClientId = None,
) -> CompileResult:
    """Write the stored design as a PyTorch module, import it and check it; cancelled when the client disconnects."""
    stored = await store.call(get_design, checked_id("design", design_id))
    return await while_connected(request, compiling.compile(stored.document, client_of(request, client_id)))
