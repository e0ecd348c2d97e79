"""Kills a writer and simulates power losses many times: `PYTHONPATH=.:tests python tests/backend/store/durability.py`."""

import argparse
import random
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from support.killed_writer import kill_while_writing, newest_version
from support.power_loss import Image, check, checkpoint_images, cut_images, flipped_images, record, torn_images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=20_000, help="writes to acknowledge before the last kill")
    parser.add_argument("--transactions", type=int, default=300, help="transactions of the recorded run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kill_many_times(Path(folder) / "killed", options.writes, random.Random(options.seed))
        lose_power(Path(folder), options.transactions, options.seed)


def kill_many_times(data_dir: Path, writes: int, draw: random.Random) -> None:
    """Kill the writer after a random number of acknowledged writes until there are enough."""
    acknowledged = kills = newest = 0
    while acknowledged < writes:
        before = newest
        last = kill_while_writing(data_dir, newest + 1, draw.randrange(1, 1500))
        newest = newest_version(data_dir)
        acknowledged += last - before
        kills += 1
        assert last <= newest <= last + 1, f"lost {last - newest} acknowledged writes"
        print(f"{acknowledged} acknowledged writes, {kills} kills, 0 lost", flush=True)


def lose_power(folder: Path, transactions: int, seed: int) -> None:
    """Cut, zero, overwrite, flip and tear what a recorded run wrote."""
    segments, draw = record(folder / "recorded", transactions, seed), random.Random(seed)
    frames = sum(len(segment.log) // 4120 for segment in segments)
    print(f"{transactions} transactions, about {frames} frames, {len(segments) - 1} checkpoints", flush=True)
    for number, segment in enumerate(segments):
        run(f"segment {number}, cut", cut_images(segment, draw), folder)
        run(f"segment {number}, flipped byte", flipped_images(segment, 100, draw), folder)
        for _ in range(3):
            run(f"segment {number}, torn transaction", torn_images(segment, draw), folder)
    for number, (segment, following) in enumerate(pairwise(segments)):
        run(f"checkpoint {number}, torn", checkpoint_images(segment, following, 200, draw), folder)


def run(what: str, images: Iterable[Image], folder: Path) -> None:
    count = 0
    for image in images:
        check(image, folder / "image")
        count += 1
    print(f"{what}: {count} files opened, 0 with a loss", flush=True)


if __name__ == "__main__":
    main()
