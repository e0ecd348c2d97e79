"""The page of metrics as Markdown, one row each from `shared_py/metrics.py`."""

from shared_py.metrics import Metric, update_metrics

PREFACE = """<!-- Generated from shared_py by `make generate`; edit the Python, not this. -->
# Metrics of a training run

What a training update on `/ws` and in `GET /api/runs/{id}/metrics` holds, and what the Train screen shows of it under
"All metrics" and "Charts". The x axis of every chart is the moves played; metrics with the same axis are drawn in one
chart. A metric that a trainer does not have is null and not shown. Those by layer of experts are shown as the mean
over the layers."""


def metrics_page() -> str:
    """The text of the whole page."""
    rows = ["| field | name | unit | meaning | chart |", "|---|---|---|---|---|"]
    return "\n".join([PREFACE, "", *rows, *(_row(metric) for metric in update_metrics())]) + "\n"


def _row(metric: Metric) -> str:
    name = f"{metric.title} · {metric.term}" if metric.term else metric.title
    return f"| `{'.'.join(metric.path)}` | {name} | {metric.unit or '–'} | {metric.meaning} | {metric.axis or '–'} |"
