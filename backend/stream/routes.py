"""`/ws`: live messages."""

from typing import Annotated, Any

import msgspec
from litestar import WebSocket, websocket
from litestar.channels import ChannelsPlugin
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect, WebSocketException
from litestar.params import QueryParameter

from backend.process.threads import first_to_end
from backend.store.database import Store
from backend.stream.subscription import relay
from backend.web.litestar_adapters import UNPROCESSABLE, allow_query

LIVE = "live"
"""the channel of all messages"""
AnySocket = WebSocket[Any, Any, State]
After = Annotated[str | None, QueryParameter(name="after")]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


@websocket("/ws", guards=[allow_query("after", whole_numbers=["after"])])
async def live_messages(
    socket: AnySocket, store: NamedDependency[Store], channels: NamedDependency[ChannelsPlugin], after: After = None
) -> None:
    """Send messages until the client disconnects; what it sends is ignored."""
    number = None if after is None else _seq(after)
    await socket.accept()

    async def send(message: bytes) -> None:
        await socket.send_text(message.decode())

    async with channels.start_subscription(LIVE) as subscriber:
        ended = await first_to_end(relay(store, subscriber.iter_events(), send, number), _until_disconnect(socket))
    for task in ended:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect):
            raise error


def _seq(text: str) -> int:
    try:
        return msgspec.convert(text, Seq, strict=False)
    except msgspec.ValidationError as error:
        raise WebSocketException(detail=f"after: {error}", code=UNPROCESSABLE) from None


async def _until_disconnect(socket: AnySocket) -> None:
    while True:
        await socket.receive_data(mode="text")
