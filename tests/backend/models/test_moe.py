"""Router and mixture of experts: what reaches which expert, what reaches the router, and what keeps them even."""

import math

import pytest
import torch
from torch import Tensor

from backend.models import MixtureOfExperts, Router, Routing
from backend.models.moe import expert_shares, load_balance_loss, routing_margin, z_loss
from backend.training.updates import train_without_dropout


def mixture(**options: object) -> MixtureOfExperts:
    return MixtureOfExperts(d_model=16, n_experts=4, dim_feedforward=24, **options)  # type: ignore[arg-type]  # options of any kind


def router(**options: object) -> Router:
    made = Router(d_model=16, n_experts=4, **options)  # type: ignore[arg-type]  # options of any kind
    torch.nn.init.normal_(made.linear.weight, std=0.5)
    return made


def routing_of(logits: Tensor, top_k: int) -> Routing:
    probabilities = logits.softmax(dim=-1)
    gates, experts = probabilities.topk(top_k, dim=-1)
    return Routing(torch.zeros(*logits.shape[:2], 16), logits, probabilities, gates, experts, 0.01, 0.001)


@pytest.mark.parametrize(("bias", "parameters"), [(True, 4 * (2 * 16 * 24 + 24 + 16) + 32), (False, 4 * 2 * 16 * 24 + 16)])
def test_parameters(bias: bool, parameters: int) -> None:
    assert sum(parameter.numel() for parameter in mixture(bias=bias).parameters()) == parameters
    shared = mixture(bias=bias, num_shared_experts=2)
    assert sum(parameter.numel() for parameter in shared.parameters()) == parameters + 2 * (2 * 16 * 24 + bias * 40)
    assert sum(parameter.numel() for parameter in router().parameters()) == 16 * 4
    assert sum(parameter.numel() for parameter in router(bias=True).parameters()) == 16 * 4 + 4


@pytest.mark.parametrize("top_k", [1, 2, 4])
def test_output_is_the_gate_weighted_sum(top_k: int) -> None:
    torch.manual_seed(top_k)
    experts, choose = mixture(), router(top_k=top_k)
    tokens = torch.randn(3, 16, 16)
    routing = choose(tokens)
    given = experts(routing)
    for board in range(3):
        for cell in range(16):
            expected = tokens[board, cell].clone()
            for gate, index in zip(routing.gates[board, cell], routing.experts[board, cell], strict=True):
                expected += gate * experts.experts[int(index)](experts.norm(tokens[board, cell]))
            torch.testing.assert_close(given[board, cell], expected, atol=1e-5, rtol=1e-5)


def test_shared_experts_are_added_and_the_residual_can_be_left_out() -> None:
    experts, choose = mixture(num_shared_experts=2, activation="silu"), router()
    routing = choose(torch.randn(3, 16, 16))
    alone = mixture(residual=False, activation="silu")
    alone.load_state_dict({name: tensor for name, tensor in experts.state_dict().items() if not name.startswith("shared")})
    normed = experts.norm(routing.tokens)
    added = sum(expert(normed) for expert in experts.shared_experts)
    torch.testing.assert_close(experts(routing), routing.tokens + alone(routing) + added)


def test_the_epsilon_of_the_norm_counts() -> None:
    assert mixture(layer_norm_eps=0.5).norm.eps == 0.5


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_export_form_agrees(top_k: int) -> None:
    experts, choose = mixture(), router(top_k=top_k)
    routing = choose(torch.randn(8, 16, 16))
    normed = experts.norm(routing.tokens)
    torch.testing.assert_close(experts._mix_all(normed, routing), experts._mix_chosen(normed, routing), atol=1e-6, rtol=1e-5)


def test_no_token_is_dropped_when_all_choose_one_expert() -> None:
    experts, choose = mixture(), router(top_k=1)
    tokens = torch.randn(1, 1, 16).expand(32, 16, 16)
    routing = choose(tokens)
    assert len(routing.experts.unique()) == 1
    assert not torch.isclose(experts(routing), tokens).all(dim=-1).any()


