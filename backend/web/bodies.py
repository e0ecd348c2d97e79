"""Decodes request bodies to Structs, on the thread of the event loop, whose stack is deep enough for any allowed nesting."""

import re
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType, defstruct
from msgspec.structs import asdict

from backend.errors import InvalidDocument, InvalidRequest, MalformedBody, StudioError
from shared_py.decoding import DesignError, decode_design
from shared_py.design import ModelArchitecture
from shared_py.json_pointer import pointer_to
from shared_py.suggestion import suggest

T = TypeVar("T")
MAX_WHOLE = 2**53
"""up to here a float can hold every whole number"""
_PLACE = re.compile(r"^(?P<message>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<field>.*)`$", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")


def read_json(data: bytes) -> Any:
    """Decode a body as any JSON; raises MalformedBody."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(data, error) from error
    except RecursionError as error:
        raise too_deep() from error


def read_struct(data: bytes, kind: type[T]) -> T:
    """Decode a body as a Struct; raises MalformedBody or InvalidRequest with a pointer to what is wrong."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        with suppress(msgspec.ValidationError):
            return msgspec.json.decode(msgspec.json.encode(_with_whole_numbers(read_json(data))), type=kind)
        raise _invalid(error, kind) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(data, error) from error
    except RecursionError as error:
        raise too_deep() from error


def _with_whole_numbers(value: Any) -> Any:
    """Decoded JSON with 2.0 as 2: JSON Schema calls both integers, and some languages cannot write the second."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_WHOLE:
        return int(value)
    if isinstance(value, dict):
        return {name: _with_whole_numbers(item) for name, item in value.items()}
    return [_with_whole_numbers(item) for item in value] if isinstance(value, list) else value


@cache
def some_of(kind: type[Struct]) -> type[Struct]:
    """A Struct of the same fields, each of which may be left out: `msgspec.UNSET`."""
    types = get_type_hints(kind, include_extras=True)
    fields = [(name, types[name] | UnsetType, UNSET) for name in kind.__struct_fields__]
    return defstruct(f"Some{kind.__name__}", fields, frozen=True, forbid_unknown_fields=True)


def read_fields(data: bytes, kind: type[Struct]) -> dict[str, Any]:
    """Decode a body with some fields of a Struct into a dict; raises as `read_struct` does."""
    return _set_fields(read_struct(data, some_of(kind)))


def convert_struct(value: Any, kind: type[T]) -> T:
    """Make a Struct of decoded JSON; raises InvalidRequest with a pointer to what is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error, kind) from error


def convert_fields(value: dict[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """Convert decoded JSON with some fields of a Struct into a dict; raises as `convert_struct` does."""
    return _set_fields(convert_struct(value, some_of(kind)))


def _set_fields(some: Struct) -> dict[str, Any]:
    return {name: value for name, value in asdict(some).items() if value is not UNSET}


def read_design(data: bytes) -> ModelArchitecture:
    """Decode a body as a design; raises MalformedBody, or InvalidDocument with every problem."""
    try:
        return decode_design(data)
    except DesignError as error:
        raise InvalidDocument(str(error), errors=error.errors, problems=error.problems) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(data, error) from error
    except RecursionError as error:
        raise too_deep() from error


def _malformed(data: bytes, error: Exception) -> StudioError:
    return MalformedBody(f"The body is not JSON: {error}" if data else "The body is missing")


def too_deep() -> StudioError:
    """The error for JSON nested too deeply to be decoded."""
    return MalformedBody("The body is nested too deeply")


def _invalid(error: msgspec.ValidationError, kind: Any) -> InvalidRequest:
    problem = _with_pointer(error, getattr(kind, "__struct_fields__", ()))
    place = f" (at {problem['pointer']})" if problem["pointer"] else ""
    return InvalidRequest(problem["message"] + place, errors=[problem])


def _with_pointer(error: msgspec.ValidationError, fields: tuple[str, ...] = ()) -> dict[str, str]:
    """Split msgspec's sentence into a message and a JSON pointer (RFC 6901).

    An unknown field is named by the pointer too; in the body itself, the nearest of its `fields` is suggested.
    """
    match = _PLACE.match(str(error))
    path = (match and match["path"]) or ""
    steps = [index or name for index, name in _STEP.findall(path)]
    message = match["message"] if match else str(error)
    unknown = _UNKNOWN.match(message)
    if unknown:
        message = f"there is no field {unknown['field']!r}{'' if steps else suggest(unknown['field'], fields)}"
        steps.append(unknown["field"])
    return {"pointer": pointer_to(*steps), "message": message}
