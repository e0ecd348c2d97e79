"""Describes changes for the audit log by method and path; the route of sync calls describes its changes itself."""

import re

_DESIGN, _RUN = r"/api/designs/([^/]+)", r"/api/runs/([^/]+)"
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/api/designs", "design created"),
    ("PUT", _DESIGN, "design changed"),
    ("DELETE", _DESIGN, "design deleted"),
    ("POST", _DESIGN + "/compile", "design compiled"),
    ("POST", _DESIGN + "/train", "training started"),
    ("POST", _DESIGN + "/revisions/[^/]+/restore", "version restored"),
    ("PUT", _DESIGN + "/revisions/[^/]+/name", "version named"),
    ("DELETE", _DESIGN + "/revisions/[^/]+/name", "version name removed"),
    ("POST", _RUN + "/stop", "run stopped"),
    ("POST", _RUN + "/pause", "run paused"),
    ("POST", _RUN + "/resume", "run resumed"),
    ("PATCH", _RUN, "run labelled"),
    ("DELETE", _RUN, "run deleted"),
    ("DELETE", r"/api/devices/([^/]+)", "device revoked"),
    ("PUT", r"/api/push", "notifications turned on"),
    ("DELETE", r"/api/push", "notifications turned off"),
    ("DELETE", r"/api/telemetry", "telemetry deleted"),
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_CHANGE = re.compile(r"/api/(sync|pair|designs/[^/]+/validate)")
_NOT_LOGGED = ("POST", "/api/telemetry")
"""the events themselves say what happened when"""


def change_of(method: str, path: str) -> tuple[str, str] | None:
    """A description of the change and the id of its subject; None if there is nothing to record."""
    if method in _READING or _NO_CHANGE.fullmatch(path) or (method, path) == _NOT_LOGGED:
        return None
    for known_method, pattern, words in _WORDS:
        if method == known_method and (found := re.fullmatch(pattern, path)):
            return words, found[1] if found.groups() else ""
    return f"{method} {path}"[:120], ""