def test_gates() -> None:
    tokens = torch.randn(4, 16, 16)
    normalised = router(top_k=2)(tokens).gates
    torch.testing.assert_close(normalised.sum(dim=-1), torch.ones(4, 16))
    assert (router(top_k=2, norm_topk_prob=False)(tokens).gates.sum(dim=-1) < 1).all()
    assert (router(top_k=1)(tokens).gates < 1).all(), "a gate that is always 1 passes no gradient to the router"


def test_sigmoid_scores_do_not_compete() -> None:
    choose, tokens = router(top_k=2, score_func="sigmoid", norm_topk_prob=False, bias=True), torch.randn(4, 16, 16)
    routing = choose(tokens)
    scores = routing.logits.sigmoid()
    torch.testing.assert_close(routing.gates, scores.gather(-1, routing.experts))
    torch.testing.assert_close(routing.probabilities, scores / scores.sum(dim=-1, keepdim=True))
    assert torch.equal(routing.experts, scores.topk(2, dim=-1).indices)
    choose.norm_topk_prob = True
    torch.testing.assert_close(choose(tokens).gates.sum(dim=-1), torch.ones(4, 16))


def test_jitter_moves_a_training_router_alone() -> None:
    choose, tokens = router(router_jitter_noise=0.3), torch.randn(2, 16, 16)
    noisy = choose(tokens)
    assert noisy.tokens is tokens
    assert not torch.equal(choose(tokens).logits, noisy.logits)
    choose.eval()
    assert torch.equal(choose(tokens).logits, choose(tokens).logits)
    train_without_dropout(choose)
    assert torch.equal(choose(tokens).logits, choose(tokens).logits)
    still = router().train()
    assert torch.equal(still(tokens).logits, still(tokens).logits)


@pytest.mark.parametrize("top_k", [1, 2])
def test_the_gradient_of_the_output_reaches_the_router(top_k: int) -> None:
    experts, choose = mixture(), router(top_k=top_k)
    experts(choose(torch.randn(8, 16, 16))).square().mean().backward()
    assert choose.linear.weight.grad is not None
    assert choose.linear.weight.grad.abs().sum() > 1e-6


def test_scale_of_tokens_does_not_change_the_choice() -> None:
    choose, tokens = router(), torch.randn(2, 16, 16)
    assert torch.equal(choose(tokens * 100).experts, choose(tokens).experts)


def test_logits_stay_float32_under_autocast() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        routing = router()(torch.randn(2, 16, 16, dtype=torch.bfloat16))
        assert mixture()(routing).shape == (2, 16, 16)
    assert routing.logits.dtype == routing.gates.dtype == routing.probabilities.dtype == torch.float32


def test_balance_loss_is_one_when_even_and_grows_to_the_number_of_experts() -> None:
    even = torch.eye(4).repeat(4, 1).view(1, 16, 4) * 1e-3
    assert load_balance_loss(routing_of(even, 1)).item() == pytest.approx(1.0, abs=1e-3)
    one = torch.zeros(2, 16, 4)
    one[..., 2] = 50
    assert load_balance_loss(routing_of(one, 1)).item() == pytest.approx(4.0, abs=1e-4)
    assert expert_shares(routing_of(one, 1)).tolist() == [0, 0, 1, 0]
    assert expert_shares(routing_of(one, 2)).sum().item() == pytest.approx(1.0)


@pytest.mark.parametrize(("top_k", "score_func"), [(1, "softmax"), (2, "softmax"), (2, "sigmoid")])
def test_the_balance_loss_moves_the_router_to_even_use(top_k: int, score_func: str) -> None:
    torch.manual_seed(1)
    choose, tokens = router(top_k=top_k, score_func=score_func), torch.randn(64, 16, 16)
    before = expert_shares(choose(tokens)).max().item()
    optimizer = torch.optim.SGD(choose.parameters(), lr=2.0)
    for _ in range(60):
        optimizer.zero_grad()
        load_balance_loss(choose(tokens)).backward()
        optimizer.step()
    after = expert_shares(choose(tokens))
    assert after.max().item() < before
    assert after.max().item() < 0.29


