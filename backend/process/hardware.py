"""The hardware that this process may use: cores, memory, a GPU."""

import os
from pathlib import Path

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""version 2, version 1"""
CARD_CONTROL = Path("/dev/nvidiactl")
SHARE_FOR_RUNS = 0.75
"""of the memory; the server, its checks and the system need the rest"""


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usable_memory_bytes(limits: tuple[Path, ...] = CGROUP_LIMITS) -> int:
    """Memory of the machine, or of the container where that is less."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([installed, *(limit for path in limits if (limit := _limit(path)) is not None)])


def memory_for_a_run(runs_at_once: int) -> int:
    """The bytes each of so many runs at once may take."""
    return int(SHARE_FOR_RUNS * usable_memory_bytes()) // runs_at_once


def has_gpu() -> bool:
    """Whether runs train on a GPU, which has memory of its own."""
    return CARD_CONTROL.exists()


def _limit(path: Path) -> int | None:
    """The number in a file; None where there is no file or no limit in it."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The name of the processor; empty where it is not known."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
