"""What networks learn in so many processor seconds on one thread: scores of seeded games, with random and greedy play beside.

`python -m benchmarks.learning 600 ppo small_transformer 1 gamma=0.995` trains once with these seconds, algorithm, template, seed
and settings, and adds a line to `ci/artifacts/learning.jsonl`. Evaluations are not counted. A first trial tells how many moves
fit into the seconds, and so over which the learning rate falls. The table takes runs of the recipes from that file and makes
those that lack: `BENCH_LEARNING_SECONDS`, `BENCH_LEARNING_SEEDS` and `BENCH_LEARNING_GAMES` say which. With
`BENCH_LEARNING_KEPT=1` it makes none, and rows without a run are left out. Kept runs are told apart by their settings alone:
after a change of what networks start from or learn by, delete the file.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, cast, get_args

import msgspec

from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.presets import preset, with_budget
from shared_py.protocol import Evaluation
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig

SECONDS = float(os.environ.get("BENCH_LEARNING_SECONDS", "60"))
SEEDS = tuple(map(int, os.environ.get("BENCH_LEARNING_SEEDS", "1").split(",")))
DESIGNS = ("tiny_mlp", "small_transformer", "mixture_of_experts", "conv_stem", "small_transformer_128x3")
KEPT_ONLY = os.environ.get("BENCH_LEARNING_KEPT") == "1"
GAMES, GAMES_SEED = int(os.environ.get("BENCH_LEARNING_GAMES", "512")), 2026
UNSAID_MOVES = 10**9
TRIAL_S, TRIAL_CURVE_EVERY_S = 30.0, 5.0
"""to find out how many moves fit; the first seconds are slower than what follows, and do not count"""
SPARE = 0.03
"""of the moves, since a machine may be quicker in the trial than later"""
CURVE_EVERY_S = 50.0
KEPT = Path("ci/artifacts/learning.jsonl")
KEPT_OF_SCORES = ("mean_score", "median_score", "quartiles", "max_tile_frequency")
Run = tuple[float, AlgorithmName, str, int, dict[str, str]]
"""seconds, algorithm, design, seed, settings"""


def run() -> list[dict[str, object]]:
    """Train every design with both algorithms and all seeds, as many at once as there are cores; the mean over the seeds."""
    asked = [(design, algorithm) for algorithm in get_args(AlgorithmName) for design in DESIGNS]
    runs: list[Run] = [(SECONDS, algorithm, design, seed, {}) for seed in SEEDS for design, algorithm in asked]
    if not KEPT_ONLY:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(in_fresh_process, [one for one in runs if kept(one) is None]))
    found = [line for one in runs if (line := kept(one)) is not None]
    lines_of = {(design, algorithm): [line for line in found if line["of"] == [design, algorithm]] for design, algorithm in asked}
    return [_row(*of, lines) for of, lines in lines_of.items() if lines]


def kept(asked: Run) -> dict[str, Any] | None:
    """The newest line of such a run with the settings that the recipe has now."""
    seconds, algorithm, design, seed, settings = asked
    lines = list(map(json.loads, KEPT.read_text().splitlines())) if KEPT.exists() else []
    same = (line for line in reversed(lines) if (line["of"], line["asked_seconds"]) == ([design, algorithm], seconds))
    whole = (line for line in same if "moves" in line)
    return next((line for line in whole if is_as_asked(line, config_of(algorithm, design, seed, settings, line["moves"]))), None)


def is_as_asked(line: dict[str, Any], config: TrainConfig) -> bool:
    """Whether a kept run had these settings; one that was added later had its default then."""
    return told(msgspec.convert(line["config"], TrainConfig)) == told(config)


def told(config: TrainConfig) -> dict[str, Any]:
    """The settings of a run as its line has them, whatever its moves."""
    return cast(dict[str, Any], msgspec.to_builtins(msgspec.structs.replace(config, total_steps=UNSAID_MOVES)))


def config_of(
    algorithm: AlgorithmName, name: str, seed: int, settings: dict[str, str], moves: float = UNSAID_MOVES
) -> TrainConfig:
    """The recipe of an algorithm for a design and so many moves with some settings changed, for one thread."""
    recipe = with_budget(preset(algorithm, analyse(design_of(name)).sizes), moves)
    config = msgspec.structs.replace(recipe, seed=seed, threads=1)
    return msgspec.convert(msgspec.structs.asdict(config) | settings, TrainConfig, strict=False)


def _row(design: str, algorithm: str, found: Sequence[dict[str, Any]]) -> dict[str, object]:
    row: dict[str, object] = {"design": design, "algorithm": algorithm, "cpu_seconds": SECONDS}
    row["seeds"] = " ".join(str(one["seed"]) for one in found)
    row["games"] = min(one["games"] for one in found)
    row["steps"] = round(statistics.mean(one["steps"] for one in found))
    for policy in found[0]["scores"]:
        scores = [one["scores"][policy] for one in found]
        row[policy] = round(statistics.mean(score["mean_score"] for score in scores))
        row[f"{policy}_least"] = round(min(score["mean_score"] for score in scores))
        row[f"{policy}_2048"] = f"{statistics.mean(_share(score, 2048) for score in scores):.1%}"
    row |= {name: round(found[0]["baselines"][name]) for name in ("random", "greedy_rule")}
    return row


def _share(score: dict[str, Any], tile: int) -> float:
    """Of the games that reached a tile."""
    return sum(share for largest, share in score["max_tile_frequency"].items() if int(largest) >= tile)


def in_fresh_process(asked: Run) -> dict[str, Any]:
    """Train once on one thread of its own."""
    seconds, algorithm, design, seed, settings = asked
    words = [str(seconds), algorithm, design, str(seed), *(f"{name}={value}" for name, value in settings.items())]
    command = [sys.executable, "-m", "benchmarks.learning", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def design_of(name: str) -> ModelArchitecture:
    """A template, or the small transformer with the width and the number of layers that its name ends in."""
    known = {design.id: design for design in load_templates()}
    if name in known:
        return known[name]
    base, _, size = name.rpartition("_")
    width, layers = map(int, size.split("x"))
    small = known[base]
    kinds = {component.id: component for component in small.components}
    chain = ["c1", "c2", *["c3"] * layers, "c5"]
    components = [msgspec.structs.replace(kinds[kind], id=f"c{place}") for place, kind in enumerate(chain, 1)]
    edges = [(before.id, after.id) for before, after in pairwise(components)]
    meta = msgspec.structs.replace(small.meta, d_model=width)
    return msgspec.structs.replace(small, id=name, meta=meta, components=components, edges=edges)


class Watch:
    """A report and a control that stop after so much processor time, and keep the score now and then."""

    def __init__(self, seconds: float, curve_every_s: float = CURVE_EVERY_S) -> None:
        self.began, self.seconds, self.curve_every_s = time.process_time(), seconds, curve_every_s
        self.ended_after_s = 0.0
        self.curve: list[tuple[float, int, int]] = []
        """(seconds, moves, mean score of recent games)"""

    def spent(self) -> float:
        """Processor seconds so far."""
        return time.process_time() - self.began

    def due(self) -> bool:
        """Every so many seconds."""
        return self.spent() >= (len(self.curve) + 1) * self.curve_every_s

    def pace(self, steps: int) -> float:
        """Moves a processor second from the first point of the curve to the end, when so many moves were played."""
        since, steps_then, _ = self.curve[0]
        return (steps - steps_then) / (self.ended_after_s - since)

    def update(self, progress: Any) -> None:
        """Keep the score."""
        self.curve.append((round(self.spent(), 1), progress.steps, round(progress.score or 0)))
        print(*self.curve[-1], progress.loss, progress.entropy, progress.approx_kl, file=sys.stderr, flush=True)

    def evaluation(self, evaluation: Evaluation) -> None:
        """One is made at the end, after the checkpoint."""

    def checkpoint(self, steps: int, score: float | None) -> None:
        """None is kept; the last one comes when all is learned."""
        self.ended_after_s = self.spent()

    def loss(self, loss: float) -> None:
        """Nothing; it is in the updates."""

    def phase(self, phase: Any) -> None:
        """Nothing."""

    def poll(self, before_pause: Any = None) -> bool:
        """Whether the time is over."""
        return self.spent() >= self.seconds


def train(seconds: float, algorithm: AlgorithmName, name: str, seed: int, settings: dict[str, str]) -> dict[str, Any]:
    """Train in this process; the moves that fit are tried out first with a network that is then thrown away."""
    import torch

    from backend.evaluation.play import evaluation_of, network_player, play_games
    from backend.models import GameTransformer
    from backend.runs.malloc import Heap
    from backend.training import loop
    from backend.training.trainers import TRAINERS

    torch.set_num_threads(1)
    Heap(0, compact=False)
    loop.FIRST_EVALUATION_S = loop.EVALUATION_EVERY_S = math.inf
    design = design_of(name)

    def learn(config: TrainConfig, watch: Watch) -> loop.TrainingLoop:
        torch.manual_seed(seed)
        model, trainer = GameTransformer.from_architecture(design), TRAINERS[algorithm]()
        trainer.train(model, config, watch, watch)
        return trainer

    watch = Watch(TRIAL_S, TRIAL_CURVE_EVERY_S)
    trial = learn(config_of(algorithm, name, seed, settings), watch)
    moves = round((1 - SPARE) * watch.pace(trial.steps) * seconds)
    config, watch = config_of(algorithm, name, seed, settings, moves), Watch(seconds)
    trainer = learn(config, watch)
    player = trainer.player_of(trainer.model, config)
    scores: dict[str, Any] = {}
    for policy in trainer.policies:
        games = play_games(network_player(player, policy, GAMES_SEED), GAMES, GAMES_SEED)
        assert games is not None
        last = evaluation_of(games, policy, trainer.steps)
        scores[policy] = {field: getattr(last, field) for field in KEPT_OF_SCORES}
    return {
        "of": [name, algorithm],
        "settings": settings,
        "asked_seconds": seconds,
        "moves": moves,
        "games": GAMES,
        "config": told(trainer.config),
        "seed": seed,
        "seconds": round(watch.ended_after_s),
        "steps": trainer.steps,
        "scores": scores,
        "baselines": {"random": last.random_score, "greedy_rule": last.greedy_score},
        "curve": watch.curve,
    }


def main(seconds: str, algorithm: AlgorithmName, name: str, seed: str, *settings: str) -> None:
    """Train once as the words say, and keep the line."""
    found = train(float(seconds), algorithm, name, int(seed), dict(setting.split("=", 1) for setting in settings))
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with KEPT.open("a") as file:
        file.write(json.dumps(found) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]  # words of a command line
