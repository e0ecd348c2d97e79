"""PPO with other tools: Stable-Baselines3, and a loop like CleanRL's `ppo.py`.

Both play gymnasium-2048 and train the network of `ppo_player`, built from `torch.nn` only: 401,797 parameters. They run in the
peers' virtual environment, so this imports only the shared settings.
"""

from collections.abc import Callable

import gymnasium as gym
import gymnasium_2048  # noqa: F401  # registers it
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn, optim
from torch.distributions import Categorical

from benchmarks.peers.ppo_settings import (
    ENTROPY_WEIGHT,
    EPOCHS,
    GAMES,
    LEARNING_RATE,
    MINIBATCH,
    STEPS,
    VALUE_WEIGHT,
    WIDTH,
    checked,
)

ENVIRONMENT = "gymnasium_2048/TwentyFortyEight-v0"
GAMMA, LAMBDA, CLIP, GRADIENT_NORM = 0.99, 0.95, 0.2, 0.5
Iterate = Callable[[], None]
"""plays one rollout and learns from it"""


class Trunk(nn.Module):
    """Boards (B, 4, 4, 16), one-hot, to (B, 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.cells = nn.Embedding(18, WIDTH), nn.Embedding(16, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(WIDTH), enable_nested_tensor=False)

    def forward(self, boards: Tensor) -> Tensor:
        tokens = self.tiles(boards.flatten(1, 2).argmax(dim=-1)) + self.cells.weight
        return self.layers(tokens).mean(dim=1)


class Extractor(BaseFeaturesExtractor):
    """The same for Stable-Baselines3, whose policy adds the two linear maps."""

    def __init__(self, observation_space: gym.Space) -> None:
        super().__init__(observation_space, WIDTH)
        self.trunk = Trunk()

    def forward(self, boards: Tensor) -> Tensor:
        return self.trunk(boards)


def stable_baselines3() -> Iterate:
    """Stable-Baselines3's PPO over its own `DummyVecEnv`."""
    policy = {"features_extractor_class": Extractor, "net_arch": []}
    model = PPO(
        "MlpPolicy", make_vec_env(ENVIRONMENT, GAMES, seed=1), LEARNING_RATE, STEPS, MINIBATCH, EPOCHS, GAMMA, LAMBDA, CLIP,
        ent_coef=ENTROPY_WEIGHT, vf_coef=VALUE_WEIGHT, max_grad_norm=GRADIENT_NORM, policy_kwargs=policy, device="cpu", seed=1,
    )  # fmt: skip
    checked(model.policy)
    return lambda: model.learn(GAMES * STEPS, reset_num_timesteps=False)


class Agent(nn.Module):
    """CleanRL's agent: a trunk, an actor and a critic."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.actor, self.critic = Trunk(), nn.Linear(WIDTH, 4), nn.Linear(WIDTH, 1)

    def get_value(self, boards: Tensor) -> Tensor:
        return self.critic(self.trunk(boards))

    def get_action_and_value(self, boards: Tensor, action: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        hidden = self.trunk(boards)
        choices = Categorical(logits=self.actor(hidden))
        action = choices.sample() if action is None else action
        return action, choices.log_prob(action), choices.entropy(), self.critic(hidden)


class CleanLoop:
    """CleanRL's `ppo.py`, one iteration at a time."""

    def __init__(self) -> None:
        def make() -> gym.Env:
            return gym.wrappers.RecordEpisodeStatistics(gym.make(ENVIRONMENT))

        self.envs = gym.vector.SyncVectorEnv([make for _ in range(GAMES)])
        self.agent = checked(Agent())
        self.optimizer = optim.Adam(self.agent.parameters(), lr=LEARNING_RATE, eps=1e-5)
        self.obs = torch.zeros((STEPS, GAMES, *self.envs.single_observation_space.shape))
        self.actions = torch.zeros((STEPS, GAMES))
        self.logprobs, self.rewards, self.dones, self.values = (torch.zeros((STEPS, GAMES)) for _ in range(4))
        first, _ = self.envs.reset(seed=1)
        self.next_obs, self.next_done = torch.Tensor(first), torch.zeros(GAMES)

    def __call__(self) -> None:
        self.play()
        advantages = self.advantages()
        self.learn(advantages, advantages + self.values)

    def play(self) -> None:
        for step in range(STEPS):
            self.obs[step], self.dones[step] = self.next_obs, self.next_done
            with torch.no_grad():
                action, logprob, _, value = self.agent.get_action_and_value(self.next_obs)
                self.values[step] = value.flatten()
            self.actions[step], self.logprobs[step] = action, logprob
            next_obs, reward, terminations, truncations, _ = self.envs.step(action.numpy())
            self.rewards[step] = torch.tensor(reward).view(-1)
            self.next_obs, self.next_done = torch.Tensor(next_obs), torch.Tensor(np.logical_or(terminations, truncations))

    def advantages(self) -> Tensor:
        with torch.no_grad():
            next_value = self.agent.get_value(self.next_obs).reshape(1, -1)
            advantages = torch.zeros_like(self.rewards)
            last = 0
            for t in reversed(range(STEPS)):
                is_last = t == STEPS - 1
                nonterminal = 1.0 - (self.next_done if is_last else self.dones[t + 1])
                following = next_value if is_last else self.values[t + 1]
                delta = self.rewards[t] + GAMMA * following * nonterminal - self.values[t]
                advantages[t] = last = delta + GAMMA * LAMBDA * nonterminal * last
        return advantages

    def learn(self, advantages: Tensor, returns: Tensor) -> None:
        b_obs = self.obs.reshape((-1, *self.envs.single_observation_space.shape))
        b_actions, b_logprobs, b_values = self.actions.reshape(-1), self.logprobs.reshape(-1), self.values.reshape(-1)
        b_advantages, b_returns = advantages.reshape(-1), returns.reshape(-1)
        order = np.arange(GAMES * STEPS)
        for _ in range(EPOCHS):
            np.random.shuffle(order)
            for start in range(0, len(order), MINIBATCH):
                chosen = order[start : start + MINIBATCH]
                _, newlogprob, entropy, newvalue = self.agent.get_action_and_value(b_obs[chosen], b_actions.long()[chosen])
                ratio = (newlogprob - b_logprobs[chosen]).exp()
                mb_advantages = b_advantages[chosen]
                mb_advantages = (mb_advantages - mb_advantages.mean()) / (mb_advantages.std() + 1e-8)
                pg_loss = torch.max(-mb_advantages * ratio, -mb_advantages * torch.clamp(ratio, 1 - CLIP, 1 + CLIP)).mean()
                newvalue = newvalue.view(-1)
                clipped = b_values[chosen] + torch.clamp(newvalue - b_values[chosen], -CLIP, CLIP)
                v_loss = 0.5 * torch.max((newvalue - b_returns[chosen]) ** 2, (clipped - b_returns[chosen]) ** 2).mean()
                loss = pg_loss - ENTROPY_WEIGHT * entropy.mean() + v_loss * VALUE_WEIGHT
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.agent.parameters(), GRADIENT_NORM)
                self.optimizer.step()
