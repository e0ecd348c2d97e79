"""The outer shell when the server ends while an answer is still waited for."""

import asyncio
import json
from typing import Any

import pytest

from backend.web.middleware import Message, Middleware, Receive, Scope, Send
from backend.web.problem_details import PROBLEM_JSON


async def cancelled_in(api: Any, kind: str = "http") -> tuple[list[Message], bool]:
    """What was sent when a call was cancelled within an API that waits, and whether the cancelling went through."""
    sent: list[Message] = []
    waits = asyncio.Event()

    async def until_waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await api(send)
        waits.set()
        await asyncio.Event().wait()

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": "/api/designs/d1/export", "headers": [(b"host", b"127.0.0.1")]}
    call = asyncio.create_task(Middleware(until_waiting, until_waiting, ())(scope, receive, send))
    await waits.wait()
    call.cancel()
    await asyncio.wait([call])
    return sent, call.cancelled()


async def nothing(send: Send) -> None:
    pass


async def a_beginning(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def test_a_server_that_ends_says_so_to_who_waits() -> None:
    (start, body), is_cancelled = asyncio.run(cancelled_in(nothing))
    assert start["status"] == 503
    assert {b"content-type": PROBLEM_JSON.encode()}.items() <= dict(start["headers"]).items()
    assert b"x-request-id" in dict(start["headers"])
    assert json.loads(body["body"])["detail"] == "The server is stopping; try again when it is back"
    assert not is_cancelled


@pytest.mark.parametrize(("api", "kind"), [(a_beginning, "http"), (nothing, "websocket")])
def test_what_has_begun_breaks_off(api: Any, kind: str) -> None:
    sent, is_cancelled = asyncio.run(cancelled_in(api, kind))
    assert [message.get("status") for message in sent] == ([200] if api is a_beginning else [])
    assert is_cancelled
