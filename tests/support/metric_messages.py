"""Metric messages of a run, and which of them are still shown after a run went back to a checkpoint."""

from shared_py.protocol import Evaluation, EvaluationProgress, LiveMessage, TrainingUpdate


def update(steps: int, run_id: str = "r1", seq: int = 0) -> TrainingUpdate:
    """A line of the chart."""
    return TrainingUpdate(seq=seq, run_id=run_id, steps=steps, steps_per_second=1.0, score=float(steps))


def evaluation(steps: int, policy: str = "greedy", run_id: str = "r1", seq: int = 0) -> Evaluation:
    """Test games."""
    return Evaluation(seq, run_id, steps, policy, 8, 1.0, 1.0, (1.0, 1.0), {}, 1.0, 1.0)  # type: ignore[arg-type]  # a literal


def progress(steps: int, games_done: int, run_id: str = "r1", seq: int = 0) -> EvaluationProgress:
    """Test games under way."""
    return EvaluationProgress(seq, run_id, steps, games_done, 8, [0] * 16)


def series_of(message: LiveMessage) -> str | None:
    """Metrics of one series are shown as one line."""
    if isinstance(message, Evaluation):
        return message.policy
    return "update" if isinstance(message, TrainingUpdate) else None


def newest_of_each_step(messages: list[LiveMessage]) -> list[LiveMessage]:
    """The expected result: without metrics of steps that the run, once it had gone back, came to again or has not reached yet."""

    def is_replaced(message: LiveMessage, later: LiveMessage) -> bool:
        measured = TrainingUpdate | Evaluation
        if not isinstance(message, measured) or not isinstance(later, measured):
            return False
        return later.steps < message.steps or (later.steps == message.steps and series_of(later) == series_of(message))

    return [message for index, message in enumerate(messages) if not any(is_replaced(message, m) for m in messages[index + 1 :])]
