"""Time to a first validation on a later visit, with our pack and stock Pyodide; sizes of a first visit and of the Play pack.

The time counts from the start of the worker.
"""

import json
import statistics
import tempfile
from pathlib import Path

import msgspec

from benchmarks.phone_python import ROOT, VARIANTS, phone_python, site
from shared_py.templates import load_templates

ROUNDS = 7
FRAMES = 100
"""validations of each template on the first visit, not timed"""
STAY_MS = 5000
"""on the first visit, so that the browser stores its compiled code"""
AIMED_RATIO = 4.0
LIMIT_MB = 4.5
PLAY_LIMIT_MB = 2.6
"""of the ONNX runtime and what of the app only Play needs"""


def run() -> list[dict[str, object]]:
    """Start both variants in turns, each time in a new browser.

    The first visit of each validates often, like a person who draws: browsers store compiled code of what ran often.
    """
    texts = [msgspec.json.encode(template).decode() for template in load_templates()]
    times: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as folder, site() as address:
        for variant in VARIANTS:
            with phone_python(address, variant, Path(folder) / variant) as python:
                python.call("validate", *(texts * FRAMES))
                python.stay(STAY_MS)
        for _ in range(ROUNDS):
            for variant in VARIANTS:
                with phone_python(address, variant, Path(folder) / variant) as python:
                    times[variant].append(python.call("validate", texts[0])[0]["sinceStartMs"])
    pack, stock = (statistics.median(times[variant]) for variant in VARIANTS)
    row: dict[str, object] = {"pack_ms": round(pack), "stock_ms": round(stock), "ratio": round(stock / pack, 2)}
    row |= {"ratio_of_best": round(min(times["stock"]) / min(times["pack"]), 2), "aimed_ratio": AIMED_RATIO}
    row |= {"first_visit_brotli_mb": round(first_visit_bytes() / 1e6, 2), "limit_mb": LIMIT_MB}
    return [row | {"play_pack_brotli_mb": round(play_bytes() / 1e6, 2), "play_limit_mb": PLAY_LIMIT_MB}]


NOT_ON_A_VISIT = ("screenshots/*", "icons/*.png", "rt/pack.json", "play.json", "ort/pack.json")
"""what neither the page nor its service worker fetches: pictures that a browser fetches when it offers to install the app, and
descriptions that the build includes in the app or in the service worker"""


def first_visit_bytes(built: Path = ROOT / "pwa" / "dist") -> int:
    """Bytes that a first visit downloads, compressed as the server sends them: the app, its workers and the Python pack.

    What only Play needs is downloaded when Play is first opened: `play_bytes`.
    """
    return sum(sent_bytes(path) for name, path in _files(built).items() if name not in _play_files(built))


def play_bytes(built: Path = ROOT / "pwa" / "dist") -> int:
    """Bytes of the Play pack, compressed as the server sends them: the ONNX runtime, and what of the app only Play needs."""
    return sum(sent_bytes(path) for name, path in _files(built).items() if name in _play_files(built))


def _files(built: Path) -> dict[str, Path]:
    """The files of a built app that a browser downloads at some time, by their path in it."""
    files = {
        path.relative_to(built): path for path in built.rglob("*") if path.is_file() and path.suffix not in (".br", ".gz", ".map")
    }
    return {name.as_posix(): path for name, path in files.items() if not any(name.match(left) for left in NOT_ON_A_VISIT)}


def _play_files(built: Path) -> set[str]:
    """The paths of the files in the Play pack: the built ones are listed in `play.json`."""
    listed = built / "play.json"
    names: list[str] = json.loads(listed.read_text())["files"] if listed.exists() else []
    runtime = [path.relative_to(built).as_posix() for path in (built / "ort").glob("*/*")]
    return {*names, *runtime}


def sent_bytes(path: Path) -> int:
    """The size of a built file as the server sends it."""
    compressed = path.with_name(f"{path.name}.br")
    return min(path.stat().st_size, compressed.stat().st_size if compressed.exists() else path.stat().st_size)
