"""Time of a move, learning included: what the machine's measured speed says of designs it was not measured with; within 25 %.

All are timed in the same process as the speed, in turns, on one thread and in processor time, so that what else the machine does
counts little; of several rounds the fastest counts.
Whole runs, with test games and checkpoints: `whole_runs`.
"""

import json
import sys
import time

import torch

from backend.machine.service import CONFIG
from backend.machine.throughput import MAX_MEASURED_BYTES, TimedTraining, measured_designs, solve
from backend.runs.malloc import Heap
from benchmarks.memory import designs
from shared_py.analysis import analyse
from shared_py.forecasting import seconds_per_move
from shared_py.protocol import Machine

NAMES = ("small_transformer", "mixture_of_experts", "conv_stem", "repeat_and_copy", "narrow_layers", "all_checkpointed")
ROUNDS = 4
LIMIT = 0.25


def run(rounds: int = ROUNDS) -> list[dict[str, object]]:
    """Solve for the machine's speed, then compare."""
    torch.set_num_threads(1)
    Heap(MAX_MEASURED_BYTES, compact=False)
    known = {design.id: design for design in designs()}
    asked = [known[name] for name in NAMES]
    reference = [TimedTraining(design, CONFIG, time.process_time) for design in measured_designs()]
    timed = [TimedTraining(design, CONFIG, time.process_time) for design in asked]
    for network in (*reference, *timed) * (rounds + 1):
        network.run()
    small, large = reference
    speed, overhead = solve((small.multiply_adds, small.seconds), (large.multiply_adds, large.seconds))
    machine = Machine(1, 0, speed, overhead)
    rows: list[dict[str, object]] = [{"multiply_adds_per_second": f"{speed:.3g}", "step_overhead_us": round(1e6 * overhead, 1)}]
    for design, network in zip(asked, timed, strict=True):
        expected = seconds_per_move(analyse(design).sizes, CONFIG, machine)
        assert expected is not None
        rows.append(
            {
                "design": design.id,
                "forecast_us_per_move": round(1e6 * expected, 1),
                "measured_us_per_move": round(1e6 * network.seconds, 1),
                "error": f"{expected / network.seconds - 1:+.0%}",
                "limit": f"{LIMIT:.0%}",
            }
        )
    return rows


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS), indent=1))
