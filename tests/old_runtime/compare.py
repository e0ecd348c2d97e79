"""Runs what `export_networks.py` wrote and compares it with torch; needs only an onnxruntime, however old, and its NumPy.

Usage: compare.py FOLDER. Ends with 1 if a file does not load, differs by more than 1e-4, or takes a value that is no exponent.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

TOLERANCE = 1e-4
BATCHES = (0, 1, 2, 7, 64, 256)


def fault_of(path: Path) -> str:
    """What is wrong with one file; empty if nothing is."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    kept = np.load(path.with_suffix(".npz"))
    boards, decided = kept["boards"], kept["decided"]
    for batch in BATCHES:
        given = session.run(["logits", "value"], {"board": boards[:batch]})
        for found, name in zip(given, ("logits", "value"), strict=True):
            expected = kept[name][:batch]
            if found.shape != expected.shape:
                return f"{name} of {batch} boards has the shape {found.shape}, not {expected.shape}"
            scale = np.maximum(1, np.abs(expected))
            difference = (np.abs(found - expected) / scale)[decided[:batch]].max(initial=0)
            if not difference <= TOLERANCE:
                return f"{name} of {batch} boards differs from torch by {difference:.1e}"
    return next((f"takes a cell of {value}" for value in (-1, -18, 18) if takes(session, boards[:3].copy(), value)), "")


def takes(session: onnxruntime.InferenceSession, boards: np.ndarray, value: int) -> bool:
    """Whether it gives an answer for a board with this value in a cell."""
    boards[2, 5] = value
    try:
        session.run(None, {"board": boards})
    except Exception as refused:
        return "every_cell_holds_an_exponent" not in str(refused)
    return True


def main(folder: Path) -> int:
    """Compare every file; the exit status."""
    onnxruntime.set_default_logger_severity(4)  # the errors asked for on purpose are caught
    print(f"onnxruntime {onnxruntime.__version__}, Python {sys.version.split()[0]}")
    paths = sorted(folder.glob("*.onnx"))
    faults = {}
    for path in paths:
        try:
            faults[path.stem] = fault_of(path)
        except Exception as failed:
            faults[path.stem] = str(failed)
        print(f"{path.stem}: {faults[path.stem] or 'agrees'}", flush=True)
    return int(not paths or any(faults.values()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
