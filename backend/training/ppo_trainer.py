"""PPO on 2048 as plain functions (collect, advantages, loss, update) and a loop; it knows no file, process or server.

Shape letters: T steps, N games, B = T * N, S = 16 cells, A = 4 actions. Schulman et al. 2017 (PPO), Schulman et al. 2016 (GAE).
"Detail n" in comments is the core implementation detail n of Huang et al. 2022, "The 37 Implementation Details of PPO"; "ours"
marks what that list does not have. Details that are implemented elsewhere:

- Detail 2, small weights in the policy's last layer, so that the first policy is near uniform: backend/models/heads.py.
- Detail 3, Adam with epsilon 1e-5, and detail 4, a learning rate that falls linearly: backend/training/loop.py.
- Detail 11, the norm of the whole gradient is limited: `optimizer_step` in backend/training/loop.py.
- Ours: rewards are scaled so that a return is of the order of 1: backend/models/rewards.py.
"""

# ruff: noqa: N815  (tensor names carry shape letters)

from typing import NamedTuple

import torch
from torch import Tensor

from backend.environment.vector_games import VectorGames
from backend.models import GameTransformer
from backend.models.autocast import autocast
from backend.models.rewards import reward_of
from backend.training.choice import Choice
from backend.training.loop import Player, StepCallback, StopCheck, TrainingLoop, UpdateMetrics
from backend.training.optimizer import Adam
from backend.training.updates import explained_variance, minibatches, optimizer_step, train_without_dropout
from shared_py.algorithms import PPO
from shared_py.training_config import TrainConfig

VALUE_WEIGHT = 0.3
"""of the value's loss beside a policy that is far from certain, in `gradient_norm_proxy`; a guess, and the only one tried"""


class Rollout(NamedTuple):
    """What N games gave in T moves."""

    boards_TNS: Tensor
    actions_TN: Tensor
    log_probs_TN: Tensor
    values_TN: Tensor
    points_TN: Tensor
    dones_TN: Tensor
    largest_TN: Tensor
    """exponent of the largest tile after each move"""
    last_values_N: Tensor


class Batch(NamedTuple):
    """Moves to learn from, in any order."""

    boards_BS: Tensor
    actions_B: Tensor
    log_probs_B: Tensor
    advantages_B: Tensor
    returns_B: Tensor
    values_B: Tensor
    """values that the network predicted when the boards were played"""
    weights_B: Tensor
    """of each move in the mean, 1 unless moves are drawn by importance"""


class Loss(NamedTuple):
    """The loss of a batch and what it is made of; scalars except the ratios."""

    total: Tensor
    policy: Tensor
    value: Tensor
    entropy: Tensor
    approx_kl: Tensor
    clip_fraction: Tensor
    ratios_B: Tensor


def log_probabilities(logits_BA: Tensor, actions_B: Tensor) -> Tensor:
    """(B,) log-probability of the actions taken."""
    return logits_BA.float().log_softmax(dim=1).gather(1, actions_B[:, None]).squeeze(1)


@torch.no_grad()
def collect(
    model: GameTransformer, games: VectorGames, config: TrainConfig, generator: torch.Generator, observe: StepCallback
) -> Rollout:
    """Play `n_steps` moves of every game with the sampled policy, or fewer if the observer says stop."""
    model.eval()
    # Detail 1, vectorized environments: games are neither restarted nor finished at the end of a rollout, so that updates come
    # after a fixed number of moves, however long a game is.
    device = games.boards.device
    shape = (config.n_steps, config.n_envs)
    boards_TNS = torch.empty((*shape, games.boards.shape[1]), dtype=torch.uint8, device=device)
    actions_TN = torch.empty(shape, dtype=torch.int64, device=device)
    log_probs_TN, values_TN = (torch.empty(shape, device=device) for _ in range(2))
    points_TN = torch.empty(shape, dtype=torch.int32, device=device)
    dones_TN = torch.empty(shape, dtype=torch.bool, device=device)
    largest_TN = torch.empty(shape, dtype=torch.uint8, device=device)
    stores = (boards_TNS, actions_TN, log_probs_TN, values_TN, points_TN, dones_TN, largest_TN)
    for t in range(config.n_steps):
        boards_TNS[t] = games.boards  # as uint8, an eighth of the int64 that the network takes
        with autocast(device, config.precision):
            output = model.evaluate(boards_TNS[t].long())
        # Auxiliary detail 4, invalid action masking: the network masks logits here and in the update alike. With a mask in only
        # one of them the ratio would compare two different distributions.
        logits_NA = output.logits.float()
        # multinomial fails on NaN, and on a GPU that kills the process; so NaN is replaced here and the loop reports the error
        chances_NA = logits_NA.softmax(dim=1).nan_to_num(nan=1.0)
        actions_TN[t] = torch.multinomial(chances_NA, 1, generator=generator).squeeze(1)
        log_probs_TN[t] = log_probabilities(logits_NA, actions_TN[t])
        values_TN[t] = output.value
        step = games.step(actions_TN[t])
        points_TN[t], dones_TN[t], largest_TN[t] = step.points_N, step.over_N, step.final_boards_NS.amax(dim=1)
        if observe(output, Choice(boards_TNS[t, 0], logits_NA[0], actions_TN[t, 0])):
            return Rollout._make([*(store[: t + 1] for store in stores), values_TN[t]])
    # the games go on after the last move, so what follows has to be estimated
    with autocast(device, config.precision):
        last_values_N = model.evaluate(games.boards.long()).value.float()
    return Rollout._make([*stores, last_values_N])


