"""The memory that autograd saves for the backward pass of PPO's loss, each storage counted once."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from backend.models import GameTransformer
from backend.training import ppo_trainer as ppo
from shared_py.training_config import TrainConfig

CONFIG = TrainConfig(precision="float32")


def batch_of_boards(count: int) -> ppo.Batch:
    """Boards as a minibatch holds them, with made-up numbers."""
    generator = torch.Generator().manual_seed(count)
    boards = torch.randint(0, 8, (count, 16), generator=generator, dtype=torch.uint8)
    numbers = torch.rand(5, count, generator=generator)
    return ppo.Batch(boards, torch.zeros(count, dtype=torch.int64), *numbers.clone().unbind(0))


def kept_storages(model: GameTransformer, batch: ppo.Batch) -> tuple[list[torch.UntypedStorage], Tensor]:
    """Every storage that the loss of a batch keeps, parameters, buffers and the batch aside; and the loss."""
    known = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers(), *batch)}
    found: dict[int, torch.UntypedStorage] = {}

    def note(tensor: Tensor) -> Any:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            found[storage.data_ptr()] = storage
        return tensor

    ppo.train_without_dropout(model)
    with saved_tensors_hooks(note, lambda tensor: tensor):
        loss = ppo.ppo_loss(model, batch, CONFIG, 0.01).total
    return list(found.values()), loss


def kept_bytes(model: GameTransformer, boards: int) -> int:
    """How many bytes the loss of so many boards keeps."""
    storages, _ = kept_storages(model, batch_of_boards(boards))
    return sum(storage.nbytes() for storage in storages)
