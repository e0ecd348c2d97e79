"""Connects this process to a Ray cluster; what prevents it becomes one sentence that says what to do."""

import logging
import os
import socket
from typing import Any

from backend.cluster.availability import NO_USAGE_REPORTS, ClusterUnavailable, require_ray

PROBE_S = 5.0
NO_CLUSTER = (
    "There is no Ray cluster on this machine: start one (`ray start --head`, see docs/cluster.md), name the address of one by"
    " --ray-address, or let the server make one with --ray-address local"
)
MISSING = (
    "The Ray cluster wants a token, and there is none here: copy the token of its head node to this machine, then start the"
    " server again (docs/cluster.md)"
)
REFUSED = (
    "does not admit this server, as where its token is another one or missing: copy the token of its head node to this machine,"
    " then start the server again (docs/cluster.md); or another program listens there"
)
"""Ray itself does not say which"""


def connect(address: str) -> Any:
    """Connect this process and return the module `ray`; ClusterUnavailable."""
    require_ray()
    os.environ.update(NO_USAGE_REPORTS)
    _refuse_bad_address(address)
    import ray

    place = _resolved(address)
    _probe(place, address)
    try:
        ray.init(address=place, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    except Exception as error:  # Ray raises errors of many classes, some of them of gRPC
        raise ClusterUnavailable(sentence_for_failure(error, address)) from error
    return ray


def describe_cluster(address: str) -> dict[str, float]:
    """The resources of the cluster, for the check when the server starts; called in a process of its own."""
    ray = connect(address)
    resources: dict[str, float] = ray.cluster_resources()
    ray.shutdown()
    return resources


def sentence_for_failure(error: Exception, address: str) -> str:
    """Why Ray could not connect, and what to do."""
    text = " ".join(str(error).split())
    if "no authentication token was found" in text:
        return MISSING
    if "Failed to connect" in text or "uthenticat" in text or "InvalidAuthToken" in text:
        return f"{address} {REFUSED}"
    if "ersion mismatch" in text:
        return f"The Ray cluster at {address} and this server have different versions of Ray or Python: {text[:300]}"
    return f"The Ray cluster at {address} cannot be used ({text[:200]}): check --ray-address (docs/cluster.md)"


def _refuse_bad_address(address: str) -> None:
    if address == "auto":
        return
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (host and colon and port.isdecimal()):
        raise ClusterUnavailable(
            f"{address!r} is no address of a Ray cluster: --ray-address is auto, local, ray://host:port or host:port"
        )


def _resolved(address: str) -> str:
    """The address that `auto` stands for."""
    if address != "auto":
        return address
    from ray._private.services import canonicalize_bootstrap_address

    found: str | None = canonicalize_bootstrap_address("auto")
    if found is None or found == "auto":
        raise ClusterUnavailable(NO_CLUSTER)
    return found


def _probe(place: str, address: str) -> None:
    """Try the port first: Ray would try for minutes."""
    host, _, port = place.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PROBE_S).close()
    except OSError as error:
        where = (
            NO_CLUSTER
            if address == "auto"
            else (f"No Ray cluster answers at {address} ({error.strerror or error}): check --ray-address, and that its head runs")
        )
        raise ClusterUnavailable(where) from error
