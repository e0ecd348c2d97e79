"""Trainings whose matrix products are bfloat16, as on processors that have it: made so here on every processor."""

import math

import msgspec
import pytest
import torch
from support.chain_designs import CHAINS, chain_named
from support.report_recorder import Recorder

from backend.models import GameTransformer
from backend.training import loop
from backend.training.trainers import TRAINERS
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates
from shared_py.training_config import AlgorithmName, TrainConfig

BRIEF = TrainConfig(
    total_steps=128, n_envs=8, n_steps=8, minibatch_size=32, target_kl=10.0, threads=1, ema_decay=0.0, precision="bfloat16"
)


@pytest.fixture(autouse=True)
def one_test_game(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)


@pytest.mark.parametrize("algorithm", TRAINERS)
@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_every_template_learns(design: ModelArchitecture, algorithm: AlgorithmName) -> None:
    learn(design, algorithm)


@pytest.mark.parametrize("name", CHAINS)
def test_every_block_learns(name: str) -> None:
    learn(chain_named(name), "ppo")


def learn(design: ModelArchitecture, algorithm: AlgorithmName) -> None:
    """Two rollouts and what they teach, with warnings as errors."""
    torch.manual_seed(1)
    model, trainer = GameTransformer.from_architecture(design), TRAINERS[algorithm]()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    recorder = Recorder(trainer, model)
    trainer.train(model, msgspec.structs.replace(BRIEF, algorithm=algorithm), recorder, recorder)
    assert trainer.steps == BRIEF.total_steps
    assert all(update.loss is None or math.isfinite(update.loss) for update in recorder.updates)
    assert recorder.evaluations
    assert any(not torch.equal(parameter, before[name]) for name, parameter in model.named_parameters())
