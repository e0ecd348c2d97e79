"""Adapts Litestar: request bodies in OpenAPI, query parameters, and errors as `application/problem+json`."""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from litestar import Request, Response, WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException, WebSocketException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Reference, RequestBody
from litestar.types import ExceptionHandlersMap, Guard
from msgspec import Struct

from backend.errors import FREE_SOME_SPACE, InvalidRequest, OutOfSpace, StudioError, TooBusy, is_disk_full
from backend.web.bodies import too_deep
from backend.web.problem_details import PROBLEM_JSON, plain_problem, problem_body
from shared_py.protocol import ProblemDetails

_log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, State]
UNPROCESSABLE = 4422
"""the close code of a socket for what is status 422 over HTTP"""
BUSY_S = 10
"""`Retry-After` in seconds of a response that says that the server is busy"""
_DIGITS = re.compile(r"[0-9]+")


def json_body(form: type[Struct], *, required: bool = True) -> type[Operation]:
    """The `operation_class` of a handler that reads its body itself: tells OpenAPI that the body is JSON of this form."""
    schema = Reference(ref=f"#/components/schemas/{form.__name__}")

    @dataclass
    class WithBody(Operation):
        def __post_init__(self) -> None:
            content = {"application/json": OpenAPIMediaType(schema=schema)}
            self.request_body = RequestBody(content=content, required=required)

    return WithBody


def allow_query(*known: str, whole_numbers: Collection[str] = ()) -> Guard:
    """A guard for optional parameters of a route or a socket.

    InvalidRequest for any other name and for a name that comes twice, since Litestar would ignore a misspelt name and one of two
    values. Whole numbers are digits alone: Litestar would also accept `1e3` and `1.0`.
    """

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if problem := _problem_in_query(connection.query_params.multi_items(), known, whole_numbers):
            pointer, message = problem
            if isinstance(connection, WebSocket):
                raise WebSocketException(detail=message, code=UNPROCESSABLE)
            raise InvalidRequest(message, errors=[{"pointer": pointer, "message": message}])

    return guard


def _problem_in_query(
    items: Iterable[tuple[str, str]], known: Sequence[str], whole_numbers: Collection[str]
) -> tuple[str, str] | None:
    """The first problem of a query: a pointer to the parameter and a sentence."""
    seen: set[str] = set()
    for name, value in items:
        if name not in known:
            return "", f"there is no parameter {name[:64]!r}; there are {', '.join(known)}"
        if name in seen:
            return f"/{name}", f"{name}: it comes more than once; send one value"
        if name in whole_numbers and not _DIGITS.fullmatch(value):
            return f"/{name}", f"{name}: a whole number is expected, in digits alone"
        seen.add(name)
    return None


def problems(**statuses: str) -> dict[int, ResponseSpec]:
    """Describe the errors of a handler for OpenAPI: `problems(s404="no such design")`."""
    return {
        int(status[1:]): ResponseSpec(ProblemDetails, description=text, media_type=PROBLEM_JSON, generate_examples=False)
        for status, text in statuses.items()
    }


def _response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response[dict[str, Any]]:
    return Response(body, status_code=body["status"], media_type=PROBLEM_JSON, headers=headers)


def _request_id(request: AnyRequest) -> Any:
    return cast("dict[str, Any]", request.scope).get("request_id")


def _studio_error(request: AnyRequest, error: StudioError) -> Response[dict[str, Any]]:
    if error.status >= 500 and not isinstance(error, TooBusy):
        _log.error("%s: %s, request %s", type(error).__name__, error.detail, _request_id(request))
    headers = {"retry-after": str(BUSY_S)} if isinstance(error, TooBusy) else {}
    if etag := error.extra.get("etag"):
        headers["etag"] = f'"{etag}"'
    if wait_s := error.extra.get("retry_after_s"):
        headers["retry-after"] = str(wait_s)
    return _response(problem_body(error), headers or None)


def _invalid_parameter(_: AnyRequest, error: ValidationException) -> Response[dict[str, Any]]:
    extra: list[Any] = error.extra if isinstance(error.extra, list) else []
    errors = [
        {"pointer": f"/{item.get('key', '')}", "message": item.get("message", "")} for item in extra if isinstance(item, dict)
    ]
    return _response(problem_body(InvalidRequest(error.detail, errors=errors or [{"pointer": "", "message": error.detail}])))


def _http_exception(_: AnyRequest, error: HTTPException) -> Response[dict[str, Any]]:
    return _response(plain_problem(error.status_code, error.detail), error.headers)


def _recursion_error(_: AnyRequest, __: RecursionError) -> Response[dict[str, Any]]:
    return _response(problem_body(too_deep()))


def _unexpected_error(request: AnyRequest, error: Exception) -> Response[dict[str, Any]]:
    if is_disk_full(error):
        return _studio_error(request, OutOfSpace(FREE_SOME_SPACE))
    _log.error("%s %s failed, request %s", request.method, request.url.path, _request_id(request), exc_info=error)
    return _response(problem_body(StudioError("The server failed with an internal error; its log says more")))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    StudioError: _studio_error,
    ValidationException: _invalid_parameter,
    HTTPException: _http_exception,
    RecursionError: _recursion_error,
    Exception: _unexpected_error,
}
