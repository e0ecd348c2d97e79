"""The settings of a training run, each with unit, bounds and help; no trainer lives here."""

from typing import Annotated

from msgspec import Struct

from shared_py.properties import about


class TrainConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How PPO trains a drawn network; the defaults are a recipe measured on this game with small transformers."""

    total_steps: Annotated[int, about("Steps", "Moves to play in all.", unit="moves", ge=1, le=10_000_000_000)] = 2_000_000
    n_envs: Annotated[int, about("Boards", "Games played side by side.", unit="games", ge=1, le=65_536)] = 128
    n_steps: Annotated[int, about("Rollout", "Moves per game between updates.", unit="moves", ge=1, le=4096)] = 32
    minibatch_size: Annotated[int, about("Minibatch", "Boards per gradient step.", unit="boards", ge=1, le=1_048_576)] = 1024
    microbatch_size: Annotated[
        int,
        about("Boards at once", "Boards computed at once; gradients add up to the minibatch.", unit="boards", ge=1, le=1_048_576),
    ] = 256
    update_epochs: Annotated[int, about("Epochs", "Passes over each rollout.", unit="passes", ge=1, le=32)] = 3
    learning_rate: Annotated[float, about("Learning rate", "Adam's step size at the start.", ge=0, le=1)] = 1e-3
    final_learning_rate: Annotated[float, about("Final rate", "Adam's step size at the end; linear in between.", ge=0, le=1)] = (
        1.5e-4
    )
    gamma: Annotated[float, about("Discount", "Weight of the next move's value.", ge=0, le=1)] = 0.99
    gae_lambda: Annotated[float, about("GAE lambda", "Bias against variance of advantages.", ge=0, le=1)] = 0.8
    clip_coef: Annotated[float, about("Clip", "How far the policy ratio may move from 1.", ge=0, le=1)] = 0.2
    vf_coef: Annotated[float, about("Value weight", "Weight of the value loss.", ge=0, le=10)] = 0.25
    ent_coef: Annotated[float, about("Entropy", "Weight of the entropy bonus at the start.", ge=0, le=1)] = 0.02
    final_ent_coef: Annotated[float, about("Final entropy", "Weight of the entropy bonus at the end.", ge=0, le=1)] = 0.003
    max_grad_norm: Annotated[float, about("Gradient norm", "Gradients are scaled down to this norm.", gt=0, le=100)] = 0.5
    target_kl: Annotated[
        float, about("KL stop", "Stop the epochs when a minibatch's KL passes this.", unit="nats", gt=0, le=10)
    ] = 0.03
    seed: Annotated[int, about("Seed", "Seed of every random number.", ge=0, le=2**31 - 1)] = 1
    threads: Annotated[int, about("Threads", "One a core at most; 0 takes the cores less one.", unit="threads", ge=0, le=256)] = 0
    checkpoint_every_s: Annotated[float, about("Checkpoint", "Seconds between checkpoints.", unit="s", gt=0, le=86_400)] = 30.0
