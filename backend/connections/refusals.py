"""Problem documents for connections that the middleware never sees."""

from http import HTTPStatus

import msgspec

from backend.web.problem_details import PROBLEM_JSON, plain_problem
from backend.web.safe_headers import SAFE_HEADERS


def problem_headers(body: bytes, request_id: str) -> list[tuple[str, str]]:
    """The headers of a response after which the connection is closed."""
    safe = [(name.decode(), value.decode()) for name, value in SAFE_HEADERS]
    return [
        ("content-type", PROBLEM_JSON),
        ("x-request-id", request_id),
        ("connection", "close"),
        ("content-length", str(len(body))),
        *safe,
    ]


def problem_bytes(status: int, detail: str) -> bytes:
    """A problem document as JSON."""
    return msgspec.json.encode(plain_problem(status, detail))


def problem_response(status: int, detail: str, request_id: str, *headers: tuple[str, str]) -> bytes:
    """A whole response with a problem document."""
    body = problem_bytes(status, detail)
    lines = [f"{name}: {value}" for name, value in [*problem_headers(body, request_id), *headers]]
    return "\r\n".join([f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *lines, "", ""]).encode() + body
