"""From the bytes of a body to a Struct, on the event loop's own thread, whose stack is deep enough for any nesting we allow."""

import re
from typing import Any, TypeVar

import msgspec

from backend.errors import InvalidDocument, InvalidRequest, MalformedBody, StudioError
from shared_py.decoding import DesignError, decode_design
from shared_py.design import ModelArchitecture

T = TypeVar("T")
_PLACE = re.compile(r"^(?P<message>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")


def read_json(data: bytes) -> Any:
    """Decode a body as any JSON; raises MalformedBody."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(error) from error
    except RecursionError as error:
        raise too_deep() from error


def read_struct(data: bytes, kind: type[T]) -> T:
    """Decode a body as a Struct; raises MalformedBody or InvalidRequest with a pointer to what is wrong."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        read_json(data)
        raise InvalidRequest(str(error), errors=[pointed(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(error) from error
    except RecursionError as error:
        raise too_deep() from error


def read_fields(data: bytes, kind: type[Any]) -> dict[str, Any]:
    """Decode a body as those fields of a Struct that it names; raises as `read_struct` does."""
    struct = read_struct(data, kind)
    return {name: getattr(struct, name) for name in read_json(data)}


def convert_struct(value: Any, kind: type[T]) -> T:
    """Make a Struct of decoded JSON; raises InvalidRequest with a pointer to what is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), errors=[pointed(error)]) from error


def convert_fields(value: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Make of decoded JSON those fields of a Struct that it names; raises as `convert_struct` does."""
    struct = convert_struct(value, kind)
    return {name: getattr(struct, name) for name in value}


def read_design(data: bytes) -> ModelArchitecture:
    """Decode a body as a design; raises MalformedBody, or InvalidDocument with every fault."""
    try:
        return decode_design(data)
    except DesignError as error:
        raise InvalidDocument(str(error), errors=error.errors, problems=error.problems) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(error) from error
    except RecursionError as error:
        raise too_deep() from error


def malformed(error: Exception) -> StudioError:
    """The error for bytes that are not JSON."""
    return MalformedBody(f"The body is not JSON: {error}")


def too_deep() -> StudioError:
    """The error for JSON nested deeper than anything of ours."""
    return MalformedBody("The body is nested too deeply")


def pointed(error: msgspec.ValidationError) -> dict[str, str]:
    """Split msgspec's sentence into a message and a JSON pointer (RFC 6901)."""
    match = _PLACE.match(str(error))
    path = (match and match["path"]) or ""
    steps = [index or name for index, name in _STEP.findall(path)]
    return {
        "pointer": "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps),
        "message": match["message"] if match else str(error),
    }
