"""A data folder written by an older version opens, resumes and exports."""

import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import onnxruntime
import pytest
import torch
from support.server_process import server_process

from backend.models.loading import load_source

FIXTURES = Path(__file__).parents[2] / "fixtures"
WAIT_S = 120
"""without a move of the run that is waited for"""


@pytest.fixture
def old_data(tmp_path: Path) -> Path:
    """The data folder as the older version left it when it was killed."""
    with tarfile.open(FIXTURES / "data_8403e01.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


def wait_for_status(server: httpx.Client, run_id: str, *wanted: str) -> dict[str, Any]:
    """The run once it has one of these states; fails where it makes no move for long."""
    end, steps = time.monotonic() + WAIT_S, -1
    while True:
        run: dict[str, Any] = server.get(f"/api/runs/{run_id}").raise_for_status().json()
        if run["status"] in wanted:
            return run
        if run["steps"] > steps:
            end, steps = time.monotonic() + WAIT_S, run["steps"]
        assert time.monotonic() < end, f"{run_id} is {run['status']}, not one of {wanted}"
        time.sleep(0.1)


def exported(server: httpx.Client, design_id: str, run_id: str, fmt: str) -> bytes:
    return server.get(f"/api/designs/{design_id}/export", params={"fmt": fmt, "run_id": run_id}).raise_for_status().content


def play(onnx: bytes, board: np.ndarray) -> np.ndarray:
    logits: np.ndarray = onnxruntime.InferenceSession(onnx).run(["logits"], {"board": board})[0]
    return logits


@pytest.mark.timeout(900)  # trains at low priority beside the other tests
def test_a_data_folder_of_an_older_version_opens_resumes_and_exports(old_data: Path) -> None:
    expected = json.loads((old_data / "expected.json").read_text())
    finished, paused, queued = expected["finished"], expected["paused"], expected["queued"]
    best_before = (old_data / "runs" / finished / "best.pt").read_bytes()
    old_onnx = next((old_data / "runs" / finished / "exports").rglob("*.onnx")).read_bytes()
    with server_process(old_data) as (_, url), httpx.Client(base_url=url, timeout=60) as server:
        assert {design["id"]: design["name"] for design in server.get("/api/designs").json()} == {
            "dmixture": "Mixture of the second phone",
            "dmlp": "Kleines Netz für 2048",
        }
        for design_id in ("dmixture", "dmlp"):
            verdict = server.post(
                f"/api/designs/{design_id}/validate", json=server.get(f"/api/designs/{design_id}").raise_for_status().json()
            )
            assert verdict.raise_for_status().json()["valid"]
        conflicts = {conflict["path"]: conflict["mine"] for conflict in expected["conflicts"]}
        synced = server.post("/api/sync", json={"epoch": None, "cursor": 0}).raise_for_status().json()
        assert {design["id"] for design in synced["designs"]} == {"dmixture", "dmlp"}
        document = next(design["document"] for design in synced["designs"] if design["id"] == "dmixture")
        props = {component["id"]: component["props"] for component in document["components"]}
        assert props["c3"]["n_heads"] == conflicts["/components/c3/props/n_heads"]
        assert props["c5"]["dim_feedforward"] == conflicts["/components/c5/props/dim_feedforward"]

        run = wait_for_status(server, finished, "finished")
        assert (run["steps"], run["total_steps"]) == (20_480, 20_480)
        messages = server.get(f"/api/runs/{finished}/metrics").raise_for_status().json()
        assert {message["type"] for message in messages} >= {"run_status", "training_update", "evaluation", "checkpoint_created"}

        assert wait_for_status(server, queued, "finished", "failed")["status"] == "finished"

        assert wait_for_status(server, paused, "interrupted")["steps"] > 4096
        server.post(f"/api/runs/{paused}/resume").raise_for_status()
        resumed = wait_for_status(server, paused, "finished", "failed")
        assert (resumed["status"], resumed["steps"] >= resumed["total_steps"]) == ("finished", True), resumed["reason"]

        board = np.zeros((2, 16), dtype=np.int64)
        board[:, :3] = [[1, 2, 1], [3, 3, 1]]
        new_onnx = exported(server, "dmixture", finished, "onnx")
        np.testing.assert_allclose(play(new_onnx, board), play(old_onnx, board), atol=1e-5)
        for design_id, run_id in (("dmixture", finished), ("dmlp", paused), ("dmlp", queued)):
            assert play(exported(server, design_id, run_id, "onnx"), board).shape == (2, 4)
            weights = torch.load(io.BytesIO(exported(server, design_id, run_id, "pt")), weights_only=True)
            text = exported(server, design_id, run_id, "py").decode()
            model = load_source(text, f"exported_{run_id}").GeneratedModel()
            model.load_state_dict(weights)
            exported(server, design_id, run_id, "safetensors")
        assert (old_data / "runs" / finished / "best.pt").read_bytes() == best_before

        server.post(f"/api/runs/{finished}/resume", json={"total_steps": 24_576}).raise_for_status()
        longer = wait_for_status(server, finished, "finished", "failed")
        assert (longer["status"], longer["steps"], longer["total_steps"]) == ("finished", 24_576, 24_576), longer["reason"]
