"""Which experts and which attention can be shown: the paths of the calls, in their order."""

import re

import pytest
from support.designs import board_mixture_design, nested_design, picture_design, rotary_design, small_design, template

from shared_py.analysis import analyse
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.inspection import inspected_calls


def shown(design: ModelArchitecture) -> list[str]:
    return [f"{call.kind}/{call.path}" for call in inspected_calls(analyse(design))]


def test_calls_in_containers_have_the_path_of_each_round_and_copy() -> None:
    rounds = [f"attention/c3.{index}.c4" for index in range(3)]
    assert shown(template("repeat_and_copy")) == [*rounds, "routing/c5.c7", "routing/c8.c7"]
    inside = (("attention", "c4"), ("routing", "c6"), ("routing", "c7"))
    rounds = [f"{kind}/c3.{index}.{name}" for index in range(2) for kind, name in inside]
    assert shown(nested_design()) == [*rounds, "attention/c9.c10", "attention/c11.c10"]


def test_sizes_are_those_of_the_tensors() -> None:
    calls = {call.path: (call.tokens, call.parts) for call in inspected_calls(analyse(nested_design()))}
    assert calls["c3.0.c4"] == (17, 4)
    assert calls["c3.1.c6"] == (17, 4)
    assert calls["c11.c10"] == (17, 2)
    assert [(call.tokens, call.parts) for call in inspected_calls(analyse(small_design()))] == [(16, 2), (16, 3)]
    assert [(call.tokens, call.parts) for call in inspected_calls(analyse(rotary_design()))] == [(17, 4), (17, 4), (17, 3)]


@pytest.mark.parametrize("design", [picture_design(), template("tiny_mlp")], ids=["nine tokens", "no tokens"])
def test_nothing_is_shown_where_no_tokens_are_cells(design: ModelArchitecture) -> None:
    assert analyse(design).problems == []
    assert shown(design) == []


def test_a_mixture_of_whole_boards_is_shown_with_a_single_token() -> None:
    (call,) = inspected_calls(analyse(board_mixture_design()))
    assert (call.path, call.kind, call.tokens, call.parts) == ("c5", "routing", 1, 3)


def test_a_design_with_problems_shows_nothing() -> None:
    design = small_design()
    del design.edges[-1]
    assert analyse(design).problems != []
    assert shown(design) == []


def test_calls_come_in_the_order_of_the_generated_text() -> None:
    source = generate_source(nested_design()).source
    body = source[source.index("class Body_c3") : source.index("class Body_c9")]
    order = re.findall(r" = self\.block_(\w+)\(", body[body.index("def forward") :])
    assert [name for name in order if name in ("c4", "c6", "c7")] == ["c4", "c6", "c7"]
    compute = source[source.index("def compute") :]
    assert compute.index("x_c9 =") < compute.index("x_c11 =")
