"""Adam against torch's own, and the average of the weights against its definition."""

import copy

import pytest
import torch

from backend.training.adam import Adam


def test_adam_equals_torch() -> None:
    torch.manual_seed(0)
    start = [torch.randn(5, 3), torch.randn(4)]
    ours, theirs = ([torch.nn.Parameter(tensor.clone()) for tensor in start] for _ in range(2))
    mine, reference = Adam(ours, 0.01, 1e-5), torch.optim.Adam(theirs, lr=0.01, eps=1e-5)
    for _ in range(20):
        for own, other in zip(ours, theirs, strict=True):
            own.grad = torch.randn_like(own)
            other.grad = own.grad.clone()
        mine.step()
        reference.step()
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_the_average_is_a_plain_mean_that_becomes_an_exponential_one(decay: float) -> None:
    parameter = torch.nn.Parameter(torch.zeros(3))
    adam, seen, expected = Adam([parameter], 0.1, 1e-5, decay), [], torch.zeros(3)
    for step in range(1, 30):
        parameter.grad = torch.randn(3)
        adam.step()
        seen.append(parameter.detach().clone())
        is_young = step <= 1 / (1 - decay)
        expected = torch.stack(seen).mean(dim=0) if is_young else decay * expected + (1 - decay) * seen[-1]
        with adam.averaged():
            torch.testing.assert_close(parameter.detach(), expected)
        assert torch.equal(parameter, seen[-1])


def test_a_stored_average_is_taken_up() -> None:
    torch.manual_seed(0)
    parameter = torch.nn.Parameter(torch.randn(4))
    adam = Adam([parameter], 0.1, 1e-5, 0.9)
    for _ in range(5):
        parameter.grad = torch.randn(4)
        adam.step()
    with adam.averaged():
        network, state = parameter.detach().clone(), copy.deepcopy(adam.state_dict())
    other = torch.nn.Parameter(network.clone())
    taken_up = Adam([other], 0.1, 1e-5, 0.9)
    taken_up.load_state_dict(state)
    assert torch.equal(other, parameter)
    with taken_up.averaged():
        assert torch.equal(other, network)


def test_a_state_from_before_averages_begins_them() -> None:
    parameter = torch.nn.Parameter(torch.randn(4))
    state = Adam([parameter], 0.1, 1e-5).state_dict()
    del state["weights"]
    before, adam = parameter.detach().clone(), Adam([parameter], 0.1, 1e-5, 0.9)
    adam.load_state_dict(state)
    with adam.averaged():
        assert torch.equal(parameter, before)
    assert torch.equal(parameter, before)


def test_without_a_decay_nothing_is_kept() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    adam = Adam([parameter], 0.1, 1e-5)
    assert adam.state_dict()["weights"] == []
    with adam.averaged():
        assert torch.equal(parameter, torch.ones(2))