def estimate_advantages(rollout: Rollout, config: TrainConfig) -> Tensor:
    """(T, N) generalised advantage estimates."""
    advantages_TN = torch.empty_like(rollout.values_TN)
    next_advantages_N = torch.zeros_like(rollout.last_values_N)
    next_values_N = rollout.last_values_N
    for t in reversed(range(len(advantages_TN))):
        # Detail 5, GAE: neither value nor advantage crosses the end of a game. Games are never cut short by a time limit, so no
        # end has to be bootstrapped.
        not_done_N = (~rollout.dones_TN[t]).float()
        rewards_N = reward_of(rollout.points_TN[t], config.reward)
        errors_N = rewards_N + config.gamma * not_done_N * next_values_N - rollout.values_TN[t]
        next_advantages_N = errors_N + config.gamma * config.gae_lambda * not_done_N * next_advantages_N
        advantages_TN[t] = next_advantages_N
        next_values_N = rollout.values_TN[t]
    return advantages_TN


def batch_of(rollout: Rollout, config: TrainConfig) -> Batch:
    """Lay a rollout out as one batch, with normalised advantages."""
    advantages_TN = estimate_advantages(rollout, config)
    # GAE's advantages plus values are TD(lambda) returns, which vary less than sums of rewards (detail 5)
    returns_B = (advantages_TN + rollout.values_TN).flatten()
    advantages_B = advantages_TN.flatten()
    # Detail 7, normalised advantages, but over the whole rollout: minibatches drawn by importance have other means, and
    # normalising each would take their difference away.
    spread = advantages_B.std() if len(advantages_B) > 1 else advantages_B.new_tensor(1.0)
    return Batch(
        rollout.boards_TNS.flatten(0, 1),
        rollout.actions_TN.flatten(),
        rollout.log_probs_TN.flatten(),
        (advantages_B - advantages_B.mean()) / (spread + 1e-8),
        returns_B,
        rollout.values_TN.flatten(),
        torch.ones_like(returns_B),
    )


def gradient_norm_proxy(batch: Batch) -> Tensor:
    """(B,) an estimate of each move's gradient norm without the network's Jacobian; the priority for importance sampling.

    That of the policy's loss by the logits is A (onehot(a) - p), so goes with |A| (1 - p(a)). That of the value's loss goes with
    the error of the value, which is the advantage before it is normalised.
    """
    return batch.advantages_B.abs() * (1 - batch.log_probs_B.exp() + VALUE_WEIGHT)


def ppo_loss(model: GameTransformer, batch: Batch, config: TrainConfig, ent_coef: float) -> Loss:
    """The whole loss of a batch, auxiliary losses of the design included (`GameTransformer.auxiliary_loss`).

    approx_kl is the mean of (ratio - 1) - log ratio (Schulman, "Approximating KL divergence", 2020).
    """
    boards_BS = batch.boards_BS.long()
    with autocast(boards_BS.device, config.precision):
        output = model.evaluate(boards_BS)
    # in float32 also under autocast: a ratio is the exponential of a difference, and bfloat16 has three digits
    log_policy_BA = output.logits.float().log_softmax(dim=1)
    log_ratios_B = log_policy_BA.gather(1, batch.actions_B[:, None]).squeeze(1) - batch.log_probs_B
    ratios_B = log_ratios_B.exp()
    clipped_B = ratios_B.clamp(1 - config.clip_coef, 1 + config.clip_coef)
    # Detail 8, clipped surrogate: the minimum keeps the gradient where the ratio has moved to the wrong side, so that a bad step
    # can be undone.
    surrogates_B = torch.minimum(ratios_B * batch.advantages_B, clipped_B * batch.advantages_B)
    # illegal moves have logits of -1e9, so probability 0 and a finite logarithm: they add exactly 0
    entropies_B = -(log_policy_BA.exp() * log_policy_BA).sum(dim=1)
    policy = -(surrogates_B * batch.weights_B).mean()
    value = (value_losses(output.value.float(), batch, config) * batch.weights_B).mean()
    entropy = (entropies_B * batch.weights_B).mean()
    auxiliary = model.auxiliary_loss(output, boards_BS, batch.weights_B)
    # Detail 10: one loss for policy and value, since both mostly read the same trunk, which one optimizer moves
    total = policy + config.vf_coef * value - ent_coef * entropy + auxiliary
    with torch.no_grad():
        approx_kl = ((ratios_B - 1 - log_ratios_B) * batch.weights_B).mean()
        clip_fraction = (((ratios_B - 1).abs() > config.clip_coef) * batch.weights_B).mean()
    return Loss(total, policy, value, entropy, approx_kl, clip_fraction, ratios_B)


