"""Temporal-coherence learning: against NumPy over 10,000 updates, in a run that is continued, and where it is refused."""

import copy
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from backend.environment.game_2048 import Games
from backend.errors import InvalidRequest
from backend.models import GameTransformer, NTupleTables
from backend.runs.capacity import refuse_unsuitable
from backend.training.afterstate_trainer import AfterstateTrainer
from backend.training.optimizer import Adam
from backend.training.temporal_coherence import TemporalCoherence
from shared_py.analysis import analyse
from shared_py.presets import fill_defaults, preset
from shared_py.training_config import TrainConfig
from tests.support.designs import template
from tests.support.numpy_n_tuple import NumpyNTuple

PATTERNS = ((0, 1, 2), (0, 1, 4, 5), (5, 6, 9))
UPDATES = 10_000
TABLES = template("n_tuple")


class Quiet:
    """A report and a control that want nothing."""

    def due(self) -> bool:
        return False

    def poll(self, before_pause: object = None) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def prepared(model: GameTransformer, config: TrainConfig, state: dict[str, Any] | None = None) -> AfterstateTrainer:
    trainer = AfterstateTrainer()
    if state is not None:
        trainer.load_state_dict(state)
    trainer._report, trainer._control = Quiet(), Quiet()
    trainer._begin(model, config)
    return trainer


def test_entries_after_ten_thousand_updates_are_those_of_the_other_implementation() -> None:
    other = NumpyNTuple(PATTERNS, initial_value=240.0)
    tables = torch.nn.ModuleList([NTupleTables(patterns=PATTERNS, initial_value=240.0)]).double()
    optimizer = TemporalCoherence(tables, 1.0)
    games, before = Games(8, np.random.default_rng(1)), None
    over = np.zeros(8, dtype=bool)
    for _ in range(UPDATES):
        actions, after, worth = other.best(games)
        if before is not None:
            targets = np.where(over, 0.0, worth)
            other.learn(before, targets)
            optimizer.learn(torch.from_numpy(before).long(), torch.from_numpy(targets))
        before, over = after, games.step(actions).over
    (weight,) = (parameter.detach().numpy()[:, 0] for parameter in tables.parameters())
    expected = np.concatenate(other.tables)
    assert np.count_nonzero(expected != 10.0) > 5_000
    np.testing.assert_allclose(weight, expected, rtol=1e-9, atol=1e-9)


def test_a_run_continues_as_if_it_had_not_stopped() -> None:
    config = msgspec.structs.replace(preset("afterstate_td", analyse(TABLES).sizes), n_envs=32, n_steps=4, total_steps=10**6)
    assert config.optimizer == "tc"
    trainer = prepared(GameTransformer.from_architecture(TABLES), config)
    for _ in range(5):
        trainer.iterate()
    continued = prepared(copy.deepcopy(trainer.model), config, copy.deepcopy(trainer.state_dict()))
    for _ in range(3):
        assert trainer.iterate() == continued.iterate()
    for ours, theirs in zip(trainer.model.parameters(), continued.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert trainer.steps == continued.steps == 8 * 32 * 4


def test_it_learns() -> None:
    config = msgspec.structs.replace(preset("afterstate_td", analyse(TABLES).sizes), n_envs=128, total_steps=10**6)
    trainer = prepared(GameTransformer.from_architecture(TABLES), config)
    for _ in range(50):
        trainer.iterate()
    first = trainer.statistics.score
    for _ in range(100):
        trainer.iterate()
    assert first is not None
    assert trainer.statistics.score > 1.3 * first


def test_rows_that_a_batch_does_not_read_stay_as_they_are() -> None:
    table = torch.nn.Embedding(100, 4, sparse=True)
    dense = torch.nn.Parameter(torch.ones(3))
    optimizer = Adam([dense, table.weight], 0.01, 1e-5, 0.9, [table.weight])
    assert len(optimizer.averages) == 1, "no average is kept of a table"
    before = table.weight.detach().clone()
    for _ in range(3):
        optimizer.clear_gradients()
        (table(torch.tensor([3, 7, 3])).sum() + dense.sum()).backward()
        norm = optimizer.clip_gradients(0.5)
        optimizer.step()
    changed = (table.weight != before).any(dim=1).nonzero().flatten().tolist()
    assert changed == [3, 7]
    # row 3 is read twice: 4 numbers of gradient 2, 4 of 1, and 3 of 1
    assert norm.item() == pytest.approx((4 * 4 + 4 + 3) ** 0.5)
    copied = Adam([dense, table.weight], 0.01, 1e-5, 0.9, [table.weight])
    with optimizer.averaged():
        copied.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert copied.steps == 3


@pytest.mark.parametrize(
    ("design", "settings", "words"),
    [
        ("tiny_mlp", {"algorithm": "afterstate_td", "optimizer": "tc"}, "sum of table entries"),
        ("n_tuple", {"algorithm": "ppo"}, "no action output"),
        ("n_tuple", {"algorithm": "afterstate_td"}, None),
        ("n_tuple", {}, None),
    ],
)
def test_settings_that_do_not_suit_a_network_are_refused(design: str, settings: dict[str, Any], words: str | None) -> None:
    analysis = analyse(template(design))
    config = fill_defaults(settings, analysis.sizes, "afterstate_td")
    if words is None:
        refuse_unsuitable(analysis, config)
        assert config.optimizer == "tc"
    else:
        with pytest.raises(InvalidRequest, match=words):
            refuse_unsuitable(analysis, config)
