"""Run benchmarks, all or those named; print their rows, store them as JSON and renew their sections of the pages in docs.

Most are on docs/performance.md, what a person feels on the phone on docs/phone-speed.md, what a server takes on docs/load.md.
Scores depend on the training time that a machine allows and take hours to measure: they are on docs/scores.md.

`python -m benchmarks --stored NAME ...` measures nothing and renews sections from the stored rows.
"""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from backend.models.autocast import bfloat16_pays_off, cpu_has_bfloat16
from benchmarks.page import page, section

NAMES = (
    "start_up",
    "many_runs",
    "month",
    "sockets",
    "scale",
    "cluster",
    "pairing",
    "shell",
    "python_pack",
    "validation",
    "same_answers",
    "play",
    "play_screen",
    "sync_phone",
    "canvas",
    "designs",
    "memory",
    "forecast",
    "whole_runs",
    "first_update",
    "environment",
    "ppo_speed",
    "data_parallel",
    "learning",
    "search",
)
WITH_PEERS = {"environment", "ppo_speed"}
"""compare with other programs, and are in `benchmarks/peers`"""
WITH_RAY = {"cluster"}
"""not among all: `make bench-cluster` measures them where nothing can be reached"""
RESULTS = Path("ci/artifacts/benchmarks.json")
PERFORMANCE = Path("docs/performance.md")
SCORES = Path("docs/scores.md")
LOAD = Path("docs/load.md")
PHONE = Path("docs/phone-speed.md")
PAGES = {
    **dict.fromkeys(("learning", "search"), SCORES),
    **dict.fromkeys(("many_runs", "month", "sockets", "scale", "cluster"), LOAD),
    **dict.fromkeys(("pairing", "shell", "play", "play_screen", "sync_phone", "canvas"), PHONE),
}
"""the pages of benchmarks that are not on the page of performance"""
HEADS = {
    PERFORMANCE: """# Performance

Current numbers, written by `make bench`; `python -m benchmarks NAME ...` renews some sections. Each section names its day and
machine. Programs that are compared take turns. Other load on the machine makes numbers worse, never better. The docstring
of each module in `benchmarks/` explains what it measures. Results on other machines are in [experiments](experiments.md), scores
of trained networks in [scores](scores.md), what a server takes in [load](load.md), the screens in [phone speed](phone-speed.md).
""",
    LOAD: """# Load

What a server takes: sockets, runs, a month of use, many phones, a Ray cluster. Written by `python -m benchmarks many_runs month
sockets scale` and `make bench-cluster`; other load on the machine makes numbers worse, never better. The limits that keep it so
are in [operating](operating.md#limits); what follows for many phones is in [scale](scale.md).
""",
    PHONE: """# Phone speed

What a person feels on the phone: pairing, start, edits, the canvas, the player, sync. Measured in Chromium at 412 x 915 on the
machine that each section names; other load on it makes numbers worse, never better. Written by `python -m benchmarks pairing
shell play play_screen sync_phone canvas`.
""",
    SCORES: """# Scores

What the templates score after training, and with search, written by `python -m benchmarks learning search`. What was tried is in
[experiments](experiments.md).
""",
}
STORED = "--stored"


def main(arguments: list[str]) -> None:
    """Run one benchmark after the other; an unknown name is an error."""
    names = [name for name in arguments if name != STORED] or [name for name in NAMES if name not in WITH_RAY]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise SystemExit(f"there is no benchmark {unknown[0]}; there are {', '.join(NAMES)}")
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names:
        module = import_module(f"benchmarks.peers.{name}" if name in WITH_PEERS else f"benchmarks.{name}")
        if STORED not in arguments:
            results[name] = measure(name, module)
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps(results, indent=2))
        elif name not in results:
            raise SystemExit(f"{RESULTS} has no rows of {name}; run it first")
        target = target_of(name)
        listed = [other for other in NAMES if target_of(other) == target]
        sections = {name: section_of(module, results[name])}
        target.write_text(page(HEADS[target], sections, listed, target.read_text() if target.exists() else ""))


def target_of(name: str) -> Path:
    """The page that has the section of a benchmark."""
    return PAGES.get(name, PERFORMANCE)


def measure(name: str, module: ModuleType) -> dict[str, Any]:
    """Run a benchmark and print its rows."""
    print(f"\n## {name}\n{module.__doc__}\n", flush=True)
    rows = module.run()
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    return {"machine": machine(), "rows": rows}


def section_of(module: ModuleType, results: dict[str, Any]) -> str:
    """The section of a benchmark. A module whose rows are too many for the page has a function `summary` of its rows."""
    summary = getattr(module, "summary", list)
    return section(module.__doc__ or "", results["machine"], summary(results["rows"]))


def machine() -> str:
    """The date and the machine as text."""
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in _cpu_lines())}
    family = f" (family {facts['cpu family']}, model {facts['model']})" if "cpu family" in facts else ""
    cores = f"{os.cpu_count()} cores of {facts.get('model name', platform.machine())}{family}"
    unused = "bfloat16 not faster" if cpu_has_bfloat16() else "without bfloat16"
    precision = "with bfloat16" if bfloat16_pays_off() else unused
    return f"{datetime.now(UTC):%Y-%m-%d}, {cores}, {precision}, Python {platform.python_version()}, torch {version('torch')}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


if __name__ == "__main__":
    main(sys.argv[1:])
