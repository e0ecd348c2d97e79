"""What a GPU would run: compiled networks and games in torch, here on tensors of the CPU."""

from functools import partial

import msgspec
import pytest
import torch
from support.designs import small_design
from support.report_recorder import Recorder

from backend.environment.vector_games import CpuGames, GpuGames, games_on
from backend.models import GameTransformer
from backend.training import loop
from backend.training.trainers import TRAINERS
from shared_py.training_config import TrainConfig

QUICK = TrainConfig(n_envs=16, n_steps=16, minibatch_size=64, update_epochs=1, target_kl=10.0, precision="float32")
CPU = torch.device("cpu")
each_trainer = pytest.mark.parametrize("name", list(TRAINERS))


def trained(name: str, compiled: bool = False, checkpoint: bool = False, steps: int = 512) -> tuple[GameTransformer, Recorder]:
    torch.manual_seed(1)
    model, trainer = GameTransformer.from_architecture(small_design(checkpoint=checkpoint)), TRAINERS[name]()
    recorder = Recorder(trainer, model)
    config = msgspec.structs.replace(QUICK, total_steps=steps, algorithm=name, compile="always" if compiled else "never")
    trainer.train(model, config, recorder, recorder)
    return model, recorder


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # dynamo looks at it where a mixture breaks its graph
@pytest.mark.parametrize(("name", "checkpoint"), [("ppo", True), ("afterstate_td", False)])
def test_a_compiled_network_learns_the_same(name: str, checkpoint: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced as for a GPU, but not made into machine code, which would take a minute."""
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 2)
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    torch.compiler.reset()
    ours, told = trained(name, compiled=True, checkpoint=checkpoint)
    plain, expected = trained(name, compiled=False, checkpoint=checkpoint)
    assert told.updates[-1].loss == pytest.approx(expected.updates[-1].loss, abs=1e-4)
    for (path, tensor), other in zip(ours.state_dict().items(), plain.state_dict().values(), strict=True):
        torch.testing.assert_close(tensor, other, atol=1e-3, rtol=1e-2, msg=path)


@each_trainer
def test_a_trainer_plays_games_that_live_on_the_device(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "EVALUATION_GAMES", 2)
    monkeypatch.setattr(loop, "games_on", lambda device, count, seed, **_: GpuGames(count, seed, device))
    _, recorder = trained(name, steps=4096)
    assert recorder.updates[-1].steps == 4096
    assert recorder.updates[-1].episode > 0


def test_games_on_a_card_go_on_where_they_were() -> None:
    games = GpuGames(32, 1, CPU)
    step = partial(torch.zeros, 32, dtype=torch.int64)
    games.step(step())
    state = {name: value.clone() for name, value in games.state_dict().items()}
    other = GpuGames(32, 99, CPU)
    other.load_state_dict(state)
    for action in (1, 2, 3, 0):
        for mine, theirs in zip(games.step(step() + action), other.step(step() + action), strict=True):
            assert torch.equal(mine, theirs)
    assert torch.equal(games.boards, other.boards)


def test_beside_a_processor_games_are_arrays() -> None:
    assert isinstance(games_on(CPU, 4, 1), CpuGames)
