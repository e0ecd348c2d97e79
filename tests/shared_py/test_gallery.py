"""The gallery shows measured scores of the templates, and no others."""

import csv
from pathlib import Path
from statistics import mean

import pytest

from shared_py.reference.gallery import EXPERIMENTS, gallery
from shared_py.templates import GOOD_FOR, load_templates

SHOWN = gallery()
BY_ID = {entry["id"]: entry for entry in SHOWN["templates"]}
MEASURED = [(entry["id"], score) for entry in SHOWN["templates"] for score in entry["measured"]]


def test_every_template_has_one_sentence() -> None:
    assert list(BY_ID) == [design.id for design in load_templates()]
    assert set(GOOD_FOR) == set(BY_ID)
    for entry in SHOWN["templates"]:
        assert entry["good_for"].endswith(".")
        assert entry["good_for"].count(". ") == 0
        assert entry["parameters"] > 0


def test_every_score_is_the_mean_of_rows_of_one_day_on_one_machine() -> None:
    rows = [row for path in sorted(EXPERIMENTS.glob("[0-9]*.csv")) for row in csv.DictReader(path.read_text().splitlines())]
    assert MEASURED
    for name, score in MEASURED:
        machine = SHOWN["machines"][score["machine"]]["name"]
        wanted = (score["date"], machine, name, score["algorithm"], "preset", "greedy")
        keys = ("date", "machine", "design", "algorithm", "settings", "policy")
        alike = [row for row in rows if tuple(row[key] for key in keys) == wanted]
        same = [row for row in alike if float(row["cpu_seconds"]) == score["seconds"]]
        assert len(same) == score["seeds"]
        assert score["score"] == round(mean(float(row["mean_score"]) for row in same))
        assert score["moves"] == round(mean(int(row["moves"]) for row in same))


def test_the_work_of_a_move_explains_how_long_the_measured_run_took() -> None:
    for name, score in MEASURED:
        machine = SHOWN["machines"][score["machine"]]
        a_move = score["multiply_adds_per_move"] / machine["multiply_adds_per_second"]
        a_move += score["overheads_per_move"] * machine["step_overhead_s"]
        assert score["moves"] * a_move == pytest.approx(score["seconds"], rel=0.4), (name, score["algorithm"])


def test_a_run_with_other_settings_on_an_unknown_machine_or_with_older_presets_is_not_shown(tmp_path: Path) -> None:
    for name in ("machine-speed.csv", "learning-tables.csv"):
        (tmp_path / name).write_text((EXPERIMENTS / name).read_text())
    machine = SHOWN["machines"][0]["name"]
    head = "date,machine,design,algorithm,settings,cpu_seconds,moves,policy,mean_score"
    rows = [
        f"2027-01-01,{machine},tiny_mlp,ppo,preset,60,1000000,greedy,1000",
        f"2027-01-02,{machine},tiny_mlp,ppo,preset,60,2000000,greedy,3000",
        f"2027-01-02,{machine},tiny_mlp,ppo,preset,60,4000000,greedy,4001",
        f"2027-01-02,{machine},tiny_mlp,ppo,preset,60,1000000,sampled,9000",
        f"2027-01-02,{machine},tiny_mlp,ppo,gamma=0.5,60,1000000,greedy,9000",
        "2027-01-02,another machine,tiny_mlp,ppo,preset,60,1000000,greedy,9000",
        f"2026-11-28,{machine},tiny_mlp,afterstate_td,preset,60,1000000,greedy,9000",
    ]
    (tmp_path / "2027-01-02-runs.csv").write_text("\n".join([head, *rows]) + "\n")
    shown = gallery(tmp_path)
    measured = {entry["id"]: entry["measured"] for entry in shown["templates"]}
    (score,) = measured.pop("tiny_mlp")
    assert (score["score"], score["moves"], score["seeds"], score["date"]) == (3500, 3_000_000, 2, "2027-01-02")
    assert not any(measured.values())
