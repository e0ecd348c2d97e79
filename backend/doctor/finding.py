"""The result of one check."""

from typing import Literal

from msgspec import Struct


class Finding(Struct, frozen=True):
    """What a check found, and what to do about it."""

    level: Literal["ok", "warning", "problem"]
    """a problem keeps the server, or a part of it, from its work; a warning will, or may"""
    name: str
    detail: str
    advice: str = ""
    """empty where all is well"""


def ok(name: str, detail: str) -> Finding:
    """All is well."""
    return Finding("ok", name, detail)


def warning(name: str, detail: str, advice: str) -> Finding:
    """Something that will be, or may be, a problem."""
    return Finding("warning", name, detail, advice)


def problem(name: str, detail: str, advice: str) -> Finding:
    """Something that keeps the server, or a part of it, from its work."""
    return Finding("problem", name, detail, advice)
