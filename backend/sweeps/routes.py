"""Sweeps over HTTP."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from backend.errors import InvalidRequest, InvalidSweep
from backend.ids import checked_id
from backend.sweeps.service import SweepService
from backend.web.bodies import read_struct
from backend.web.clients import AnyRequest
from backend.web.litestar_adapters import json_body, problems
from shared_py.protocol import Sweep, SweepRequest

Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=64,
        description="The id that the sweep gets; a repeat returns the same sweep.",
    ),
]
ID_OF_A_SWEEP = "no such sweep"


@post(
    "/api/sweeps",
    operation_class=json_body(SweepRequest),
    status_code=201,
    responses=problems(
        s400="the sweep cannot be started as it is; the sentence says what to change",
        s404="no such design",
        s409="as many sweeps run already as may run",
        s422="the design is not valid, or the key is out of bounds",
    ),
)
async def start_sweep(request: AnyRequest, sweeps: NamedDependency[SweepService], idempotency_key: Key = None) -> Sweep:
    """Start runs of variants of a design. A repeat with the same key returns the same sweep."""
    try:
        asked = read_struct(await request.body(), SweepRequest)
    except InvalidRequest as error:
        raise InvalidSweep(error.detail, errors=error.errors) from error
    return await sweeps.create(asked, idempotency_key)


@get("/api/sweeps")
async def all_sweeps(sweeps: NamedDependency[SweepService]) -> list[Sweep]:
    """Every sweep, the newest first."""
    return await sweeps.sweeps()


@get("/api/sweeps/{sweep_id:str}", responses=problems(s404=ID_OF_A_SWEEP))
async def one_sweep(sweep_id: FromPath[str], sweeps: NamedDependency[SweepService]) -> Sweep:
    """One sweep with its trials as they stand."""
    return await sweeps.sweep(checked_id("sweep", sweep_id))


@post("/api/sweeps/{sweep_id:str}/stop", status_code=202, responses=problems(s404=ID_OF_A_SWEEP))
async def stop_sweep(sweep_id: FromPath[str], sweeps: NamedDependency[SweepService]) -> Sweep:
    """End a sweep: its runs are stopped, and what they have learned is kept. One that has ended stays as it is."""
    return await sweeps.stop(checked_id("sweep", sweep_id))
