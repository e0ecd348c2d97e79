"""PPO's parts against their definitions, and the loop against itself."""

import copy
import time
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from support.designs import plain_design, small_design, template
from support.handwritten_networks import TEXTS
from support.report_recorder import Recorder

from backend.environment.game_2048 import Games, legal_moves, slide
from backend.environment.vector_games import games_on
from backend.models import GameTransformer
from backend.models.loading import load_source
from backend.training import loop, updates
from backend.training import ppo_trainer as ppo
from backend.training.importance_sampling import UNIFORM_MIX
from backend.training.optimizer import Adam
from backend.training.updates import minibatches, train_without_dropout
from shared_py.metrics import TrainingMetrics
from shared_py.protocol import TrainingUpdate
from shared_py.training_config import TrainConfig

QUICK = TrainConfig(total_steps=1024, n_envs=16, n_steps=16, minibatch_size=64, update_epochs=2, target_kl=10.0)


def build(seed: int = 1, **options: Any) -> GameTransformer:
    torch.manual_seed(seed)
    return GameTransformer.from_architecture(small_design(**options))


def rollout_of(model: GameTransformer, config: TrainConfig = QUICK) -> ppo.Rollout:
    games = games_on(torch.device("cpu"), config.n_envs, 1)
    return ppo.collect(model, games, config, torch.Generator().manual_seed(1), lambda *_: False)


def test_rollouts_hold_legal_moves_and_their_points() -> None:
    rollout = rollout_of(build())
    boards, actions = rollout.boards_TNS.flatten(0, 1).numpy(), rollout.actions_TN.flatten().numpy()
    assert legal_moves(boards)[np.arange(len(boards)), actions].all()
    _, points, _ = slide(boards, actions)
    assert np.array_equal(rollout.points_TN.flatten().numpy(), points)
    assert (rollout.log_probs_TN <= 0).all()


def test_advantages_equal_their_definition() -> None:
    steps, games, gamma, lam = 7, 3, 0.9, 0.7
    random = np.random.default_rng(2)
    points, values = random.integers(0, 999, (steps, games)), random.random((steps, games))
    rewards = 0.1 * np.sqrt(points) / 16
    last, over = random.random(games), random.random((steps, games)) < 0.3
    floats = [torch.tensor(array, dtype=torch.float32) for array in (values, last)]
    empty = torch.zeros(0)
    rollout = ppo.Rollout(empty, empty, empty, floats[0], torch.tensor(points), torch.tensor(over), empty, floats[1])
    config = msgspec.structs.replace(QUICK, gamma=gamma, gae_lambda=lam)
    following = np.vstack([values[1:], last])
    for game in range(games):
        for start in range(steps):
            expected, weight = 0.0, 1.0
            for t in range(start, steps):
                error = rewards[t, game] + gamma * following[t, game] * (not over[t, game]) - values[t, game]
                expected += weight * error
                weight *= gamma * lam
                if over[t, game]:
                    break
            assert ppo.estimate_advantages(rollout, config)[start, game].item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_the_ratio_is_one_before_the_first_step(checkpoint: bool) -> None:
    model = build(checkpoint=checkpoint)
    rollout = rollout_of(model)
    train_without_dropout(model)
    with torch.no_grad():
        loss = ppo.ppo_loss(model, ppo.batch_of(rollout, QUICK), QUICK, 0.01)
    assert (loss.ratios_B - 1).abs().max().item() < 1e-4
    assert loss.approx_kl.item() == pytest.approx(0, abs=1e-6)
    assert loss.clip_fraction.item() == 0


def test_dropout_stays_off_and_checkpoints_stay_on() -> None:
    model = build(checkpoint=True)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.5
    train_without_dropout(model)
    boards = torch.from_numpy(Games(8, np.random.default_rng(0)).boards).long()
    assert model.training
    assert torch.equal(model(boards)[0], model(boards)[0])


@pytest.mark.parametrize("at_once", [1, 7, 256, 699, 700, 4096])
def test_the_gradient_is_the_same_however_many_boards_are_computed_at_once(at_once: int) -> None:
    model = build()
    batch = ppo.batch_of(rollout_of(model), QUICK)
    whole = ppo.Batch(*(column.repeat(3, *[1] * (column.dim() - 1))[:700] for column in batch))
    config = msgspec.structs.replace(QUICK, vf_coef=0.7, microbatch_size=at_once, precision="float32")
    for module in model.modules():
        if type(module).__name__ == "Router":
            module.reward_coef = 0.0  # the balance loss is of the boards at once, not of their sum
    model.zero_grad()
    ppo.ppo_loss(model, whole, config, 0.01).total.backward()
    expected = [copy.deepcopy(parameter.grad) for parameter in model.parameters()]
    model.zero_grad()
    assert ppo.accumulate_gradients(model, whole, config, 0.01, lambda: False) is not None
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-6, rtol=1e-4)


