"""Steps a second of the environment on one thread, against gymnasium-2048 (limit 80 times it at 64 games), pgx and jumanji (5
times the faster at 4096 games). The peers live in `.venv-bench`, made here from `benchmarks/peers.txt`."""

import os
import statistics
import subprocess
import sys
import venv
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "benchmarks" / "peers.txt"
HOME = ROOT / ".venv-bench"
COUNTS = (64, 512, 4096)
ROUNDS = 25
ROUND_SECONDS = 0.05
OURS = ("core", "vector_env")
THEIRS = ("gymnasium_2048", "gymnasium_2048_bare", "pgx", "jumanji")
SLOW = ("gymnasium_2048", "gymnasium_2048_bare")
"""are as fast with 64 games as with any number, and are asked for 64 alone"""


class Player:
    """One environment in a process of its own, held to one processor; asked for one round at a time."""

    def __init__(self, name: str, python: Path, processor: int) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [python, "-W", "ignore", "-m", "benchmarks.environment_player", name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {processor}),
        )

    def __enter__(self) -> "Player":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def steps_per_second(self, count: int) -> float:
        """One round of `count` games; the first one compiles."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{count} {ROUND_SECONDS}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended by itself: try `python -m benchmarks.environment_player {self.name}`")
        return float(answer)


def set_up_peers() -> Path | None:
    """The Python that has the peers; None, and the reason printed, when they cannot be installed."""
    python, done = HOME / "bin" / "python", HOME / ".done"
    if done.exists() and done.read_text() == PEERS.read_text():
        return python
    venv.create(HOME, with_pip=True, clear=True)
    run = subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PEERS], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"the peers cannot be installed, so there is nothing to compare with: {run.stderr.strip().splitlines()[-1]}")
        return None
    done.write_text(PEERS.read_text())
    return python


def run() -> list[dict[str, object]]:
    """Interleave all environments, round by round and size by size."""
    theirs = set_up_peers()
    processor = max(os.sched_getaffinity(0))
    with ExitStack() as running:
        players = [running.enter_context(Player(name, Path(sys.executable), processor)) for name in OURS]
        if theirs:
            players += [running.enter_context(Player(name, theirs, processor)) for name in THEIRS]
        asked = [(count, player) for count in COUNTS for player in players if player.name not in SLOW or count == COUNTS[0]]
        for count, player in asked:
            player.steps_per_second(count)
        found: dict[tuple[int, str], list[float]] = {(count, player.name): [] for count, player in asked}
        for _ in range(ROUNDS):
            for count, player in asked:
                found[count, player.name].append(player.steps_per_second(count))
    return [_row(count, name, rates, found[count, OURS[0]]) for (count, name), rates in found.items()]


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
