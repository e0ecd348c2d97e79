"""What trainers share: a run that was cut goes on as if it had not been."""

import io
import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from support.designs import small_design
from support.report_recorder import Recorder

from backend.environment.game_2048 import legal_moves
from backend.models import GameTransformer
from backend.training import loop, updates
from backend.training.optimizer import Adam
from backend.training.trainers import TRAINERS
from shared_py.forecasting import checkpoints_in
from shared_py.training_config import AlgorithmName, TrainConfig

SETTINGS: dict[str, dict[str, Any]] = {
    **{name: {"algorithm": name, "update_epochs": 1} for name in TRAINERS},
    "ppo": {"update_epochs": 2, "target_kl": 10.0},
    "other starts": {"n_steps": 64, "total_steps": 4096, "big_tile_starts": 0.4, "good_game_starts": 0.3},
    "drawn by importance": {"update_epochs": 2, "update_share": 0.4, "target_kl": 10.0},
    "boards drawn by importance": {"algorithm": "afterstate_td", "update_share": 0.4, "symmetries": True},
    "averaged weights": {"ema_decay": 0.9},
    "symmetries": {"algorithm": "afterstate_td", "update_epochs": 1, "symmetries": True},
}


def built(config: TrainConfig, seed: int) -> tuple[GameTransformer, loop.TrainingLoop[Any], Recorder]:
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


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_run_that_is_given_more_moves_equals_one_that_had_them_from_the_start(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With constant rates: otherwise the first part would follow the schedule of the shorter run."""
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    constant = {"final_learning_rate": 1e-3, "learning_rate": 1e-3, "ent_coef": 0.01, "final_ent_coef": 0.01}
    config = TrainConfig(**({"n_envs": 16, "n_steps": 16, "minibatch_size": 64} | settings | constant | {"total_steps": 2048}))
    whole, trainer, recorder = built(config, seed=1)
    trainer.train(whole, config, recorder, recorder)
    short, trainer, second = built(config, seed=1)
    trainer.train(short, msgspec.structs.replace(config, total_steps=1024), second, second)
    longer, resumed, third = built(config, seed=99)
    end = state_of(second, -1)
    assert end["trainer"]["steps"] == 1024
    longer.load_state_dict(end["model"])
    resumed.load_state_dict(end["trainer"])
    resumed.train(longer, config, third, third)
    assert third.updates[-1].loss == recorder.updates[-1].loss != second.updates[-1].loss
    assert third.updates[-1].score == recorder.updates[-1].score
    for name, tensor in whole.state_dict().items():
        assert torch.equal(longer.state_dict()[name], tensor), name


def state_of(recorder: Recorder, index: int) -> dict[str, Any]:
    """A checkpoint as it was stored."""
    state: dict[str, Any] = torch.load(io.BytesIO(recorder.checkpoints[index]), weights_only=True)
    return state


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("moment", ["in a rollout", "in an update"])
def test_a_run_killed_in_a_pause_goes_on_as_if_it_had_never_paused(
    settings: dict[str, Any], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    plain = {"total_steps": 1024, "n_envs": 16, "n_steps": 16, "minibatch_size": 64, "checkpoint_every_s": 1e9}
    config = TrainConfig(**(plain | settings))
    undisturbed, trainer, recorder = built(config, seed=1)
    trainer.train(undisturbed, config, recorder, recorder)
    rollout = config.n_envs * config.n_steps

    def pauses_now(trainer: loop.TrainingLoop[Any]) -> bool:
        if moment == "in a rollout":
            return trainer.steps == rollout + rollout // 2
        return trainer.steps == 2 * rollout and len(trainer._means) == 1

    paused, trainer, second = built(config, seed=1)
    found: list[int] = []

    def poll(before_pause: Callable[[], None] | None = None) -> bool:
        assert before_pause is not None or trainer._is_evaluating
        if not found and pauses_now(trainer) and before_pause is not None:
            found.append(len(second.checkpoints))
            before_pause()
        return False

    second.poll = poll  # type: ignore[method-assign]  # pauses at that moment
    trainer.train(paused, config, second, second)
    cut = state_of(second, found[0])
    assert cut["trainer"]["steps"] == (rollout if moment == "in a rollout" else 2 * rollout)
    assert ("rollout" in cut["trainer"]) == (moment == "in an update")
    again, resumed, third = built(config, seed=99)
    again.load_state_dict(cut["model"])
    resumed.load_state_dict(cut["trainer"])
    resumed.train(again, config, third, third)
    for name, tensor in undisturbed.state_dict().items():
        assert torch.equal(paused.state_dict()[name], tensor), name
        assert torch.equal(again.state_dict()[name], tensor), name
    assert recorder.updates[-1].loss == second.updates[-1].loss == third.updates[-1].loss
    assert recorder.updates[-1].score == second.updates[-1].score == third.updates[-1].score


@pytest.mark.parametrize("algorithm", TRAINERS)
@pytest.mark.parametrize("stop_at", [40, 180])
def test_a_run_that_was_stopped_anywhere_goes_on_as_if_it_had_not(
    algorithm: AlgorithmName, stop_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at so many calls of `poll`: there are 64 in a rollout, and then 32 in an update."""
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    config = TrainConfig(
        algorithm=algorithm, total_steps=384, n_envs=2, n_steps=64, minibatch_size=4, target_kl=10.0, checkpoint_every_s=1e9
    )
    undisturbed, trainer, recorder = built(config, seed=1)
    trainer.train(undisturbed, config, recorder, recorder)
    stopped, trainer, second = built(config, seed=1)
    polls = itertools.count(1)
    second.poll = lambda _=None: next(polls) >= stop_at  # type: ignore[method-assign]  # from there on
    trainer.train(stopped, config, second, second)
    cut = state_of(second, -1)
    assert cut["trainer"]["steps"] < config.total_steps
    again, resumed, third = built(config, seed=99)
    again.load_state_dict(cut["model"])
    resumed.load_state_dict(cut["trainer"])
    resumed.train(again, config, third, third)
    for name, tensor in undisturbed.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


def test_checkpoints_come_soon_at_first_and_then_at_growing_gaps() -> None:
    gaps = [updates.checkpoint_gap(trained_s, 0.01, 30.0) for trained_s in (0, 2, 8, 40, 100, 1000, 10**6)]
    assert gaps == [1.0, 1.0, 2.0, 10.0, 25.0, 30.0, 30.0]
    assert updates.checkpoint_gap(0, 2.0, 30.0) == 20.0, "ten times what saving takes"
    assert updates.checkpoint_gap(1000, 5.0, 30.0) == 30.0
    assert updates.checkpoint_gap(1000, 5.0, 0.2) == 0.2


def test_a_checkpoint_is_stored_before_test_games_and_they_are_a_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    monkeypatch.setattr(loop, "FIRST_EVALUATION_S", 0.0)
    monkeypatch.setattr(loop, "EVALUATION_EVERY_S", 0.0)
    config = TrainConfig(total_steps=512, n_envs=16, n_steps=16, minibatch_size=64, checkpoint_every_s=1e9)
    model, trainer, recorder = built(config, seed=1)
    saved: list[tuple[str, int]] = []

    def phase(phase: str) -> None:
        saved.append((phase, state_of(recorder, -1)["trainer"]["steps"]))

    monkeypatch.setattr(recorder, "phase", phase)
    trainer.train(model, config, recorder, recorder)
    assert [evaluation.steps for evaluation in recorder.evaluations] == [256, 256, 512, 512]
    assert saved == [("evaluating", 256), ("training", 256), ("evaluating", 512)]
    assert {games for _, games in recorder.games_done} == {2}
    done = [done for done, _ in recorder.games_done]
    assert (min(done), max(done)) == (0, 1), "the second policy goes on where the first one ended"


@pytest.mark.parametrize("algorithm", ["ppo", "afterstate_td"])
def test_an_update_has_the_newest_move_of_one_game(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    config = TrainConfig(algorithm=algorithm, total_steps=64, n_envs=4, n_steps=8, minibatch_size=32)
    model, trainer, recorder = built(config, seed=1)
    trainer.train(model, config, recorder, recorder)
    choices = [update.choice for update in recorder.updates if update.choice is not None]
    assert choices
    for choice in choices:
        legal = legal_moves(np.array([choice.board], dtype=np.uint8))[0]
        assert legal[choice.action]
        assert sum(choice.probabilities) == pytest.approx(1, abs=1e-3)
        assert all(share == 0 for share, way in zip(choice.probabilities, legal, strict=True) if not way)
        if algorithm == "afterstate_td":
            assert choice.action == int(np.argmax(choice.probabilities))


@pytest.mark.parametrize(("limit", "moved"), [(0.0, 5.0), (1.0, 1.0), (100.0, 5.0)])
def test_gradients_are_scaled_down_to_a_norm_if_any(limit: float, moved: float) -> None:
    parameter = torch.zeros(2, requires_grad=True)
    optimizer = Adam([parameter], 0.1, 1e-5)
    parameter.grad = torch.tensor([3.0, 4.0])
    updates.optimizer_step(optimizer, 0.0, TrainConfig(max_grad_norm=limit))
    assert parameter.grad.norm().item() == pytest.approx(moved, rel=1e-5)
    assert parameter.abs().sum() > 0


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_a_stop_is_heard_on_the_last_move_of_a_rollout(algorithm: AlgorithmName) -> None:
    config = TrainConfig(algorithm=algorithm, total_steps=10**9, n_envs=4, n_steps=1, minibatch_size=4)
    model, trainer, recorder = built(config, seed=1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    recorder.poll = lambda _=None: True  # type: ignore[method-assign]  # from the first move on
    trainer.train(model, config, recorder, recorder)
    assert trainer.steps == config.n_envs
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_a_gradient_that_is_not_finite_leaves_the_network_as_it_was(algorithm: AlgorithmName) -> None:
    config = msgspec.structs.replace(TrainConfig(algorithm=algorithm), n_envs=4, n_steps=4)
    model, trainer, recorder = built(config, seed=1)
    weight = next(parameter for parameter in model.parameters() if parameter.dim() == 2)
    weight.register_hook(lambda gradient: gradient * torch.inf)
    before = weight.detach().clone()
    with pytest.raises(FloatingPointError, match="finite"):
        trainer.train(model, config, recorder, recorder)
    assert torch.equal(weight, before)


@pytest.mark.parametrize("every_s", [0.5, 1.0, 7.0, 60.0])
@pytest.mark.parametrize("seconds", [0.5, 3.0, 30.0, 300.0, 3000.0])
def test_as_many_checkpoints_are_forecast_as_the_gaps_between_them_make(seconds: float, every_s: float) -> None:
    written, at = 0, 0.0
    while (at := at + updates.checkpoint_gap(at, 0.0, every_s)) <= seconds:
        written += 1
    assert checkpoints_in(seconds, every_s) == pytest.approx(written, abs=2.0)
