"""Memory to train: the formula against two training steps in a fresh process, per design; limits 5 % (median), 15 % (worst).

`torch` is the peak of torch's own allocations, compared with the formula without the libraries' share. `mapped` is the peak of
anonymous resident memory beyond that before the network is built (VmHWM, reset then, without file-backed pages), on a heap that
maps every large block separately, as a run's does when memory is short. Two steps need less of the libraries than a run with
test games and checkpoints, so their share is measured here with the smallest template. `whole_runs` measures the sum, on the
usual heap.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.page import Row, worst
from shared_py.analysis import analyse
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.estimation import PROCESS_BYTES, estimate_memory
from shared_py.protocol import MemoryEstimate
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig
from tests.support.designs import earlier_templates
from tests.support.designs import template as drawing

CONFIG = TrainConfig(
    total_steps=512, n_steps=4, minibatch_size=512, update_epochs=1, target_kl=10.0, threads=1, precision="float32"
)
"""a rollout of 512 moves and one gradient step of two microbatches of 256 boards; every further step has the same peak"""
MEGABYTE = 1e6
KINDS = ("torch", "mapped")
MAPPED_FROM = 1 << 18
MEDIAN_LIMIT, WORST_LIMIT = 0.05, 0.15

SMALLEST = "tiny_mlp"
"""the template that shows what the libraries take in two steps"""

Layer = tuple[str, dict[str, Any]]


def chain(name: str, width: int, *layers: Layer, inside: tuple[Layer, ...] = (), heads: int = 4) -> ModelArchitecture:
    """A board, an embedding, a sequence of layers and an output; `inside` are the layers in its `repeat` or `subnetwork`."""
    kinds: list[Layer] = [("board_input", {}), ("embedding", {}), *layers, ("action_output", {})]
    components = [Component(f"c{n}", kind, props) for n, (kind, props) in enumerate(kinds, 1)]
    edges = list(pairwise(component.id for component in components))
    if inside:
        holder = next(component.id for component in components if component.type in ("repeat", "subnetwork"))
        held = [Component(f"i{n}", kind, props, inside=holder) for n, (kind, props) in enumerate(inside, 1)]
        components += held
        edges += list(pairwise(component.id for component in held))
    return ModelArchitecture(name, meta=Defaults(d_model=width, n_heads=heads), components=components, edges=edges)


def scaled(template: str, width: int) -> ModelArchitecture:
    """A template with another width."""
    design = drawing(template)
    own = design.meta.d_model

    def scale(component: Component) -> Component:
        props = {key: value * width // own if key in WIDTHS else value for key, value in component.props.items()}
        return msgspec.structs.replace(component, props=props)

    meta = msgspec.structs.replace(design.meta, d_model=width)
    components = [scale(component) for component in design.components]
    return msgspec.structs.replace(design, id=f"{template}_{width}", meta=meta, components=components)


WIDTHS = frozenset({"d_model", "dim_feedforward", "out_features", "out_channels"})
LAYER: Layer = ("transformer_layer", {})
NARROW: Layer = ("transformer_layer", {"activation": "relu", "dim_feedforward": 128})
MIXTURE: Layer = ("moe_layer", {})
AGAIN: Layer = ("grad_checkpoint", {})


def designs() -> list[ModelArchitecture]:
    """Thirty designs of all kinds, from 0.05 to 30 million parameters."""
    relu: Layer = ("activation", {"activation": "relu"})
    gelu: Layer = ("activation", {})
    router: Layer = ("load_balance_router", {"n_experts": 8, "top_k": 1})
    wide: Layer = ("moe_layer", {"n_experts": 8, "num_shared_experts": 1})
    conv: Layer = ("conv2d", {})
    mlp: tuple[Layer, ...] = (("pool", {}), ("linear", {"out_features": 1024}), gelu, ("linear", {"out_features": 512}), gelu)
    large: tuple[Layer, ...] = (("pool", {}), ("linear", {"out_features": 2048}), relu, ("linear", {"out_features": 2048}), relu)
    residual: tuple[Layer, ...] = (("layer_norm", {}), ("attention", {}), ("rms_norm", {}), ("linear", {}), gelu)
    return [
        # the smallest is smaller than the formula is meant for
        *(design for design in [*load_templates(), *earlier_templates()] if design.id != SMALLEST),
        *(scaled("cell_experts", width) for width in (128, 256)),
        *(scaled("small_transformer", width) for width in (48, 192, 512)),
        scaled("two_branches", 192),
        scaled("tiny_mlp", 256),
        *(scaled("conv_stem", width) for width in (128, 384)),
        scaled("side_tasks", 128),
        scaled("deep_checkpointed", 256),
        scaled("repeat_and_copy", 192),
        chain("thin_and_deep", 32, *[LAYER] * 12),
        chain("narrow_layers", 128, *[NARROW] * 6),
        chain("ten_wide_layers", 512, *[LAYER] * 9),
        chain("many_experts", 128, router, wide, LAYER, router, wide),
        chain("checkpointed_mixtures", 192, LAYER, MIXTURE, AGAIN, LAYER, MIXTURE, AGAIN),
        chain("convolutions", 96, *[conv, relu] * 5),
        chain("repeated", 128, ("repeat", {"times": 6, "share_weights": True}), inside=(LAYER,)),
        chain("repeated_pieces", 160, ("repeat", {"times": 3}), inside=residual),
        chain("layers_of_an_mlp", 64, *mlp),
        chain("large_mlp", 256, *large, ("linear", {"out_features": 4096}), relu),
        chain("all_checkpointed", 128, *[LAYER, AGAIN] * 6),
    ]


def resident(field: str) -> int:
    """A field of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])


