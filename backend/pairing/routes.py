"""Pairing, the list of devices and the audit log over HTTP."""

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from backend.ids import checked_id
from backend.pairing.cookie import cookie_header
from backend.pairing.registry import KnownDevice
from backend.pairing.service import AccessService
from backend.web.bodies import read_struct
from backend.web.litestar_adapters import allow_query, json_body, problems
from shared_py.protocol import AuditEntry, Device, PairingRequest, PairingState

AnyRequest = Request[Any, Any, State]
Before = Annotated[
    int | None,
    QueryParameter(name="before", ge=0, le=2**53 - 1, description="The number of the last entry of the previous page."),
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="Maximum number of entries.")]
NOT_PAIRED = "this device is not paired"


def _device_of(request: AnyRequest) -> KnownDevice | None:
    device: KnownDevice | None = request.scope.get("device")  # type: ignore[assignment]
    return device


@get("/api/pair")
async def pairing_state(request: AnyRequest, access: NamedDependency[AccessService]) -> PairingState:
    """Whether the device that sent the request must be paired, and whether it is."""
    known = _device_of(request)
    required = bool(request.scope.get("pairing_required"))
    if known is None:
        return PairingState(required)
    device = next((device for device in access.registry.devices(known.id) if device.current), None)
    return PairingState(required, device)


@post(
    "/api/pair",
    operation_class=json_body(PairingRequest),
    status_code=201,
    responses=problems(s403="a wrong code", s410="a code that is too old or used", s422="no code", s429="locked for a minute"),
)
async def pair(request: AnyRequest, access: NamedDependency[AccessService]) -> Response[Device]:
    """Exchange a code for the cookie of a paired device."""
    wanted = read_struct(await request.body(), PairingRequest)
    address = request.client.host if request.client is not None else ""
    paired = await access.exchange(wanted.code, wanted.name, address)
    known = KnownDevice(paired.device.id, paired.device.name, paired.device.last_used_at, 0.0)
    access.record(known, str(request.scope.get("request_id", "")), [("device paired", paired.device.id)])
    return Response(paired.device, headers={"set-cookie": cookie_header(paired.token)})


@get("/api/devices", responses=problems(s401=NOT_PAIRED))
async def all_devices(request: AnyRequest, access: NamedDependency[AccessService]) -> list[Device]:
    """The paired devices, most recently used first."""
    known = _device_of(request)
    return access.registry.devices(known.id if known else None) if access.is_used else []


@delete("/api/devices/{device_id:str}", responses=problems(s401=NOT_PAIRED, s404="no such device"))
async def revoke_device(device_id: FromPath[str], access: NamedDependency[AccessService]) -> None:
    """Revoke a device, possibly the one that sent the request: it keeps its designs and must pair again."""
    await access.revoke(checked_id("device", device_id))


@get(
    "/api/audit",
    guards=[allow_query("before", "limit", whole_numbers=["before", "limit"])],
    responses=problems(s401=NOT_PAIRED, s422="no such parameter, or out of bounds"),
)
async def audit_log(access: NamedDependency[AccessService], before: Before = None, limit: Limit = 100) -> list[AuditEntry]:
    """The changes made by paired devices, newest first."""
    return access.registry.audit(before, limit) if access.is_used else []
