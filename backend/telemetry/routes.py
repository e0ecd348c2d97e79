"""Telemetry over HTTP: a device stores, reads and deletes its own events."""

import logging
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from backend.pairing.registry import KnownDevice
from backend.pairing.service import AccessService
from backend.store.database import Store
from backend.store.telemetry import Recorder, delete_events, list_events, store_events
from backend.web.bodies import read_struct
from backend.web.clients import AnyRequest
from backend.web.litestar_adapters import allow_query, json_body, problems
from shared_py.design import IDENTIFIER_PATTERN
from shared_py.protocol import RecordedEvent, TelemetryBatch, TelemetryReceipt

_log = logging.getLogger(__name__)
DeviceId = Annotated[
    str,
    QueryParameter(
        name="device_id", pattern=IDENTIFIER_PATTERN, description="As in the calls that stored the events; not in the log."
    ),
]
Before = Annotated[
    int | None,
    QueryParameter(name="before", ge=0, le=2**53 - 1, description="The number of the last event of the previous page."),
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="Maximum number of events.")]
WRONG_PARAMETER = "no such parameter, none that is needed, or out of bounds"


def _recorder(request: AnyRequest, access: AccessService, device_id: str) -> Recorder:
    """The device of a call, with the paired devices that it is not."""
    scope: Any = request.scope
    known: KnownDevice | None = scope.get("device")
    paired = "" if known is None else known.id
    others = access.registry.ids() - {paired} if access.is_used else set()
    return Recorder(device_id, paired, tuple(sorted(others)))


@post(
    "/api/telemetry",
    operation_class=json_body(TelemetryBatch),
    status_code=200,
    responses=problems(s400="not JSON", s413="too large", s422="not events, or too many"),
)
async def store_telemetry(
    request: AnyRequest, store: NamedDependency[Store], access: NamedDependency[AccessService]
) -> TelemetryReceipt:
    """Store events of a device whose person agreed to it; an event that is stored already changes nothing."""
    batch = read_struct(await request.body(), TelemetryBatch)
    stored = await store.call(store_events, _recorder(request, access, batch.device_id), batch.events)
    return TelemetryReceipt(stored, len(batch.events) - stored)


@get(
    "/api/telemetry",
    guards=[allow_query("device_id", "before", "limit", whole_numbers=["before", "limit"])],
    responses=problems(s422=WRONG_PARAMETER),
)
async def recorded_telemetry(
    request: AnyRequest,
    store: NamedDependency[Store],
    access: NamedDependency[AccessService],
    device_id: DeviceId,
    before: Before = None,
    limit: Limit = 100,
) -> list[RecordedEvent]:
    """The events of a device, newest first; no device sees those of another."""
    return await store.call(list_events, _recorder(request, access, device_id), before, limit)


@delete("/api/telemetry", guards=[allow_query("device_id")], responses=problems(s422=WRONG_PARAMETER))
async def delete_telemetry(
    request: AnyRequest, store: NamedDependency[Store], access: NamedDependency[AccessService], device_id: DeviceId
) -> None:
    """Delete all events of a device."""
    count = await store.call(delete_events, _recorder(request, access, device_id))
    _log.info("telemetry of a device deleted: %d events, request %s", count, request.scope.get("request_id"))
