"""Paired devices, how a device is paired, and the log of changes."""

from typing import Annotated

from msgspec import Meta, Struct


class Device(Struct, frozen=True):
    """A device that may use the server."""

    id: str
    name: str
    paired_at: str
    """RFC 3339"""
    last_used_at: str
    """RFC 3339, to the minute"""
    current: bool = False
    """whether it is the device that sent the request"""


class PairingState(Struct, frozen=True):
    """Whether the server requires pairing, and the device that sent the request."""

    required: bool
    device: Device | None = None
    """null if it is not paired"""


class PairingRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The code that the server shows, and a name for the device."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(max_length=60)] = ""


class AuditEntry(Struct, frozen=True):
    """A change that a device made."""

    number: int
    at: str
    """RFC 3339"""
    device_id: str
    device_name: str
    request_id: str
    """also in the log of the server"""
    what: str
    """such as `design changed`"""
    subject: str
    """the id of what was changed; empty where there is none"""
