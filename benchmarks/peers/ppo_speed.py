"""PPO steps per processor second on one thread, playing included, and memory: our trainer, its matrix products alone, and peers.

All train one network of 401,797 parameters with the same settings (64 games of 64 steps, minibatches of 1024, 4 epochs).
The peers are Stable-Baselines3 and a loop like CleanRL's, both on gymnasium-2048, installed into `.venv-bench` from
`benchmarks/peers/requirements.txt`. `ours` uses bfloat16 where the processor is faster with it, float32 elsewhere. Allocated
bytes are those of a later iteration, peaks those of a fresh process. All take turns, each in a process of its own.
"""

import json
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from backend.models.autocast import bfloat16_pays_off
from benchmarks.page import Row
from benchmarks.peers.players import Player, set_up_peers
from benchmarks.peers.ppo_settings import GAMES, STEPS

TRAINER, PRODUCTS = "benchmarks.peers.ppo_player", "benchmarks.peers.ppo_products"
OURS = {"ours": ("ours", "auto"), "ours_float32": ("ours", "float32"), "ours_compiled": ("ours", "auto", "always")}
THEIRS = ("stable_baselines3", "cleanrl_style")
ROUNDS = 3
AIMED_RATIO = {True: 2.7, False: 1.1}
"""goal against both peers, with and without bfloat16"""
AIMED_SHARE = 0.55
MEGABYTE = 1e6

Answer = dict[str, float]
"""one answer of a process"""


def run() -> list[dict[str, object]]:
    """Time all trainers and the products in turns, then profile each trainer once."""
    with ExitStack() as running:
        trainers = {name: running.enter_context(player) for name, player in _trainers().items()}
        products = {name: running.enter_context(Player(Path(sys.executable), PRODUCTS, name)) for name in _precisions()}
        for player in trainers.values():
            player.ask("time")
        answers: dict[str, list[Answer]] = {name: [] for name in (*trainers, *products)}
        for number in range(ROUNDS):
            for name, player in (trainers | products).items():
                answers[name].append(json.loads(player.ask("time")))
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
        allocated = {name: json.loads(player.ask("profile"))["allocated_bytes"] for name, player in trainers.items()}
    rates = {name: [GAMES * STEPS / answer["seconds"] for answer in answers[name]] for name in trainers}
    rows = [_speed_row(name, rates) for name in trainers]
    rows += [_limit_row(name, answers[name], rates) for name in products]
    return rows + [_memory_row(name, allocated, {other: answers[other][-1] for other in trainers}) for name in trainers]


def _trainers() -> dict[str, Player]:
    """Our trainer, in the variants that differ on this machine, and the peers."""
    left_out = {name for name, absent in _absent().items() if absent}
    players = {name: Player(Path(sys.executable), TRAINER, *words) for name, words in OURS.items() if name not in left_out}
    if peers_python := set_up_peers():
        players |= {name: Player(peers_python, TRAINER, name) for name in THEIRS}
    return players


def _absent() -> dict[str, bool]:
    return {"ours_float32": not bfloat16_pays_off(), "ours_compiled": shutil.which("g++") is None}


def _precisions() -> list[str]:
    return ["bfloat16", "float32"] if bfloat16_pays_off() else ["float32"]


def _speed_row(name: str, rates: Mapping[str, list[float]]) -> dict[str, object]:
    return {
        "trainer": name,
        "median_steps_per_cpu_s": round(statistics.median(rates[name])),
        "best_steps_per_cpu_s": round(max(rates[name])),
        "ours_is_times_as_fast": round(statistics.median(rates["ours"]) / statistics.median(rates[name]), 2),
        "best_to_best": round(max(rates["ours"]) / max(rates[name]), 2),
        "aimed_ratio": AIMED_RATIO[bfloat16_pays_off()] if name in THEIRS else "",
    }


def _limit_row(precision: str, answers: list[Answer], rates: Mapping[str, list[float]]) -> dict[str, object]:
    """Our speed relative to that of the products alone, in the same precision."""
    limits = [1 / answer["seconds"] for answer in answers]
    ours = rates["ours" if precision == _precisions()[0] else "ours_float32"]
    return {
        "products_alone": precision,
        "median_steps_per_cpu_s": round(statistics.median(limits)),
        "best_steps_per_cpu_s": round(max(limits)),
        "best_gflops": round(2 * answers[0]["multiply_adds"] * max(limits) / 1e9),
        "ours_share": f"{statistics.median(ours) / statistics.median(limits):.0%}",
        "best_to_best": f"{max(ours) / max(limits):.0%}",
        "aimed_share": f"{AIMED_SHARE:.0%}",
    }


def _memory_row(name: str, allocated: Mapping[str, float], answers: Mapping[str, Answer]) -> dict[str, object]:
    return {
        "trainer": name,
        "allocated_mb_a_step": round(allocated[name] / (GAMES * STEPS) / MEGABYTE, 2),
        "of_ours": round(allocated[name] / allocated["ours"], 2),
        "peak_rss_mb": round(answers[name]["peak_bytes"] / MEGABYTE),
        "peak_of_ours": round(answers[name]["peak_bytes"] / answers["ours"]["peak_bytes"], 2),
        "rss_after_imports_mb": round(answers[name]["imports_bytes"] / MEGABYTE),
    }


def summary(rows: Sequence[Row]) -> list[Row]:
    """Speed and memory of each trainer in one row, then the matrix products."""
    columns = ("allocated_mb_a_step", "peak_rss_mb", "peak_of_ours")
    memory = {row["trainer"]: {name: row[name] for name in columns} for row in rows if "peak_rss_mb" in row}
    speed = [row for row in rows if "aimed_ratio" in row]
    return [{**row, **memory[row["trainer"]]} for row in speed] + [row for row in rows if "products_alone" in row]


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{key} {value}" for key, value in row.items()))
