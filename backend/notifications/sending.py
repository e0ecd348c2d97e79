"""One request to a push service (RFC 8030): to an address that was checked, with a deadline, and without following redirects."""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from msgspec import Struct

from backend.notifications.endpoints import Endpoint

CONNECT_S = 4.0
"""for one address, before the next is tried"""
TIMEOUT_S = 15.0
"""from the connection to the head of the response"""
MAX_HEAD_BYTES = 16_384
MAX_HEADS = 3
"""heads that are read of one response: those of interim responses come before"""
MAX_RETRY_AFTER_S = 3600.0
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r\n)")
_RETRY_AFTER = re.compile(rb"\r\nretry-after:[ \t]*([^\r\n]{1,64})", re.IGNORECASE)


class Response(Struct, frozen=True):
    """How a push service answered."""

    status: int
    retry_after_s: float | None = None


async def post(
    endpoint: Endpoint, addresses: Sequence[str], headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext
) -> Response:
    """Send a POST request and read the head of the response; OSError if there is none, or one that is not HTTP.

    The certificate must be that of the endpoint's host, whichever address answers.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await _connect(endpoint, addresses, tls)
            try:
                writer.write(_head(endpoint, headers, len(body)) + body)
                await writer.drain()
                return await _read_response(reader)
            finally:
                writer.transport.abort()
    except (EOFError, asyncio.LimitOverrunError) as error:
        raise OSError(f"{endpoint.host} gave no HTTP response") from error


async def _connect(
    endpoint: Endpoint, addresses: Sequence[str], tls: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    failure: OSError | None = None
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_S):
                return await asyncio.open_connection(
                    address, endpoint.port, ssl=tls, server_hostname=endpoint.host, limit=MAX_HEAD_BYTES
                )
        except OSError as error:
            failure = error
    raise failure or OSError(f"{endpoint.host} has no address")


def _head(endpoint: Endpoint, headers: Mapping[str, str], length: int) -> bytes:
    fields = {"Host": endpoint.authority, "Content-Length": str(length), "Connection": "close", **headers}
    lines = [f"POST {endpoint.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def _read_response(reader: asyncio.StreamReader) -> Response:
    for _ in range(MAX_HEADS):
        head = await reader.readuntil(b"\r\n\r\n")
        status = _STATUS.match(head)
        if status is None:
            break
        if (number := int(status[1])) >= 200:
            found = _RETRY_AFTER.search(head)
            return Response(number, None if found is None else _seconds(found[1].decode("latin-1").strip()))
    raise OSError("the response is not HTTP")


def _seconds(retry_after: str) -> float | None:
    """The seconds of a `Retry-After` header, which is a number or a date; None if it is neither."""
    try:
        wait_s = (
            float(int(retry_after)) if retry_after.isdigit() else parsedate_to_datetime(retry_after).timestamp() - time.time()
        )
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)
