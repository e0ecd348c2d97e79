"""Steps per second of the environment on one thread, against gymnasium-2048, pgx and jumanji.

Limits: 80 times gymnasium-2048 at 64 games, 5 times the faster of the others at 4096 games. The peers are installed into
`.venv-bench` from `benchmarks/peers/requirements.txt`.
"""

import os
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.page import Row
from benchmarks.peers.players import Player, set_up_peers

MODULE = "benchmarks.peers.environment_player"
COUNTS = (64, 512, 4096)
ROUNDS = 25
ROUND_SECONDS = 0.05
OURS = ("core", "vector_env")
THEIRS = ("gymnasium_2048", "gymnasium_2048_bare", "pgx", "jumanji")
SLOW = ("gymnasium_2048", "gymnasium_2048_bare")
"""their speed does not depend on the number of games, so only 64 are measured"""


def run() -> list[dict[str, object]]:
    """One row per number of games and environment; all are measured in turns, round by round."""
    theirs = set_up_peers()
    pythons = dict.fromkeys(OURS, Path(sys.executable)) | (dict.fromkeys(THEIRS, theirs) if theirs else {})
    processors = {max(os.sched_getaffinity(0))}
    with ExitStack() as running:
        players = {
            name: running.enter_context(Player(python, MODULE, name, processors=processors)) for name, python in pythons.items()
        }
        pairs = [(count, name) for count in COUNTS for name in players if name not in SLOW or count == COUNTS[0]]
        for count, name in pairs:
            steps_per_second(players[name], count)
        rates_of: dict[tuple[int, str], list[float]] = {key: [] for key in pairs}
        for _ in range(ROUNDS):
            for count, name in pairs:
                rates_of[count, name].append(steps_per_second(players[name], count))
    return [_row(count, name, rates, rates_of[count, OURS[0]]) for (count, name), rates in rates_of.items()]


def steps_per_second(player: Player, count: int) -> float:
    """Steps per second in one round of `count` games; the first round compiles."""
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


def summary(rows: Sequence[Row]) -> list[Row]:
    """One row per environment: median steps per second, and how many times as fast the core is, for each number of games."""
    counts = sorted({int(str(row["games"])) for row in rows})
    by_key = {(row["environment"], int(str(row["games"]))): row for row in rows}
    page_rows: list[Row] = []
    for name in dict.fromkeys(str(row["environment"]) for row in rows):
        page_row: dict[str, object] = {"environment": name}
        for column, title in (("median_steps_per_s", "steps_per_s"), ("core_is_times_as_fast", "core_ratio")):
            page_row |= {f"{title}_{count}": by_key.get((name, count), {}).get(column, "") for count in counts}
        page_rows.append(page_row)
    return page_rows


if __name__ == "__main__":
    for row in run():
        print("  ".join(f"{key} {value}" for key, value in row.items()))
