"""The speed of PPO's matrix products alone: `python -m benchmarks.peers.ppo_products PRECISION`, then any line for a round.

The products are those of our network playing one move of every game, and of a forward and backward pass over one microbatch, with
the same shapes, strides and types. Each answer is JSON: the minimum of processor seconds for one step (one pass to play it, one
forward and backward pass in each epoch), and its multiply-adds.
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
"""how long each product is repeated"""
CPU = torch.device("cpu")


class Factor(NamedTuple):
    """Shape, strides and type of a tensor."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    def filled(self) -> Tensor:
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype).normal_()


Products = Counter[tuple[Factor, Factor]]


class Watch(TorchDispatchMode):
    """Records the factors of every matrix product."""

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
    """The matrix products of one pass."""
    with Watch() as watch:
        work()
    return watch.products


def multiply_adds(products: Products) -> int:
    """The multiply-adds of all products."""
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
    """The products of one move of every game, checked against the formula, and of one microbatch."""
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
    """Answer each line of standard input."""
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
