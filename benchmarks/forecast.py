"""Time per move, learning included: forecast from the machine's speed, for designs it was not measured with; limit 25 %.

Speed and designs are timed in turns in one process, on one thread and in processor time, so that other load matters little; the
fastest of several rounds counts. `whole_runs` includes test games and checkpoints.
"""

import json
import statistics
import sys
import time
from collections.abc import Sequence

import torch

from backend.machine.service import CONFIG
from backend.machine.throughput import MAX_MEASURED_BYTES, TimedTraining, measured_designs, solve
from backend.runs.malloc import Heap
from benchmarks.memory import designs
from benchmarks.page import Row, worst
from shared_py.analysis import analyse
from shared_py.forecasting import seconds_per_move
from shared_py.protocol import Machine

NAMES = ("small_transformer", "cell_experts", "conv_stem", "repeat_and_copy", "narrow_layers", "all_checkpointed")
ROUNDS = 4
LIMIT = 0.25


def run(rounds: int = ROUNDS) -> list[dict[str, object]]:
    """Solve for the machine's speed (first row), then compare forecast and measured time of each design."""
    torch.set_num_threads(1)
    Heap(MAX_MEASURED_BYTES, compact=False)
    known = {design.id: design for design in designs()}
    tested = [known[name] for name in NAMES]
    reference = [TimedTraining(design, CONFIG, time.process_time) for design in measured_designs()]
    timed = [TimedTraining(design, CONFIG, time.process_time) for design in tested]
    for network in (*reference, *timed) * (rounds + 1):
        network.run()
    small, large = reference
    speed, overhead = solve((small.multiply_adds, small.seconds), (large.multiply_adds, large.seconds))
    machine = Machine(1, 0, speed, overhead)
    rows: list[dict[str, object]] = [{"multiply_adds_per_second": f"{speed:.3g}", "step_overhead_us": round(1e6 * overhead, 1)}]
    for design, network in zip(tested, timed, strict=True):
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


def summary(rows: Sequence[Row]) -> list[Row]:
    """The speed, with the median and the worst error, in one row."""
    speed, *compared = rows
    (worst_design,) = worst(compared, "error", count=1)
    median = statistics.median(abs(float(str(row["error"]).rstrip("%"))) for row in compared)
    errors = {"median_error": f"{median:.0f}%", "worst_error": worst_design["error"], "worst_design": worst_design["design"]}
    return [{**speed, "designs": len(compared), **errors, "limit": worst_design["limit"]}]


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS), indent=1))
