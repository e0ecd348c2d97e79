"""Containers: what may lie in them, what leaves them, links between them; the first cause is named and what follows is silent."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from support.design_edits import mended, with_edges, with_more, with_props, without

from shared_py import pyodide_api
from shared_py.blocks.base import MAX_COUNT
from shared_py.codegen import generate_source
from shared_py.decoding import DesignError, decode_design
from shared_py.design import MAX_DEPTH, Component, Defaults, Edge, ModelArchitecture, canonical_bytes
from shared_py.limits import MAX_LEVELS
from shared_py.problems import Problem
from shared_py.validation import check_connection, validate_design

BOARD, EMBEDDING, OUTPUT = Component("b", "board_input"), Component("e", "embedding"), Component("o", "action_output")


def design(*parts: Component, edges: tuple[Edge, ...]) -> ModelArchitecture:
    """A board, an embedding and an output, and what is given."""
    return ModelArchitecture(
        "d1", meta=Defaults(d_model=16), components=[BOARD, EMBEDDING, *parts, OUTPUT], edges=[("b", "e"), *edges]
    )


def holding(*inside: Component, kind: str = "repeat", edges: tuple[Edge, ...] = (), **props: Any) -> ModelArchitecture:
    """One container `k` between embedding and output, with components in it."""
    return design(Component("k", kind, props), *inside, edges=(("e", "k"), ("k", "o"), *edges))


def layer(name: str, inside: str | None = "k", kind: str = "layer_norm", **props: Any) -> Component:
    return Component(name, kind, props, inside=inside)


def problems(drawing: ModelArchitecture) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for problem in validate_design(drawing).problems:
        found.setdefault(problem.component_id, []).append(problem.code)
    return found


def only(drawing: ModelArchitecture) -> Problem:
    (problem,) = validate_design(drawing).problems
    return problem


TWICE = (("e", "s"), ("e", "t"), ("s", "a"), ("t", "a"), ("a", "o"))


def linked(*more: Component, edges: tuple[Edge, ...] = TWICE, **props: Any) -> ModelArchitecture:
    """A subnetwork `s` that holds a norm and a linear map, its copy `t`, and their sum."""
    parts = (
        Component("s", "subnetwork"), layer("n", "s"), layer("m", "s", "linear"),
        Component("t", "subnetwork", {"definition": "s", **props}), Component("a", "add"),
    )  # fmt: skip
    return design(*parts, *more, edges=(("n", "m"), *edges))


# --- what leaves a container ----------------------------------------------------------------------------------


def test_what_arrives_reaches_all_that_nothing_feeds_and_the_last_one_leaves() -> None:
    drawing = holding(layer("n"), layer("m", kind="linear"), layer("a", kind="add"), edges=(("n", "a"), ("m", "a")))
    verdict = validate_design(drawing)
    assert verdict.errors == []
    assert verdict.blocks["k"].parameters == 2 * (verdict.blocks["n"].parameters + verdict.blocks["m"].parameters)
    assert "return BodyOutput(x_a)" in generate_source(drawing).source


def test_an_empty_container() -> None:
    problem = only(holding())
    assert (problem.code, problem.component_id) == ("empty", "k")
    assert problem.message == "is empty: open it and add a block"


def test_two_last_components() -> None:
    problem = only(holding(layer("n"), layer("m")))
    assert (problem.code, problem.component_id) == ("many_exits", "k")
    assert problem.message == "exactly one block inside must come last, but Layer norm 1, Layer norm 2 do"


def test_nothing_but_an_end_inside() -> None:
    problem = only(holding(layer("x", kind="aux_loss_head")))
    assert (problem.code, problem.component_id) == ("no_exit", "k")


def test_what_only_ends_follow_leaves() -> None:
    drawing = holding(layer("n"), layer("x", kind="aux_loss_head"), edges=(("n", "x"),))
    assert problems(drawing) == {}
    source = generate_source(drawing).source
    assert 'return BodyOutput(x_n, auxiliary={"x": x_x})' in source
    beside = with_more(drawing, layer("m"))
    assert problems(beside) == {}, "a side branch that ends inside, as long as another comes last"
    assert 'return BodyOutput(x_m, auxiliary={"x": x_x})' in generate_source(beside).source


def test_a_repetition_gives_back_what_it_takes() -> None:
    drawing = holding(layer("n", kind="linear", out_features=24))
    problem = only(drawing)
    assert (problem.code, problem.component_id) == ("shape_mismatch", "k")
    assert problem.message == "must give back what it takes: it takes (B, 16, d) with d = 16 and gives (B, 16, 24)"
    assert problems(mended(drawing, problem.fix)) == {}
    assert problems(with_props(drawing, "k", times=1)) == {}
    pooled = only(holding(layer("n", kind="pool")))
    assert problems(mended(holding(layer("n", kind="pool")), pooled.fix)) == {}


def test_a_choice_of_experts_may_leave_a_container_but_not_enter_one() -> None:
    router = layer("r", kind="load_balance_router")
    leaving = design(
        Component("k", "subnetwork"), router, Component("m", "moe_layer"), edges=(("e", "k"), ("k", "m"), ("m", "o"))
    )
    assert problems(leaving) == {}
    entering = design(
        Component("r", "load_balance_router"), Component("k", "subnetwork"), layer("m", kind="moe_layer"),
        edges=(("e", "r"), ("r", "k"), ("k", "o")),
    )  # fmt: skip
    problem = only(entering)
    assert (problem.code, problem.component_id) == ("shape_mismatch", "k")
    assert problem.message == "takes a board, tokens or a vector, got a routing of 4 experts from Router"


def test_a_board_may_enter_a_container() -> None:
    drawing = ModelArchitecture(
        "d1",
        components=[BOARD, Component("k", "subnetwork"), layer("e", kind="embedding"), OUTPUT],
        edges=[("b", "k"), ("k", "o")],
    )
    assert problems(drawing) == {}
    assert validate_design(drawing).blocks["k"].shape == "(B, 16, d)"


def test_tokens_are_made_inside_where_a_board_arrives() -> None:
    drawing = ModelArchitecture(
        "d1",
        meta=Defaults(d_model=16),
        components=[BOARD, Component("k", "subnetwork"), layer("n"), OUTPUT],
        edges=[("b", "k"), ("k", "o")],
    )
    problem = only(drawing)
    assert (problem.code, problem.component_id) == ("shape_mismatch", "n")
    after = mended(drawing, problem.fix)
    assert problems(after) == {}
    assert [component.inside for component in after.components if component.type == "embedding"] == ["k"]


# --- what may lie where ---------------------------------------------------------------------------------------


def test_an_edge_across_a_border() -> None:
    drawing = with_more(holding(layer("n")), edges=(("e", "n"),))
    problem = only(drawing)
    assert (problem.code, problem.component_id) == ("crosses_border", "n")
    assert problem.message == "is fed by Embedding, which does not lie in the same place"
    assert problems(mended(drawing, problem.fix)) == {}


@pytest.mark.parametrize("kind", ["board_input", "action_output", "value_output"])
def test_the_ends_of_a_design_lie_in_no_container(kind: str) -> None:
    drawing = holding(layer("n"), layer("x", kind=kind), edges=() if kind == "board_input" else (("n", "x"),))
    assert problems(drawing)["x"] == ["not_inside"]
    (problem,) = [problem for problem in validate_design(drawing).problems if problem.component_id == "x"]
    assert problem.message == "belongs outside of containers"
    assert problems(mended(drawing, problem.fix)) == {}


def test_only_containers_hold_components() -> None:
    drawing = with_more(holding(layer("n")), layer("m", "e"))
    assert problems(drawing)["m"][0] == "not_a_container"
    problem = next(problem for problem in validate_design(drawing).problems if problem.code == "not_a_container")
    assert problem.message == "lies inside Embedding, which cannot hold blocks"
    assert problems(mended(drawing, problem.fix)) == {}


def test_only_the_first_cause_is_named() -> None:
    inner = holding(layer("n", kind="attention", d_model=24), layer("m"), edges=(("n", "m"),))
    assert problems(inner) == {"n": ["shape_mismatch"]}
    behind = with_edges(with_more(inner, Component("z", "conv2d")), ("b", "e"), ("e", "k"), ("n", "m"), ("k", "z"), ("z", "o"))
    assert problems(behind) == {"n": ["shape_mismatch"]}


def test_a_circle_inside_is_one_problem() -> None:
    drawing = holding(layer("n"), layer("m"), edges=(("n", "m"), ("m", "n")))
    problem = only(drawing)
    assert (problem.code, problem.component_id) == ("cycle", "m")


def test_a_checkpoint_needs_something_beside_it() -> None:
    drawing = holding(layer("g", kind="grad_checkpoint"), layer("n"), edges=(("g", "n"),))
    problem = only(drawing)
    assert (problem.code, problem.component_id) == ("nothing_to_recompute", "g")
    assert problems(mended(drawing, problem.fix)) == {}


# --- links ----------------------------------------------------------------------------------------------------


def test_a_linked_copy_has_weights_of_its_own_or_shares_them() -> None:
    verdict = validate_design(linked())
    assert verdict.errors == []
    assert verdict.blocks["t"] == verdict.blocks["s"]
    shared = validate_design(linked(share_weights=True))
    assert shared.errors == []
    assert shared.blocks["t"].parameters == 0
    assert shared.parameters == verdict.parameters - verdict.blocks["t"].parameters
    assert "x_t = self.block_s(x_e).output" in generate_source(linked(share_weights=True)).source


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("t", "is linked to itself"),
        ("z", "is linked to z, which does not exist"),
        ("e", "is linked to Embedding, which is another kind of block"),
        ("u", "is linked to Subnetwork 3, which is itself linked"),
    ],
)
def test_a_link_that_leads_nowhere(definition: str, message: str) -> None:
    copy = Component("u", "subnetwork", {"definition": "s"})
    drawing = with_props(linked(copy), "t", definition=definition)
    drawing = with_more(drawing, edges=(("e", "u"), ("u", "a")))
    found = [problem for problem in validate_design(drawing).problems if problem.component_id == "t"]
    assert (found[0].code, found[0].field, found[0].message) == ("no_definition", "definition", message)
    left = problems(mended(drawing, found[0].fix))
    assert left == ({"t": ["empty"]} if definition == "t" else {}), "it is linked to one that has content, or unlinked"


def test_a_linked_copy_gets_what_the_definition_gets() -> None:
    wide, second = Component("w", "linear", {"out_features": 24}), Component("p", "action_output")
    edges = (("e", "s"), ("e", "w"), ("w", "t"), ("s", "a"), ("e", "a"), ("a", "o"), ("t", "p"))
    problem = only(linked(wide, second, edges=edges))
    assert (problem.code, problem.component_id) == ("shape_mismatch", "t")
    assert problem.message == "runs Subnetwork 1, which takes (B, 16, d) with d = 16 elsewhere but gets (B, 16, 24) here"


def test_a_copy_inside_its_own_definition() -> None:
    drawing = with_more(linked(), layer("u", "s", "subnetwork", definition="s"), edges=(("m", "u"),))
    problem = next(problem for problem in validate_design(drawing).problems if problem.code == "recursion")
    assert (problem.component_id, problem.message) == ("u", "runs Subnetwork 1, in which it lies itself")
    assert set(problems(drawing)) == {"u"}


def test_definitions_that_run_each_other() -> None:
    parts = (
        Component("s", "subnetwork"), layer("u", "s", "subnetwork", definition="t"),
        Component("t", "subnetwork"), layer("v", "t", "subnetwork", definition="s"),
    )  # fmt: skip
    assert "recursion" in str(problems(design(*parts, edges=(("e", "s"), ("s", "t"), ("t", "o")))))


def test_a_link_with_a_content_of_its_own() -> None:
    drawing = linked(layer("x", "t"))
    problem = only(drawing)
    assert (problem.code, problem.component_id, problem.field) == ("two_bodies", "t", "definition")
    assert problem.message == "is linked to Subnetwork 1, so what lies inside it is not used"
    assert problems(mended(drawing, problem.fix)) == {}


def test_weights_are_shared_only_beside_each_other() -> None:
    parts = (
        Component("s", "subnetwork"), layer("n", "s"),
        Component("k", "repeat"), layer("t", "k", "subnetwork", definition="s", share_weights=True),
    )  # fmt: skip
    drawing = design(*parts, edges=(("e", "s"), ("s", "k"), ("k", "o")))
    problem = only(drawing)
    assert (problem.code, problem.component_id, problem.field) == ("out_of_reach", "t", "share_weights")
    assert problem.message == "can share weights only with a block beside it: Subnetwork 1 lies elsewhere"
    assert problems(mended(drawing, problem.fix)) == {}


# --- documents ------------------------------------------------------------------------------------------------


def nested(depth: int) -> ModelArchitecture:
    """Repetitions in each other, a norm in the innermost."""
    boxes = [Component(f"k{n}", "repeat", {"times": 1}, inside=f"k{n - 1}" if n else None) for n in range(depth)]
    return design(*boxes, layer("n", f"k{depth - 1}"), edges=(("e", "k0"), ("k0", "o")))


def test_as_deep_as_there_may_be() -> None:
    assert problems(nested(MAX_DEPTH)) == {}
    assert decode_design(canonical_bytes(nested(MAX_DEPTH))) == nested(MAX_DEPTH)


def test_deeper_is_no_design() -> None:
    with pytest.raises(DesignError) as refused:
        decode_design(canonical_bytes(nested(MAX_DEPTH + 1)))
    (error,) = refused.value.errors
    assert error == {
        "pointer": f"/components/{MAX_DEPTH + 3}/inside",
        "message": f"Layer norm: lies in itself, or more than {MAX_DEPTH} containers deep",
    }


@pytest.mark.parametrize(("inside", "message"), [("z", "lies inside z, which does not exist"), ("k", "lies in itself")])
def test_inside_nothing_or_itself_is_no_design(inside: str, message: str) -> None:
    drawing = design(Component("k", "repeat", inside=inside), edges=(("e", "k"), ("k", "o")))
    with pytest.raises(DesignError) as refused:
        decode_design(canonical_bytes(drawing))
    assert refused.value.errors[0]["pointer"] == "/components/2/inside"
    assert message in refused.value.errors[0]["message"]


# --- edges that are not drawn yet -----------------------------------------------------------------------------


def test_connections_stay_in_one_place() -> None:
    drawing = holding(layer("n"), layer("m"))
    assert check_connection(drawing, "n", "m").ok
    for source, target in (("e", "n"), ("n", "o"), ("k", "n"), ("n", "k")):
        assert check_connection(drawing, source, target).reason == "They do not lie in the same place"
    assert check_connection(with_more(drawing, edges=(("n", "m"),)), "m", "n").reason == "That would run in a circle"


def test_a_connection_that_breaks_a_container_is_refused() -> None:
    drawing = without(holding(layer("n", kind="linear", out_features=24), layer("m")), "m")
    free = with_edges(drawing, ("b", "e"), ("k", "o"))
    assert str(check_connection(free, "e", "k").reason).startswith("Repeat: must give back what it takes")


@pytest.mark.parametrize("upwards", [True, False])
@pytest.mark.parametrize("count", [MAX_LEVELS, MAX_LEVELS + 1, 900])
def test_links_within_links_go_so_deep_and_no_deeper(count: int, upwards: bool) -> None:
    """Each definition runs a link to the next: however they are numbered, none is followed without end."""
    name = [f"s{n if upwards else count - n}" for n in range(count)]
    parts = [Component(each, "subnetwork") for each in name]
    links = [Component(f"l{n}", "subnetwork", {"definition": name[n + 1]}, inside=name[n]) for n in range(count - 1)]
    last = layer("last", name[-1])
    fed = [("e", each) for each in name] + [(each, "sum") for each in name]
    drawing = design(*parts, *links, last, Component("sum", "add"), edges=(*fed, ("sum", "o")))
    found = {problem.code for problem in validate_design(drawing).problems}
    assert ("too_deep" in found) == (count > MAX_LEVELS)
    if not found:
        assert generate_source(drawing).source


def test_counts_beyond_all_measure_are_still_numbers() -> None:
    """Definitions that each run the next 64 times, twice, deepest first: counts end at a bound and the answer is JSON."""
    count = 60
    names = [f"s{count - n:03}" for n in range(count)]
    parts: list[Component] = []
    edges: list[Edge] = []
    for n, name in enumerate(names):
        parts.append(Component(name, "subnetwork"))
        if n == count - 1:
            parts.append(layer("last", name))
            continue
        parts += [Component(f"r{n}", "repeat", {"times": 64}, inside=name)]
        parts += [Component(f"{side}{n}", "subnetwork", {"definition": names[n + 1]}, inside=f"r{n}") for side in "fg"]
        edges.append((f"f{n}", f"g{n}"))
    chain = [("e", names[-1]), *((after, before) for before, after in pairwise(names)), (names[0], "o")]
    drawing = design(*parts, edges=(*edges, *chain))
    verdict = msgspec.json.decode(pyodide_api.validate(canonical_bytes(drawing).decode()))
    assert {"too_large", "too_many_calls", "too_deep"} <= {problem["code"] for problem in verdict["problems"]}
    assert verdict["parameters"] == MAX_COUNT
