"""One trainer, an iteration at a time: `python -m benchmarks.peers.ppo_player NAME`, then a line for each iteration.

The line `time` is answered with the processor seconds of one iteration and the peak of resident memory so far, `profile` with the
bytes that torch allocated in one, as JSON. Peers run in another virtual environment, so imports are local.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers.ppo_settings import (
    ENTROPY_WEIGHT,
    EPOCHS,
    GAMES,
    LEARNING_RATE,
    MINIBATCH,
    STEPS,
    VALUE_WEIGHT,
    WIDTH,
    checked,
)

Iterate = Callable[[], Any]


def answer(iterate: Iterate, resident_at_first: int) -> Any:
    """Read a line, run one iteration as it says, print the measurement, and return the iteration's result."""
    line = sys.stdin.readline().strip()
    if not line:
        raise SystemExit
    result, measured = {"time": timed, "profile": profiled}[line](iterate)
    print(json.dumps(measured | {"peak_bytes": resident("VmHWM"), "imports_bytes": resident_at_first}), flush=True)
    return result


def timed(iterate: Iterate) -> tuple[Any, dict[str, float]]:
    """Processor seconds of all threads of this process."""
    began = time.process_time()
    result = iterate()
    return result, {"seconds": time.process_time() - began}


def profiled(iterate: Iterate) -> tuple[Any, dict[str, float]]:
    """Bytes of all blocks that torch's allocator returned."""
    import torch

    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        result = iterate()
    events = [event.nbytes() for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    return result, {"allocated_bytes": sum(size for size in events if size > 0)}


def resident(field: str) -> int:
    """A field of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])


def network() -> Any:
    """The design: an embedding, two layers, a norm, and heads on the mean of the cells."""
    from itertools import pairwise

    from shared_py.design import Component, Defaults, ModelArchitecture

    kinds = ("board_input", "embedding", "transformer_layer", "transformer_layer", "layer_norm", "action_output")
    components = [Component(f"c{n}", kind, {"pool": "mean"} if kind == kinds[-1] else {}) for n, kind in enumerate(kinds, 1)]
    edges = list(pairwise(component.id for component in components))
    return ModelArchitecture("ppo_speed", meta=Defaults(d_model=WIDTH, n_heads=4), components=components, edges=edges)


def settings(precision: str, compiled: str = "never") -> Any:
    """The shared settings as a `TrainConfig`; epochs never end early."""
    from shared_py.training_config import TrainConfig

    return TrainConfig(
        total_steps=10**9, n_envs=GAMES, n_steps=STEPS, minibatch_size=MINIBATCH, update_epochs=EPOCHS, target_kl=10.0,
        learning_rate=LEARNING_RATE, vf_coef=VALUE_WEIGHT, ent_coef=ENTROPY_WEIGHT, threads=1,
        ema_decay=0.0, precision=precision, compile=compiled,
    )  # fmt: skip


class Silence:
    """A report that is discarded, and a control that never stops."""

    def due(self) -> bool:
        return False

    def update(self, progress: Any) -> None:
        """Nothing."""

    def evaluation(self, evaluation: Any) -> None:
        """Nothing."""

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Nothing."""

    def loss(self, loss: float) -> None:
        """Nothing."""

    def phase(self, phase: Any) -> None:
        """Nothing."""

    def poll(self, before_pause: Any = None) -> bool:
        return False


def ours(precision: str, compiled: str = "never") -> None:
    """Our trainer, with the heap settings of a run; it waits for a line before every iteration."""
    import torch

    from backend.models import GameTransformer
    from backend.runs.malloc import Heap
    from backend.training import loop
    from backend.training.ppo_trainer import PPOTrainer
    from shared_py.analysis import analyse
    from shared_py.estimation import estimate_memory

    design, config = network(), settings(precision, compiled)
    Heap(estimate_memory(analyse(design).sizes, config).training, compact=False)
    at_first = resident("VmRSS")
    loop.FIRST_EVALUATION_S = float("inf")

    class Held(PPOTrainer):
        def iterate(self) -> Any:
            return answer(super().iterate, at_first)

    torch.manual_seed(1)
    model = checked(GameTransformer.from_architecture(design))
    Held().train(model, config, Silence(), Silence())


def theirs(name: str) -> None:
    """A peer."""
    from benchmarks.peers.ppo_peers import CleanLoop, stable_baselines3

    at_first = resident("VmRSS")
    iterate = {"stable_baselines3": stable_baselines3, "cleanrl_style": CleanLoop}[name]()
    while True:
        answer(iterate, at_first)


def main(name: str, *words: str) -> None:
    """Answer each line of standard input."""
    import torch

    torch.set_num_threads(1)
    ours(*words) if name == "ours" else theirs(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
