"""What a trainer is to the rest of the house: three small interfaces, without torch.

Anything with a `name` and these three methods can train a drawn network; `TrainingManager.adopt_external_trainer` takes it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from shared_py.protocol import Evaluation, MixtureUsage, RunPhase
from shared_py.training_config import TrainConfig

if TYPE_CHECKING:
    from backend.models import GameTransformer


class Progress(Struct, frozen=True, kw_only=True):
    """The figures of a training update; a trainer leaves out what it does not have."""

    episode: int = 0
    """games that ended since the run began"""
    steps: int
    """moves played since the run began"""
    steps_per_second: float = 0.0
    """moves played a second, updates included, over the last iterations"""
    score: float | None = None
    """mean score of the last 200 games that ended, played by the weights that learn; none before the first"""
    reward: float | None = None
    """mean training reward of a move in the newest rollout, in the form that the settings name"""
    loss: float | None = None
    """what the optimizer descends, auxiliary losses included, mean over the newest update"""
    policy_loss: float | None = None
    """the clipped surrogate of PPO, mean over the newest update"""
    value_loss: float | None = None
    """mean squared error of the value, in squared rewards, before its weight"""
    entropy: float | None = None
    """mean entropy of the policy over legal moves, in nats; ln 4 = 1.386 is the most"""
    approx_kl: float | None = None
    """estimate of KL(old, new) in the last minibatch of the newest update, in nats"""
    clip_fraction: float | None = None
    """share of moves whose ratio left the clip range"""
    explained_variance: float | None = None
    """1 - var(return - value) / var(return): 1 is a perfect value, 0 a constant one"""
    learning_rate: float = 0.0
    """Adam's step size of the newest iteration"""
    avg_game_length: float | None = None
    """mean length of the last 200 games that ended, in moves"""
    max_tile_frequency: dict[str, float] = {}
    board_state: list[int] = field(default_factory=lambda: [0] * 16)
    moe: MixtureUsage | None = None
    """experts taken in the newest rollout, over all mixtures and for each"""


class Report(Protocol):
    """Where a trainer says how it goes; the lines reach the run's folder, and from there the phone."""

    def due(self) -> bool:
        """Whether an update would be written now; at most ten a second are."""

    def update(self, progress: Progress) -> None:
        """Tell an update, as often as you like: of those that come before one is due, the newest is written once it is.

        FloatingPointError if a figure is not a finite number: the run fails with that sentence.
        """

    def evaluation(self, evaluation: Evaluation) -> None:
        """Write an evaluation; its `seq` and `run_id` are filled in."""

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Store the network, the trainer's state and the random state; a score that is the best so far is kept beside.

        FloatingPointError if a parameter is not finite; nothing is stored then.
        """

    def loss(self, loss: float) -> None:
        """Tell the loss of one gradient step, by which a run that diverges is warned of.

        A trainer that never calls it is judged by the loss of each update it reports.
        """

    def phase(self, phase: RunPhase) -> None:
        """Say what the run does from now on: a run that plays test games is `evaluating`."""


class Control(Protocol):
    """How a trainer learns what a person wants."""

    def poll(self, before_pause: Callable[[], None] | None = None) -> bool:
        """Wait here while paused; true when the run is to stop. Call it often: a person waits for the answer.

        `before_pause` is called right before a pause: give it where a checkpoint can be stored as things stand, so that a run
        which is killed while paused goes on from there.
        """


class Trainer(Protocol):
    """Something that trains a network; it must be picklable, since it works in a process of its own."""

    name: str

    def train(self, model: "GameTransformer", config: TrainConfig, report: Report, control: Control) -> None:
        """Train until the configured steps are played or `control` says stop; raise to fail the run with a sentence."""

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later, as tensors, numbers, strings, lists and dicts."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state that `state_dict` gave; called before `train`."""
