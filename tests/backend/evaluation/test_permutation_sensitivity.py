"""The gauge of board reading: its sample, and networks of which it is known how they look at a board."""

import numpy as np
import pytest
import torch
from support.boards import random_boards
from support.designs import small_design
from torch import Tensor

from backend.evaluation.permutation_sensitivity import BoardSample, board_reading, shown_in_order
from backend.evaluation.play import network_player, play_games
from backend.models import AfterstatePlayer, GameTransformer, ModelOutput
from backend.training.trainers import TRAINERS
from shared_py.training_config import TrainConfig

BOARDS = random_boards(150, 11).numpy().astype(np.uint8)


class Counting(GameTransformer):
    """Looks at how many tiles of each kind there are, and at their places if told to."""

    def __init__(self, *, looks: bool) -> None:
        super().__init__()
        weights = torch.linspace(-1, 1, 16).outer(torch.tensor([3.0, -2.0, 5.0, 1.0])) if looks else torch.ones(16, 4)
        self.weights = torch.nn.Parameter(weights)

    def compute(self, board: Tensor) -> ModelOutput:
        logits = board.float() @ self.weights * torch.arange(1, 5)
        return ModelOutput(logits, logits.sum(dim=1), {}, {})


@pytest.mark.parametrize("algorithm", TRAINERS)
def test_it_is_nothing_for_who_counts_tiles_and_much_for_who_looks(algorithm: str) -> None:
    trainer = TRAINERS[algorithm]()
    found = {}
    for looks in (False, True):
        network = Counting(looks=looks)
        found[looks] = board_reading(lambda model: trainer.player_of(model, TrainConfig()), network, BOARDS, 1)
    assert found[False] == pytest.approx(0, abs=1e-5)
    assert found[True] is not None
    assert 0.3 < found[True] < 1


@torch.no_grad()
def test_it_is_the_total_variation_under_the_mask_of_the_true_board() -> None:
    network = Counting(looks=True)
    orders = np.random.default_rng(4).permuted(np.tile(np.arange(16), (len(BOARDS), 1)), axis=1)
    variations = []
    for board, order in zip(BOARDS, orders, strict=True):
        true = torch.from_numpy(board[None].astype(np.int64))
        seen = network(true)[0]
        shuffled = network.compute(true[:, order]).logits.masked_fill(seen < -1e8, -1e9)
        variations.append((seen.softmax(1) - shuffled.softmax(1)).abs().sum().item() / 2)
    found = board_reading(lambda model: model, network, BOARDS, 4)
    assert found == pytest.approx(np.mean(variations), abs=0.01)  # a processor may multiply in bfloat16


@torch.no_grad()
def test_boards_after_a_move_are_shuffled_alike_and_their_points_stay() -> None:
    network = Counting(looks=True)
    order = np.random.default_rng(1).permutation(16)
    seen: list[Tensor] = []
    network.compute = lambda board: seen.append(board) or Counting.compute(network, board)  # type: ignore[assignment]  # of this network only
    boards = torch.from_numpy(BOARDS[:2].astype(np.int64))
    AfterstatePlayer(network, 0.99, "points")(boards)
    orders = torch.from_numpy(np.stack([order, np.arange(16)]))
    AfterstatePlayer(shown_in_order(network, lambda: orders), 0.99, "points")(boards)
    assert torch.equal(seen[1][:4], seen[0][:4][:, order])
    assert torch.equal(seen[1][4:], seen[0][4:])


def test_a_network_as_drawn_is_left_as_it_was() -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(small_design())
    before = set(vars(model))
    first = board_reading(lambda network: network, model, BOARDS, 1)
    assert board_reading(lambda network: network, model, BOARDS, 1) == first
    assert board_reading(lambda network: network, model, BOARDS, 2) != first
    assert set(vars(model)) == before
    assert board_reading(lambda network: network, model, BOARDS[:0], 1) is None


def test_players_are_built_once_and_a_stop_is_heard_between_pieces() -> None:
    network, built, pieces = Counting(looks=True), [], []

    def player_of(model: GameTransformer) -> GameTransformer:
        built.append(model)
        return model

    def read(stop_after: int) -> float | None:
        pieces.clear()
        return board_reading(
            player_of, network, BOARDS, 1, at_once=8, tick=lambda: bool(pieces.append(1)) or len(pieces) == stop_after
        )

    assert read(0) == board_reading(player_of, network, BOARDS, 1)
    assert len(pieces) == -(-len(BOARDS) // 8) > 2
    assert len(built) == 4
    assert read(2) is None
    assert len(pieces) == 2


def test_the_sample_is_even_seeded_and_of_boards_with_a_choice() -> None:
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(small_design())
    met = [BoardSample(40, 3) for _ in range(2)]
    for sample in met:
        play_games(sample.watch(network_player(model, "sampled", 5)), 6, 5)
    assert np.array_equal(met[0].boards, met[1].boards)
    assert len(met[0].boards) == 40
    forced = np.array([[1, 0] + [1, 2] * 7, [1, 1] + [0] * 14], dtype=np.uint8)
    few = BoardSample(40, 3)
    few.watch(lambda boards, legal: legal.argmax(axis=1))(forced, np.array([[0, 1, 0, 0], [0, 1, 1, 1]], dtype=bool))
    assert few.boards.tolist() == forced[1:].tolist()


def test_every_board_has_the_same_chance_of_staying() -> None:
    counts = np.zeros(10)
    for seed in range(400):
        sample = BoardSample(3, seed)
        for start in range(0, 10, 2):
            sample.add(np.repeat(np.arange(start, start + 2, dtype=np.uint8)[:, None], 16, axis=1))
        counts[sample.boards[:, 0]] += 1
    assert counts.sum() == 1200
    assert (abs(counts - 120) < 5 * np.sqrt(120)).all()
