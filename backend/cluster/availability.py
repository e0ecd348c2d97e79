"""Checks whether Ray is installed and usable, without importing it, and turns off its usage reports."""

import importlib.util

from backend.errors import CannotStart

NO_USAGE_REPORTS = {"RAY_USAGE_STATS_ENABLED": "0"}
"""in the environment of everything that Ray starts"""
LOCAL = "local"
_OTHER = "or start the server with --executor local"
NOT_INSTALLED = f"Ray is not installed here: run `pip install 'model-studio[ray]'`, {_OTHER}"


class ClusterUnavailable(CannotStart):
    """The cluster cannot be used; the sentence says why and what to do."""


def require_ray() -> None:
    """CannotStart where Ray is not installed; does not import it."""
    if importlib.util.find_spec("ray") is None:
        raise ClusterUnavailable(NOT_INSTALLED)
