"""The zip of everything: its files, its tables, and its program, which plays by the rules of the reference."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import msgspec
import pytest
from support.exported_networks import BEST_STEPS, write_exported_run
from support.metric_messages import evaluation, newest_of_each_step, update
from support.run_folders import write_run

from backend.errors import ExportCheckFailed
from backend.export import formats
from backend.export.exporter import existing_export, export_checkpoint
from backend.export.formats import INSPECTION
from backend.export.run_metrics import read_metrics
from backend.runs.journal import Journal
from shared_py import game_2048
from shared_py.decoding import decode_design
from shared_py.metrics import update_metrics
from shared_py.protocol import Evaluation, TrainingUpdate

FILES = {"README.md", "play.py", "game_2048.py", "metrics.csv", "evaluations.csv"}
FILES |= {f"design.{suffix}" for suffix in ("json", "py", "pt", "safetensors", "onnx")}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive of a run's best checkpoint, beside the run."""
    root = tmp_path_factory.mktemp("archive")
    folder = write_exported_run(root / "data", "r1", "mixture-ppo", "d0", exported=False)
    archive = export_checkpoint(folder.path, "zip", "best").path
    with zipfile.ZipFile(archive) as content:
        assert content.testzip() is None
        content.extractall(root / "unpacked")
    return root / "unpacked"


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(), newline="")))


def test_everything_is_in_it(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == FILES
    run = unpacked.parent / "data" / "runs" / "r1"
    assert (unpacked / "design.json").read_bytes() == (run / "design.json").read_bytes()
    for suffix in ("onnx", "pt", "safetensors", "py"):
        assert (unpacked / f"design.{suffix}").read_bytes() == export_checkpoint(run, suffix, "best").path.read_bytes()
    assert (unpacked / "game_2048.py").read_text() == Path(game_2048.__file__).read_text()


def test_tables_end_at_the_checkpoint(unpacked: Path) -> None:
    metrics, evaluations = table(unpacked / "metrics.csv"), table(unpacked / "evaluations.csv")
    assert [int(row["steps"]) for row in metrics] == list(range(100, BEST_STEPS + 1, 100))
    assert list(metrics[0]) == [".".join(metric.path) for metric in update_metrics()]
    assert metrics[-1]["score"] == str(float(BEST_STEPS))
    assert metrics[-1]["loss"] == ""
    assert [(row["steps"], row["policy"], row["largest_tile_128"]) for row in evaluations] == [(str(BEST_STEPS), "greedy", "1.0")]


def test_the_readme_says_which_network_it_is_and_every_file_is_in_it(unpacked: Path) -> None:
    text = (unpacked / "README.md").read_text()
    assert text.startswith("# Small\n")
    assert "python play.py" in text
    assert f"{BEST_STEPS:,}" in text
    assert "checkpoint best" in text
    assert decode_design((unpacked / "design.json").read_bytes()).id in text
    assert {name for name in FILES if f"`{name}`" in text} == FILES - {"README.md"}
    assert "{" not in re.sub(r"```python.*?```", "", text, flags=re.DOTALL)


def test_without_an_onnx_that_passes_its_check_the_rest_is_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = msgspec.structs.replace(formats.format_of("onnx"), writer="support.process_functions:fail_export_check")
    monkeypatch.setattr(formats, "FORMATS", (failing, *formats.FORMATS[1:]))
    folder = write_exported_run(tmp_path, "r1", "mlp-td", "d0", exported=False)
    export = export_checkpoint(folder.path, "zip", "best")
    again = existing_export(folder.path, "zip", "best")
    assert again is not None
    for note in (export.note, again.note):
        assert note == (
            "It is without the .onnx file. The ONNX file did not pass its check: the outputs differ by 1.0e-02, more than 1e-04."
        )
    with zipfile.ZipFile(export.path) as content:
        assert {*content.namelist()} == FILES - {"design.onnx", "play.py"}
        text = content.read("README.md").decode()
    assert "did not pass its check" in text
    assert "play.py" not in text
    with pytest.raises(ExportCheckFailed):
        export_checkpoint(folder.path, "onnx", "best")


def played(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run play.py where only its own folder and installed packages can be imported."""
    command = [sys.executable, "-I", "-c", ALONE, str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, cwd=folder.parent)


ALONE = """
import runpy
import sys

folder = sys.argv.pop(1)
sys.path.insert(0, folder)

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("backend", "shared_py", "torch", "msgspec", "litestar", "onnx", "safetensors"):
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Refusal())
sys.argv[0] = folder + "/play.py"
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_the_program_plays_a_game_by_the_rules(unpacked: Path) -> None:
    done = played(unpacked, "--seed", "7", "--every", "1")
    assert done.returncode == 0, done.stderr
    boards = [read_board(text) for text in re.findall(r"(?:value .*|game over)\n((?:.+\n){4})", done.stdout)]
    actions = [game_2048.ACTIONS.index(name) for name in re.findall(r"next (\w+)", done.stdout)]
    board = with_tile(with_tile(game_2048.EMPTY_BOARD, 0), 1)
    score = 0
    for number, action in enumerate(actions):
        assert boards[number] == board
        moved, points, is_legal = game_2048.move(board, action)
        assert is_legal
        board, score = with_tile(moved, number + 2), score + points
    assert boards[-1] == board
    assert game_2048.is_over(board)
    assert f"seed 7, score {score}, moves {len(actions)}, largest tile {1 << max(board)}" in done.stdout


def with_tile(board: game_2048.Board, number: int, seed: int = 7) -> game_2048.Board:
    """Tile `number` of the game with a seed, by the rules' own `spawn`, which draws in the same order."""
    return game_2048.spawn(board, Random((seed << 32) | number))


def read_board(text: str) -> game_2048.Board:
    faces = text.split()
    return tuple(0 if face == "." else int(face).bit_length() - 1 for face in faces)


def test_the_program_refuses_a_wrong_seed_and_says_what_is_missing(unpacked: Path) -> None:
    wrong = played(unpacked, "--seed", "-1")
    assert wrong.returncode == 2
    assert "a seed is from 0 to 2147483647" in wrong.stderr
    hidden = ALONE.replace('"torch"', '"torch", "onnxruntime"')
    command = [sys.executable, "-I", "-c", hidden, str(unpacked)]
    missing = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert missing.returncode == 1
    assert "pip install onnxruntime numpy" in missing.stderr


def test_metrics_that_were_measured_again_replace_the_older_ones(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "r1", "running")
    written = [update(1), evaluation(1), update(2), evaluation(2, "sampled"), evaluation(2), update(3), update(2), evaluation(2)]
    written += [update(4), update(5), evaluation(5), update(4)]
    with Journal(folder, folder.request) as journal:
        for message in written:
            journal.write(message)  # type: ignore[arg-type]
    kept = newest_of_each_step(list(written))
    metrics = read_metrics(folder, "r1")
    expected = [message.steps for message in kept if isinstance(message, TrainingUpdate)]
    assert [message.steps for message in metrics.updates] == expected == [1, 2, 4]
    tested = [(message.steps, message.policy) for message in kept if isinstance(message, Evaluation)]
    assert [(message.steps, message.policy) for message in metrics.evaluations] == tested
    assert read_metrics(folder, "r1", 2).updates[-1].steps == 2


def program_beside(unpacked: Path, folder: Path, network: bytes | None) -> Path:
    """A folder with the program, the rules and this network."""
    folder.mkdir()
    for name in ("play.py", "game_2048.py"):
        (folder / name).write_bytes((unpacked / name).read_bytes())
    if network is not None:
        (folder / "design.onnx").write_bytes(network)
    return folder


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "2147483648"])
def test_the_program_says_what_a_seed_is(unpacked: Path, text: str) -> None:
    wrong = played(unpacked, f"--seed={text}")
    assert wrong.returncode == 2
    assert "argument --seed: a seed is from 0 to 2147483647, a whole number" in wrong.stderr
    assert "seed_of" not in wrong.stderr


