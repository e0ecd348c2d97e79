"""Plans of sweeps: combinations, what is left out and why, ranges, random draws, and what a person has to change."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_py import pyodide_api
from shared_py.design import ModelArchitecture, canonical_bytes, design_hash
from shared_py.presets import AVERAGE_SERVER
from shared_py.protocol import MAX_TRIALS, SweepAxis, SweepPlan, SweepSpec
from shared_py.sweep import SweepError, find_variants, plan_sweep, with_values
from shared_py.templates import load_templates

TEMPLATES = {design.id: design for design in load_templates()}
DESIGN = next(
    design
    for design in TEMPLATES.values()
    if {"transformer_layer", "action_output"} <= {component.type for component in design.components}
)
LAYER = next(component.id for component in DESIGN.components if component.type == "transformer_layer")
RATE = {"kind": "setting", "name": "learning_rate"}


def spec(*axes: dict[str, Any], **more: Any) -> SweepSpec:
    return msgspec.convert({"axes": list(axes), "settings": {"total_steps": 900_000}, **more}, SweepSpec)


def test_a_grid_has_every_combination() -> None:
    plan = plan_sweep(
        DESIGN, spec({**RATE, "values": [1e-3, 1e-4]}, {"kind": "design", "name": "n_heads", "values": [2, 4, 8]}), None
    )
    assert [trial.values for trial in plan.trials] == [[rate, heads] for rate in (1e-3, 1e-4) for heads in (2, 4, 8)]
    assert (plan.left_out, plan.reason, plan.rungs, plan.seconds) == (0, None, [], None)


def test_variants_differ_in_what_is_varied_alone() -> None:
    found = find_variants(
        DESIGN, spec({"kind": "block", "component_id": LAYER, "name": "n_heads", "values": [2, 4]}, RATE | {"values": [0.5]})
    )
    assert [trial.config for trial in found.trials] == [found.trials[0].config] * 2
    assert found.trials[0].config.learning_rate == 0.5
    assert found.trials[0].config.total_steps == found.total_steps == 900_000
    assert len({design_hash(trial.analysis.design) for trial in found.trials}) == 2
    assert TEMPLATES[DESIGN.id] == DESIGN


def test_what_cannot_be_trained_is_left_out_with_the_reason_of_the_first() -> None:
    plan = plan_sweep(DESIGN, spec({"kind": "design", "name": "n_heads", "values": [3, 4, 7, "many"]}), None)
    assert [trial.values for trial in plan.trials] == [[4]]
    assert plan.left_out == 3
    assert plan.reason is not None
    assert "3" in plan.reason
    plan = plan_sweep(DESIGN, spec(RATE | {"values": [7.0, 0.1]}), None)
    assert (plan.left_out, [trial.values for trial in plan.trials]) == (1, [[0.1]])
    assert "learning_rate" in (plan.reason or "")


def test_a_run_that_does_not_fit_is_left_out() -> None:
    small = msgspec.structs.replace(AVERAGE_SERVER, run_memory_bytes=10_000_000)
    plan = plan_sweep(DESIGN, spec(RATE | {"values": [1e-3]}), small)
    assert plan.trials == []
    assert "MB" in (plan.reason or "")


def test_a_network_without_moves_is_left_to_the_algorithms_that_fit() -> None:
    design = next(design for design in TEMPLATES.values() if all(one.type != "action_output" for one in design.components))
    plan = plan_sweep(design, spec({"kind": "setting", "name": "algorithm", "values": ["ppo", "afterstate_td"]}), None)
    assert [trial.values for trial in plan.trials] == [["afterstate_td"]]
    assert "no action output" in (plan.reason or "")


def test_halving_costs_less() -> None:
    rates = RATE | {"low": 1e-4, "high": 1e-2, "scale": "log", "count": 9}
    whole = plan_sweep(DESIGN, spec(rates), AVERAGE_SERVER)
    halved = plan_sweep(DESIGN, spec(rates, halving=True), AVERAGE_SERVER)
    assert halved.rungs == [100_000, 300_000]
    assert whole.seconds is not None
    assert halved.seconds == pytest.approx(whole.seconds * (9 * 1 + 3 * 2 + 6) / 81)
    assert whole.training_bytes > 0


def test_ranges() -> None:
    logarithmic = find_variants(DESIGN, spec(RATE | {"low": 1e-4, "high": 1e-2, "scale": "log", "count": 3}))
    assert [trial.values for trial in logarithmic.trials] == [[1e-4], [1e-3], [1e-2]]
    widths = find_variants(DESIGN, spec({"kind": "design", "name": "d_model", "low": 30, "high": 66, "count": 3}))
    assert all(trial.values[0] % 8 == 0 for trial in widths.trials if isinstance(trial.values[0], int))
    same = find_variants(DESIGN, spec({"kind": "setting", "name": "update_epochs", "low": 1, "high": 2, "count": 5}))
    assert [trial.values for trial in same.trials] == [[1], [2]]


@given(st.integers(0, 2**31 - 1), st.integers(1, MAX_TRIALS))
def test_a_random_search_is_the_same_for_the_same_seed(seed: int, trials: int) -> None:
    asked = spec(RATE | {"low": 1e-4, "high": 1e-2, "scale": "log"}, search="random", seed=seed, trials=trials)
    found = find_variants(DESIGN, asked)
    values = [trial.values[0] for trial in found.trials]
    assert values == [trial.values[0] for trial in find_variants(DESIGN, asked).trials]
    assert len(set(values)) == len(values) == trials
    assert all(isinstance(value, float) and 1e-4 <= value <= 1e-2 for value in values)


def test_a_random_search_of_a_few_values_tries_each_once() -> None:
    found = find_variants(DESIGN, spec(RATE | {"values": [0.1, 0.2, 0.3]}, search="random", trials=10))
    assert sorted(trial.values[0] for trial in found.trials if isinstance(trial.values[0], float)) == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        ([RATE], "give a list"),
        ([RATE | {"low": 1, "high": 1}], "lower end must be below"),
        ([RATE | {"low": 0, "high": 1, "scale": "log"}], "above 0"),
        ([{"kind": "setting", "name": "learning_rat", "values": [1]}], "learning_rate"),
        ([{"kind": "setting", "name": "total_steps", "values": [1]}], "same for all trials"),
        ([{"kind": "setting", "name": "symmetries", "low": 0, "high": 1}], "no number"),
        ([{"kind": "block", "name": "n_heads", "component_id": "c99", "values": [1]}], "no block 'c99'"),
        ([{"kind": "block", "name": "heads", "component_id": LAYER, "values": [1]}], "no property 'heads'"),
        ([{"kind": "design", "name": "width", "values": [8]}], "no design-wide value"),
        ([RATE | {"values": [1]}, RATE | {"values": [2]}], "chosen twice"),
        (
            [RATE | {"low": 0.1, "high": 0.9, "count": 9}, {"kind": "setting", "name": "gamma", "low": 0, "high": 1, "count": 9}],
            "81",
        ),
    ],
)
def test_what_cannot_be_planned_says_what_to_change(axes: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(SweepError, match=sentence):
        plan_sweep(DESIGN, spec(*axes), None)
    answer = pyodide_api.plan_sweep(canonical_bytes(DESIGN).decode(), msgspec.json.encode(spec(*axes)).decode(), "null")
    plan = msgspec.json.decode(answer, type=SweepPlan)
    assert sentence in (plan.problem or "")
    assert plan.trials == []


def test_the_phone_gets_the_same_plan() -> None:
    asked = spec(RATE | {"low": 1e-4, "high": 1e-2}, search="random", trials=5, halving=True)
    machine = msgspec.json.encode(AVERAGE_SERVER).decode()
    answer = pyodide_api.plan_sweep(canonical_bytes(DESIGN).decode(), msgspec.json.encode(asked).decode(), machine)
    assert json.loads(answer) == msgspec.to_builtins(plan_sweep(DESIGN, asked, AVERAGE_SERVER))


def test_values_are_put_where_they_belong() -> None:
    axes = [SweepAxis("design", "d_model"), SweepAxis("block", "n_heads", LAYER), SweepAxis("setting", "gamma")]
    design: ModelArchitecture = with_values(DESIGN, axes, [64, 2, 0.9])
    assert design.meta.d_model == 64
    assert next(one.props["n_heads"] for one in design.components if one.id == LAYER) == 2
