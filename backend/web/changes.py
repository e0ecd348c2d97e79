"""What a request has changed, for the audit log; a route that changes several things names each."""

from collections.abc import MutableMapping
from typing import Any

_KEY = "changes"


def collect_changes(scope: MutableMapping[str, Any]) -> list[tuple[str, str]]:
    """Begin to collect; the list is filled by `note_change`: each change with the id of its subject."""
    changes: list[tuple[str, str]] = []
    scope[_KEY] = changes
    return changes


def note_change(scope: Any, what: str, subject: str = "") -> None:
    """Name a change, such as `design changed`; nothing happens where nobody collects."""
    changes = scope.get(_KEY)
    if changes is not None:
        changes.append((what, subject))
