"""Collects the changes of a request for the audit log; a route that makes several changes reports each."""

from collections.abc import MutableMapping
from typing import Any

_KEY = "changes"


def collect_changes(scope: MutableMapping[str, Any]) -> list[tuple[str, str]]:
    """Attach an empty list to the scope; `note_change` adds pairs of a change and the id of its subject."""
    changes: list[tuple[str, str]] = []
    scope[_KEY] = changes
    return changes


def note_change(scope: Any, what: str, subject: str = "") -> None:
    """Add a change, such as `design changed`; does nothing if changes of this request are not collected."""
    changes = scope.get(_KEY)
    if changes is not None:
        changes.append((what, subject))
