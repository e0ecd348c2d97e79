"""Tables of patterns of cells: what is refused and warned of, who can train them, and what an optimizer keeps of them."""

from typing import Any

import msgspec
import pytest

from shared_py.analysis import analyse
from shared_py.decoding import design_from
from shared_py.estimation import optimizer_bytes
from shared_py.presets import preset
from shared_py.validation import validate_design
from tests.support.designs import template

CLASSIC = template("n_tuple")


def drawing(**props: dict[str, Any]) -> Any:
    """The classic network with other properties, by component."""
    components = [msgspec.structs.replace(item, props=item.props | props.get(item.id, {})) for item in CLASSIC.components]
    return msgspec.structs.replace(CLASSIC, components=components)


@pytest.mark.parametrize(
    ("props", "code", "fixed"),
    [
        ({"c2": {"patterns": [[0, 1, 1], [5]]}}, "repeated_cell", [[0, 1], [5]]),
        ({"c2": {"patterns": [[0, 1, 17], []]}}, "out_of_range", [[0, 1]]),
        ({"c2": {"patterns": [[]]}}, "out_of_range", None),
        ({"c2": {"patterns": "0123"}}, "wrong_type", None),
        ({"c2": {"out_features": 2}}, "many_values", True),
        ({"c4": {"hidden_sizes": [8]}}, "hidden_without_linear", []),
    ],
)
def test_what_cannot_be_is_refused_with_a_fix(props: dict[str, Any], code: str, fixed: Any) -> None:
    problem, *_ = validate_design(drawing(**props)).problems
    assert problem.code == code
    if fixed is not None:
        assert problem.fix is not None
        assert msgspec.to_builtins(problem.fix)["value"] == fixed


def test_large_tables_are_warned_of() -> None:
    six = [[0, 1, 2, 3, 4, 5]]
    (warning,) = validate_design(drawing(c2={"patterns": six})).warnings
    assert (warning.code, warning.params) == ("large_tables", {"megabytes": 67})
    assert validate_design(CLASSIC).warnings == []


@pytest.mark.parametrize(
    ("props", "sums"),
    [
        ({}, True),
        ({"c3": {"pool": "mean"}}, False),
        ({"c3": {"pool": "max"}}, False),
        ({"c4": {"linear": True}}, False),
        ({"c2": {"symmetric": False, "patterns": [[0, 1], [7, 8, 9]]}}, True),
        ({"c2": {"out_features": 8}, "c4": {"linear": True}}, False),
    ],
)
def test_only_a_sum_of_entries_learns_by_temporal_coherence(props: dict[str, Any], sums: bool) -> None:
    sizes = analyse(drawing(**props)).sizes
    assert sizes.sums_tables == sums
    assert (preset("afterstate_td", sizes).optimizer == "tc") == sums
    assert preset("ppo", sizes).optimizer == "adam"


def test_without_an_action_output_only_afterstate_td_can_train() -> None:
    assert validate_design(CLASSIC).algorithms == ["afterstate_td"]
    assert validate_design(template("tiny_mlp")).algorithms == ["ppo", "afterstate_td"]
    without_ends = msgspec.structs.replace(CLASSIC, components=CLASSIC.components[:3], edges=CLASSIC.edges[:2])
    assert "no_output" in {problem.code for problem in validate_design(without_ends).problems}


def test_an_optimizer_keeps_nothing_of_an_average_of_tables() -> None:
    sizes = analyse(CLASSIC).sizes
    adam = msgspec.structs.replace(preset("ppo"), ema_decay=0.99)
    assert optimizer_bytes(sizes, adam) == 4 * 2 * sizes.parameters
    assert optimizer_bytes(sizes, preset("afterstate_td", sizes)) == 4 * 4 * sizes.parameters


def test_a_design_with_patterns_is_read_as_it_was_written() -> None:
    drawn = drawing(c2={"patterns": [[3, 1], [0]], "initial_value": 12.5})
    assert design_from(msgspec.to_builtins(drawn)) == drawn
