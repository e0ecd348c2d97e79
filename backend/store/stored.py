"""Reads the values of stored rows, which may be damaged or of a newer version of this program."""

from typing import Any

import msgspec

from backend.errors import UnreadableDesign
from backend.ids import is_identifier
from shared_py.decoding import DesignError, decode_design
from shared_py.design import SCHEMA_VERSION, ModelArchitecture, etag_of_bytes

KEPT = "its text is kept on the server"


class _Versioned(msgspec.Struct, frozen=True):
    schema_version: int


class _Named(msgspec.Struct, frozen=True):
    name: str


def read_document(key: str, document: Any) -> ModelArchitecture:
    """Read the stored document of a design; UnreadableDesign says what is wrong with it and what can be done."""
    try:
        if not isinstance(document, str | bytes):
            raise UnreadableDesign(f"The stored document of design {key} is damaged (it is no text); {KEPT}")
        text = document.encode() if isinstance(document, str) else document
        design = decode_design(text)
    except DesignError as error:
        if (version := _version_of(document)) is not None and version > SCHEMA_VERSION:
            raise UnreadableDesign(
                f"Design {key} was stored by a newer version of Model Studio (schema_version {version}, this server reads up to"
                f" {SCHEMA_VERSION}): update this server to read it; {KEPT}"
            ) from error
        raise UnreadableDesign(f"The stored document of design {key} is not a design: {error}; {KEPT}") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UnreadableDesign(f"The stored document of design {key} is damaged ({error}); {KEPT}") from error
    if design.id != key:
        raise UnreadableDesign(f"The stored document of design {key} is that of {design.id}; {KEPT}")
    return design


def is_intact(document: Any, etag: Any) -> bool:
    """Whether a stored document has the etag stored with it; it may still be one that cannot be read."""
    if isinstance(document, str):
        document = document.encode(errors="surrogateescape")
    return isinstance(document, bytes) and etag_of_bytes(document) == etag


def name_in(document: Any) -> str | None:
    """The name of the design in a stored document, also of a newer version."""
    try:
        return msgspec.json.decode(document, type=_Named).name
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _version_of(document: Any) -> int | None:
    try:
        return msgspec.json.decode(document, type=_Versioned).schema_version
    except msgspec.DecodeError:
        return None


def text_of(value: Any) -> str:
    """A stored text; bytes that are not UTF-8 become U+FFFD, since no response can contain them."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, str):
        return value.encode(errors="surrogateescape").decode(errors="replace")
    return "" if value is None else str(value)


def number_of(value: Any) -> int | None:
    """A stored count or number; None if it is something else."""
    return value if isinstance(value, int) and value >= 0 else None


def id_of(value: Any) -> str | None:
    """A stored id; None if it is something else."""
    return value if isinstance(value, str) and is_identifier(value) else None
