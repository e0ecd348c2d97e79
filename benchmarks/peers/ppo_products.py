"""How fast PPO could be if matrix products were all: `python -m benchmarks.peers.ppo_products PRECISION`; a line starts a round.

The products are those that torch is asked for while our network plays one move of every game, and while it goes forward and back
over one piece of a minibatch: the same shapes, strides and types. Each answer is JSON: the fewest processor seconds that one step
can take, one pass to play it and one forward and back in each epoch, and its multiply-adds.
"""

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from backend.models import GameTransformer
from backend.models.autocast import autocast
from benchmarks.peers.ppo_player import network, settings
from shared_py.analysis import analyse
from shared_py.training_config import TrainConfig

AT_LEAST_S = 0.03
"""is each product repeated for"""
CPU = torch.device("cpu")


class Factor(NamedTuple):
    """A tensor without its numbers."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    def filled(self) -> Tensor:
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype).normal_()


Products = Counter[tuple[Factor, Factor]]


class Watch(TorchDispatchMode):
    """Notes the factors of every matrix product."""

    def __init__(self) -> None:
        super().__init__()
        self.products: Products = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        aten = torch.ops.aten
        if function.overloadpacket in (aten.mm, aten.addmm, aten.bmm, aten.baddbmm):
            left, right = (Factor(tuple(factor.shape), factor.stride(), factor.dtype) for factor in args[-2:])
            self.products[left, right] += 1
        return function(*args, **(kwargs or {}))


def products_of(work: Callable[[], Any]) -> Products:
    """Of one pass."""
    with Watch() as watch:
        work()
    return watch.products


def multiply_adds(products: Products) -> int:
    """Of all of them."""
    return sum(count * math.prod(left.shape) * right.shape[-1] for (left, right), count in products.items())


def seconds_of(left: Factor, right: Factor) -> float:
    """Processor seconds of one product."""
    factors = left.filled(), right.filled()
    multiply = torch.mm if len(left.shape) == 2 else torch.bmm
    result = multiply(*factors)
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < AT_LEAST_S:
        multiply(*factors, out=result)
        done += 1
    return spent / done


def passes(config: TrainConfig) -> tuple[Products, Products]:
    """The products of one move of every game, and of one piece of a minibatch, held to the formula of the drawing."""
    model = GameTransformer.from_architecture(network())

    def forward(boards: int) -> Tensor:
        with autocast(CPU, config.precision):
            output = model.evaluate(torch.randint(0, 12, (boards, 16)))
        return output.logits.mean() + output.value.mean()

    with torch.no_grad():
        playing = products_of(lambda: forward(config.n_envs))
    assert multiply_adds(playing) == config.n_envs * analyse(network()).sizes.flops
    return playing, products_of(lambda: forward(config.microbatch_size).backward())


def main(precision: str) -> None:
    """Answer until the lines end."""
    torch.set_num_threads(1)
    config = settings(precision)
    playing, learning = passes(config)
    of_step = {"playing": (playing, 1 / config.n_envs), "learning": (learning, config.update_epochs / config.microbatch_size)}
    adds = sum(multiply_adds(products) * share for products, share in of_step.values())
    for _ in sys.stdin:
        seconds = sum(
            count * seconds_of(*product) * share for products, share in of_step.values() for product, count in products.items()
        )
        print(json.dumps({"seconds": seconds, "multiply_adds": adds}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
