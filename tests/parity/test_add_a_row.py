"""The sections of CONTRIBUTING.md for a metric, an export format and an algorithm, followed to the letter on copies.

Each is one row and one function; all that is shown, written or checked elsewhere is made from the row.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from support.project_copy import changed_files, copy_project, generate, insert_before, recipe, run_in

GENERATED = {"pwa/src/generated", "docs"}


def written_by_hand(folder: Path) -> set[str]:
    return {name for name in changed_files(folder) if not any(name.startswith(f"{place}/") for place in GENERATED)}


def printed_by(folder: Path, code: str) -> Any:
    return json.loads(run_in(folder, sys.executable, "-c", code))


def assert_formatted(folder: Path, *files: str) -> None:
    run_in(folder, sys.executable, "-m", "ruff", "check", "--no-cache", *files)
    run_in(folder, sys.executable, "-m", "ruff", "format", "--check", "--no-cache", *files)


@pytest.fixture(scope="module")
def with_metric(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("metric"))
    (table, trainer), (row, line) = recipe("Add a metric")
    insert_before(folder / table, "\n\n@cache\ndef update_metrics()", row)
    insert_before(folder / trainer, '        "explained_variance": explained_variance(batch', line)
    generate(folder)
    return folder


TRAIN = """
import json, torch
from support.designs import plain_design
from support.report_recorder import Recorder
from backend.models import GameTransformer
from backend.training.trainers import TRAINERS
from shared_py.training_config import TrainConfig

config = TrainConfig(algorithm="{algorithm}", total_steps=256, n_envs=8, n_steps=8, minibatch_size=32, threads=1)
torch.manual_seed(1)
model, trainer = GameTransformer.from_architecture(plain_design()), TRAINERS[config.algorithm]()
before = [parameter.clone() for parameter in model.parameters()]
recorder = Recorder(trainer, model)
trainer.train(model, config, recorder, recorder)
metrics = recorder.updates[-1]
moved = any(not torch.equal(*pair) for pair in zip(before, model.parameters()))
print(json.dumps({{"shown": {shown}, "moved": moved, "policies": [e.policy for e in recorder.evaluations]}}))
"""


def test_a_metric_is_one_row_and_the_line_that_computes_it(with_metric: Path) -> None:
    assert written_by_hand(with_metric) == {"shared_py/metrics.py", "backend/training/ppo_trainer.py"}
    assert changed_files(with_metric) - written_by_hand(with_metric) == {
        "pwa/src/generated/wire.ts",
        "pwa/src/generated/metrics.json",
        "docs/metrics.md",
    }
    assert_formatted(with_metric, *written_by_hand(with_metric))


def test_the_new_metric_is_on_the_wire_in_the_phones_table_and_in_the_docs(with_metric: Path) -> None:
    wire = (with_metric / "pwa/src/generated/wire.ts").read_text()
    (update,) = re.findall(r"export interface TrainingUpdate \{.*?\n\}", wire, re.DOTALL)
    assert re.search(r"^  mean_return: number \| null$", update, re.MULTILINE)
    (entry,) = [
        row for row in json.loads((with_metric / "pwa/src/generated/metrics.json").read_text()) if row["title"] == "Return"
    ]
    assert (entry["path"], entry["term"], entry["axis"], entry["digits"]) == (["mean_return"], "value target", "Return", 4)
    assert "| `mean_return` | Return · value target |" in (with_metric / "docs/metrics.md").read_text()


def test_the_new_metric_is_reported_and_lines_without_it_are_read(with_metric: Path) -> None:
    assert isinstance(printed_by(with_metric, TRAIN.format(algorithm="ppo", shown="metrics.mean_return"))["shown"], float)
    code = """
import json, msgspec
from shared_py.protocol import LiveMessage
old = b'{"type": "training_update", "seq": 1, "run_id": "r1", "steps": 5}'
print(json.dumps(msgspec.json.decode(old, type=LiveMessage).mean_return))
"""
    assert printed_by(with_metric, code) is None


@pytest.fixture(scope="module")
def with_format(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("format"))
    (writer, table), (file, row) = recipe("Add an export format")
    (folder / writer).write_text(file)
    _, entry = row.split("    ...,\n")
    insert_before(folder / table, ')\n"""in the order of the phone\'s menu', entry.removesuffix(")\n"))
    generate(folder)
    return folder


