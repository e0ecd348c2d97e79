"""The process that keeps a server's own cluster: `python -m backend.cluster.keeper DATA_DIR`."""

import os
import sys
import time
from pathlib import Path

from backend.cluster.availability import NO_USAGE_REPORTS
from backend.cluster.own_cluster import ADDRESS, LOOK_S, is_needed, take_keeper_lock
from backend.process.durable import write_atomically


def main(data_dir: Path) -> None:
    """Start a cluster of this machine, write its address, and end it once nothing needs it."""
    lock = take_keeper_lock(data_dir)
    if lock is None:
        return
    os.environ.update(NO_USAGE_REPORTS)
    import ray

    context = ray.init(address="local", include_dashboard=False, log_to_driver=False)
    address = data_dir / "cluster" / ADDRESS
    write_atomically(address, str(context.address_info["gcs_address"]).encode())
    while is_needed(data_dir):
        time.sleep(LOOK_S)
    address.unlink(missing_ok=True)
    ray.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