def test_the_program_says_what_is_wrong_with_the_network(unpacked: Path, tmp_path: Path) -> None:
    whole = (unpacked / "design.onnx").read_bytes()
    run = unpacked.parent / "data" / "runs" / "r1"
    inspection = export_checkpoint(run, INSPECTION.suffix, "best").path.read_bytes()
    cases = {
        "missing": (None, "design.onnx is missing beside this program"),
        "cut": (whole[: len(whole) // 2], "design.onnx cannot be read: it is damaged or no ONNX file"),
        "empty": (b"", "design.onnx "),
        "text": (b"weights of another program", "design.onnx cannot be read: it is damaged or no ONNX file"),
        "other": (inspection, "design.onnx is another network, not one that plays 2048"),
    }
    for name, (network, sentence) in cases.items():
        done = played(program_beside(unpacked, tmp_path / name, network))
        assert (done.returncode, done.stdout) == (1, ""), name
        assert done.stderr.startswith(sentence), done.stderr
        assert done.stderr.endswith("Unpack it from the archive again\n"), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr


def test_the_program_without_its_rules_says_so(unpacked: Path, tmp_path: Path) -> None:
    folder = program_beside(unpacked, tmp_path / "alone", None)
    (folder / "game_2048.py").unlink()
    done = played(folder)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("game_2048.py is missing")


def test_the_program_ends_silently_when_its_reader_has_read_enough(unpacked: Path) -> None:
    command = [sys.executable, "-I", "-c", ALONE, str(unpacked), "--seed", "7", "--every", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=unpacked) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=240) == 1
