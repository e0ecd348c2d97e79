"""AdamW without weight decay against Adam written out, states of earlier versions, and the average against its definition."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from backend.training.optimizer import Adam

RATE, EPSILON = 0.01, 1e-5
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]


class WrittenOut:
    """Kingma & Ba 2015, algorithm 1, as this program computed it before it used `torch.optim`: its state is the stored form."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self.parameters = parameters
        self.steps = 0
        self.means = [torch.zeros_like(parameter) for parameter in parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def step(self, gradients: list[Tensor], rate: float) -> None:
        self.steps += 1
        step_size = rate / (1 - 0.9**self.steps)
        correction = (1 - 0.999**self.steps) ** 0.5
        for parameter, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean.lerp_(gradient, 1 - 0.9)
            square.mul_(0.999).addcmul_(gradient, gradient, value=1 - 0.999)
            parameter.addcdiv_(mean, square.sqrt().div_(correction).add_(EPSILON), value=-step_size)

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "means": self.means, "squares": self.squares, "weights": []}


def parameters_on(device: str) -> list[torch.nn.Parameter]:
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape).to(device)) for shape in ((64, 33), (4,), (1, 1))]


def gradients_of(parameters: list[torch.nn.Parameter], count: int) -> Iterator[list[Tensor]]:
    """Noise around a pull to zero, of very different sizes."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(count):
        noise = [torch.randn(parameter.shape, generator=generator).to(parameter.device) for parameter in parameters]
        yield [
            scale * (parameter.detach() + own) for scale, parameter, own in zip((1.0, 1e-4, 0.0), parameters, noise, strict=True)
        ]


def take_steps(adam: Adam, gradients: Iterator[list[Tensor]]) -> None:
    for given in gradients:
        adam.clear_gradients()
        for parameter, gradient in zip(adam.parameters, given, strict=True):
            parameter.grad = gradient.clone()
        adam.step()


@pytest.mark.parametrize("device", DEVICES)
def test_a_thousand_steps_are_those_of_adam_written_out(device: str) -> None:
    parameters = parameters_on(device)
    plain = WrittenOut([parameter.detach().clone() for parameter in parameters])
    adam = Adam(parameters, RATE, EPSILON)
    for step, gradients in enumerate(gradients_of(parameters, 1000)):
        adam.learning_rate = RATE * (1 - step / 1000)
        take_steps(adam, iter([gradients]))
        plain.step(gradients, adam.learning_rate)
    for parameter, expected in zip(parameters, plain.parameters, strict=True):
        torch.testing.assert_close(parameter.detach(), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_a_state_stored_by_an_earlier_version_is_taken_up(device: str) -> None:
    parameters = parameters_on(device)
    plain = WrittenOut([parameter.detach().clone() for parameter in parameters])
    for gradients in gradients_of(parameters, 20):
        plain.step(gradients, RATE)
    adam = Adam([torch.nn.Parameter(parameter.clone()) for parameter in plain.parameters], RATE, EPSILON)
    adam.load_state_dict(copy.deepcopy(plain.state_dict()))
    for gradients in gradients_of(parameters, 20):
        take_steps(adam, iter([gradients]))
        plain.step(gradients, RATE)
    for parameter, expected in zip(adam.parameters, plain.parameters, strict=True):
        torch.testing.assert_close(parameter.detach(), expected, atol=1e-6, rtol=1e-6)


def test_the_stored_form_is_that_of_earlier_versions() -> None:
    """The literal state of a network of one number after three steps with gradients 1, 2, 3 and an average."""
    stored = {
        "steps": 3,
        "means": [torch.tensor([0.561])],
        "squares": [torch.tensor([0.013994001])],
        "weights": [torch.tensor([0.9706])],
    }
    parameter = torch.nn.Parameter(torch.tensor([0.98]))
    adam = Adam([parameter], RATE, EPSILON, 0.9)
    adam.load_state_dict(stored)
    assert parameter.item() == pytest.approx(0.9706)
    assert (adam.steps, adam.averages[0].item()) == (3, pytest.approx(0.98))
    parameter.grad = torch.tensor([4.0])
    adam.step()
    mean, square = 0.9 * 0.561 + 0.1 * 4, 0.999 * 0.013994001 + 0.001 * 16
    moved = RATE * (mean / (1 - 0.9**4)) / ((square / (1 - 0.999**4)) ** 0.5 + EPSILON)
    assert parameter.item() == pytest.approx(0.9706 - moved, abs=1e-6)
    state = adam.state_dict()
    assert list(state) == ["steps", "means", "squares", "weights"]
    assert state["steps"] == 4
    assert [state[name][0].item() for name in ("means", "squares")] == pytest.approx([mean, square], rel=1e-5)


def test_a_state_goes_on_bit_by_bit() -> None:
    parameters = parameters_on("cpu")
    adam = Adam(parameters, RATE, EPSILON, 0.9)
    take_steps(adam, gradients_of(parameters, 7))
    with adam.averaged():
        stored = copy.deepcopy((adam.state_dict(), parameters))
    again = Adam(stored[1], RATE, EPSILON, 0.9)
    again.load_state_dict(stored[0])
    for one in (adam, again):
        take_steps(one, iter([[torch.full_like(parameter, 0.1) for parameter in parameters]] * 5))
    for given, expected in ((again.parameters, parameters), (again.averages, adam.averages)):
        assert all(torch.equal(one, other) for one, other in zip(given, expected, strict=True))
    for name in ("means", "squares"):
        pairs = zip(again.state_dict()[name], adam.state_dict()[name], strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)


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
