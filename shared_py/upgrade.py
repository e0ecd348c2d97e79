"""Converts designs of older versions, one function per version.

A document of an unknown version is refused with its version number and never partly read.
"""

from collections.abc import Callable
from typing import Any

from shared_py.design import PLAIN_VERSION, SCHEMA_VERSION
from shared_py.problems import Problem, make_problem


def name_the_z_loss(raw: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: the router's `z_loss_coef` is called `router_z_loss_coef`, as elsewhere."""
    components = raw.get("components")
    if not isinstance(components, list):
        return raw
    return raw | {"components": [_rename(item, "z_loss_coef", "router_z_loss_coef") for item in components]}


def _rename(component: Any, old: str, new: str) -> Any:
    """One component with a property renamed; what is no component is left for the decoder to refuse."""
    props = component.get("props") if isinstance(component, dict) else None
    if not isinstance(props, dict) or old not in props or new in props:
        return component
    return component | {"props": {new if name == old else name: value for name, value in props.items()}}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: name_the_z_loss}
"""the function under n makes a design of version n one of version n + 1; version 3 only adds a field to version 2"""


def upgrade_document(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Bring a decoded design to a version that is read as it is, or say why not."""
    version = raw.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return raw, [make_problem("wrong_type", {"case": "schema_version"}, field="/schema_version")]
    if version > SCHEMA_VERSION:
        params = {"known": SCHEMA_VERSION}
        return raw, [make_problem("unknown_version", params, field="/schema_version", received=str(version))]
    for step in range(version, PLAIN_VERSION):
        raw = UPGRADES[step](raw) | {"schema_version": step + 1}
    return raw, []