def value_losses(values_B: Tensor, batch: Batch, config: TrainConfig) -> Tensor:
    """(B,) squared errors; with `clip_value_loss` the larger of it and of one that moved no further than the clip range."""
    # Detail 9, value clipping, is off by default: Andrychowicz et al. 2021 found that it hurts, and it did not help here.
    errors_B = (values_B - batch.returns_B).square()
    if not config.clip_value_loss:
        return errors_B
    moved_B = (values_B - batch.values_B).clamp(-config.clip_coef, config.clip_coef)
    return torch.maximum(errors_B, (batch.values_B + moved_B - batch.returns_B).square())


def accumulate_gradients(
    model: GameTransformer, batch: Batch, config: TrainConfig, ent_coef: float, tick: StopCheck
) -> Tensor | None:
    """Sum the gradient of a minibatch over microbatches: (6,) means of the loss, or None to stop."""
    # Ours: microbatches give the same gradient with less memory, and 1.7 times as fast where their activations fit the cache.
    boards, at_once = len(batch.actions_B), config.microbatch_size
    means = torch.zeros(6, device=batch.returns_B.device)
    for start in range(0, boards, at_once):
        micro = Batch(*(column[start : start + at_once] for column in batch))
        weight = len(micro.actions_B) / boards  # the last one may be smaller, and a mean of means would count it too much
        loss = ppo_loss(model, micro, config, ent_coef)
        (loss.total * weight).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        means += torch.stack([scalar.detach() for scalar in loss[:6]]) * weight
        if tick():
            return None
    return means


def update(
    model: GameTransformer, optimizer: Adam, rollout: Rollout, config: TrainConfig, ent_coef: float,
    generator: torch.Generator, tick: StopCheck, history: list[Tensor] | None = None,
) -> UpdateMetrics | None:  # fmt: skip
    """Learn from one rollout; None if told to stop, with whole steps taken only. FloatingPointError if the loss is not finite.

    The means of each minibatch are appended to `history`; minibatches that it has from an interrupted update are skipped. The
    generator must be in the state that it had at the start of the update.
    """
    # Ours: with dropout or router noise two passes over one board differ, and the ratio would not be 1 before the first step.
    train_without_dropout(model)
    batch = batch_of(rollout, config)
    history = [] if history is None else history
    for index, (chosen, weights_B) in enumerate(minibatches(gradient_norm_proxy(batch), config, generator)):
        # Detail 6, minibatches in a random order; those done before a restart are drawn again, so that the generator comes along
        if index < len(history):
            if history[index][4].item() > config.target_kl:
                break
            continue
        optimizer.clear_gradients()
        minibatch = Batch(*(column[chosen] for column in batch))._replace(weights_B=weights_B)
        means = accumulate_gradients(model, minibatch, config, ent_coef, tick)
        if means is None or not optimizer.share(means):
            return None
        history.append(means)
        # Auxiliary detail 3, early stopping: beyond this the samples say little about the new policy (Spinning Up does the same)
        if means[4].item() > config.target_kl:
            break
        optimizer_step(optimizer, means[0].item(), config)
    optimizer.clear_gradients()
    loss, policy, value, entropy, _, clipped = torch.stack(history).mean(dim=0).tolist()
    return {
        "reward": reward_of(rollout.points_TN, config.reward).mean().item(),
        "loss": loss,
        "policy_loss": policy,
        "value_loss": value,
        "entropy": entropy,
        "approx_kl": history[-1][4].item(),
        "clip_fraction": clipped,
        "explained_variance": explained_variance(batch.returns_B, batch.values_B),
    }


class PPOTrainer(TrainingLoop[Rollout]):
    """Trains any network with PPO."""

    name = PPO.name
    policies = PPO.policies
    rollout_type = Rollout

    def collect(self) -> Rollout:
        """Moves by the sampled policy."""
        return collect(self.model, self.games, self.config, self.generator, self.played)

    def learn(self, rollout: Rollout, means: list[Tensor]) -> UpdateMetrics | None:
        """The passes over a rollout."""
        ent_coef = self.linear_schedule(self.config.ent_coef, self.config.final_ent_coef)
        assert isinstance(self.optimizer, Adam), "settings with another optimizer are refused"
        return update(self.model, self.optimizer, rollout, self.config, ent_coef, self.generator, self.tick, means)

    def player_of(self, model: GameTransformer, config: TrainConfig) -> Player:
        """The network itself."""
        return model
