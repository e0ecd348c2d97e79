"""Decodes a sync call entry by entry, so that a bad one is refused by itself and the others are processed."""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
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
    MAX_ACKNOWLEDGED,
    MAX_FORMER,
    MAX_PUSHED_COMMANDS,
    MAX_PUSHED_DESIGNS,
    MAX_VECTOR,
    ChangeNumber,
    ClientId,
    ConflictId,
    Contents,
    PushedCommand,
    Rejection,
    Resolution,
    StoredConflict,
    SyncedCommand,
    VersionVector,
)

_NOTHING = Raw(b"null")
DIGEST_BYTES = 12
MAX_CONFLICT_BYTES = 100_000


class RawSyncRequest(Struct, frozen=True):
    """A `SyncRequest` whose entries are not decoded yet."""

    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Count = 0
    designs: Annotated[list[Raw], Meta(max_length=MAX_PUSHED_DESIGNS)] = []
    commands: Annotated[list[Raw], Meta(max_length=MAX_PUSHED_COMMANDS)] = []
    client_id: str | None = None
    cursor_token: Annotated[str, Meta(max_length=64)] | None = None
    device_id: ClientId | None = None
    former_device_ids: Annotated[list[ClientId], Meta(max_length=MAX_FORMER)] = []
    device_name: Annotated[str, Meta(max_length=80)] = ""
    acknowledged: Annotated[list[ConflictId], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    resolved: Annotated[list[Resolution], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    conflicts: Annotated[list[Raw], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    for_others: Annotated[list[Raw], Meta(max_length=MAX_ACKNOWLEDGED)] = []


class _RawPush(Struct, frozen=True):
    id: str
    base: Raw = _NOTHING
    work: Raw = _NOTHING
    deleted: bool = False
    client_id: ClientId | None = None
    change: ChangeNumber | None = None
    base_seen: Annotated[VersionVector, Meta(max_length=MAX_VECTOR)] | None = None
    base_contents: Annotated[Contents, Meta(max_length=MAX_VECTOR)] = {}
    anchor: Raw = _NOTHING
    anchor_seen: Annotated[VersionVector, Meta(max_length=MAX_VECTOR)] = {}
    yields: bool = False


class _Named(Struct, frozen=True):
    id: str


def read_sync_request(data: bytes) -> RawSyncRequest:
    """Decode a sync call, but not its entries."""
    return read_struct(data, RawSyncRequest)


def read_push(entry: Raw) -> Push | Rejection:
    """Decode one pushed design, or return why it is refused."""
    try:
        raw = read_struct(bytes(entry), _RawPush)
        if not is_identifier(raw.id):
            raise _refused("/id", "the id is a small letter, then up to 63 small letters, digits or _")
        base = _read_part(raw.base, "/base", raw.id)
        work = _read_part(raw.work, "/work", raw.id)
        anchor = _read_part(raw.anchor, "/anchor", raw.id)
        if (work is None) != raw.deleted:
            raise _refused("/work", "send `work` or `deleted: true`, not both")
        digest = blake2b(bytes(raw.work), digest_size=DIGEST_BYTES).hexdigest()
        return Push(
            id=raw.id, base=base, work=work, client_id=raw.client_id, change=raw.change, base_seen=raw.base_seen,
            base_contents=raw.base_contents, anchor=anchor, anchor_seen=raw.anchor_seen, yields=raw.yields, digest=digest,
        )  # fmt: skip
    except StudioError as error:
        return Rejection(_name_of(entry), details_of(error))


def read_conflicts(entries: Iterable[Raw]) -> list[StoredConflict]:
    """Decode the conflicts that a phone reports; what is none, or is larger than any of this server's, is left out."""
    conflicts = []
    for entry in entries:
        with suppress(StudioError):
            conflict = read_struct(bytes(entry), StoredConflict)
            if len(bytes(entry)) <= MAX_CONFLICT_BYTES and is_identifier(conflict.id) and len(conflict.devices) <= MAX_VECTOR:
                conflicts.append(conflict)
    return conflicts


def read_command(entry: Raw) -> PushedCommand | SyncedCommand:
    """Decode one command, or return it as failed with the reason."""
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
        error.errors = [{**problem, "pointer": pointer + problem["pointer"]} for problem in error.errors]
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
