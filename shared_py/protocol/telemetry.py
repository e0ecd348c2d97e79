"""Telemetry: what a device records about its own use once the person has agreed, kept in the database of the server only."""

from typing import Annotated

from msgspec import Meta, Struct

from shared_py.design import Identifier
from shared_py.metrics import Count

MAX_EVENTS = 100
"""in one call"""
MAX_STACK = 2_000
"""letters of a stack"""
MAX_SECONDS = 10_000_000
STACK_PATTERN = r"^([A-Za-z0-9_.-]{1,120}:[0-9]{1,9}:[0-9]{1,9}(\n(?=.)|\Z))*\Z"
"""file name, line and column of each frame: nothing that a person wrote fits into it"""
Moment = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z\Z")]
"""RFC 3339 in UTC, by the clock of the device"""
RequestId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
"""the `x-request-id` of an answer, which the log of the server repeats"""


class TelemetryBase(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """What every event has."""

    id: Identifier
    """made by the device; the same event sent twice is stored once"""
    at: Moment
    request_id: RequestId | None = None


class CompileSuccess(TelemetryBase, frozen=True, kw_only=True, tag="compile_success"):
    """A compile succeeded."""

    designId: Identifier
    paramCount: Annotated[float, Meta(ge=0, le=1_000_000)]
    """number of parameters in millions, as in the result of a compile"""
    time_ms: Count
    """from the call that carried the command to the answer with its result"""
    parameters: Count | None = None
    """their exact number"""


class TrainStarted(TelemetryBase, frozen=True, kw_only=True, tag="train_started"):
    """A run was started."""

    designId: Identifier
    run_id: Identifier | None = None


class NetworkExported(TelemetryBase, frozen=True, kw_only=True, tag="export"):
    """A trained network was saved or shared as a file; without `request_id` the phone had the file already."""

    designId: Identifier
    fmt: Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,16}\Z")]


class OfflineSeconds(TelemetryBase, frozen=True, kw_only=True, tag="offline_seconds"):
    """How long the app was open and visible while the server could not be reached, until it was reached again."""

    seconds: Annotated[float, Meta(ge=0, le=MAX_SECONDS)]


class ClientError(TelemetryBase, frozen=True, kw_only=True, tag="client_error"):
    """An error of the app, or a call that the server answered with an error; the message is left out."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}\Z")]
    """the kind of the error, such as `TypeError`"""
    stack: Annotated[str, Meta(max_length=MAX_STACK, pattern=STACK_PATTERN)] = ""
    """one `file:line:column` for each frame, the innermost first"""
    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    """of the answer, if a call failed"""


TelemetryEvent = CompileSuccess | TrainStarted | NetworkExported | OfflineSeconds | ClientError


class TelemetryBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Events of one device."""

    device_id: Identifier
    """random; the device makes it when the person agrees"""
    events: Annotated[list[TelemetryEvent], Meta(max_length=MAX_EVENTS)]


class TelemetryReceipt(Struct, frozen=True):
    """How many events of a call are new, and how many were stored before."""

    stored: int
    known: int


class RecordedEvent(Struct, frozen=True):
    """An event as the server keeps it."""

    number: int
    received_at: str
    """RFC 3339"""
    event: TelemetryEvent
