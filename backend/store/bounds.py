"""Limits on the content of the database."""

from msgspec import Struct


class Bounds(Struct, frozen=True):
    """Limits on designs and their versions."""

    designs: int = 5_000
    """number of designs, including those in the bin"""
    history_bytes: int = 64_000_000
    """size of the unnamed earlier versions of one design"""
