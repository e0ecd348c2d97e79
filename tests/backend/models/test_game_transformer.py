"""Networks built from designs: the mask, the losses, a fresh start, the configuration."""

import numpy as np
import pytest
import torch
from support.designs import plain_design, small_design, template

from backend.environment.game_2048 import legal_moves as legal_by_table
from backend.models import GameTransformer, legal_moves
from backend.models.game_transformer import ILLEGAL
from backend.models.model_config import DynamicModelConfig
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates
from shared_py.validation import validate_design


def random_boards(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    boards = torch.randint(0, 18, (count, 16), generator=generator)
    boards[::2] = torch.randint(0, 3, (len(boards[::2]), 16), generator=generator)
    boards[::9] = torch.randint(16, 18, (len(boards[::9]), 16), generator=generator)
    return boards


def test_legality_equals_the_game() -> None:
    boards = random_boards(5000)
    assert np.array_equal(legal_moves(boards).numpy(), legal_by_table(boards.numpy().astype(np.uint8)))


@pytest.mark.parametrize("design", [*load_templates(), small_design(), plain_design()], ids=lambda design: design.id)
def test_any_design_becomes_a_network(design: ModelArchitecture) -> None:
    config = DynamicModelConfig.from_architecture(design)
    model = config.build()
    boards = random_boards(64)
    logits, value = model(boards)
    assert isinstance(model, GameTransformer)
    assert (logits.shape, value.shape) == ((64, 4), (64,))
    assert ((logits == ILLEGAL) == ~legal_moves(boards)).all()
    assert sum(parameter.numel() for parameter in model.parameters()) == config.parameters == validate_design(design).parameters
    assert (model.design_id, model.design_hash) == (design.id, config.design_hash)


def test_configuration_resolves_the_defaults() -> None:
    config = DynamicModelConfig.from_architecture(small_design(d_model=24))
    assert (config.d_model, config.n_heads, config.n_experts) == (24, 4, 4)
    assert config.config == {"d_model": 24}
    with pytest.raises(ValueError, match="action output"):
        DynamicModelConfig.from_architecture(ModelArchitecture("d1"))


def test_reset_draws_fresh_weights_for_every_part() -> None:
    model = GameTransformer.from_architecture(small_design(checkpoint=True))
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 7.0)
    model.reset_parameters()
    left = [name for name, parameter in model.named_parameters() if (parameter == 7.0).any()]
    assert not left


def test_seeded_networks_are_equal() -> None:
    weights = []
    for _ in range(2):
        torch.manual_seed(4)
        weights.append(torch.cat([p.flatten() for p in GameTransformer.from_architecture(small_design()).parameters()]))
    assert torch.equal(*weights)


def test_auxiliary_losses_are_functions_of_the_output() -> None:
    model = GameTransformer.from_architecture(small_design()).train()
    boards = random_boards(32)
    output = model.evaluate(boards)
    assert model.latest_lb_loss is None
    first, second = model.auxiliary_loss(output, boards), model.auxiliary_loss(output, boards)
    assert first.item() == second.item() > 0
    assert model.latest_lb_loss is not None
    reward = model.calculate_load_balancing_reward(output.routings).item()
    assert reward == pytest.approx(0.01 * (1 - model.latest_lb_loss.item()), abs=1e-6)
    first.backward()
    touched = {name.split(".")[0] for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert {"block_c4", "block_c7"} <= touched


def test_checkpointed_designs_give_the_same_gradients() -> None:
    gradients: list[dict[str, torch.Tensor | None]] = []
    plain, checkpointed = (GameTransformer.from_architecture(small_design(checkpoint=checkpoint)) for checkpoint in (False, True))
    checkpointed.load_state_dict(plain.state_dict())
    for model in (plain.train(), checkpointed.train()):
        logits, value = model(random_boards(32))
        (logits.log_softmax(dim=1)[:, 0].clamp(min=-50).sum() + value.square().sum()).backward()
        gradients.append({name: parameter.grad for name, parameter in model.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient)


def test_a_router_of_two_mixtures_counts_its_losses_once() -> None:
    model = GameTransformer.from_architecture(template("cell_experts"))
    boards = torch.randint(0, 11, (8, 16))
    output = model.evaluate(boards)
    (routing,) = output.routings.values()
    twice = output._replace(routings={"c6": routing, "c9": routing})
    assert model.auxiliary_loss(twice, boards) == model.auxiliary_loss(output, boards)
