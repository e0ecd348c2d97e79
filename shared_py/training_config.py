"""The settings of a training run, each with unit, bounds and help; no trainer lives here."""

from typing import Annotated

from msgspec import Meta, Struct


def _field(title: str, help_text: str, unit: str = "", **bounds: float) -> Meta:
    extra = {"unit": unit} if unit else {}
    return Meta(title=title, description=help_text, extra_json_schema=extra or None, **bounds)


class TrainConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How PPO trains a drawn network; the defaults are a recipe measured on this game with small transformers."""

    total_steps: Annotated[int, _field("Steps", "Moves to play in all.", "moves", ge=1, le=10_000_000_000)] = 2_000_000
    n_envs: Annotated[int, _field("Boards", "Games played side by side.", "games", ge=1, le=65_536)] = 128
    n_steps: Annotated[int, _field("Rollout", "Moves per game between updates.", "moves", ge=1, le=4096)] = 32
    minibatch_size: Annotated[int, _field("Minibatch", "Boards per gradient step.", "boards", ge=1, le=1_048_576)] = 1024
    update_epochs: Annotated[int, _field("Epochs", "Passes over each rollout.", "passes", ge=1, le=32)] = 3
    learning_rate: Annotated[float, _field("Learning rate", "Adam's step size at the start.", ge=0, le=1)] = 1e-3
    final_learning_rate: Annotated[float, _field("Final rate", "Adam's step size at the end; linear in between.", ge=0, le=1)] = 1.5e-4
    gamma: Annotated[float, _field("Discount", "Weight of the next move's value.", ge=0, le=1)] = 0.99
    gae_lambda: Annotated[float, _field("GAE lambda", "Bias against variance of advantages.", ge=0, le=1)] = 0.8
    clip_coef: Annotated[float, _field("Clip", "How far the policy ratio may move from 1.", ge=0, le=1)] = 0.2
    vf_coef: Annotated[float, _field("Value weight", "Weight of the value loss.", ge=0, le=10)] = 0.25
    ent_coef: Annotated[float, _field("Entropy", "Weight of the entropy bonus at the start.", ge=0, le=1)] = 0.02
    final_ent_coef: Annotated[float, _field("Final entropy", "Weight of the entropy bonus at the end.", ge=0, le=1)] = 0.003
    max_grad_norm: Annotated[float, _field("Gradient norm", "Gradients are scaled down to this norm.", gt=0, le=100)] = 0.5
    target_kl: Annotated[float, _field("KL stop", "Stop the epochs when a minibatch's KL passes this.", "nats", gt=0, le=10)] = 0.03
    seed: Annotated[int, _field("Seed", "Seed of every random number.", ge=0, le=2**31 - 1)] = 1
    threads: Annotated[int, _field("Threads", "CPU threads; 0 takes the cores less one.", "threads", ge=0, le=256)] = 0
    checkpoint_every_s: Annotated[float, _field("Checkpoint", "Seconds between checkpoints.", "s", gt=0, le=86_400)] = 30.0
