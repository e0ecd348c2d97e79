"""The list of what can be exported: runs, checkpoints, files with hashes and check results; and the digest of what is sent."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from safetensors import safe_open
from support.damaged_files import cut_short, zeroed
from support.exported_networks import BEST_STEPS, LAST_STEPS, random_evaluation, write_exported_run
from support.metric_messages import update
from support.run_folders import write_run
from support.server_thread import Served, serving
from support.trained_runs import make_run, write_checkpoint

from backend.export.exporter import export_checkpoint
from backend.export.file_details import details_file, read_details, write_details
from backend.export.formats import INSPECTION, format_of
from backend.export.listing import _estimate, facts_of
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from shared_py.protocol import ExportableRun, ExportFile, ExportList, ValueUnit


def listed(server: Served, design_id: str = "d0") -> list[ExportableRun]:
    answer = server.get(f"/api/designs/{design_id}/exports").raise_for_status()
    return msgspec.json.decode(answer.content, type=ExportList).runs


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an ended run, of whose best checkpoint the plain and the inspection file are written."""
    folder = tmp_path_factory.mktemp("data")
    run = write_exported_run(folder, "r1", "mixture-td", "d0", exported=False)
    export_checkpoint(run.path, INSPECTION.suffix, "best")
    return folder


@pytest.mark.parametrize(("name", "unit"), [("mlp-td", ValueUnit(0.99, "log_points")), ("mixture-ppo", None), ("external", None)])
def test_the_unit_of_values_is_listed_for_networks_that_can_search(name: str, unit: ValueUnit | None, tmp_path: Path) -> None:
    folder = write_exported_run(tmp_path, "r1", "mlp-td" if name == "external" else name, "d0", exported=False)
    if name == "external":
        request = msgspec.structs.replace(folder.request, trainer="mine:Trainer")
        (folder.path / "run.json").write_bytes(msgspec.json.encode(request))
    with serving(tmp_path) as server:
        (run,) = listed(server)
    assert run.value_unit == unit


