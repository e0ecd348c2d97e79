"""What trainers share: a run that was cut goes on as if it had not been."""

import io
from typing import Any

import msgspec
import pytest
import torch
from designs import small_design
from recorder import Recorder

from backend.models import GameTransformer
from backend.training import loop
from backend.training.adam import Adam
from backend.training.trainers import TRAINERS
from shared_py.training_config import Algorithm, TrainConfig

SETTINGS: dict[str, dict[str, Any]] = {
    "ppo": {"update_epochs": 2, "target_kl": 10.0},
    "other starts": {"n_steps": 64, "total_steps": 4096, "big_tile_starts": 0.4, "good_game_starts": 0.3},
    "afterstate_td": {"algorithm": "afterstate_td", "update_epochs": 1},
    "drawn by importance": {"update_epochs": 2, "update_share": 0.4, "target_kl": 10.0},
    "boards drawn by importance": {"algorithm": "afterstate_td", "update_share": 0.4, "symmetries": True},
    "averaged weights": {"ema_decay": 0.9},
    "symmetries": {"algorithm": "afterstate_td", "update_epochs": 1, "symmetries": True},
}


def built(config: TrainConfig, seed: int) -> tuple[GameTransformer, loop.TrainingLoop, Recorder]:
    torch.manual_seed(seed)
    model, trainer = GameTransformer.from_architecture(small_design()), TRAINERS[config.algorithm]()
    return model, trainer, Recorder(trainer, model)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_run_that_was_cut_goes_on_bit_for_bit(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    plain = {"total_steps": 1024, "n_envs": 16, "n_steps": 16, "minibatch_size": 64, "checkpoint_every_s": 1e-9}
    config = TrainConfig(**(plain | settings))
    whole, trainer, recorder = built(config, seed=1)
    trainer.train(whole, config, recorder, recorder)
    cut = torch.load(io.BytesIO(recorder.checkpoints[1]), weights_only=True)
    again, resumed, second = built(config, seed=99)
    again.load_state_dict(cut["model"])
    resumed.load_state_dict(cut["trainer"])
    resumed.train(again, config, second, second)
    assert second.updates[0].learning_rate < config.learning_rate
    assert second.updates[0].loss is not None
    assert second.updates[-1].loss == recorder.updates[-1].loss
    assert second.updates[-1].score == recorder.updates[-1].score
    assert (trainer.starts.seen > 0) == bool(config.good_game_starts)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


@pytest.mark.parametrize(("limit", "moved"), [(0.0, 5.0), (1.0, 1.0), (100.0, 5.0)])
def test_gradients_are_scaled_down_to_a_norm_if_any(limit: float, moved: float) -> None:
    parameter = torch.zeros(2, requires_grad=True)
    optimizer = Adam([parameter], 0.1, 1e-5)
    parameter.grad = torch.tensor([3.0, 4.0])
    loop.descend(optimizer, 0.0, TrainConfig(max_grad_norm=limit))
    assert parameter.grad.norm().item() == pytest.approx(moved, rel=1e-5)
    assert parameter.abs().sum() > 0


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_a_stop_is_heard_on_the_last_move_of_a_rollout(algorithm: Algorithm) -> None:
    config = TrainConfig(algorithm=algorithm, total_steps=10**9, n_envs=4, n_steps=1, minibatch_size=4)
    model, trainer, recorder = built(config, seed=1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    recorder.poll = lambda: True  # type: ignore[method-assign]  # from the first move on
    trainer.train(model, config, recorder, recorder)
    assert trainer.steps == config.n_envs
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_a_gradient_that_is_not_finite_leaves_the_network_as_it_was(algorithm: Algorithm) -> None:
    config = msgspec.structs.replace(TrainConfig(algorithm=algorithm), n_envs=4, n_steps=4)
    model, trainer, recorder = built(config, seed=1)
    weight = next(parameter for parameter in model.parameters() if parameter.dim() == 2)
    weight.register_hook(lambda gradient: gradient * torch.inf)
    before = weight.detach().clone()
    with pytest.raises(FloatingPointError, match="finite"):
        trainer.train(model, config, recorder, recorder)
    assert torch.equal(weight, before)
