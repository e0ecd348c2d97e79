"""Designs, the sync call and its errors."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from shared_py.design import Identifier, ModelArchitecture
from shared_py.metrics import Count
from shared_py.problems import Problem
from shared_py.protocol.results import CompileResult

MAX_PUSHED_DESIGNS = 2000
MAX_PUSHED_COMMANDS = 200
"""in one sync call"""
MAX_ACKNOWLEDGED = 1000
MAX_FORMER = 20
ConflictId = Annotated[str, Meta(min_length=1, max_length=64)]
ChangeNumber = Annotated[int, Meta(ge=0, le=2**50)]
"""far more than edits a person makes, and less than a browser can count to: after a change of the highest number none is newer"""


class DesignMeta(Struct, frozen=True, omit_defaults=True):
    """One row of the list of designs."""

    id: str
    name: str
    created_at: str
    updated_at: str
    etag: str
    problem: str | UnsetType = UNSET
    """why the stored document cannot be read, only where it cannot: it is damaged, or of a newer version"""


class NewDesign(Struct, frozen=True, forbid_unknown_fields=True):
    """What `POST /api/designs` may say; all of it may be left out."""

    id: Identifier | None = None
    name: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    template: Annotated[str, Meta(max_length=64)] | None = None
    architecture: ModelArchitecture | None = None


ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
VersionVector = dict[ClientId, ChangeNumber]
"""the newest change of each client that a version of a design includes"""
MAX_VECTOR = 1000
"""clients in a version vector"""
Contents = dict[ClientId, Annotated[str, Meta(max_length=64)]]
"""for clients of a version vector, the number of a change and a digest of its content, with a space between"""
Side = Literal["mine", "theirs"]


class Conflict(Struct, frozen=True):
    """Something both sides changed: where, what it was, what each made of it, and whose value stands."""

    path: str
    base: Any
    mine: Any
    theirs: Any
    kept: Side


class StoredConflict(Conflict, frozen=True, omit_defaults=True):
    """A conflict that the server keeps until every device concerned has acknowledged it; `mine` is the value of `device`."""

    id: str
    design_id: str
    device: str
    """which sent the change that was merged"""
    created_at: str
    """RFC 3339"""
    device_name: str = ""
    other_name: str = ""
    """of the device whose change it met, where only one is known"""
    resolved: Side | None = None
    """what a person chose later; the same message is delivered again with it"""
    resolved_by: str = ""
    """name of the device on which it was resolved"""
    devices: list[str] = []
    """all devices concerned; servers of older versions do not say"""


class Resolution(Struct, frozen=True):
    """What a person chose for a conflict; the edit itself is pushed with its design."""

    id: ConflictId
    choice: Side


class PushedDesign(Struct, frozen=True):
    """One design of a sync call, not yet decoded further so that a bad one can be refused by itself."""

    id: str
    base: dict[str, Any] | None = None
    work: dict[str, Any] | None = None
    deleted: bool = False
    client_id: ClientId | None = None
    """with `change`: who sends, and a number that grows with every change, so that a late repeat has no effect"""
    change: ChangeNumber | None = None
    base_seen: Annotated[VersionVector, Meta(max_length=MAX_VECTOR)] | None = None
    """the version vector of `base`; phones of older versions do not send it"""
    base_contents: Annotated[Contents, Meta(max_length=MAX_VECTOR)] = {}
    """what the server said of the changes in `base_seen`, by which one that lost them recognises them when they are sent again"""
    anchor: dict[str, Any] | None = None
    """the server's version that `base` was changed from: where a phone was edited during a call, what it sent is its base"""
    anchor_seen: Annotated[VersionVector, Meta(max_length=MAX_VECTOR)] = {}
    yields: bool = False
    """where both sides changed a value, keep the server's: the phone's storage was put back from a copy"""


class PushedCommand(Struct, frozen=True):
    """A request to compile or train, possibly made offline; it runs once, also if it is sent again."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Literal["compile", "train", "resume"]
    """`resume`: give a run that has ended more moves"""
    design_id: str
    config: dict[str, Any] = {}
    """settings of the run to train; of one to resume, a `Continuation`"""
    run_id: str = ""
    """of the run to resume"""


class SyncRequest(Struct, frozen=True):
    """Push and pull in one call."""

    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Count = 0
    designs: Annotated[list[PushedDesign], Meta(max_length=MAX_PUSHED_DESIGNS)] = []
    commands: Annotated[list[PushedCommand], Meta(max_length=MAX_PUSHED_COMMANDS)] = []
    client_id: str | None = None
    """who sends; compiles of several clients are done in turn"""
    cursor_token: Annotated[str, Meta(max_length=64)] | None = None
    """from the response that the cursor is from: it proves that this server has the history which the phone has seen"""
    device_id: ClientId | None = None
    """of the phone; like `client_id` it is renewed when the phone's storage proves to be a copy"""
    former_device_ids: Annotated[list[ClientId], Meta(max_length=MAX_FORMER)] = []
    """in the first calls after that: what was to be delivered to these devices is delivered to this one too"""
    device_name: Annotated[str, Meta(max_length=80)] = ""
    acknowledged: Annotated[list[ConflictId], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    """conflicts that the phone has stored"""
    resolved: Annotated[list[Resolution], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    conflicts: Annotated[list[StoredConflict], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    """those that the phone has, for a server that was put back from a copy and lacks them"""
    for_others: Annotated[list[StoredConflict], Meta(max_length=MAX_ACKNOWLEDGED)] = []
    """the same of those that concern other devices only"""


class SyncedDesign(Struct, frozen=True, omit_defaults=True):
    """The server's state of one design: its document, or that it was deleted."""

    id: str
    etag: str | None = None
    document: ModelArchitecture | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    conflicts: list[Conflict] | UnsetType = UNSET
    """for phones of older versions; `SyncResponse.conflicts` has them too"""
    seen: VersionVector = {}
    contents: Contents = {}
    """of the newest changes, as far as the server has received them"""
    forked: bool = False
    """nothing was applied: the number of the change was already used for another one, so the phone's storage is a copy"""


class ProblemDetails(Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: list[Any] | UnsetType = UNSET
    problems: list[Problem] | UnsetType = UNSET


class SyncedCommand(Struct, frozen=True, omit_defaults=True):
    """How a command stands: running, done (with its result) or failed (with its problem)."""

    id: str
    status: Literal["running", "done", "failed"]
    run_id: str | UnsetType = UNSET
    result: CompileResult | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class Rejection(Struct, frozen=True):
    """A pushed design that was refused, by itself, and why."""

    id: str
    problem: ProblemDetails


class SyncResponse(Struct, frozen=True):
    """The answer to a sync call; `designs` also holds what others changed after the cursor."""

    epoch: str
    cursor: int
    designs: list[SyncedDesign]
    commands: list[SyncedCommand]
    rejected: list[Rejection]
    cursor_token: str = ""
    """sent back with the cursor"""
    history: Literal["same", "other"] = "same"
    """`other`: this server does not have the change that the cursor points at, so it lists everything"""
    conflicts: list[StoredConflict] = []
    """those that this device has not acknowledged"""
    unreadable: list[Rejection] = []
    """every design that the server has and cannot read, left out of `designs`; with what is wrong and what can be done"""
    for_others: list[StoredConflict] = []
    """conflicts of other devices, about the merged designs of this answer, that no device has stored yet: a phone which has the
    design keeps them too, since the server may lose them"""
