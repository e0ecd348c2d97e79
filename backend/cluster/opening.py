"""Finds or makes the cluster when the server starts, so that a wrong address is reported at once; does not import Ray."""

import os

import msgspec

from backend.cluster.availability import LOCAL, NO_USAGE_REPORTS, ClusterUnavailable, require_ray
from backend.cluster.own_cluster import own_cluster_address
from backend.errors import ProcessFailed
from backend.process.process import run_in_process
from backend.settings import Settings

CHECK = "backend.cluster.connection:describe_cluster"
CHECK_S = 90.0
"""to connect to a cluster, and find that it refuses"""


def with_cluster(settings: Settings) -> Settings:
    """The settings with the address of a cluster that answers, where runs are trained in one; CannotStart."""
    if settings.executor != "ray":
        return settings
    require_ray()
    os.environ.update(NO_USAGE_REPORTS)
    address = settings.ray_address
    if address == LOCAL:
        return msgspec.structs.replace(settings, ray_address=own_cluster_address(settings.data_dir))
    resources_at(address)
    return settings


def resources_at(address: str) -> dict[str, float]:
    """The resources of the cluster at an address, asked for in a process of its own; CannotStart."""
    require_ray()
    try:
        found: dict[str, float] = run_in_process(CHECK, address, timeout_s=CHECK_S)
    except ProcessFailed as error:
        raise ClusterUnavailable(
            f"The Ray cluster at {address} could not be tried, the check {error}: look at its head"
        ) from error
    return found
