"""Test games of a stored checkpoint: by the call, by the command, with and without search, and what is refused."""

import json
from pathlib import Path
from typing import get_args

import pytest
from support.exported_networks import BEST_STEPS, LAST_STEPS, write_exported_run
from support.run_folders import write_run
from support.server_thread import serving

from backend.checkpoint_games.games import SEARCH_LABELS
from backend.cli import main
from shared_py.protocol import PlayDepth
from shared_py.search_tree import MAX_DEPTH


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of both algorithms, and one without a checkpoint."""
    folder = tmp_path_factory.mktemp("data")
    write_exported_run(folder, "r1", "mlp-td", "d1", exported=False)
    write_exported_run(folder, "r2", "mixture-ppo", "d2", exported=False)
    write_run(folder / "runs", "r3", "queued", "failed")
    write_run(folder / "runs", "r4", "queued", "failed", trainer="mine:Trainer")
    (folder / "runs" / "r4" / "checkpoint.pt").write_bytes((folder / "runs" / "r1" / "checkpoint.pt").read_bytes())
    return folder


def evaluate(data_dir: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["evaluate", "--data-dir", str(data_dir), *words])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_there_is_a_label_for_every_depth() -> None:
    assert tuple(SEARCH_LABELS) == get_args(PlayDepth) == tuple(range(MAX_DEPTH + 1))


@pytest.mark.parametrize(("run", "depth", "label"), [("r1", 1, "with search, 1 move ahead"), ("r2", 0, "without search")])
def test_the_command_says_how_the_moves_were_chosen(
    run: str, depth: int, label: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = evaluate(data_dir, capsys, run, "--games", "2", "--play-depth", str(depth))
    assert status == 0
    assert out.startswith(f"2 games, {label}\n")
    assert f"run {run}, best, after {BEST_STEPS} moves of training" in out
    status, out, _ = evaluate(data_dir, capsys, run, "--games", "2", "--checkpoint", "last", "--format", "json")
    found = json.loads(out)
    assert (found["play_depth"], found["label"], found["steps"]) == (0, "without search", LAST_STEPS)
    assert found["mean_score"] > 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["none"], "There is no run none"),
        (["r1", "--checkpoint", "7"], "no checkpoint after 7 moves"),
        (["r1", "--checkpoint", "newest"], "checkpoint"),
        (["r1", "--games", "0"], "games"),
        (["r3"], "no checkpoint yet"),
        (["r2", "--play-depth", "1"], "trained by PPO to choose moves"),
        (["r4", "--play-depth", "1"], "a trainer of its own"),
        (["../r1"], "run"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    words: list[str], sentence: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = evaluate(data_dir, capsys, *words)
    assert status == 2
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1


def test_the_call(data_dir: Path) -> None:
    asked = "/api/runs/r1/evaluate"
    with serving(data_dir) as client:
        answer = client.post(asked, json={"play_depth": 1, "games": 1, "checkpoint": str(BEST_STEPS)})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["play_depth"], found["label"]) == (1, "with search, 1 move ahead")
        assert (found["run_id"], found["checkpoint"], found["steps"]) == ("r1", str(BEST_STEPS), BEST_STEPS)
        assert found["standard_error"] is None
        for body, status in (({"play_depth": 3}, 422), ({"games": 257}, 422), ({"depth": 1}, 422), ({"checkpoint": "7"}, 404)):
            assert client.post(asked, json=body).status_code == status
        refused = client.post("/api/runs/r4/evaluate", json={"play_depth": 2})
        assert refused.status_code == 409
        assert "play_depth has to be 0" in refused.json()["detail"]
        assert client.post("/api/runs/none/evaluate").status_code == 404
        assert client.post("/api/runs/r3/evaluate").status_code == 409
