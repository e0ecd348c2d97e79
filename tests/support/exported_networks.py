"""Small networks exported without training, as ended runs of a server."""

from pathlib import Path

import msgspec

from backend.evaluation.play import play_games, random_player
from backend.export.exporter import export_checkpoint
from backend.export.formats import INSPECTION
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.inspection import inspected_calls
from shared_py.protocol import CheckpointCreated, Evaluation, PlayedGames, Rule, TrainingUpdate
from shared_py.training_config import TrainConfig

from .designs import small_design, template
from .trained_runs import make_run, write_checkpoint

BEST_STEPS, LAST_STEPS = 600, 1000
TD = TrainConfig(algorithm="afterstate_td", gamma=0.99, reward="log_points", play_views=2)
DESIGNS: dict[str, tuple[ModelArchitecture, TrainConfig]] = {
    "mlp-td": (template("tiny_mlp"), TD),
    "mixture-ppo": (small_design(), TrainConfig()),
    "mixture-td": (small_design(), TD),
}
"""by name: a network without anything to look into, and mixtures by both algorithms"""


def write_exported_run(data_dir: Path, run_id: str, name: str, design_id: str, *, exported: bool = True) -> RunFolder:
    """An ended run of a server that is not running: metrics, test games, and a best, a spaced and a last checkpoint.

    With `exported` also the files of the best one that are prepared when a run ends.
    """
    design, config = DESIGNS[name]
    design = msgspec.structs.replace(design, id=design_id)
    (data_dir / "runs").mkdir(parents=True, exist_ok=True)
    folder = make_run(data_dir / "runs" / run_id, LAST_STEPS, config, design)
    write_checkpoint(folder, folder.spaced_at(BEST_STEPS // 2), BEST_STEPS // 2, 300.0)
    write_checkpoint(folder, folder.best, BEST_STEPS, 900.0)
    with Journal(folder, folder.request) as journal:
        journal.status("running")
        for steps in range(100, LAST_STEPS + 1, 100):
            journal.write(TrainingUpdate(seq=0, run_id=run_id, steps=steps, score=float(steps), elapsed_s=steps / 10))
            if steps in (BEST_STEPS, LAST_STEPS):
                journal.write(CheckpointCreated(0, run_id, steps, float(steps)))
                journal.write(random_evaluation(steps))
        journal.status("finished")
    if exported:
        formats = ["onnx"] if not inspected_calls(analyse(design)) else ["onnx", INSPECTION.suffix]
        for fmt in formats:
            export_checkpoint(folder.path, fmt, "best")
    return folder


def random_evaluation(steps: int) -> Evaluation:
    """Test games in which every move was random."""
    games = play_games(random_player(steps), 8, steps)
    assert games is not None
    mean = float(games.scores.mean())
    rules: dict[Rule, PlayedGames] = dict.fromkeys(("random", "greedy"), PlayedGames(8, mean, mean, (mean, mean), {"128": 1.0}))
    return Evaluation(0, "", steps, "greedy", 8, mean, mean, (mean, mean), {"128": 1.0}, 1000.0, 3000.0, rules)
