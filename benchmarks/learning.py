"""Scores of seeded test games after training on one thread, compared with random and greedy rule-based play.

`python -m benchmarks.learning 600 ppo small_transformer 1 gamma=0.995` trains once with these seconds, algorithm, template, seed
and settings, and appends a line to `ci/artifacts/learning.jsonl`. Evaluations do not count. A short trial determines how many
moves fit into the time, which sets the learning-rate schedule. The table takes runs with the current presets from that file and
makes the missing ones (`BENCH_LEARNING_SECONDS`, `BENCH_LEARNING_SEEDS`, `BENCH_LEARNING_GAMES`); with `BENCH_LEARNING_KEPT=1` it
makes none and leaves such rows out. Stored runs are matched by their settings only: after a change of initialisation or
training code, delete the file.
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

from benchmarks.page import Row
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.presets import preset, with_budget
from shared_py.protocol import Evaluation
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig
from tests.support.designs import earlier_templates

SECONDS = float(os.environ.get("BENCH_LEARNING_SECONDS", "60"))
SEEDS = tuple(map(int, os.environ.get("BENCH_LEARNING_SEEDS", "1").split(",")))
DESIGNS = ("mixture_of_experts", "tiny_mlp", "small_transformer", "cell_experts", "conv_stem", "small_transformer_128x3")
STORED_ONLY = os.environ.get("BENCH_LEARNING_KEPT") == "1"
GAMES, GAMES_SEED = int(os.environ.get("BENCH_LEARNING_GAMES", "512")), 2026
ANY_MOVES = 10**9
TRIAL_S, TRIAL_CURVE_EVERY_S = 30.0, 5.0
"""of the trial that determines how many moves fit; its slower first seconds do not count"""
SPARE = 0.03
"""share of the moves, since the machine may be faster in the trial than later"""
CURVE_EVERY_S = 50.0
STORED = Path("ci/artifacts/learning.jsonl")
LEFT_OUT = ("sampled_least", "sampled_2048")
"""columns that the page has no room for"""
SCORE_FIELDS = ("mean_score", "median_score", "quartiles", "max_tile_frequency")
Run = tuple[float, AlgorithmName, str, int, dict[str, str]]
"""seconds, algorithm, design, seed, settings"""


def run() -> list[dict[str, object]]:
    """Train every design with all algorithms and seeds, one run per core at a time; the mean over the seeds."""
    pairs = [(design, algorithm) for algorithm in get_args(AlgorithmName) for design in DESIGNS]
    runs: list[Run] = [(SECONDS, algorithm, design, seed, {}) for seed in SEEDS for design, algorithm in pairs]
    if not STORED_ONLY:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(in_fresh_process, [run for run in runs if stored_line(run) is None]))
    lines = [line for run in runs if (line := stored_line(run)) is not None]
    lines_of = {(design, algorithm): [line for line in lines if line["of"] == [design, algorithm]] for design, algorithm in pairs}
    return [_row(*pair, its_lines) for pair, its_lines in lines_of.items() if its_lines]


def stored_line(run: Run) -> dict[str, Any] | None:
    """The newest stored line of such a run with the current settings of the preset."""
    seconds, algorithm, design, seed, settings = run
    lines = list(map(json.loads, STORED.read_text().splitlines())) if STORED.exists() else []
    same = (line for line in reversed(lines) if (line["of"], line["asked_seconds"]) == ([design, algorithm], seconds))
    complete = (line for line in same if "moves" in line)
    wanted = (line for line in complete if has_settings(line, config_of(algorithm, design, seed, settings, line["moves"])))
    return next(wanted, None)


def has_settings(line: dict[str, Any], config: TrainConfig) -> bool:
    """Whether a stored run had these settings; settings that were added later count with their default."""
    return stored_settings(msgspec.convert(line["config"], TrainConfig)) == stored_settings(config)


def stored_settings(config: TrainConfig) -> dict[str, Any]:
    """The settings of a run as stored in its line, without the number of moves."""
    return cast(dict[str, Any], msgspec.to_builtins(msgspec.structs.replace(config, total_steps=ANY_MOVES)))


def config_of(algorithm: AlgorithmName, name: str, seed: int, settings: dict[str, str], moves: float = ANY_MOVES) -> TrainConfig:
    """The preset of an algorithm for a design and a number of moves, with some settings changed, for one thread."""
    recipe = with_budget(preset(algorithm, analyse(design_of(name)).sizes), moves)
    config = msgspec.structs.replace(recipe, seed=seed, threads=1)
    return msgspec.convert(msgspec.structs.asdict(config) | settings, TrainConfig, strict=False)


def _row(design: str, algorithm: str, lines: Sequence[dict[str, Any]]) -> dict[str, object]:
    row: dict[str, object] = {"design": design, "algorithm": algorithm, "cpu_seconds": SECONDS}
    row["seeds"] = " ".join(str(line["seed"]) for line in lines)
    row["games"] = min(line["games"] for line in lines)
    row["steps"] = round(statistics.mean(line["steps"] for line in lines))
    for policy in lines[0]["scores"]:
        scores = [line["scores"][policy] for line in lines]
        row[policy] = round(statistics.mean(score["mean_score"] for score in scores))
        row[f"{policy}_least"] = round(min(score["mean_score"] for score in scores))
        row[f"{policy}_2048"] = f"{statistics.mean(_share(score, 2048) for score in scores):.1%}"
    row |= {name: round(lines[0]["baselines"][name]) for name in ("random", "greedy_rule")}
    return row


def _share(score: dict[str, Any], tile: int) -> float:
    """The share of games that reached a tile."""
    return sum(share for largest, share in score["max_tile_frequency"].items() if int(largest) >= tile)


def in_fresh_process(run: Run) -> dict[str, Any]:
    """Train once in a process with one thread."""
    seconds, algorithm, design, seed, settings = run
    words = [str(seconds), algorithm, design, str(seed), *(f"{name}={value}" for name, value in settings.items())]
    command = [sys.executable, "-m", "benchmarks.learning", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def design_of(name: str) -> ModelArchitecture:
    """A template, or one with the width and number of layers at the end of the name (`small_transformer_128x3`)."""
    known = {design.id: design for design in [*load_templates(), *earlier_templates()]}
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
    """A report and a control that stop after a given processor time and keep the score at intervals."""

    def __init__(self, seconds: float, curve_every_s: float = CURVE_EVERY_S) -> None:
        self.began, self.seconds, self.curve_every_s = time.process_time(), seconds, curve_every_s
        self.ended_after_s = 0.0
        self.curve: list[tuple[float, int, int]] = []
        """(seconds, moves, mean score of recent games)"""

    def spent(self) -> float:
        """Processor seconds so far."""
        return time.process_time() - self.began

    def due(self) -> bool:
        """Every `curve_every_s` seconds."""
        return self.spent() >= (len(self.curve) + 1) * self.curve_every_s

    def pace(self, steps: int) -> float:
        """Moves per processor second from the first point of the curve to the end, given all moves played."""
        since, steps_then, _ = self.curve[0]
        return (steps - steps_then) / (self.ended_after_s - since)

    def update(self, progress: Any) -> None:
        """Keep the score."""
        self.curve.append((round(self.spent(), 1), progress.steps, round(progress.score or 0)))
        print(*self.curve[-1], progress.loss, progress.entropy, progress.approx_kl, file=sys.stderr, flush=True)

    def evaluation(self, evaluation: Evaluation) -> None:
        """Nothing; test games are played at the end, after the last checkpoint."""

    def evaluation_progress(self, *_: Any) -> None:
        """Nothing, as above."""

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Store nothing; the last checkpoint marks the end of training."""
        self.ended_after_s = self.spent()

    def loss(self, loss: float) -> None:
        """Nothing; losses are part of the updates."""

    def phase(self, phase: Any) -> None:
        """Nothing."""

    def poll(self, before_pause: Any = None) -> bool:
        """Whether the time is over."""
        return self.spent() >= self.seconds


