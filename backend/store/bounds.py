"""How much the database keeps."""

from msgspec import Struct


class Bounds(Struct, frozen=True):
    """Limits on designs and their versions."""

    designs: int = 5_000
    """those in the bin included"""
    history_bytes: int = 64_000_000
    """of the earlier versions of one design that have no name"""
