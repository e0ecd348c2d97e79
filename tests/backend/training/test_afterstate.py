"""Afterstate TD: its parts against their definitions, and the loop against itself."""

import msgspec
import numpy as np
import pytest
import torch
from support.designs import plain_design, small_design, template
from support.report_recorder import Recorder

from backend.environment.game_2048 import slide
from backend.environment.vector_games import games_on
from backend.models import GameTransformer
from backend.models.moves import ScoredMoves
from backend.models.rules import board_views
from backend.training import afterstate_trainer as td
from backend.training import loop, updates
from backend.training.importance_sampling import UNIFORM_MIX
from shared_py.game_2048 import move
from shared_py.training_config import TrainConfig

QUICK = TrainConfig(
    algorithm="afterstate_td", total_steps=1024, n_envs=16, n_steps=16, minibatch_size=64, update_epochs=1, precision="float32"
)
CPU = torch.device("cpu")


def build(seed: int = 1) -> GameTransformer:
    torch.manual_seed(seed)
    return GameTransformer.from_architecture(small_design())


def rollout_of(model: GameTransformer, config: TrainConfig = QUICK) -> td.Rollout:
    return td.collect(model, ScoredMoves(), games_on(CPU, config.n_envs, 1), config, lambda *_: False)


@torch.no_grad()
def test_it_takes_the_best_move_by_reward_and_value() -> None:
    model = build().eval()
    boards = rollout_of(model).after_TNS[-1]
    selected = td.select_action(model, ScoredMoves(), boards, QUICK)
    for index, board in enumerate(boards.tolist()):
        worth = {}
        for action in range(4):
            after, points, moved = move(tuple(board), action)
            if moved:
                reward, value = 0.1 * np.sqrt(points) / 16, model(torch.tensor([after]))[1].item()
                worth[action] = (reward + QUICK.gamma * value, reward, value, after)
        best = max(worth, key=lambda action: worth[action][0])
        assert selected.actions_N[index] == best
        assert tuple(selected.after_NS[index].tolist()) == worth[best][3]
        found = selected.rewards_N[index].item(), selected.values_N[index].item()
        assert found == pytest.approx(worth[best][1:3], abs=1e-5)


