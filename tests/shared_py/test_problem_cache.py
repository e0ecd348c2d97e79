"""The cached problems of designs are those that an analysis finds."""

import pytest
from msgspec.structs import replace
from support.design_edits import with_meta, with_more, with_props
from support.designs import small_design

from shared_py import problem_cache
from shared_py.analysis import Analysis, analyse
from shared_py.design import Component, ModelArchitecture
from shared_py.problem_cache import problems_of


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[ModelArchitecture]:
    """The designs that were analysed, beginning with an empty cache."""
    designs: list[ModelArchitecture] = []

    def noted(design: ModelArchitecture) -> Analysis:
        designs.append(design)
        return analyse(design)

    monkeypatch.setattr(problem_cache, "analyse", noted)
    monkeypatch.setattr(problem_cache, "_cache", problem_cache._ProblemCache())
    return designs


def test_each_design_has_its_own_problems(analysed: list[ModelArchitecture]) -> None:
    base = small_design()
    designs = [
        base,
        with_meta(base, d_model=12),
        with_meta(base, n_heads=3),
        with_props(base, "c3", n_heads=3),
        with_props(base, "c3", n_heads=True),
        with_more(base, Component("c8", "dropout")),
        replace(base, edges=base.edges[1:]),
        replace(base, edges=base.edges[::-1]),
        replace(base, components=[replace(part, id=f"x{part.id}") for part in base.components], edges=[]),
    ]
    for design in designs + designs:
        assert list(problems_of(design)) == analyse(design).problems
    assert analysed == designs


def test_problems_call_a_block_by_its_newest_name(analysed: list[ModelArchitecture]) -> None:
    base = small_design()
    cyclic = replace(base, edges=[*base.edges, ("c4", "c2")])
    for name in ("Encoder", "Decoder"):
        named = replace(cyclic, components=[replace(part, name=name) if part.id == "c2" else part for part in cyclic.components])
        assert any(name in problem.message for problem in problems_of(named))
    assert len(analysed) == 2


def test_the_name_of_the_design_and_positions_do_not_count(analysed: list[ModelArchitecture]) -> None:
    base = small_design()
    moved = replace(base, id="other", name="Other", components=[replace(part, x=part.x + 1) for part in base.components])
    assert problems_of(base) == problems_of(moved)
    assert analysed == [base]


def test_the_least_recently_used_design_is_removed_first(
    analysed: list[ModelArchitecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_cache, "MAX_DESIGNS", 2)
    one, two, three = (with_meta(small_design(), n_experts=number) for number in (2, 3, 4))
    for design in (one, two, one, three, one, two):
        problems_of(design)
    assert analysed == [one, two, three, two]


def test_many_problems_are_not_remembered(analysed: list[ModelArchitecture]) -> None:
    loose = with_more(small_design(), *(Component(f"n{number}", "dropout") for number in range(problem_cache.MAX_PROBLEMS)))
    assert len(problems_of(loose)) > problem_cache.MAX_PROBLEMS
    assert problems_of(loose) == problems_of(loose)
    assert analysed == [loose] * 3
