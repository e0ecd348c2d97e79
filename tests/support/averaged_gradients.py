"""Two processes average the gradients of halves of a batch: prints `averaged` and the exit code of the other process.

In a process of its own, since it is forked before torch computes: `python -m support.averaged_gradients`.
"""

import os
from pathlib import Path

import torch
from torch import Tensor

from backend.models.loading import load_source
from backend.runs.worker_processes import start_workers
from backend.training.workers import Workers
from shared_py.codegen import generate_source

from .designs import small_design

BOARDS = 64


def gradient_of(boards: Tensor) -> tuple[Tensor, list[Tensor]]:
    """A loss of these boards, and its gradient; the network is the same each time."""
    torch.manual_seed(1)
    generated = generate_source(small_design())
    model = load_source(generated.source, "averaged").GeneratedModel(**generated.config)
    model.eval()
    output = model.compute(boards)
    loss = output.value.square().mean() + output.logits.square().mean()
    loss.backward()
    return loss.detach(), [parameter.grad for parameter in model.parameters() if parameter.grad is not None]


def boards_of_all() -> Tensor:
    """The whole batch."""
    return torch.randint(0, 8, (BOARDS, 16), generator=torch.Generator().manual_seed(3))


def work(rank: int, store: Path) -> None:
    """The other process: the second half, then the state that is wanted, then the end."""
    workers = Workers(rank, 2, store)
    workers.state = lambda: {"rank": rank}
    loss, gradients = gradient_of(boards_of_all()[BOARDS // 2 :])
    assert workers.average([*gradients, loss])
    before = loss.clone()
    assert not workers.average([loss]), "the end"
    assert torch.equal(before, loss)


def main() -> None:
    """The process of rank 0."""
    store, (other,) = start_workers(2, work)
    workers = Workers(0, 2, store, [other])
    loss, gradients = gradient_of(boards_of_all()[: BOARDS // 2])
    assert workers.average([*gradients, loss])
    assert workers.states() == [{"rank": 1}]
    workers.processes = []
    workers.end()
    whole_loss, whole = gradient_of(boards_of_all())
    torch.testing.assert_close(loss, whole_loss)
    for one, expected in zip(gradients, whole, strict=True):
        torch.testing.assert_close(one, expected, rtol=1e-4, atol=1e-6)
    print("averaged", os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))


if __name__ == "__main__":
    main()
