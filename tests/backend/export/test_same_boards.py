"""The files that tests without torch compare a runtime with: what onnxruntime gives for their boards is what torch gave."""

from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
import pytest
from support.exported_networks import BOARDS, DESIGNS, write_network

from backend.export.formats import INSPECTION


@pytest.mark.parametrize("name", DESIGNS)
def test_both_files_give_what_is_written_beside_them(tmp_path: Path, name: str) -> None:
    expected = msgspec.json.decode(write_network(tmp_path, name).read_bytes())
    boards, decided = np.array(expected["boards"]), np.array(expected["decided"])
    assert boards.shape == (BOARDS, 16)
    assert decided.mean() > 0.9
    plain = onnxruntime.InferenceSession(tmp_path / f"{name}.onnx", providers=["CPUExecutionProvider"])
    outputs = dict(zip(("logits", "value"), plain.run(["logits", "value"], {"board": boards}), strict=True))
    for output, found in outputs.items():
        np.testing.assert_allclose(found[decided], np.array(expected[output])[decided], atol=1e-4)
    inspected = tmp_path / f"{name}.{INSPECTION.suffix}"
    assert inspected.exists() == bool(expected["shown"])
    if not inspected.exists():
        return
    session = onnxruntime.InferenceSession(inspected, providers=["CPUExecutionProvider"])
    switches = {entry.name: np.ones(entry.shape, dtype=bool) for entry in session.get_inputs() if entry.name != "board"}
    names = [entry.name for entry in session.get_outputs()]
    assert names == ["logits", "value", *expected["shown"]]
    for output, found in zip(names, session.run(names, {"board": boards, **switches}), strict=True):
        there = expected["shown"].get(output, expected.get(output))
        np.testing.assert_allclose(found[decided], np.array(there)[decided], atol=1e-4)
