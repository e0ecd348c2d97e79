"""The messages of one client: first the stored ones, then the live ones, each once and in order."""

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from msgspec import Struct

from backend.store.database import Store, Transaction
from backend.store.messages import last_seq, messages_after

PAGE = 500
NOT_STORED = frozenset({"evaluation_progress"})
"""types of messages that only connected clients receive, with the number of the newest stored message"""
SendText = Callable[[bytes], Awaitable[None]]


class _Numbered(Struct):
    seq: int
    type: str = ""


_numbered = msgspec.json.Decoder(_Numbered)


async def relay(store: Store, live: AsyncIterator[bytes], send: SendText, after: int | None) -> None:
    """Send every message after a number, or only new ones; runs until `live` ends or `send` raises.

    The caller must subscribe to `live` before. It may drop messages when the client is slow: after a gap in the numbers they are
    read from the database, so a slow client delays no other and misses nothing. Messages that are not stored are sent after the
    one whose number they have, and a slow client may miss them.
    """
    sent = await store.call(_first, after)
    if after is not None:
        sent = await _send_stored(store, send, sent)
    async for message in live:
        numbered = _numbered.decode(message)
        is_stored = numbered.type not in NOT_STORED
        if is_stored and numbered.seq == sent + 1:
            await send(message)
            sent = numbered.seq
        elif numbered.seq > sent:
            sent = await _send_stored(store, send, sent)
        if not is_stored:
            await send(message)


def _first(transaction: Transaction, after: int | None) -> int:
    """The number to start after; one above the newest comes from another epoch of the server and counts as the newest."""
    newest = last_seq(transaction)
    return newest if after is None else min(after, newest)


async def _send_stored(store: Store, send: SendText, sent: int) -> int:
    while True:
        page = await store.call(messages_after, sent, PAGE)
        for message in page:
            if message.payload is not None:
                await send(message.payload)
            sent = message.seq
        if len(page) < PAGE:
            return sent
