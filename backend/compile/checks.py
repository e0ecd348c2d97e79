"""Checks a generated module on real boards before it is trained; runs in a process of its own."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import backend.models.generated as generated_package
from backend.environment.game_2048 import Games
from backend.environment.game_2048 import legal_moves as legal_by_table
from backend.models import GameTransformer
from backend.models.game_transformer import ILLEGAL
from backend.training.ppo_trainer import Batch, log_probabilities, ppo_loss
from backend.training.updates import train_without_dropout
from shared_py.protocol import Check
from shared_py.training_config import TrainConfig

BOARDS = 32
SEED = 2048
TOLERANCE = 1e-5
RATIO_TOLERANCE = 1e-4
IN_FULL_PRECISION = TrainConfig(precision="float32")
"""bfloat16, which is chosen where the processor is faster with it, would differ by more than the tolerances"""
NetworkCheck = Callable[[GameTransformer, Tensor], tuple[bool, str]]


def run_checks(design_id: str, generated_dir: str, design_hash: str, config: dict[str, int], parameters: int) -> list[Check]:
    """Import `backend.models.generated.<design_id>` and run every check on a network with fresh weights.

    Exceptions of the module are raised. Where outputs are not finite no other check means anything, so that one comes first and
    ends the list if it fails.
    """
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    model = build(design_id, Path(generated_dir), design_hash, config)
    boards = sample_boards(BOARDS)
    checks = [Check("parameters", *check_count(model, parameters))]
    for name, check in CHECKS.items():
        passed, detail = check(model, boards)
        checks.append(Check(name, passed, detail))
        if name == FIRST and not passed:
            break
    return checks


def build(design_id: str, generated_dir: Path, design_hash: str, config: dict[str, int]) -> GameTransformer:
    """Import the generated file and build its network; RuntimeError if the file is of another version of the design."""
    sys.dont_write_bytecode = True
    generated_package.add_folder(generated_dir)
    importlib.invalidate_caches()
    module = importlib.import_module(f"backend.models.generated.{design_id}")
    model: GameTransformer = module.GeneratedModel(**config)
    if model.design_hash != design_hash:
        raise RuntimeError(f"{module.__file__} was written from another version of the design")
    return model


def sample_boards(count: int) -> Tensor:
    """(count, 16) int64 boards from games played at random; a quarter of them get larger tiles, up to the largest."""
    random = np.random.default_rng(SEED)
    games = Games(count, random)
    for _ in range(60):
        games.step((random.random(games.legal.shape) * games.legal).argmax(axis=1))
    boards = games.boards.copy()
    raised = boards[::4]
    raised[raised > 0] += random.integers(0, 11, size=int((raised > 0).sum()), dtype=np.uint8)
    boards[::4] = raised
    boards[~legal_by_table(boards).any(axis=1)] = games.boards[0]
    return torch.from_numpy(boards.astype(np.int64))


def check_count(model: GameTransformer, parameters: int) -> tuple[bool, str]:
    """The number of parameters that the phone shows equals that of the torch module."""
    counted = sum(parameter.numel() for parameter in model.parameters())
    return counted == parameters, f"{counted:,} in torch, {parameters:,} by the formula"


def check_gradients(model: GameTransformer, boards: Tensor) -> tuple[bool, str]:
    """Every parameter gets a gradient from the whole training loss, and it is finite."""
    train_without_dropout(model)
    model.zero_grad(set_to_none=True)
    loss = ppo_loss(model, _batch(model, boards), IN_FULL_PRECISION, 0.01)
    loss.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    parameters = dict(model.named_parameters())
    missing = [name for name, parameter in parameters.items() if parameter.grad is None]
    wrong = [name for name, parameter in parameters.items() if parameter.grad is not None and not parameter.grad.isfinite().all()]
    model.zero_grad(set_to_none=True)
    if missing or wrong:
        return False, f"none for {', '.join(missing) or 'nothing'}; not finite for {', '.join(wrong) or 'nothing'}"
    return True, f"all {len(parameters)} parameter tensors"


@torch.inference_mode()
def check_batch_independence(model: GameTransformer, boards: Tensor) -> tuple[bool, str]:
    """The outputs of a batch equal those of its boards one by one, up to rounding.

    Boards are left out where the choice of an expert is so close that rounding could change it.
    """
    model.eval()
    boards = boards[model.is_decided(boards)]
    if not len(boards):
        return False, "on every board the choice of an expert is a close call"
    largest = 0.0
    for whole, singly in zip(model(boards), zip(*(model(board[None]) for board in boards), strict=True), strict=True):
        scale = whole[whole > ILLEGAL].abs().max().clamp(min=1)
        largest = max(largest, float((whole - torch.cat(singly)).abs().max() / scale))
    return largest <= TOLERANCE, f"largest difference {largest:.1e} over {len(boards)} boards"


@torch.inference_mode()
def check_mask(model: GameTransformer, boards: Tensor) -> tuple[bool, str]:
    """Illegal moves are never chosen, neither greedily nor by sampling, and every legal move can be."""
    model.eval()
    legal = torch.from_numpy(legal_by_table(boards.numpy().astype(np.uint8)))
    logits = model(boards)[0]
    sampled = torch.multinomial(logits.softmax(dim=1), 256, replacement=True)
    best = logits.argmax(dim=1, keepdim=True)
    chosen = torch.cat([best, sampled], dim=1)
    illegal = int((~legal.gather(1, chosen)).sum())
    masked = bool(((logits <= -1e8) == ~legal).all())
    return illegal == 0 and masked, f"{illegal} illegal of {chosen.numel():,} moves"


@torch.no_grad()
def check_ratio(model: GameTransformer, boards: Tensor) -> tuple[bool, str]:
    """PPO's ratio of new to old probability is 1 before the first step."""
    batch = _batch(model, boards)
    train_without_dropout(model)
    ratios = ppo_loss(model, batch, IN_FULL_PRECISION, 0.01).ratios_B
    largest = float((ratios - 1).abs().max())
    return largest <= RATIO_TOLERANCE, f"largest distance from 1 is {largest:.1e}"


@torch.inference_mode()
def check_finite(model: GameTransformer, boards: Tensor) -> tuple[bool, str]:
    """Logits of legal moves and values are finite and of the right shape."""
    model.eval()
    logits, value = model(boards)
    if logits.shape != (len(boards), 4) or value.shape != (len(boards),):
        return False, f"logits {tuple(logits.shape)}, value {tuple(value.shape)} of {len(boards)} boards"
    wrong = int((~(logits.isfinite().all(dim=1) & value.isfinite())).sum())
    if wrong:
        return (
            False,
            f"infinite or not a number on {wrong} of {len(boards)} boards: activations in the network grow too large",
        )
    return True, f"logits {tuple(logits.shape)}, value {tuple(value.shape)}"


def _batch(model: GameTransformer, boards: Tensor) -> Batch:
    """Moves sampled as in a rollout, with made-up advantages."""
    model.eval()
    with torch.no_grad():
        logits = model.evaluate(boards).logits
    actions = torch.multinomial(logits.softmax(dim=1), 1).squeeze(1)
    advantages = torch.linspace(-1, 1, len(boards))
    return Batch(
        boards, actions, log_probabilities(logits, actions), advantages, advantages, advantages, torch.ones_like(advantages)
    )


FIRST = "finite"
CHECKS: dict[str, NetworkCheck] = {
    FIRST: check_finite,
    "gradients": check_gradients,
    "batch independence": check_batch_independence,
    "mask": check_mask,
    "ratio": check_ratio,
}
