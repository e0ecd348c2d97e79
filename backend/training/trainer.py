"""The interfaces between a trainer and the process it runs in, without torch.

Any object with a `name` and the methods of `Trainer` can train a network; see `TrainingManager.adopt_external_trainer`.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from shared_py.metrics import TrainingMetrics
from shared_py.protocol import Evaluation, RunPhase
from shared_py.training_config import TrainConfig

if TYPE_CHECKING:
    from backend.models import GameTransformer


Progress = TrainingMetrics
"""the name that trainers written for earlier versions import"""


class Report(Protocol):
    """Receives what a trainer reports; it is written to the run's folder and sent to the phone."""

    def due(self) -> bool:
        """Whether an update would be written now; at most ten a second are."""

    def update(self, metrics: TrainingMetrics) -> None:
        """Report an update. There is no limit to calls: only the newest is written when the next one is due.

        FloatingPointError if a metric is not a finite number, with which the run fails.
        """

    def evaluation(self, evaluation: Evaluation) -> None:
        """Write an evaluation; its `seq` and `run_id` are filled in."""

    def evaluation_progress(self, games_done: int, games: int, board: Sequence[int]) -> None:
        """Report how many test games of an evaluation have ended, and a board from one that is still being played.

        It may be called after every move; about two reports a second are written.
        """

    def checkpoint(self, steps: int, score: float | None) -> None:
        """Store the network, the trainer's state and the random state; a score that is the best so far is kept beside.

        FloatingPointError if a parameter is not finite; nothing is stored then.
        """

    def loss(self, loss: float) -> None:
        """Report the loss of one gradient step, from which divergence is detected.

        Without any call, the loss of each reported update is used.
        """

    def phase(self, phase: RunPhase) -> None:
        """Report what the run does from now on: `evaluating` during an evaluation."""


class Control(Protocol):
    """Passes on a person's requests to pause or stop."""

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