def test_a_rollout_follows_the_games() -> None:
    rollout = rollout_of(build())
    assert (rollout.largest_TN.long() >= rollout.after_TNS.amax(dim=2)).all()
    for t in range(QUICK.n_steps - 1):
        here, after = rollout.after_TNS[t], rollout.after_TNS[t + 1]
        for game in range(QUICK.n_envs):
            if not rollout.dones_TN[t, game]:
                spawned = [here[game].clone() for _ in range(32)]
                for cell, kind in [(cell, kind) for cell in range(16) for kind in (1, 2)]:
                    spawned[cell * 2 + kind - 1][cell] = kind
                legal = [board.numpy() for cell, board in enumerate(spawned) if here[game][cell // 2] == 0]
                boards = np.repeat(np.stack(legal), 4, axis=0)
                reachable = slide(boards, np.tile(np.arange(4), len(legal)))[0]
                assert (reachable == after[game].numpy()).all(axis=1).any()


def test_returns_equal_their_definition() -> None:
    steps, games, gamma, lam = 7, 3, 0.9, 0.7
    random = np.random.default_rng(2)
    rewards, values = random.random((steps + 1, games)), random.random((steps + 1, games))
    over = random.random((steps, games)) < 0.3
    empty = torch.zeros(0)
    rollout = td.Rollout(empty, torch.tensor(rewards), torch.tensor(values), empty, torch.tensor(over), empty)
    found = td.lambda_returns(rollout, msgspec.structs.replace(QUICK, gamma=gamma, gae_lambda=lam))

    def expected(t: int, game: int) -> float:
        """The mean of all n-step returns, each weighing lambda times as much as the one before; the last takes the rest."""
        total, weight = 0.0, 1.0
        for n in range(1, steps - t + 1):
            reached = t + n
            value, ended = 0.0, False
            for k in range(n):
                if over[t + k, game]:
                    ended = True
                    break
                value += gamma**k * rewards[t + k + 1, game]
            else:
                value += gamma**n * values[reached, game]
            last = ended or reached == steps
            total += (weight if last else weight * (1 - lam)) * value
            if last:
                return total
            weight *= lam
        raise AssertionError

    for t in range(steps):
        for game in range(games):
            assert found[t, game].item() == pytest.approx(expected(t, game), abs=1e-6)


def test_the_eight_views_are_turns_and_mirror_images() -> None:
    views = board_views()
    assert len({tuple(view) for view in views.tolist()}) == 8
    grid = np.arange(16).reshape(4, 4)
    expected = {tuple(np.rot90(side, turns).ravel()) for side in (grid, grid.T) for turns in range(4)}
    assert {tuple(view) for view in views.tolist()} == expected


@pytest.mark.parametrize("at_once", [1, 7, 64])
def test_the_gradient_is_the_same_however_many_boards_are_computed_at_once(at_once: int) -> None:
    torch.manual_seed(3)
    model = GameTransformer.from_architecture(plain_design())
    rollout = rollout_of(model)
    boards, returns = rollout.after_TNS.flatten(0, 1)[:60], td.lambda_returns(rollout, QUICK).flatten()[:60]
    weights = torch.linspace(0.2, 3, 60)

    def gradients(size: int) -> list[torch.Tensor | None]:
        model.zero_grad()
        config = msgspec.structs.replace(QUICK, microbatch_size=size)
        assert td.accumulate_gradients(model, boards, returns, weights, config, lambda: False) is not None
        return [None if parameter.grad is None else parameter.grad.clone() for parameter in model.parameters()]

    for found, whole in zip(gradients(at_once), gradients(64), strict=True):
        torch.testing.assert_close(found, whole, atol=1e-7, rtol=1e-4)


def test_a_weight_is_how_often_a_board_counts() -> None:
    torch.manual_seed(3)
    model = GameTransformer.from_architecture(template("side_tasks"))
    rollout = rollout_of(model)
    boards, returns = rollout.after_TNS.flatten(0, 1)[:6], td.lambda_returns(rollout, QUICK).flatten()[:6]
    counts = torch.tensor([3, 1, 0, 2, 1, 1])

    def learned(*of: torch.Tensor) -> tuple[list[float], list[torch.Tensor]]:
        model.zero_grad()
        means = td.accumulate_gradients(model, *of, QUICK, lambda: False)
        assert means is not None
        return means.tolist(), [parameter.grad for parameter in model.parameters() if parameter.grad is not None]

    means, gradients = learned(boards, returns, counts * 6 / 8)
    expected, whole = learned(*(column.repeat_interleave(counts, dim=0) for column in (boards, returns)), torch.ones(8))
    assert means == pytest.approx(expected, rel=1e-4)
    for found, one in zip(gradients, whole, strict=True):
        torch.testing.assert_close(found, one, atol=1e-6, rtol=1e-3)


def test_a_part_of_a_rollout_is_drawn_by_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    rollout = rollout_of(model)
    config = msgspec.structs.replace(QUICK, update_share=0.25)
    returns = td.lambda_returns(rollout, config).flatten()
    errors = (returns - rollout.values_TN[:-1].flatten()).abs()
    error_of = dict(zip(returns.tolist(), errors.tolist(), strict=True))
    learned: list[tuple[float, float]] = []

    def record(
        model: GameTransformer, boards: torch.Tensor, returns: torch.Tensor, weights: torch.Tensor, *_: object
    ) -> torch.Tensor:
        learned.extend(zip(returns.tolist(), weights.tolist(), strict=True))
        return torch.zeros(2)

    monkeypatch.setattr(td, "accumulate_gradients", record)
    td.update(model, loop.Adam(model.parameters(), 0.1, 1e-5), rollout, config, torch.Generator(), lambda: False)
    assert len(learned) == 64
    shares = [(error_of[wanted] + UNIFORM_MIX * errors.mean().item()) * weight for wanted, weight in learned]
    assert max(shares[n] for n in range(64) if learned[n][1] > 1) == pytest.approx(
        min(shares[n] for n in range(64) if learned[n][1] > 1)
    )


def test_nonsense_fails_with_a_sentence() -> None:
    model = build()
    rollout = rollout_of(model)
    next(model.parameters()).data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="finite"):
        td.update(model, loop.Adam(model.parameters(), 0.1, 1e-5), rollout, QUICK, torch.Generator(), lambda: False)


def test_stopping_in_a_rollout_leaves_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "FIRST_GAP_S", QUICK.checkpoint_every_s)
    model, trainer = build(), td.AfterstateTrainer()
    recorder = Recorder(trainer, model, stop_after=1)
    trainer.train(model, msgspec.structs.replace(QUICK, total_steps=10**9), recorder, recorder)
    assert len(recorder.checkpoints) == 2
    assert not recorder.evaluations
    moe = recorder.updates[-1].moe
    assert moe is not None
    assert set(moe.layers) == {"c5"}