def test_a_format_is_one_row_and_its_writer(with_format: Path) -> None:
    assert written_by_hand(with_format) == {"backend/export/formats.py", "backend/export/design_file.py"}
    assert changed_files(with_format) - written_by_hand(with_format) == {"pwa/src/generated/formats.json"}
    assert_formatted(with_format, *written_by_hand(with_format))
    assert json.loads((with_format / "pwa/src/generated/formats.json").read_text())[-1] == {
        "suffix": "json",
        "title": "Design",
        "help": "opens in the app",
        "wait": "Writing the file: a few seconds",
    }


def test_the_new_format_is_offered_documented_and_written(with_format: Path, tmp_path: Path) -> None:
    code = f"""
import json
from pathlib import Path
from support.server_thread import serving
from support.trained_runs import make_run

data = Path({str(tmp_path)!r})
folder = make_run(data / "runs" / "r1")
with serving(data) as server:
    url = f"/api/designs/{{folder.request.design_id}}/export"
    document = server.get("/schema/openapi.json").json()["paths"]["/api/designs/{{design_id}}/export"]["get"]
    server.get(url, params={{"fmt": "py", "run_id": "r1"}})  # leaves its own files in the folder
    answer = server.get(url, params={{"fmt": "json", "run_id": "r1"}})
    unknown = server.get(url, params={{"fmt": "exe"}})
print(json.dumps({{
    "parameter": next(parameter["schema"] for parameter in document["parameters"] if parameter["name"] == "fmt"),
    "media_types": list(document["responses"]["200"]["content"]),
    "status": answer.status_code,
    "type": answer.headers["content-type"],
    "same": answer.content == folder.design.read_bytes(),
    "unknown": unknown.status_code,
}}))
"""
    seen = printed_by(with_format, code)
    assert "json" in json.dumps(seen["parameter"])
    assert "application/json" in seen["media_types"]
    assert (seen["status"], seen["type"].partition(";")[0], seen["same"]) == (200, "application/json", True)
    assert seen["unknown"] == 422


@pytest.fixture(scope="module")
def with_algorithm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("algorithm"))
    (trainer, table), (file, row) = recipe("Add an algorithm")
    (folder / trainer).write_text(file)
    text = (folder / table).read_text()
    listed = re.findall(r"^ALGORITHMS: .*\n", text, re.MULTILINE)
    assert len(listed) == 1
    (folder / table).write_text(text.replace(listed[0], row))
    generate(folder)
    return folder


def test_an_algorithm_is_one_row_and_its_trainer(with_algorithm: Path) -> None:
    assert written_by_hand(with_algorithm) == {"shared_py/algorithms.py", "backend/training/a2c_trainer.py"}
    assert changed_files(with_algorithm) - written_by_hand(with_algorithm) == {
        "pwa/src/generated/training.json",
        "pwa/src/generated/wire.ts",
    }
    assert_formatted(with_algorithm, *written_by_hand(with_algorithm))


def test_the_new_algorithm_can_be_chosen_on_the_phone(with_algorithm: Path) -> None:
    training = json.loads((with_algorithm / "pwa/src/generated/training.json").read_text())
    assert training["algorithms"][-1]["term"] == "A2C"
    assert len(training["recipes"]["a2c"]) == len(training["recipes"]["ppo"])
    settings = {setting["name"]: setting for setting in training["settings"]}
    assert "a2c" in settings["algorithm"]["choices"]
    assert settings["vf_coef"]["only_for"] == ["ppo", "a2c"]
    assert settings["clip_coef"]["only_for"] == ["ppo"]
    wire = (with_algorithm / "pwa/src/generated/wire.ts").read_text()
    assert re.search(r"^  algorithm\?: .*'a2c'", wire, re.MULTILINE)


def test_the_new_algorithm_trains_and_is_forecast(with_algorithm: Path) -> None:
    seen = printed_by(with_algorithm, TRAIN.format(algorithm="a2c", shown="metrics.clip_fraction"))
    assert seen == {"shown": 0.0, "moved": True, "policies": ["sampled", "greedy"]}
    code = """
import json
from support.designs import plain_design
from shared_py.analysis import analyse
from shared_py.presets import AVERAGE_SERVER, offer_recipes
offers = offer_recipes("a2c", analyse(plain_design()).sizes, AVERAGE_SERVER)
print(json.dumps([[offer.config.algorithm, offer.config.n_steps, offer.forecast.seconds] for offer in offers]))
"""
    for algorithm, n_steps, seconds in printed_by(with_algorithm, code):
        assert (algorithm, n_steps) == ("a2c", 8)
        assert seconds > 60
