"""What is drawn by importance: as many as asked, none twice, by their size, and weighted so that the mean stays the same."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.training.importance_sampling import inclusion_probabilities, sample
from backend.training.updates import minibatches
from shared_py.training_config import TrainConfig

SIZES = torch.linspace(0, 3, 400) ** 2


PARTS = (lambda places: places[:1], lambda places: places[-1:], lambda places: places)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_share_of_one_takes_every_move_as_it_is() -> None:
    places, weights = sample(SIZES, 1.0, generator())
    assert sorted(places.tolist()) == list(range(len(SIZES)))
    assert weights.tolist() == [1.0] * len(SIZES)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.125, 1), st.integers(0, 99))
def test_as_many_as_asked_are_drawn_and_none_twice(sizes: list[float], share: float, seed: int) -> None:
    places, weights = sample(torch.tensor(sizes), share, generator(seed))
    assert len(places) == len(weights) == max(1, round(share * len(sizes)))
    assert len(set(places.tolist())) == len(places)
    assert (weights > 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.data())
def test_chances_add_up_to_what_is_wanted_and_go_with_the_sizes(sizes: list[float], data: st.DataObject) -> None:
    wanted = data.draw(st.integers(1, len(sizes)))
    chances = inclusion_probabilities(torch.tensor(sizes), wanted)
    assert chances.sum().item() == pytest.approx(wanted)
    assert (chances > 0).all()
    assert (chances <= 1).all()
    order = torch.tensor(sizes).argsort()
    assert (chances[order].diff() >= -1e-12).all()


def test_the_weighted_mean_is_that_of_all_on_average_and_varies_less_than_that_of_moves_drawn_alike() -> None:
    losses = SIZES * torch.rand(len(SIZES), generator=generator(1))
    by_size, alike = [], []
    for seed in range(4000):
        places, weights = sample(SIZES, 0.25, generator(seed))
        assert weights.max() <= 6
        by_size.append((losses[places] * weights).mean())
        alike.append(losses[torch.randperm(len(SIZES), generator=generator(seed))[:100]].mean())
    drawn, uniform = torch.stack(by_size), torch.stack(alike)
    assert abs(drawn.mean() - losses.mean()) < 4 * drawn.std() / 4000**0.5
    assert drawn.std() < 0.8 * uniform.std()


def test_the_first_and_the_last_drawn_are_like_the_others() -> None:
    heavy = torch.linspace(0, 1, 64) ** 8
    drawn = [sample(heavy, 0.25, generator(seed)) for seed in range(4000)]
    firsts, lasts, alls = (torch.stack([heavy[part(places)].mean() for places, _ in drawn]) for part in PARTS)
    for ends in (firsts, lasts):
        assert abs(ends.mean() - alls.mean()) < 4 * ends.std() / 4000**0.5


def test_every_pass_draws_anew_and_learns_from_its_share_in_minibatches() -> None:
    config = TrainConfig(update_epochs=3, update_share=0.25, minibatch_size=40)
    drawn = list(minibatches(SIZES, config, generator()))
    assert [len(one.places_C) for one in drawn] == [40, 40, 20] * 3
    for one in drawn:
        assert one.weights_C.mean().item() == pytest.approx(1)
        assert one.weights_C.std() > 0.1
    passes = [{*drawn[n].places_C.tolist(), *drawn[n + 1].places_C.tolist(), *drawn[n + 2].places_C.tolist()} for n in (0, 3, 6)]
    assert [len(one) for one in passes] == [100] * 3
    assert passes[0] != passes[1] != passes[2]


def test_sizes_that_are_not_numbers_end_the_run_with_a_sentence() -> None:
    with pytest.raises(FloatingPointError, match="smaller learning_rate"):
        sample(torch.tensor([1.0, float("nan"), 2.0]), 0.5, generator())