def test_z_loss() -> None:
    assert z_loss(routing_of(torch.zeros(2, 16, 4), 1)).item() == pytest.approx(math.log(4) ** 2)
    assert z_loss(routing_of(torch.full((2, 16, 4), 9.0), 1)) > z_loss(routing_of(torch.zeros(2, 16, 4), 1))


def test_close_calls_are_seen() -> None:
    logits = torch.tensor([3.0, 2.0, 1.0, 0.0]).expand(2, 16, 4).clone()
    logits[1, 5] = torch.tensor([3.0, 2.0, 2.0 - 1e-6, 0.0])
    assert routing_margin(routing_of(logits, 2))[0].item() == pytest.approx(1)
    assert routing_margin(routing_of(logits, 2))[1].item() < 1e-5
    assert routing_margin(routing_of(logits, 1))[1].item() == pytest.approx(1)
    assert routing_margin(routing_of(logits, 4)).isinf().all()


@pytest.mark.parametrize(("top_k", "score_func"), [(1, "softmax"), (2, "softmax"), (3, "sigmoid")])
def test_a_vector_a_board_is_routed_once_and_mixed_as_written_by_hand(top_k: int, score_func: str) -> None:
    torch.manual_seed(top_k)
    experts, choose = mixture(), router(top_k=top_k, score_func=score_func)
    boards = torch.randn(5, 16)
    routing = choose(boards)
    assert routing.experts.shape == routing.gates.shape == (5, top_k)
    given = experts(routing)
    for index, board in enumerate(boards):
        logits = choose.linear.weight @ torch.nn.functional.layer_norm(board, (16,))
        scores = logits.softmax(0) if score_func == "softmax" else logits.sigmoid()
        taken = logits.argsort(descending=True)[:top_k]
        gates = scores[taken] / (scores[taken].sum() if top_k > 1 else 1)
        expected = board + sum(
            gate * experts.experts[int(expert)](experts.norm(board)) for gate, expert in zip(gates, taken, strict=True)
        )
        assert routing.experts[index].tolist() == taken.tolist()
        torch.testing.assert_close(given[index], expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        experts._mix_all(experts.norm(boards), routing), experts._mix_chosen(experts.norm(boards), routing)
    )


def test_losses_of_whole_boards_are_those_of_boards_with_one_token() -> None:
    choose, boards = router(top_k=2), torch.randn(40, 16)
    of_boards, of_tokens = choose(boards), choose(boards[:, None])
    for measure in (load_balance_loss, z_loss, expert_shares, routing_margin):
        torch.testing.assert_close(measure(of_boards), measure(of_tokens))
    assert routing_margin(of_boards).shape == (40,)


def test_without_a_norm_experts_get_what_arrives() -> None:
    plain = mixture(norm=False, num_shared_experts=1)
    assert sum(parameter.numel() for parameter in plain.parameters()) == 5 * (2 * 16 * 24 + 24 + 16)
    routing = router(top_k=4, norm_topk_prob=False)(torch.randn(3, 16))
    mixed = sum(routing.probabilities[:, [index]] * expert(routing.tokens) for index, expert in enumerate(plain.experts))
    torch.testing.assert_close(plain(routing), routing.tokens + mixed + plain.shared_experts[0](routing.tokens))
    assert plain.half()(routing._replace(tokens=routing.tokens.half())).dtype == torch.float16


@pytest.mark.parametrize(("bias", "parameters"), [(True, 3 * 16 * 24 + 2 * 24 + 16), (False, 3 * 16 * 24)])
def test_swiglu_has_three_linear_maps(bias: bool, parameters: int) -> None:
    gated = mixture(activation="swiglu", bias=bias).experts[0]
    assert sum(parameter.numel() for parameter in gated.parameters()) == parameters
    x = torch.randn(7, 16)
    gate, up = gated.gate(x), gated.up(x)
    torch.testing.assert_close(gated(x), gated.down(gate * gate.sigmoid() * up))
