"""Which client sends a request, and whether it is still connected."""

import re
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from litestar import Request
from litestar.datastructures import State
from litestar.params import HeaderParameter

from backend.errors import ClientGone
from backend.process.threads import first_to_end

T = TypeVar("T")
AnyRequest = Request[Any, Any, State]
ClientId = Annotated[
    str | None,
    HeaderParameter(
        name="X-Client-Id",
        description="The client, at most 64 letters, digits, dots, hyphens and underscores: queued work is done client by client."
        " Without it, or if it has another form, the address of the peer is used.",
    ),
]
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def client_of(request: AnyRequest, *names: str | None) -> str:
    """The first well-formed name that the client sent, or else its address."""
    for name in names:
        if name is not None and _CLIENT_ID.fullmatch(name):
            return name
    return f"peer {request.client.host}" if request.client is not None else "peer"


async def while_connected(request: AnyRequest, work: Coroutine[Any, Any, T]) -> T:
    """Do work for a client and return its result; cancel it, and raise ClientGone, when the client closes the connection."""
    working, _ = await first_to_end(work, _until_closed(request))
    if working.cancelled():
        raise ClientGone("The client closed the connection before the response was ready")
    result: T = working.result()
    return result


async def _until_closed(request: AnyRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
