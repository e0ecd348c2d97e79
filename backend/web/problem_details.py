"""Errors as `application/problem+json` (RFC 9457), in one form for routes, Litestar's router and the middleware."""

from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET

from backend.errors import StudioError
from shared_py.protocol import ProblemDetails

PROBLEM_JSON = "application/problem+json"
_TYPE = "urn:model-studio:"


def problem_body(error: StudioError) -> dict[str, Any]:
    """The members of the problem document; `extra` of the error is added to the standard ones."""
    body: dict[str, Any] = {
        "type": _TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if error.errors:
        body["errors"] = error.errors
    if error.problems:
        body["problems"] = msgspec.to_builtins(error.problems)
    return {**error.extra, **body}


def plain_problem(status: int, detail: str, errors: list[Any] | None = None) -> dict[str, Any]:
    """The problem document of an error that has no class of its own."""
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": _TYPE + phrase.lower().replace(" ", "_"), "title": phrase, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return body


def details_of(error: StudioError) -> ProblemDetails:
    """The same as a Struct, where a problem is a part of a response."""
    return ProblemDetails(
        title=error.title,
        status=error.status,
        detail=error.detail,
        type=_TYPE + error.code,
        errors=error.errors or UNSET,
        problems=error.problems or UNSET,
    )
