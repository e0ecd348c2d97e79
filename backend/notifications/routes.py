"""Whether this device is notified, over HTTP."""

from typing import Any

from litestar import Request, delete, get, put
from litestar.datastructures import State
from litestar.di import NamedDependency

from backend.notifications.service import NotificationService
from backend.pairing.registry import KnownDevice
from backend.web.bodies import read_struct
from backend.web.litestar_adapters import json_body, problems
from shared_py.protocol import PushState, SubscriptionRequest

AnyRequest = Request[Any, Any, State]
NOT_PAIRED = "this device is not paired"


def _device_of(request: AnyRequest) -> str | None:
    """The id of the device that sent the request; None on a server that does not pair devices."""
    device: KnownDevice | None = request.scope.get("device")  # type: ignore[assignment]
    return None if device is None else device.id


@get("/api/push", responses=problems(s401=NOT_PAIRED))
async def push_state(request: AnyRequest, notifications: NamedDependency[NotificationService]) -> PushState:
    """The key for which a browser subscribes, and whether the device that sent the request is notified."""
    return await notifications.state_of(_device_of(request))


@put(
    "/api/push",
    operation_class=json_body(SubscriptionRequest),
    status_code=204,
    responses=problems(
        s401=NOT_PAIRED,
        s409="the server does not pair devices, or notifies as many as it may",
        s422="not a subscription at a push service on the internet",
        s503="the address of the push service cannot be resolved now",
    ),
)
async def turn_notifications_on(request: AnyRequest, notifications: NamedDependency[NotificationService]) -> None:
    """Notify the device that sent the request when a run ends, in place of an earlier subscription of it."""
    await notifications.subscribe(_device_of(request), read_struct(await request.body(), SubscriptionRequest))


@delete("/api/push", responses=problems(s401=NOT_PAIRED))
async def turn_notifications_off(request: AnyRequest, notifications: NamedDependency[NotificationService]) -> None:
    """Notify the device that sent the request no more."""
    await notifications.unsubscribe(_device_of(request))
