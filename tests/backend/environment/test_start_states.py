"""Games that begin elsewhere: from boards that can be played, as often as asked, and in no average."""

import msgspec
import pytest
import torch
from support.designs import plain_design
from support.report_recorder import Recorder

from backend.environment.game_2048 import legal_moves
from backend.environment.start_states import BIGGEST, KEPT, Starts
from backend.models import GameTransformer
from backend.training import loop
from backend.training.ppo_trainer import PPOTrainer
from shared_py.training_config import TrainConfig

QUICK = TrainConfig(total_steps=8192, n_envs=32, n_steps=32, minibatch_size=512, update_epochs=1, precision="float32")


def starts(big: float = 0.0, good: float = 0.0) -> Starts:
    return Starts(TrainConfig(big_tile_starts=big, good_game_starts=good), torch.Generator().manual_seed(1))


def test_big_tiles_are_few_and_anywhere() -> None:
    boards = starts(big=1.0).big_tiles(2000)
    largest = boards.amax(dim=1)
    assert sorted(largest.unique().tolist()) == list(range(BIGGEST[0], BIGGEST[1] + 1))
    assert ((boards > 0).sum(dim=1) >= 3).all()
    assert ((boards > 0).sum(dim=1) <= 6).all()
    assert legal_moves(boards.numpy()).any(axis=1).all()
    where = (boards == largest[:, None]).sum(dim=0)
    assert where.min() > 60


@pytest.mark.parametrize(("big", "good"), [(0.3, 0.0), (0.0, 0.3), (0.3, 0.4), (1.0, 0.0)])
def test_as_many_games_as_asked_begin_elsewhere(big: float, good: float) -> None:
    own, kept = torch.zeros((8000, 16), dtype=torch.uint8), torch.zeros((50, 16), dtype=torch.uint8)
    own[:, :2], kept[:, 3] = 1, 7
    drawn = starts(big, good)
    drawn.remember(kept, torch.arange(50) < 40)
    began = torch.arange(8000) % 2 == 0
    boards, moved = drawn.move_on(own, began)
    assert not moved[~began].any()
    assert torch.equal(boards[~moved], own[~moved])
    from_good = (boards[moved][:, 3] == 7) & (boards[moved] > 0).sum(dim=1).eq(1)
    assert moved.sum().item() / 4000 == pytest.approx(big + good, abs=0.04)
    assert from_good.sum().item() / 4000 == pytest.approx(good, abs=0.04)


def test_before_a_good_game_is_known_none_is_taken_up() -> None:
    own = torch.ones((100, 16), dtype=torch.uint8)
    assert not starts(good=1.0).move_on(own, torch.ones(100, dtype=torch.bool))[1].any()


def test_the_oldest_boards_make_room() -> None:
    kept = starts(good=1.0)
    for value in (1, 2, 3):
        kept.remember(torch.full((KEPT // 2, 16), value, dtype=torch.uint8), torch.ones(KEPT // 2, dtype=torch.bool))
    assert kept.kept.unique().tolist() == [2, 3]


def test_their_scores_count_in_no_average(monkeypatch: pytest.MonkeyPatch) -> None:
    """A game that begins with a big tile ends with it: none of those that are counted may have one."""
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 1)
    config = msgspec.structs.replace(QUICK, big_tile_starts=0.5, good_game_starts=0.3)
    torch.manual_seed(1)
    model, trainer = GameTransformer.from_architecture(plain_design()), PPOTrainer()
    recorder = Recorder(trainer, model)
    trainer.train(model, config, recorder, recorder)
    assert trainer.statistics.episode > 2 * len(trainer.statistics.recent)
    assert max(game[2] for game in trainer.statistics.recent) < BIGGEST[0]
    assert trainer.starts.seen > 0
