"""The result of one check."""

from typing import Literal

from msgspec import Struct


class Finding(Struct, frozen=True):
    """The result of a check, with advice."""

    level: Literal["ok", "warning", "problem"]
    """a problem prevents the server, or a part of it, from working; a warning may become one"""
    name: str
    detail: str
    advice: str = ""
    """what to do; empty for `ok`"""


def ok(name: str, detail: str) -> Finding:
    """A passed check."""
    return Finding("ok", name, detail)


def warning(name: str, detail: str, advice: str) -> Finding:
    """Something that may become a problem."""
    return Finding("warning", name, detail, advice)


def problem(name: str, detail: str, advice: str) -> Finding:
    """Something that prevents the server, or a part of it, from working."""
    return Finding("problem", name, detail, advice)
