"""Reading a sync call so that one bad entry is refused by itself and the others go through."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from backend.errors import InvalidDocument, InvalidRequest, StudioError
from backend.ids import is_identifier
from backend.sync.reconcile import Push
from backend.web.bodies import read_design, read_struct
from backend.web.problem_details import details_of
from shared_py.design import ModelArchitecture
from shared_py.metrics import Count
from shared_py.protocol import (
    MAX_PUSHED_COMMANDS,
    MAX_PUSHED_DESIGNS,
    ChangeNumber,
    PushedCommand,
    Rejection,
    SyncedCommand,
)

_NOTHING = Raw(b"null")


class RawSyncRequest(Struct, frozen=True):
    """A `SyncRequest` whose entries are still text."""

    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Count = 0
    designs: Annotated[list[Raw], Meta(max_length=MAX_PUSHED_DESIGNS)] = []
    commands: Annotated[list[Raw], Meta(max_length=MAX_PUSHED_COMMANDS)] = []
    client_id: str | None = None


class _PushOutline(Struct, frozen=True):
    id: str
    base: Raw = _NOTHING
    work: Raw = _NOTHING
    deleted: bool = False
    client_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    change: ChangeNumber | None = None


class _Named(Struct, frozen=True):
    id: str


def read_sync_request(data: bytes) -> RawSyncRequest:
    """Read the outline of a sync call."""
    return read_struct(data, RawSyncRequest)


def read_push(entry: Raw) -> Push | Rejection:
    """Read one pushed design, or say why it is refused."""
    try:
        outline = read_struct(bytes(entry), _PushOutline)
        if not is_identifier(outline.id):
            raise _refused("/id", "the id is a small letter, then up to 63 small letters, digits or _")
        base = _read_part(outline.base, "/base", outline.id)
        work = _read_part(outline.work, "/work", outline.id)
        if (work is None) != outline.deleted:
            raise _refused("/work", "send the work, or that it was deleted")
        return Push(outline.id, base, work, outline.client_id, outline.change)
    except StudioError as error:
        return Rejection(_name_of(entry), details_of(error))


def read_command(entry: Raw) -> PushedCommand | SyncedCommand:
    """Read one command, or give the answer that says why it is refused."""
    try:
        return read_struct(bytes(entry), PushedCommand)
    except StudioError as error:
        return SyncedCommand(_name_of(entry), "failed", problem=details_of(error))


def _read_part(part: Raw, pointer: str, design_id: str) -> ModelArchitecture | None:
    if bytes(part) == b"null":
        return None
    try:
        design = read_design(bytes(part))
    except InvalidDocument as error:
        error.errors = [{**fault, "pointer": pointer + fault["pointer"]} for fault in error.errors]
        raise
    if design.id != design_id:
        raise _refused(f"{pointer}/id", f"the id in the document is not {design_id}")
    return design


def _refused(pointer: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, errors=[{"pointer": pointer, "message": message}])


def _name_of(entry: Raw) -> str:
    try:
        return msgspec.json.decode(entry, type=_Named).id[:100]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
