"""What a run needs of a node, and why it waits; Ray places as many runs as fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from backend.runs.run_folder import RunFolder
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.estimation import estimate_memory
from shared_py.training_config import TrainConfig

LOADED_BYTES = 600_000_000
"""of a worker and a trainer that have their libraries loaded, beside the estimate of the run"""
WORDS = {"CPU": ("processor", "processors"), "GPU": ("GPU", "GPUs")}


class Needs(Struct, frozen=True):
    """What Ray reserves for a run."""

    processors: int
    gpus: int
    memory_bytes: int

    @property
    def options(self) -> dict[str, float]:
        """As Ray's options."""
        return {"num_cpus": self.processors, "num_gpus": self.gpus, "memory": self.memory_bytes}

    @property
    def by_resource(self) -> dict[str, float]:
        """By the names of Ray's resources."""
        return {"CPU": self.processors, "GPU": self.gpus, "memory": self.memory_bytes}


def threads_on_node(config: TrainConfig) -> int:
    """How many threads a run has on a node: those of its settings, else one, which leaves room for other runs."""
    return max(1, config.threads)


def needs_of(folder: RunFolder, config: TrainConfig, cluster: Mapping[str, float]) -> Needs:
    """What a run needs: the threads of its workers, its memory by the estimate, and a GPU where the cluster has any."""
    sizes = analyse(decode_design(folder.design.read_bytes())).sizes
    memory = estimate_memory(sizes, config, compact=False).training
    return Needs(threads_on_node(config) * config.workers, 1 if cluster.get("GPU", 0) else 0, LOADED_BYTES + memory)


def reason_to_wait(needs: Needs, nodes: Sequence[Mapping[str, Any]], free: Mapping[str, float]) -> str:
    """Why no node takes a run, for the person who waits for it. `nodes` are the rows of `ray.nodes()`."""
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    for name, needed in needs.by_resource.items():
        largest = max((resources.get(name, 0) for resources in alive), default=0)
        if needed > largest:
            return (
                f"waits for a larger node: it needs {_amount(name, needed)}, and no node has more than {_amount(name, largest)}"
            )
    for name in ("GPU", "CPU", "memory"):
        if needs.by_resource[name] > free.get(name, 0):
            return f"waits for {_amount(name, needs.by_resource[name])}: all of the cluster are in use"
    return "waits for a place on a node of the cluster"


def fits_some_node(needs: Needs, nodes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a node that is alive could take the run if nothing else ran on it."""
    return any(
        node["Alive"] and all(needed <= node["Resources"].get(name, 0) for name, needed in needs.by_resource.items())
        for node in nodes
    )


def _amount(name: str, amount: float) -> str:
    if name == "memory":
        return f"{amount / 1e6:,.0f} MB of memory"
    one, many = WORDS[name]
    return f"a {one}" if amount == 1 else f"{amount:g} {many}"
