"""The Ray actor of one run: placed on a node, it checks what is installed there, then passes every call to a `NodeRun`.

Ray sends this class by value, so that a node without Model Studio, or with another version of it, can say so. Nothing but the
standard library is imported before the versions have been compared.
"""

import importlib
import platform
from importlib import metadata
from typing import Any

PACKAGES = ("model-studio", "torch")
NOT_INSTALLED = "none"


def installed_versions() -> dict[str, str]:
    """The versions that have to be the same on the server and on a node, without imports of these packages."""
    versions = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name).partition("+")[0]  # torch 2.0+cpu and 2.0+cu130 are the same code
        except metadata.PackageNotFoundError:
            versions[name] = NOT_INSTALLED
    return versions


class RunWorker:
    """One run on a node."""

    def versions(self) -> dict[str, str]:
        """What is installed here."""
        return installed_versions()

    def node(self) -> tuple[str, str]:
        """The id of this node in the cluster, and the name of the machine."""
        context: Any = importlib.import_module("ray").get_runtime_context()
        return context.get_node_id(), platform.node()

    def open(self) -> None:
        """Make the folder of the run."""
        self._run: Any = importlib.import_module("backend.cluster.node_run").NodeRun()

    def call(self, method: str, *args: Any) -> Any:
        """Call a method of the run."""
        return getattr(self._run, method)(*args)
