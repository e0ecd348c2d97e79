"""The trainer that docs/trainers.md shows trains a drawn network, in a process of its own, and goes on where it was."""

import torch
from support.chain_designs import chain
from support.designs import small_design
from support.live_runs import await_status
from support.report_recorder import Recorder

from backend.models import GameTransformer
from backend.runs.checkpoints import load_checkpoint
from backend.runs.run_folder import RunFolder
from backend.runs.training_manager import TrainingManager
from backend.training.trainer import Progress
from docs.examples.imitation_trainer import ImitationTrainer
from shared_py.design import Component
from shared_py.metrics import TrainingMetrics
from shared_py.training_config import TrainConfig

CONFIG = TrainConfig(total_steps=6400, n_envs=64, learning_rate=0.02)


def test_it_learns_what_the_rule_does() -> None:
    torch.manual_seed(1)
    model, trainer = GameTransformer.from_architecture(small_design()), ImitationTrainer()
    recorder = Recorder(trainer, model)
    trainer.train(model, CONFIG, recorder, recorder)
    losses = [update.loss for update in recorder.updates if update.loss is not None]
    assert sum(losses[-20:]) < 0.97 * sum(losses[:20])
    again = ImitationTrainer()
    again.load_state_dict(trainer.state_dict())
    again.train(model, TrainConfig(total_steps=6464, n_envs=64), recorder, recorder)
    assert again.state_dict()["steps"] == 6464


def test_runs_are_trained_by_it_once_it_is_registered(manager: TrainingManager) -> None:
    manager.adopt_external_trainer(ImitationTrainer())
    run = manager.start(small_design(), CONFIG)
    finished = await_status(manager, run.id, "finished", "failed")
    assert (finished.status, finished.steps) == ("finished", 6400)


def test_with_dropout_it_learns_the_same_where_blocks_are_recomputed(manager: TrainingManager) -> None:
    manager.adopt_external_trainer(ImitationTrainer())
    config = TrainConfig(total_steps=640, n_envs=64, learning_rate=0.02, threads=1)
    networks = []
    for again in ([], [Component("g", "grad_checkpoint")]):
        layer = Component("x1", "transformer_layer", {"dropout": 0.5, "dim_feedforward": 32})
        router = Component("x2", "load_balance_router", {"router_jitter_noise": 0.3})
        run = manager.start(chain(layer, *again, router, Component("x3", "moe_layer", {"dim_feedforward": 24})), config)
        assert await_status(manager, run.id, "finished", "failed").status == "finished"
        networks.append(load_checkpoint(RunFolder(manager.run_folder(run.id)).checkpoint)["model"])
    plain, recomputed = networks
    assert list(plain) == list(recomputed)
    for name in plain:
        torch.testing.assert_close(recomputed[name], plain[name], msg=lambda text, name=name: f"{name}: {text}")


def test_trainers_of_earlier_versions_find_the_name_they_import() -> None:
    assert Progress is TrainingMetrics