def test_moves_drawn_by_importance_give_the_gradient_of_all_on_average() -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(plain_design())
    batch = ppo.batch_of(rollout_of(model), QUICK)
    config = msgspec.structs.replace(QUICK, precision="float32", update_epochs=1, update_share=0.3, minibatch_size=1024)
    random = torch.Generator().manual_seed(1)

    def gradient(some: ppo.Batch) -> torch.Tensor:
        model.zero_grad()
        ppo.ppo_loss(model, some, config, 0.01).total.backward()
        return torch.cat([parameter.grad.flatten() for parameter in model.parameters() if parameter.grad is not None])

    def of_a_draw() -> torch.Tensor:
        [(places, weights)] = minibatches(ppo.gradient_norm_proxy(batch), config, random)
        assert len(places) == round(0.3 * 256)
        return gradient(ppo.Batch(*(column[places] for column in batch))._replace(weights_B=weights))

    whole = gradient(batch)
    drawn = torch.stack([of_a_draw() for _ in range(200)])
    off = drawn.mean(dim=0) - whole
    error = drawn.std(dim=0).norm() / 200**0.5
    assert off.norm() < 1.2 * error
    assert error < 0.1 * whole.norm()


def test_a_weight_is_how_often_a_move_counts() -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(template("side_tasks"))
    config = msgspec.structs.replace(QUICK, precision="float32")
    batch = ppo.Batch(*(column[:6] for column in ppo.batch_of(rollout_of(model), config)))
    batch = batch._replace(log_probs_B=batch.log_probs_B + torch.linspace(-0.5, 0.5, 6))
    counts = torch.tensor([3, 1, 0, 2, 1, 1])

    def learned(some: ppo.Batch) -> tuple[list[float], list[torch.Tensor]]:
        model.zero_grad()
        loss = ppo.ppo_loss(model, some, config, 0.01)
        loss.total.backward()
        metrics = [scalar.item() for scalar in loss[:6]]
        return metrics, [parameter.grad for parameter in model.parameters() if parameter.grad is not None]

    metrics, gradients = learned(batch._replace(weights_B=counts * 6 / 8))
    repeated = ppo.Batch(*(column.repeat_interleave(counts, dim=0) for column in batch))
    expected, whole = learned(repeated._replace(weights_B=torch.ones(8)))
    assert metrics == pytest.approx(expected, rel=1e-4)
    assert 0 < metrics[-1] < 1
    for found, one in zip(gradients, whole, strict=True):
        torch.testing.assert_close(found, one, atol=1e-6, rtol=1e-3)


def test_a_part_of_a_rollout_is_drawn_by_the_size_of_its_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    config = msgspec.structs.replace(QUICK, update_epochs=1, update_share=0.25)
    rollout = rollout_of(model, config)
    learned: list[ppo.Batch] = []

    def record(model: GameTransformer, minibatch: ppo.Batch, *_: object) -> torch.Tensor:
        learned.append(minibatch)
        return torch.zeros(6)

    monkeypatch.setattr(ppo, "accumulate_gradients", record)
    ppo.update(model, Adam(model.parameters(), 0.1, 1e-5), rollout, config, 0.0, torch.Generator(), lambda: False)
    [minibatch] = learned
    assert len(minibatch.weights_B) == 64
    least = UNIFORM_MIX * ppo.gradient_norm_proxy(ppo.batch_of(rollout, config)).mean()
    shares = (ppo.gradient_norm_proxy(minibatch) + least) * minibatch.weights_B
    rare = minibatch.weights_B > 1
    assert rare.sum() > 8
    torch.testing.assert_close(shares[rare], shares[rare].mean().expand(int(rare.sum())))


def test_a_sure_move_teaches_the_policy_nothing() -> None:
    batch = ppo.Batch(*(torch.zeros(3),) * 3, torch.tensor([1.0, -1.0, 2.0]), *(torch.zeros(3),) * 3)
    unsure = batch._replace(log_probs_B=torch.tensor(0.25).log().expand(3))
    assert ppo.gradient_norm_proxy(batch).tolist() == pytest.approx([0.3, 0.3, 0.6])
    assert ppo.gradient_norm_proxy(unsure).tolist() == pytest.approx([1.05, 1.05, 2.1])


def test_updates_stop_at_the_kl_and_at_nonsense() -> None:
    model = build()
    rollout = rollout_of(model)
    seen: list[int] = []
    config = msgspec.structs.replace(QUICK, learning_rate=1.0, target_kl=1e-3)
    optimizer = Adam(model.parameters(), 0.05, 1e-5)
    metrics = ppo.update(model, optimizer, rollout, config, 0.0, torch.Generator(), lambda: bool(seen.append(1)))
    assert metrics is not None
    assert metrics["approx_kl"] > config.target_kl
    assert optimizer.steps < 8
    next(model.parameters()).data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="finite"):
        ppo.update(model, optimizer, rollout, config, 0.0, torch.Generator(), lambda: False)


