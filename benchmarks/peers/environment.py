"""Steps a second of the environment on one thread, against gymnasium-2048 (limit 80 times it at 64 games), pgx and jumanji (5
times the faster at 4096 games). The peers live in `.venv-bench`, made here from `benchmarks/peers/requirements.txt`."""

import os
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers.players import Player, set_up_peers

MODULE = "benchmarks.peers.environment_player"
COUNTS = (64, 512, 4096)
ROUNDS = 25
ROUND_SECONDS = 0.05
OURS = ("core", "vector_env")
THEIRS = ("gymnasium_2048", "gymnasium_2048_bare", "pgx", "jumanji")
SLOW = ("gymnasium_2048", "gymnasium_2048_bare")
"""are as fast with 64 games as with any number, and are asked for 64 alone"""


def run() -> list[dict[str, object]]:
    """Interleave all environments, round by round and size by size."""
    theirs = set_up_peers()
    pythons = dict.fromkeys(OURS, Path(sys.executable)) | (dict.fromkeys(THEIRS, theirs) if theirs else {})
    processors = {max(os.sched_getaffinity(0))}
    with ExitStack() as running:
        players = {
            name: running.enter_context(Player(python, MODULE, name, processors=processors)) for name, python in pythons.items()
        }
        asked = [(count, name) for count in COUNTS for name in players if name not in SLOW or count == COUNTS[0]]
        for count, name in asked:
            steps_per_second(players[name], count)
        found: dict[tuple[int, str], list[float]] = {key: [] for key in asked}
        for _ in range(ROUNDS):
            for count, name in asked:
                found[count, name].append(steps_per_second(players[name], count))
    return [_row(count, name, rates, found[count, OURS[0]]) for (count, name), rates in found.items()]


def steps_per_second(player: Player, count: int) -> float:
    """One round of `count` games; the first one compiles."""
    return float(player.ask(f"{count} {ROUND_SECONDS}"))


def _row(count: int, name: str, rates: list[float], ours: list[float]) -> dict[str, object]:
    return {
        "games": count,
        "environment": name,
        "median_steps_per_s": round(statistics.median(rates)),
        "best_steps_per_s": round(max(rates)),
        "core_is_times_as_fast": round(statistics.median(ours) / statistics.median(rates), 1),
        "best_to_best": round(max(ours) / max(rates), 1),
    }


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{key} {value}" for key, value in row.items()))
