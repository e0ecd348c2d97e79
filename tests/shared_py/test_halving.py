"""The rule of successive halving: what goes on at a rung, whatever the order in which trials arrive."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_py.halving import ETA, expected_moves, places_of, promotable, rungs_of

scores = st.dictionaries(st.integers(0, 63), st.floats(0, 1e6), max_size=30)


def arrive(found: dict[int, float], order: list[int]) -> list[int]:
    """Let trials reach a rung one after the other; returns those that went on, in the order of the decisions."""
    reached: dict[int, float] = {}
    promoted: list[int] = []
    for place, number in enumerate(order):
        reached[number] = found[number]
        promoted += promotable(reached, promoted, closed=place == len(order) - 1)
    return promoted


@given(scores, st.sets(st.integers(0, 63)), st.booleans())
def test_a_decision_names_at_most_one_in_eta_and_they_are_the_best(
    found: dict[int, float], promoted: set[int], closed: bool
) -> None:
    named = promotable(found, promoted, closed=closed)
    assert len(named) <= max(len(found) // ETA, 1 if closed else 0)
    assert not promoted & set(named)
    worst = min((found[number] for number in named), default=0.0)
    better = [number for number, score in found.items() if score > worst and number not in promoted and number not in named]
    assert not named or better == []


@given(scores.filter(bool), st.integers(0, 2**32))
def test_the_best_of_a_rung_always_goes_on_whatever_the_order(found: dict[int, float], seed: int) -> None:
    order = list(found)
    random.Random(seed).shuffle(order)
    went = arrive(found, order)
    assert len(set(went)) == len(went)
    best = sorted(found, key=lambda number: (-found[number], number))[: places_of(len(found), closed=True)]
    assert set(best) <= set(went)


@given(scores.filter(bool), st.randoms(use_true_random=False))
def test_once_all_have_arrived_the_decision_does_not_depend_on_their_order(
    found: dict[int, float], shuffled: random.Random
) -> None:
    items = list(found.items())
    shuffled.shuffle(items)
    assert promotable(dict(items), [], closed=True) == promotable(found, [], closed=True)
    assert len(promotable(found, [], closed=True)) == max(1, len(found) // ETA)


def test_known_curves_leave_the_best_third() -> None:
    curves = {0: 300.0, 1: 900.0, 2: 450.0, 3: 1200.0, 4: 100.0, 5: 800.0}
    assert promotable({0: 300.0}, [], closed=False) == []
    assert promotable({0: 300.0, 1: 900.0}, [], closed=False) == []
    assert promotable({0: 300.0, 1: 900.0, 2: 450.0}, [], closed=False) == [1]
    assert arrive(curves, [0, 1, 2, 3, 4, 5]) == [1, 3]
    assert arrive(curves, [4, 0, 2, 5, 1, 3]) == [2, 5, 1, 3], "those that went on early keep going"
    assert promotable({7: 5.0, 2: 5.0}, [], closed=True) == [2]


@pytest.mark.parametrize(
    ("trials", "rungs"), [(1, []), (2, [300]), (4, [300]), (8, [300]), (9, [100, 300]), (26, [100, 300]), (27, [34, 100, 300])]
)
def test_there_are_as_many_rungs_as_leave_a_trial(trials: int, rungs: list[int]) -> None:
    assert rungs_of(900, trials) == rungs


@given(st.integers(1, 10**10), st.integers(1, 64))
def test_rungs_rise_and_save_moves(total_steps: int, trials: int) -> None:
    rungs = rungs_of(total_steps, trials)
    assert rungs == sorted(set(rungs))
    assert all(0 < rung < total_steps for rung in rungs)
    whole = total_steps * trials
    assert expected_moves(total_steps, trials, rungs) <= whole
    assert expected_moves(total_steps, trials, []) == whole


def test_the_moves_of_a_sweep() -> None:
    assert expected_moves(900, 9, [100, 300]) == 9 * 100 + 3 * 200 + 1 * 600
