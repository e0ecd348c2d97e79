"""Limits on the content of the database."""

from msgspec import Struct


class Bounds(Struct, frozen=True):
    """Limits on designs with their versions, and on telemetry."""

    designs: int = 5_000
    """number of designs, including those in the bin"""
    history_bytes: int = 64_000_000
    """size of the unnamed earlier versions of one design"""
    telemetry_per_device: int = 1_000
    """events of one device"""
    telemetry_events: int = 20_000
    """events of all devices"""
