"""How Litestar is bound to our forms: bodies are read by our own decoders, and every error leaves as problem+json."""

import logging
import re
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from litestar import Request, Response, WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.dto import AbstractDTO, DTOFieldDefinition
from litestar.exceptions import HTTPException, ValidationException, WebSocketException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Operation, RequestBody
from litestar.types import ExceptionHandlersMap, Guard
from litestar.typing import FieldDefinition

from backend.errors import InvalidRequest, MalformedBody, OutOfSpace, StudioError, is_disk_full
from backend.web.bodies import too_deep
from backend.web.problem_details import PROBLEM_JSON, plain_problem, problem_body
from shared_py.protocol import ProblemDetails

_log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, State]
UNPROCESSABLE = 4422
"""closes a socket as 422 would an HTTP call"""
_DIGITS = re.compile(r"[0-9]+")


class BodyReader(AbstractDTO[Any]):
    """Hands the bytes of a body to a decoder of ours; OpenAPI still learns what form they have."""

    read: ClassVar[Callable[[bytes], Any]]
    form: ClassVar[Any]

    def decode_bytes(self, value: bytes) -> Any:
        """Decode a body."""
        return type(self).read(value)

    @classmethod
    def create_for_field_definition(cls, field_definition: FieldDefinition, handler_id: str, backend_cls: Any = None) -> None:
        """Nothing needs to be made beforehand."""

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:  # noqa: ARG003  # the base class asks with it
        """The schema of the form the body has."""
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(cls.form))

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:  # noqa: ARG003  # the base class asks with it
        """No field is handled one by one."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003  # the base class asks with it
        """No field is handled one by one."""
        return False


def body_reader(reader: Callable[[bytes], Any], form: Any) -> type[BodyReader]:
    """Make the `dto` of a handler whose `data` is read by `reader` from a body of this form."""
    return type("BodyReader", (BodyReader,), {"read": staticmethod(reader), "form": form})


@dataclass
class BodyMayBeMissing(Operation):
    """The `operation_class` of a handler that does without a body: Litestar would call every body required."""

    def __post_init__(self) -> None:
        """Say so."""
        if isinstance(self.request_body, RequestBody):
            self.request_body.required = False


def allow_query(*known: str, whole_numbers: Collection[str] = ()) -> Guard:
    """A guard for optional parameters of a route or a socket.

    Any other name is InvalidRequest, since a misspelt one would go unheard, and so is a name that comes twice, of which one value
    would go unheard. Whole numbers are digits alone: Litestar would also take `1e3` and `1.0`.
    """

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if fault := _fault_in_query(connection.query_params.multi_items(), known, whole_numbers):
            pointer, message = fault
            if isinstance(connection, WebSocket):
                raise WebSocketException(detail=message, code=UNPROCESSABLE)
            raise InvalidRequest(message, errors=[{"pointer": pointer, "message": message}])

    return guard


def _fault_in_query(
    items: Iterable[tuple[str, str]], known: Sequence[str], whole_numbers: Collection[str]
) -> tuple[str, str] | None:
    """The first fault of a query: a pointer to the parameter and a sentence."""
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
    """Declare the errors of a handler for OpenAPI: `problems(s404="no such design")`."""
    return {
        int(status[1:]): ResponseSpec(ProblemDetails, description=text, media_type=PROBLEM_JSON, generate_examples=False)
        for status, text in statuses.items()
    }


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response[dict[str, Any]]:
    return Response(body, status_code=body["status"], media_type=PROBLEM_JSON, headers=headers)


def _request_id(request: AnyRequest) -> Any:
    return cast("dict[str, Any]", request.scope).get("request_id")


def _studio_error(request: AnyRequest, error: StudioError) -> Response[dict[str, Any]]:
    if error.status >= 500:
        _log.error("%s: %s, request %s", type(error).__name__, error.detail, _request_id(request))
    etag = error.extra.get("etag")
    return _answer(problem_body(error), {"etag": f'"{etag}"'} if etag else None)


def _invalid_parameter(_: AnyRequest, error: ValidationException) -> Response[dict[str, Any]]:
    found: list[Any] = error.extra if isinstance(error.extra, list) else []
    if any(isinstance(item, dict) and item.get("key") == "data" for item in found):
        return _answer(problem_body(MalformedBody("The body is missing")))
    errors = [
        {"pointer": f"/{item.get('key', '')}", "message": item.get("message", "")} for item in found if isinstance(item, dict)
    ]
    return _answer(problem_body(InvalidRequest(error.detail, errors=errors or [{"pointer": "", "message": error.detail}])))


def _http_exception(_: AnyRequest, error: HTTPException) -> Response[dict[str, Any]]:
    return _answer(plain_problem(error.status_code, error.detail), error.headers)


def _recursion_error(_: AnyRequest, __: RecursionError) -> Response[dict[str, Any]]:
    return _answer(problem_body(too_deep()))


def _unforeseen(request: AnyRequest, error: Exception) -> Response[dict[str, Any]]:
    if is_disk_full(error):
        return _studio_error(request, OutOfSpace("Free some space on the server's disk and try again; nothing was stored"))
    _log.error("%s %s failed, request %s", request.method, request.url.path, _request_id(request), exc_info=error)
    return _answer(problem_body(StudioError("The server met an error of its own; its log tells more")))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    StudioError: _studio_error,
    ValidationException: _invalid_parameter,
    HTTPException: _http_exception,
    RecursionError: _recursion_error,
    Exception: _unforeseen,
}
