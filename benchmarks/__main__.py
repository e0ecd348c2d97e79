"""Run the benchmarks, all or those named; print their tables, keep their figures as JSON and write docs/performance.md."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backend.models.autocast import bfloat16_pays_off, cpu_has_bfloat16

NAMES = (
    "start_up",
    "many_runs",
    "python_pack",
    "validation",
    "same_answers",
    "designs",
    "memory",
    "forecast",
    "whole_runs",
    "first_update",
    "environment",
    "ppo_speed",
    "learning",
)
WITH_PEERS = {"environment", "ppo_speed"}
"""compare with other programs, and are in `benchmarks/peers`"""
FIGURES = Path("ci/artifacts/benchmarks.json")
PAGE = Path("docs/performance.md")
HEAD = """# Performance

Written by `make bench`; `python -m benchmarks NAME ...` runs some of it again. What is compared ran interleaved, on the
machine named above each table; machines that gain from bfloat16 have a table of their own. Figures of a busy machine are too
high, never too low.
"""
WITH_BFLOAT16 = "with bfloat16"


def main() -> None:
    """Run one after the other; an unknown name is an error."""
    names = sys.argv[1:] or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise SystemExit(f"there is no benchmark {unknown[0]}; there are {', '.join(NAMES)}")
    figures: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for name in names:
        module = import_module(f"benchmarks.peers.{name}" if name in WITH_PEERS else f"benchmarks.{name}")
        print(f"\n## {name}\n{module.__doc__}\n", flush=True)
        rows = module.run()
        for row in rows:
            print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        figures[name] = {"what": " ".join(module.__doc__.split()), "machine": machine(), "rows": rows}
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(json.dumps(figures, indent=2))
    PAGE.write_text(page({name: figures[name] for name in names}, PAGE.read_text() if PAGE.exists() else ""))


def machine() -> str:
    """The machine and the day, in words."""
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in _cpu_lines())}
    family = f" of family {facts['cpu family']}, model {facts['model']}," if "cpu family" in facts else ""
    cores = f"{os.cpu_count()} cores of {facts.get('model name', platform.machine())}{family}"
    lacking = "without gain from bfloat16" if cpu_has_bfloat16() else "without bfloat16"
    precision = WITH_BFLOAT16 if bfloat16_pays_off() else lacking
    return f"{datetime.now(UTC):%Y-%m-%d}, {cores} {precision}, Python {platform.python_version()}, torch {version('torch')}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def page(figures: dict[str, Any], before: str) -> str:
    """One Markdown page of these figures and, of what is not among them, what the page said before."""
    said = {name: text for name, _, text in (part.partition("\n") for part in before.split("\n## ")[1:])}
    now = {name: _section(found, said.get(name, "")) for name, found in figures.items()}
    return "\n".join([HEAD, *(f"## {name}\n{(said | now)[name].strip()}\n" for name in NAMES if name in said | now)])


def _section(found: dict[str, Any], before: str) -> str:
    """What was measured, its tables, and those of before that are of the other kind of machine."""
    mine = f"*{found['machine']}*"
    others = [f"*{part.strip()}" for part in before.split("\n*")[1:] if (WITH_BFLOAT16 in part) != (WITH_BFLOAT16 in mine)]
    return "\n\n".join([found["what"], f"{mine}\n{_tables(found['rows'])}", *others])


def _tables(rows: list[dict[str, Any]]) -> str:
    lines = []
    shape: list[str] = []
    for row in rows:
        if list(row) != shape:
            shape = list(row)
            lines += ["", f"| {' | '.join(shape)} |", f"|{'---|' * len(shape)}"]
        lines.append(f"| {' | '.join(str(value) for value in row.values())} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
