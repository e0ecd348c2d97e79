"""Stable-Baselines3 and sb3-contrib train on the environments as their documentation says."""

import gymnasium as gym
import numpy as np
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.evaluation import evaluate_policy
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.monitor import Monitor

from backend.environment.gym_2048_env import ENVIRONMENT_ID, Game2048Env


def test_stable_baselines_finds_no_fault() -> None:
    check_env(gym.make(ENVIRONMENT_ID).unwrapped)
    check_env(Monitor(Game2048Env()), skip_render_check=False)


def test_maskable_ppo_trains_and_never_plays_an_illegal_move() -> None:
    environments = make_vec_env(ENVIRONMENT_ID, n_envs=4, seed=1)
    assert is_masking_supported(environments)
    model = MaskablePPO("MlpPolicy", environments, n_steps=32, batch_size=64, n_epochs=1, seed=1, device="cpu")
    model.learn(256)
    boards = environments.reset()
    for _ in range(40):
        masks = get_action_masks(environments)
        assert masks.shape == (4, 4)
        actions, _ = model.predict(boards, action_masks=masks)
        assert masks[np.arange(4), actions].all()
        boards, _, _, infos = environments.step(actions)
        assert all(info["moved"] for info in infos)
    mean, _ = evaluate_policy(model, environments, n_eval_episodes=4, warn=False)
    assert mean > 100


def test_ppo_and_dqn_train() -> None:
    PPO("MlpPolicy", make_vec_env(ENVIRONMENT_ID, n_envs=2, seed=1), n_steps=32, batch_size=32, n_epochs=1, device="cpu").learn(
        64
    )
    DQN("MlpPolicy", gym.make(ENVIRONMENT_ID), learning_starts=10, buffer_size=200, device="cpu").learn(60)