def train(seconds: float, algorithm: AlgorithmName, name: str, seed: int, settings: dict[str, str]) -> dict[str, Any]:
    """Train in this process; a trial with another network first determines how many moves fit."""
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
        scores[policy] = {field: getattr(last, field) for field in SCORE_FIELDS}
    return {
        "of": [name, algorithm],
        "settings": settings,
        "asked_seconds": seconds,
        "moves": moves,
        "games": GAMES,
        "config": stored_settings(trainer.config),
        "seed": seed,
        "seconds": round(watch.ended_after_s),
        "steps": trainer.steps,
        "scores": scores,
        "baselines": {"random": last.random_score, "greedy_rule": last.greedy_score},
        "curve": watch.curve,
    }


def main(seconds: str, algorithm: AlgorithmName, name: str, seed: str, *settings: str) -> None:
    """Train once as the arguments say, and store the line."""
    line = train(float(seconds), algorithm, name, int(seed), dict(setting.split("=", 1) for setting in settings))
    STORED.parent.mkdir(parents=True, exist_ok=True)
    with STORED.open("a") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


def summary(rows: Sequence[Row]) -> list[Row]:
    """All rows in one table; algorithms without sampled play leave its columns empty."""
    columns = dict.fromkeys(name for row in sorted(rows, key=len, reverse=True) for name in row if name not in LEFT_OUT)
    return [{name: row.get(name, "") for name in columns} for row in rows]


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]  # words of a command line
