"""What the gallery says of each template: what it is good for, its size, and scores that were measured (docs/experiments/)."""

import csv
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.analysis import analyse
from shared_py.blocks.base import Sizes
from shared_py.forecasting import cost_per_move, overhead_per_move
from shared_py.presets import preset, with_budget
from shared_py.templates import GOOD_FOR, load_templates
from shared_py.training_config import AlgorithmName

EXPERIMENTS = Path(__file__).parents[2] / "docs" / "experiments"
SINCE = "2026-11-29"
"""the presets are those of this day: what was measured with older ones is not expected any more"""
POLICY = "greedy"
"""the test games that are shown: by the most likely move, which every algorithm plays"""


class MeasuredMachine(Struct, frozen=True):
    """A machine on which runs were measured, and its speed as `protocol.Machine` has it."""

    name: str
    multiply_adds_per_second: float
    step_overhead_s: float


class MeasuredScore(Struct, frozen=True):
    """The mean score of test games after runs of one length."""

    algorithm: str
    seconds: float
    """of processor time on one thread of the machine"""
    moves: int
    score: int
    seeds: int
    date: str
    machine: int
    """index of the machine"""
    multiply_adds_per_move: float
    overheads_per_move: float
    """work of a move: on another machine it takes these by the two speeds of that machine"""


class GalleryTemplate(Struct, frozen=True):
    """One template in the gallery."""

    id: str
    good_for: str
    parameters: int
    measured: list[MeasuredScore]
    """by algorithm, then by length"""


class Gallery(Struct, frozen=True):
    """The templates in the order in which they are offered, and what their scores are compared with."""

    templates: list[GalleryTemplate]
    machines: list[MeasuredMachine]
    random_score: int
    greedy_rule_score: int
    """of the rule that takes the most points, then the most empty cells"""


def gallery(experiments: Path = EXPERIMENTS) -> dict[str, Any]:
    """The gallery, JSON-ready, from the templates and the measured runs with the settings of the presets."""
    speeds = {row["machine"]: row for row in _rows(experiments / "machine-speed.csv")}
    machines: list[str] = []
    templates = []
    for design in load_templates():
        sizes = analyse(design).sizes
        measured = _scores(experiments, design.id, sizes, speeds, machines)
        templates.append(GalleryTemplate(design.id, GOOD_FOR[design.id], sizes.parameters, measured))
    tables = _rows(experiments / "learning-tables.csv")
    random, greedy_rule = (int(tables[0][name]) for name in ("random_play_score", "greedy_rule_score"))
    told: dict[str, Any] = msgspec.to_builtins(
        Gallery(templates, [_machine(speeds[name]) for name in machines], random, greedy_rule)
    )
    return told


def _scores(
    experiments: Path, design: str, sizes: Sizes, speeds: dict[str, dict[str, str]], machines: list[str]
) -> list[MeasuredScore]:
    """The newest measurement of each algorithm and length, the mean over its seeds; machines are numbered as they are met."""
    runs: dict[tuple[AlgorithmName, float], dict[tuple[str, str], list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(experiments.glob("[0-9]*.csv")):
        for row in _rows(path):
            wanted = (row["design"], row["settings"], row["policy"]) == (design, "preset", POLICY)
            if wanted and row["date"] >= SINCE and row["machine"] in speeds:
                runs[row["algorithm"], float(row["cpu_seconds"])][row["date"], row["machine"]].append(row)
    scores = []
    for (algorithm, seconds), by_day in sorted(runs.items()):
        (date, machine), rows = max(by_day.items(), key=lambda item: item[0])
        if machine not in machines:
            machines.append(machine)
        moves = round(statistics.mean(int(row["moves"]) for row in rows))
        config = with_budget(preset(algorithm, sizes), moves)
        scores.append(
            MeasuredScore(
                algorithm,
                seconds,
                moves,
                round(statistics.mean(float(row["mean_score"]) for row in rows)),
                len(rows),
                date,
                machines.index(machine),
                round(cost_per_move(sizes, config)),
                round(overhead_per_move(config), 3),
            )
        )
    return scores


def _machine(row: dict[str, str]) -> MeasuredMachine:
    return MeasuredMachine(row["machine"], float(row["multiply_adds_per_second"]), float(row["step_overhead_us"]) * 1e-6)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines(), strict=True))
