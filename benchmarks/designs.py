"""Generated designs over all blocks: parameter formula against torch, gradients, onnxruntime against torch, invalid ones refused.

`python -m benchmarks.designs 10000 300` generates 10,000 designs and exports 300; designs that fail are stored in
`ci/artifacts/failed_designs.jsonl`.
"""

import contextlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DESIGNS = int(os.environ.get("BENCH_DESIGNS", "400"))
EXPORTS = int(os.environ.get("BENCH_EXPORTS", "6"))
CHUNK = 200
EXPORT_CHUNK = 10
EXPORT_BOARDS = 256
TOLERANCE = 1e-5
"""largest difference of ONNX and torch, relative to the largest number of the output"""
FAILED = Path("ci/artifacts/failed_designs.jsonl")
Outcome = tuple[Counter[str], float, list[dict[str, str]]]


def run(designs: int = DESIGNS, exports: int = EXPORTS) -> list[dict[str, object]]:
    """Distribute the work over the cores; one row of totals, then one for each check."""
    began = time.perf_counter()
    work = [(_check_valid, seed, CHUNK) for seed in range(-(-designs // CHUNK))]
    work += [(_check_invalid, 10_000 + seed, CHUNK) for seed in range(-(-designs // CHUNK))]
    work += [(_check_export, 20_000 + seed, min(EXPORT_CHUNK, exports)) for seed in range(-(-exports // EXPORT_CHUNK))]
    counts: Counter[str] = Counter()
    failures: list[dict[str, str]] = []
    largest = 0.0
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=4) as pool:
        for counted, difference, failed in pool.imap_unordered(_do, work):
            counts += counted
            largest = max(largest, difference)
            failures += failed
    FAILED.parent.mkdir(parents=True, exist_ok=True)
    FAILED.write_text("".join(json.dumps(failure) + "\n" for failure in failures))
    for failure in failures[:5]:
        print(failure["check"], failure["reason"], failure["design"], sep="\n  ")
    wrong = Counter(failure["check"] for failure in failures)
    return [
        {
            "designs": counts["valid"],
            "different": counts["distinct"],
            "components": counts["components"],
            "largest_onnx_difference": f"{largest:.1e}",
            "limit": TOLERANCE,
            "seconds": round(time.perf_counter() - began),
        },
        *({"check": check, "tried": counts[check], "failed": wrong[check]} for check in CHECKS),
    ]


CHECKS = ("parameter count equals torch", "forward and backward", "onnxruntime agrees", "invalid is refused")


def _do(job: tuple[Callable[[int, int], Outcome], int, int]) -> Outcome:
    """Run one job in a process of the pool."""
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.path[:0] = [str(Path("tests").resolve())]
    import torch

    torch.set_num_threads(1)
    check, seed, count = job
    return check(seed, count)


def _draw(strategy: Any, seed: int, count: int) -> list[Any]:
    """`count` designs, the same for the same seed."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    designs = []

    @seeded(seed)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(design: Any) -> None:
        designs.append(design)

    collect()
    return designs


class _Failures:
    """Counts the checks, and keeps the designs for which one failed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failed: list[dict[str, str]] = []

    @contextlib.contextmanager
    def check(self, name: str, design: Any) -> Iterator[None]:
        import msgspec

        self.counts[name] += 1
        try:
            yield
        except Exception as error:  # any error is a failure of the check
            reason = f"{type(error).__name__}: {error}"[:600]
            self.failed.append({"check": name, "reason": reason, "design": msgspec.json.encode(design).decode()})


def _check_valid(seed: int, count: int) -> Outcome:
    from support.strategies import valid_designs

    from backend.compile.checks import check_gradients, sample_boards
    from backend.models import GameTransformer
    from shared_py.design import design_hash
    from shared_py.validation import validate_design

    result, boards, hashes = _Failures(), sample_boards(4), set()
    for design in _draw(valid_designs(max_steps=8), seed, count):
        result.counts["valid"] += 1
        result.counts["components"] += len(design.components)
        hashes.add(design_hash(design))
        model = None
        with result.check("parameter count equals torch", design):
            validation = validate_design(design)
            assert validation.valid, validation.errors
            model = GameTransformer.from_architecture(design)
            held = sum(parameter.numel() for parameter in model.parameters())
            assert held == validation.parameters, f"{held} in torch, {validation.parameters} by the formula"
        if model is None:
            continue
        with result.check("forward and backward", design):
            logits, value = model(boards)
            assert logits.isfinite().all()
            assert value.isfinite().all()
            passed, detail = check_gradients(model, boards)
            assert passed, detail
    result.counts["distinct"] = len(hashes)
    return result.counts, 0.0, result.failed


def _check_invalid(seed: int, count: int) -> Outcome:
    from support.strategies import drawings

    from shared_py.codegen import generate_source
    from shared_py.validation import validate_design

    result = _Failures()
    for design in _draw(drawings(), seed, count):
        if validate_design(design).valid:
            continue
        with result.check("invalid is refused", design):
            try:
                generate_source(design)
            except ValueError:
                continue
            raise AssertionError("code was generated")
    return result.counts, 0.0, result.failed


def _check_export(seed: int, count: int) -> Outcome:
    import torch
    from support.strategies import valid_designs

    from backend.models import GameTransformer

    result, largest = _Failures(), 0.0
    for design in _draw(valid_designs(max_steps=8), seed, count):
        with result.check("onnxruntime agrees", design):
            torch.manual_seed(seed)
            model = GameTransformer.from_architecture(design)
            for parameter in model.parameters():
                parameter.data += 0.1 * torch.randn_like(parameter)
            difference = _onnx_difference(model.eval())
            largest = max(largest, difference)
            assert difference <= TOLERANCE, f"differs by {difference:.1e} of the largest number, weights of seed {seed}"
    return result.counts, largest, result.failed


def _onnx_difference(model: Any) -> float:
    """The largest relative difference of onnxruntime and torch, on boards without near ties of a router."""
    import numpy as np
    import onnxruntime
    import torch

    from backend.export.onnx_file import played_boards, to_onnx
    from backend.models.game_transformer import ILLEGAL

    boards = played_boards(EXPORT_BOARDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        to_onnx(model).save(path, external_data=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        given = session.run(["logits", "value"], {"board": boards})
    with torch.inference_mode():
        expected = [part.numpy() for part in model(torch.from_numpy(boards))]
        decided = model.is_decided(torch.from_numpy(boards)).numpy()
    largest = 0.0
    for there, here in zip(given, expected, strict=True):
        assert there.shape == here.shape
        scale = max(1.0, float(np.abs(here[here > ILLEGAL]).max()))
        largest = max(largest, float(np.abs(there - here)[decided].max(initial=0.0)) / scale)
    return largest


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:])):
        print("  ".join(f"{key} {value}" for key, value in row.items()))