def test_the_loop_learns_reports_and_evaluates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 4)
    monkeypatch.setattr(updates, "FIRST_GAP_S", QUICK.checkpoint_every_s)  # no checkpoint by time, however slow the machine is
    model, trainer = build(), ppo.PPOTrainer()
    before = copy.deepcopy(model.state_dict())
    recorder = Recorder(trainer, model)
    trainer.train(model, QUICK, recorder, recorder)
    steps = [progress.steps for progress in recorder.updates]
    assert steps == sorted(steps)
    assert steps[0] == QUICK.n_envs
    assert steps[-1] == QUICK.total_steps
    first, last = recorder.updates[0], recorder.updates[-1]
    assert first.score is None
    assert first.loss is None
    assert first.moe is not None
    for progress in recorder.updates:
        assert progress.moe is not None
        assert sum(progress.moe.expert_usage) == pytest.approx(1.0, abs=1e-6)
        assert set(progress.moe.layers) == {"c5"}
        assert 0.9 < progress.moe.router_entropy["c5"] <= 1.0 + 1e-6
    assert None not in (last.loss, last.policy_loss, last.value_loss, last.entropy, last.approx_kl, last.explained_variance)
    assert 0 < last.entropy <= np.log(4) + 1e-6
    assert last.learning_rate == pytest.approx(QUICK.final_learning_rate)
    assert recorder.updates[0].learning_rate == QUICK.learning_rate
    assert {evaluation.policy for evaluation in recorder.evaluations} == {"sampled", "greedy"}
    for evaluation in recorder.evaluations:
        assert evaluation.board_reading is not None
        assert 0 < evaluation.board_reading < 1
    assert all(not torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert len(recorder.checkpoints) == 2


def test_mixtures_within_containers_are_told_by_component(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    torch.manual_seed(1)
    model, trainer = load_source(TEXTS["sequence"], "sequence").GeneratedModel(), ppo.PPOTrainer()
    assert list(model.evaluate(torch.zeros(1, 16, dtype=torch.int64)).routings) == ["c3.0.c8", "c3.1.c8"]
    recorder = Recorder(trainer, model)
    trainer.train(model, msgspec.structs.replace(QUICK, total_steps=256), recorder, recorder)
    moe = recorder.updates[-1].moe
    assert moe is not None
    assert set(moe.layers) == {"c8"}
    assert sum(moe.layers["c8"]) == pytest.approx(1.0, abs=1e-6)


def test_stopping_leaves_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "FIRST_GAP_S", QUICK.checkpoint_every_s)
    model, trainer = build(), ppo.PPOTrainer()
    recorder = Recorder(trainer, model, stop_after=1)
    trainer.train(model, msgspec.structs.replace(QUICK, total_steps=10**9), recorder, recorder)
    assert len(recorder.checkpoints) == 2
    assert not recorder.evaluations


def test_the_pace_is_of_whole_iterations_and_leaves_pauses_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    monkeypatch.setattr(loop, "FIRST_EVALUATION_S", 1e9)
    clock = [0.0]

    def look() -> float:
        clock[0] += 1e-3
        return clock[0]

    def wait(recorder: Recorder, _: Any = None) -> bool:
        clock[0] += 1000 if len(recorder.updates) == 40 else 0
        return False

    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=look, thread_time=time.thread_time))
    monkeypatch.setattr(Recorder, "poll", wait)
    model, trainer = build(), ppo.PPOTrainer()
    recorder = Recorder(trainer, model)
    trainer.train(model, QUICK, recorder, recorder)
    assert clock[0] > 1000
    per_iteration = QUICK.n_envs * QUICK.n_steps
    paces: dict[int, set[float]] = {}
    for progress in recorder.updates:
        if progress.steps > per_iteration and progress.steps % per_iteration:
            paces.setdefault(progress.steps // per_iteration, set()).add(progress.steps_per_second)
    assert len(paces) == QUICK.total_steps // per_iteration - 1
    assert all(len(found) == 1 for found in paces.values())
    assert max(map(max, paces.values())) < 2 * min(map(min, paces.values()))


def test_the_last_figures_are_told_when_none_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    monkeypatch.setattr(Recorder, "due", lambda _: False)
    model, trainer = build(), ppo.PPOTrainer()
    recorder = Recorder(trainer, model)
    trainer.train(model, QUICK, recorder, recorder)
    assert [progress.steps for progress in recorder.updates] == [QUICK.total_steps]


def test_a_network_without_experts_reports_none() -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), ppo.PPOTrainer()
    recorder = Recorder(trainer, model, stop_after=1)
    trainer.train(model, QUICK, recorder, recorder)
    assert {progress.moe for progress in recorder.updates} == {None}


def test_one_game_one_move_is_enough() -> None:
    model, trainer = GameTransformer.from_architecture(plain_design()), ppo.PPOTrainer()
    recorder = Recorder(trainer, model, stop_after=2)
    trainer.train(model, TrainConfig(total_steps=10, n_envs=1, n_steps=1, minibatch_size=1), recorder, recorder)
    assert all(np.isfinite(progress.loss) for progress in recorder.updates if progress.loss is not None)


def test_every_metric_reaches_the_phone() -> None:
    assert TrainingUpdate.__struct_fields__ == ("seq", "run_id", *TrainingMetrics.__struct_fields__)
