"""The metrics of a run as tables for a spreadsheet. No torch here."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared_py.metrics import Metric, update_metrics
from shared_py.protocol import Evaluation, TrainingUpdate

EVALUATION_COLUMNS = ("steps", "policy", "games", "mean_score", "median_score", "random_score", "greedy_score", "board_reading")


def metrics_table(updates: Iterable[TrainingUpdate]) -> str:
    """One row for each training update. The columns are the rows of the metrics table; numbers by layer are their mean."""
    metrics = update_metrics()
    rows = ([_value(update, metric) for metric in metrics] for update in updates)
    return _table([".".join(metric.path) for metric in metrics], rows)


def evaluations_table(evaluations: Sequence[Evaluation]) -> str:
    """One row for each set of test games, with the share of the games by largest tile."""
    tiles = sorted({tile for evaluation in evaluations for tile in evaluation.max_tile_frequency}, key=int)
    columns = [*EVALUATION_COLUMNS, "lower_quartile", "upper_quartile", *(f"largest_tile_{tile}" for tile in tiles)]
    rows = (
        [
            *(getattr(evaluation, name) for name in EVALUATION_COLUMNS),
            *evaluation.quartiles,
            *(evaluation.max_tile_frequency.get(tile, 0.0) for tile in tiles),
        ]
        for evaluation in evaluations
    )
    return _table(columns, rows)


def _value(update: TrainingUpdate, metric: Metric) -> Any:
    value: Any = update
    for name in metric.path:
        value = None if value is None else getattr(value, name)
    if isinstance(value, dict):
        return sum(value.values()) / len(value) if value else None
    return value


def _table(columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
