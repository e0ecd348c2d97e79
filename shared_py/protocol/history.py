"""Earlier versions of designs, and deleted designs."""

from typing import Annotated

from msgspec import Meta, Struct


class Revision(Struct, frozen=True, omit_defaults=True):
    """One stored version of a design."""

    number: int
    """on this server; a version that was stored later has a higher one"""
    etag: str
    stored_at: str
    """RFC 3339"""
    current: bool
    """whether it is the version that the design has now"""
    name: str = ""
    """given by a person; the program never removes such a version"""
    device: str = ""
    """name of the device that the change came from; empty where it is not known"""
    change: str = ""
    """what differs from the version before, in one sentence; empty if it is unknown"""
    device_id: str = ""
    """of the device that the change came from; empty where it is not known"""


class RevisionName(Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a version that is to be kept."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]


class DeletedDesign(Struct, frozen=True):
    """A design in the bin; the etag is that of its last version."""

    id: str
    name: str
    created_at: str
    deleted_at: str
    etag: str
