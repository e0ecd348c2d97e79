"""Builds the scripts of the phones' side from the sources of the app, with a bug on request."""

import json
import subprocess
from pathlib import Path

from tests.simulation.seeded_bugs import BUGS

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "simulation"
PLAIN = "plain"
"""the folder of the scripts without a bug"""


def build_scripts(bug: str | None = None) -> None:
    """Build the driver and the script of a phone without a bug, and that of a phone with the bug."""
    _build(BUILT / PLAIN)
    if bug is not None:
        folder = BUILT / bug
        folder.mkdir(parents=True, exist_ok=True)
        patches = folder / "patches.json"
        parts = [part for part in BUGS[bug].patches if part.file.endswith(".ts")]
        patches.write_text(json.dumps([{"file": part.file, "old": part.old, "new": part.new} for part in parts]))
        _build(folder, patches)


def _build(folder: Path, *patches: Path) -> None:
    command = ["node", *map(str, (ROOT / "pwa" / "simulation" / "build.mjs", folder, *patches))]
    subprocess.run(command, check=True, cwd=ROOT)