def measure(design: ModelArchitecture, kind: str) -> int:
    """Train in this process; the peak in bytes beyond what was held after all imports."""
    import torch

    import backend.process.preloading  # noqa: F401  # what the fork server has loaded does not count
    from backend.environment.vector_games import games_on
    from backend.models import GameTransformer
    from backend.training import ppo_trainer as ppo
    from backend.training.loop import ADAM_EPSILON
    from backend.training.optimizer import Adam

    torch.set_num_threads(CONFIG.threads)

    def train() -> None:
        model = GameTransformer.from_architecture(design)
        games = games_on(torch.device("cpu"), CONFIG.n_envs, 1)
        generator = torch.Generator().manual_seed(1)
        optimizer = Adam(model.parameters(), 1e-3, ADAM_EPSILON, CONFIG.ema_decay)
        for _ in range(2):
            rollout = ppo.collect(model, games, CONFIG, generator, lambda *_: False)
            ppo.update(model, optimizer, rollout, CONFIG, 0.01, generator, lambda: False)

    if kind != "torch":
        before = resident("RssAnon")
        Path("/proc/self/clear_refs").write_text("5")
        train()
        return resident("VmHWM") - resident("RssFile") - before
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        train()
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return peak


def measured(design: ModelArchitecture, kind: str) -> int:
    """The same in a fresh process."""
    environment = (
        os.environ | {"OMP_NUM_THREADS": "1"} | ({"MALLOC_MMAP_THRESHOLD_": str(MAPPED_FROM)} if kind == "mapped" else {})
    )
    command = [sys.executable, "-m", "benchmarks.memory", kind]
    done = subprocess.run(command, input=msgspec.json.encode(design), stdout=subprocess.PIPE, env=environment, check=True)
    return int(done.stdout.split()[-1])


def estimated(design: ModelArchitecture) -> MemoryEstimate:
    """The estimate of the formula."""
    analysis = analyse(design)
    assert not analysis.problems, analysis.problems
    return estimate_memory(analysis.sizes, CONFIG, compact=True)


def libraries_bytes(kind: str) -> int:
    """What the libraries take in two steps: the peak of the smallest template less its formula; torch's own peak excludes it."""
    if kind == "torch":
        return 0
    smallest = next(design for design in load_templates() if design.id == SMALLEST)
    return measured(smallest, kind) - (estimated(smallest).training - PROCESS_BYTES)


def run(only: str = "", kinds: tuple[str, ...] = KINDS) -> list[dict[str, object]]:
    """One row per design, then the median and the worst error."""
    rows: list[dict[str, object]] = []
    errors: dict[str, list[float]] = {kind: [] for kind in kinds}
    libraries = {kind: libraries_bytes(kind) for kind in kinds}
    for design in designs():
        if only not in design.id:
            continue
        formula = estimated(design)
        row: dict[str, object] = {"design": design.id, "parameters_m": round(formula.weights / 4e6, 3)}
        row["formula_mb"] = round((formula.training - PROCESS_BYTES) / MEGABYTE, 1)
        for kind in kinds:
            expected = formula.training - PROCESS_BYTES + libraries[kind]
            peak = measured(design, kind)
            error = expected / peak - 1
            errors[kind].append(abs(error))
            row |= {f"{kind}_mb": round(peak / MEGABYTE, 1), f"{kind}_error": f"{error:+.1%}"}
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
    for kind, values in errors.items():
        rows.append(
            {
                "peak": kind,
                "designs": len(values),
                "median_error": f"{statistics.median(values):.1%}",
                "worst_error": f"{max(values):.1%}",
                "limits": f"{MEDIAN_LIMIT:.0%}, {WORST_LIMIT:.0%}",
            }
        )
    return rows


def summary(rows: Sequence[Row]) -> list[Row]:
    """The errors over all designs, then the designs with the largest ones."""
    errors = [f"{kind}_error" for kind in KINDS]
    return [row for row in rows if "peak" in row] + worst([row for row in rows if "design" in row], *errors)


if __name__ == "__main__":
    if sys.argv[1] in KINDS:
        print(measure(msgspec.json.decode(sys.stdin.buffer.read(), type=ModelArchitecture), sys.argv[1]))
    else:
        kinds = tuple(sys.argv[3].split(",")) if len(sys.argv) > 3 else KINDS
        print(json.dumps(run(sys.argv[2] if len(sys.argv) > 2 else "", kinds), indent=1))
