"""Notifications by Web Push: the subscription of a device, and the message that is sent when a run ends."""

from typing import Annotated

from msgspec import Meta, Struct

from shared_py.protocol.runs import RunStatus


class PushKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a subscription (RFC 8291) in base64url, by which only the browser can read a message."""

    p256dh: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{87}=?$")]
    """public key of the browser: an uncompressed point of P-256"""
    auth: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}={0,2}$")]
    """16 random bytes"""


class SubscriptionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how a browser receives notifications."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1024)]
    """the address at its push service"""
    keys: PushKeys


class PushState(Struct, frozen=True):
    """Whether the device that sent the request is notified."""

    paired: bool
    """false on a server that does not pair devices, which notifies nobody"""
    public_key: str | None = None
    """the server's key in base64url, for which a browser subscribes; null without pairing"""
    endpoint: str | None = None
    """the endpoint of this device; null where it is not notified"""


class RunEnded(Struct, frozen=True):
    """The content of a notification."""

    run_id: str
    design_id: str
    design: str
    """name of the design"""
    status: RunStatus
    score: float | None = None
    """the best mean score of its test games, else that of the games it learned from"""
