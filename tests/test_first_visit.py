"""The size of a first visit and of the Play pack, as `benchmarks/python_pack.py` counts them in a built app."""

import json
from pathlib import Path

from benchmarks.python_pack import first_visit_bytes, play_bytes

FIRST = {
    "index.html": 10,
    "sw.js": 20,
    "assets/index-a.js": 300,
    "rt/1/stdlib.zip": 4000,
    "manifest.webmanifest": 5,
}
NEVER = {"rt/pack.json": 7, "ort/pack.json": 7, "icons/icon-192.png": 7, "screenshots/heat.webp": 7, "assets/index-a.js.map": 7}
PLAY = {"assets/PlayScreen-b.js": 50_000, "assets/PlayScreen-b.css": 600_000, "ort/1.30.0/runtime.mjs": 7_000_000}


def built(folder: Path, files: dict[str, int]) -> Path:
    """A built app with files of these sizes; the largest one has a smaller brotli form, and a gzip form that counts nowhere."""
    for name, size in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    listed = [name for name in PLAY if name.startswith("assets/")]
    (folder / "play.json").write_text(json.dumps({"files": listed}))
    (folder / "rt" / "1" / "stdlib.zip.br").write_bytes(b"x" * 1000)
    (folder / "rt" / "1" / "stdlib.zip.gz").write_bytes(b"x" * 900)
    return folder


def test_a_first_visit_counts_everything_but_play_and_what_is_never_fetched(tmp_path: Path) -> None:
    folder = built(tmp_path, FIRST | NEVER | PLAY)
    assert first_visit_bytes(folder) == 10 + 20 + 300 + 1000 + 5
    assert play_bytes(folder) == sum(PLAY.values())


def test_an_app_without_play_is_counted_whole(tmp_path: Path) -> None:
    folder = built(tmp_path, FIRST)
    (folder / "play.json").unlink()
    assert first_visit_bytes(folder) == 10 + 20 + 300 + 1000 + 5
    assert play_bytes(folder) == 0