def test_a_run_is_listed_with_what_is_known_of_it(data: Path) -> None:
    with serving(data) as server:
        (run,) = listed(server)
        about = server.get("/api/runs/r1").json()
    assert (run.run_id, run.algorithm, run.status, run.steps) == ("r1", "afterstate_td", "finished", LAST_STEPS)
    assert (run.design_hash, run.created_at, run.ended_at) == (about["design_hash"], about["created_at"], about["ended_at"])
    assert run.total_steps == about["total_steps"] > 0
    assert (run.train_seconds, run.best_score) == (LAST_STEPS / 10, LAST_STEPS)
    assert run.inspectable
    assert run.parameters == about_parameters(data)
    assert run.evaluation is not None
    assert (run.evaluation.games, run.evaluation.max_tile_frequency) == (8, {"128": 1.0})
    scores = {checkpoint.steps: checkpoint.score for checkpoint in run.checkpoints}
    assert run.score == max(scores[BEST_STEPS] or 0, scores[LAST_STEPS] or 0)
    assert scores[LAST_STEPS] == run.evaluation.mean
    assert scores[BEST_STEPS // 2] is None
    names = [checkpoint.checkpoint for checkpoint in run.checkpoints]
    assert names == ["best", "last", str(BEST_STEPS // 2)]


def about_parameters(data: Path) -> int:
    """The parameters of the weights themselves."""
    with safe_open(export_checkpoint(data / "runs" / "r1", "safetensors", "best").path, "pt") as file:
        return sum(file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118  # it is no mapping


def test_written_files_have_exact_sizes_hashes_and_check_results_and_others_an_estimate(data: Path) -> None:
    with serving(data) as server:
        best = listed(server)[0].checkpoints[0]
        files = {(file.fmt, file.inspect): file for file in best.files}
        sent = {
            key: server.get("/api/designs/d0/export", params={"fmt": key[0], "checkpoint": "best", "inspect": key[1]})
            for key in (("onnx", False), ("onnx", True))
        }
    assert set(files) == {("onnx", False), ("onnx", True), *((fmt, False) for fmt in ("pt", "safetensors", "py", "zip"))}
    for key, answer in sent.items():
        file, digest = files[key], hashlib.sha256(answer.content)
        assert (file.bytes, file.is_exact, file.sha256) == (len(answer.content), True, digest.hexdigest())
        assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        assert file.largest_difference is not None
        assert file.largest_difference <= 1e-4
        assert (file.checked_boards or 0) >= 1000
        assert answer.headers["x-export-steps"] == str(BEST_STEPS)
    assert sent["onnx", True].headers["content-disposition"].endswith(f'r1-best-{BEST_STEPS}.inspect.onnx"')
    estimate = files["zip", False]
    assert (estimate.is_exact, estimate.sha256, estimate.checked_boards) == (False, None, None)


def test_estimates_are_of_the_right_size(tmp_path: Path) -> None:
    make_run(tmp_path / "data" / "runs" / "r1")

    def files(server: Served) -> dict[str, ExportFile]:
        return {file.fmt: file for file in listed(server)[0].checkpoints[0].files if not file.inspect}

    with serving(tmp_path / "data") as server:
        estimates = files(server)
        size = len(server.get("/api/designs/d0/export?fmt=zip").content)
        exact = files(server)
    assert exact["zip"].bytes == size
    for fmt, file in exact.items():
        assert (estimates[fmt].is_exact, file.is_exact) == (False, True), "the archive is made of all others"
        assert file.bytes / 3 < estimates[fmt].bytes < file.bytes * 3, fmt


def test_the_estimates_of_a_network_with_tables_of_moves_are_near_its_files(tmp_path: Path) -> None:
    folder = write_exported_run(tmp_path, "r1", "mlp-td", "d0", exported=False)
    facts = facts_of(folder)
    assert facts.computes_moves, "the template looks ahead, so the network has a table of its own"
    archive = export_checkpoint(folder.path, "zip", "best").path
    onnx = next((folder.exports).rglob("*.onnx"))
    for suffix, size in (("zip", archive.stat().st_size), ("onnx", onnx.stat().st_size)):
        estimate = _estimate(format_of(suffix), folder, folder.request, facts)
        assert abs(estimate - size) < size / 10, suffix


def test_a_file_of_an_older_version_without_details_is_served_and_gets_a_hash(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "data" / "runs" / "r1")
    write_checkpoint(folder, folder.best, seed=5)
    old = folder.exports / str(folder.best.stat().st_mtime_ns) / "d0.onnx"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"as an older version wrote it")
    digest = hashlib.sha256(old.read_bytes())
    with serving(tmp_path / "data") as server:
        answer = server.get("/api/designs/d0/export")
        best = listed(server)[0].checkpoints[0]
    assert answer.content == old.read_bytes()
    assert base64.b64encode(digest.digest()).decode() in answer.headers["repr-digest"]
    file = next(file for file in best.files if file.fmt == "onnx" and not file.inspect)
    assert (file.is_exact, file.sha256, file.largest_difference) == (True, digest.hexdigest(), None)


@pytest.mark.parametrize("damage", [cut_short, zeroed], ids=["cut short", "zeroed"])
def test_a_file_that_is_damaged_on_the_disk_is_written_again(tmp_path: Path, damage: object) -> None:
    folder = make_run(tmp_path / "r1")
    export = export_checkpoint(folder.path, "py")
    content = export.path.read_bytes()
    assert callable(damage)
    damage(export.path)
    assert export_checkpoint(folder.path, "py").path.read_bytes() == content
    details = read_details(export.path)
    assert details is not None
    assert details.sha256 == hashlib.sha256(content).hexdigest()


def test_details_of_another_size_do_not_count_and_damaged_ones_are_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "d0.pt"
    path.write_bytes(b"weights")
    details = write_details(path)
    assert read_details(path) == details
    path.write_bytes(b"other weights")
    assert read_details(path) is None
    details_file(path).write_bytes(b"{")
    assert read_details(path) is None
    assert write_details(path).bytes == len(b"other weights")


def test_what_is_left_of_a_lost_checkpoint_is_listed_without_files_that_cannot_be_written(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "data" / "runs" / "r1")
    write_checkpoint(folder, folder.best, seed=5)
    export_checkpoint(folder.path, "pt", "best")
    folder.best.unlink()
    with serving(tmp_path / "data") as server:
        checkpoints = {checkpoint.checkpoint: checkpoint for checkpoint in listed(server)[0].checkpoints}
    assert [file.fmt for file in checkpoints["best"].files] == ["pt"]
    assert checkpoints["best"].steps == 5
    assert len(checkpoints["last"].files) > 1


def test_runs_come_newest_first_and_those_without_a_checkpoint_are_left_out(tmp_path: Path) -> None:
    runs = tmp_path / "data" / "runs"
    for number in (1, 2, 3):
        folder = write_run(runs, f"r{number}", "running", "stopped", sequence=number)
        if number != 2:
            folder.checkpoint.write_bytes(b"damaged")
    with serving(tmp_path / "data") as server:
        assert [run.run_id for run in listed(server, "d1")] == ["r3", "r1"]
        unknown = server.get("/api/designs/nothing/exports")
        empty = listed(server, server.new_design()["id"])
    assert unknown.status_code == 404
    assert empty == []


def test_metrics_of_moves_that_were_played_again_do_not_count(tmp_path: Path) -> None:
    folder: RunFolder = write_exported_run(tmp_path / "data", "r1", "mlp-td", "d0", exported=False)
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        journal.write(msgspec.structs.replace(update(BEST_STEPS + 100), elapsed_s=7.0))
        journal.status("stopped")
    with serving(tmp_path / "data") as server:
        (run,) = listed(server)
    assert run.train_seconds == 7.0
    assert run.evaluation is not None
    assert run.evaluation.mean == random_evaluation(BEST_STEPS).mean_score
    assert run.score == run.evaluation.mean


def test_the_list_and_a_file_that_exists_need_no_torch(data: Path) -> None:
    code = f"""
import sys
sys.path[:0] = ["tests"]
from pathlib import Path
from support.server_thread import serving

with serving(Path({str(data)!r})) as server:
    assert server.get("/api/designs/d0/exports").json()["runs"]
    assert server.get("/api/designs/d0/export?checkpoint=best&inspect=true").status_code == 200
print(sorted({{"torch", "numpy", "onnx", "onnxruntime", "safetensors"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
