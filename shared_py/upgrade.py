"""Designs of older versions made new, one function a version; an unknown version is refused by name, never stripped."""

from collections.abc import Callable
from typing import Any

from shared_py.design import SCHEMA_VERSION
from shared_py.problems import Problem

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""the function under n makes a design of version n one of version n + 1"""


def upgrade_document(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Bring a decoded design to the present version, or say why not."""
    version = raw.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return raw, [Problem("wrong_type", "schema_version must be a whole number from 1", field="/schema_version")]
    if version > SCHEMA_VERSION:
        message = f"schema_version {version} is newer than this app knows ({SCHEMA_VERSION}); update the app"
        return raw, [Problem("unknown_version", message, field="/schema_version", received=str(version))]
    for step in range(version, SCHEMA_VERSION):
        raw = UPGRADES[step](raw)
    return raw, []
