"""The published OpenAPI document: what Litestar generates, corrected where this server responds differently."""

import json
import re
from collections.abc import Iterable, Iterator
from inspect import isclass
from types import ModuleType
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from msgspec import Struct

from backend.web.bodies import some_of
from backend.web.problem_details import PROBLEM_JSON
from backend.web.routes import Health, Unreadable
from shared_py import design, problems, protocol
from shared_py.training_config import TrainConfig

_READING = ("get", "head", "options")
_REF = "#/components/schemas/{name}"
_REFERRED = re.compile(r'"#/components/schemas/(\w+)"')
_PROBLEM = {"content": {PROBLEM_JSON: {"schema": {"$ref": _REF.format(name="ProblemDetails")}}}}
_NOT_PAIRED = {"401": "the device is not paired with this server, which requires it"}
_FOR_UNPAIRED = ("/api/health", "/api/pair")
_FOR_ALL = {
    "403": "called by a name that is not this server's, or from another site's page",
    "429": "the client exceeds the rate limit; see `Retry-After`",
    "500": "a fault of the server",
    "503": "the server is stopping, or too many large responses wait for their clients",
}
_WITH_BODY = {"400": "not JSON", "413": "too large"}
_CHANGING = {"503": "the database is damaged or was replaced, or the server stops", "507": "the server's disk is full"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_REFUSED_SINGLY = "An entry of another form is refused by itself, and named in the response."


class ExactOpenAPI(JsonRenderPlugin):
    """Renders the corrected document; `media_types` are those of the files that routes answer with."""

    def __init__(self, path: str, media_types: Iterable[str]) -> None:
        super().__init__(path=path)
        self._media_types = tuple(media_types)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document as JSON."""
        return super().render(request, exact(openapi_schema, self._media_types))


def exact(document: dict[str, Any], media_types: Iterable[str]) -> dict[str, Any]:
    """Correct a generated document: bounds, media types and statuses."""
    ours = _struct_schemas()
    schemas = {name: ours.get(name, schema) for name, schema in document["components"]["schemas"].items()}
    while missing := _referenced([document["paths"], schemas]) - schemas.keys():  # by bodies that handlers read themselves
        schemas |= {name: ours[name] for name in missing}
    schemas["Health"] = {**schemas["Health"], "required": ["status"]}  # a device that is not paired receives no more
    for entries in ("designs", "commands"):
        items = schemas["SyncRequest"]["properties"][entries]["items"]
        schemas["SyncRequest"]["properties"][entries]["items"] = {"anyOf": [items, {}], "description": _REFUSED_SINGLY}
    file = dict.fromkeys(media_types, _BINARY)
    paths = {
        path: {method: _exact_operation(path, method, operation, file) for method, operation in operations.items()}
        for path, operations in document["paths"].items()
    }
    return {**document, "paths": _with_plain_patterns(paths), "components": {**document["components"], "schemas": schemas}}


def _referenced(part: Any) -> set[str]:
    """The names of the schemas that a part of the document refers to."""
    return set(_REFERRED.findall(json.dumps(part)))


def _exact_operation(path: str, method: str, operation: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    """Replace Litestar's 400 by the 422 of this server, and add the statuses that any call may have."""
    statuses = _FOR_ALL if path in _FOR_UNPAIRED else _NOT_PAIRED | _FOR_ALL
    if "requestBody" in operation:
        statuses |= _WITH_BODY
    if method not in _READING:
        statuses |= _CHANGING
    answers = {status: answer for status, answer in operation["responses"].items() if status != "400"}
    for status, answer in answers.items():
        if "" in answer.get("content", {}):  # a file, of which Litestar knows no more
            answers[status] = {**answer, "content": file}
    refusals = {status: {"description": text, **_PROBLEM} for status, text in statuses.items() if status not in answers}
    return {**operation, "responses": answers | refusals}


def _struct_schemas() -> dict[str, Any]:
    """The schemas of our Structs as msgspec generates them, with what Litestar leaves out: bounds of 0 and lengths of tuples."""
    structs = [
        Health,
        Unreadable,
        some_of(TrainConfig),
        some_of(protocol.RunLabels),
        *_structs(protocol),
        *_structs(design),
        *_structs(problems),
    ]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    return {name: _with_plain_patterns(schema) for name, schema in schemas.items()}


def _structs(module: ModuleType) -> Iterator[type[Struct]]:
    for value in vars(module).values():
        if isclass(value) and issubclass(value, Struct) and value is not Struct:
            yield value


def _with_plain_patterns(schema: Any) -> Any:
    """Write patterns as JavaScript does, which JSON Schema requires: there `$` is the end and `\\Z` a letter."""
    if isinstance(schema, dict):
        return {
            key: value.replace(r"\Z", "$") if key == "pattern" else _with_plain_patterns(value) for key, value in schema.items()
        }
    return [_with_plain_patterns(item) for item in schema] if isinstance(schema, list) else schema


def options_of(handlers: Iterable[BaseRouteHandler]) -> list[HTTPRouteHandler]:
    """An answer to OPTIONS for each path that allows every method of the path; Litestar's own knows the first one alone.

    They are to be registered before the others, which would bring Litestar's.
    """
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        if isinstance(handler, HTTPRouteHandler):
            for path in handler.paths:
                methods.setdefault(path, {"OPTIONS"}).update(str(method) for method in handler.http_methods)
    return [_options(path, ", ".join(sorted(allowed))) for path, allowed in methods.items()]


def _options(path: str, allowed: str) -> HTTPRouteHandler:
    def allow() -> Response[None]:
        return Response(None, status_code=204, headers={"allow": allowed})

    return HTTPRouteHandler(path, http_method="OPTIONS", include_in_schema=False, sync_to_thread=False)(allow)
