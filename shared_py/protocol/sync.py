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


class Conflict(Struct, frozen=True):
    """Something both sides changed: where, what it was, what each made of it, and whose value stands."""

    path: str
    base: Any
    mine: Any
    theirs: Any
    kept: Literal["mine", "theirs"]


class PushedDesign(Struct, frozen=True):
    """One design of a sync call, not yet decoded further so that a bad one can be refused by itself."""

    id: str
    base: dict[str, Any] | None = None
    work: dict[str, Any] | None = None
    deleted: bool = False
    client_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    """with `change`: who sends, and a number that grows with every change, so that a late repeat has no effect"""
    change: ChangeNumber | None = None


class PushedCommand(Struct, frozen=True):
    """A request to compile or train, possibly made offline; it runs once, also if it is sent again."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: Literal["compile", "train"]
    design_id: str
    config: dict[str, Any] = {}


class SyncRequest(Struct, frozen=True):
    """Push and pull in one call."""

    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursor: Count = 0
    designs: Annotated[list[PushedDesign], Meta(max_length=MAX_PUSHED_DESIGNS)] = []
    commands: Annotated[list[PushedCommand], Meta(max_length=MAX_PUSHED_COMMANDS)] = []
    client_id: str | None = None
    """who sends; compiles of several clients are done in turn"""


class SyncedDesign(Struct, frozen=True, omit_defaults=True):
    """The server's state of one design: its document, or that it was deleted."""

    id: str
    etag: str | None = None
    document: ModelArchitecture | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    conflicts: list[Conflict] | UnsetType = UNSET


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
    unreadable: list[Rejection] = []
    """every design that the server has and cannot read, left out of `designs`; with what is wrong and what can be done"""
