"""What can be exported of a design: its runs, their checkpoints, and the files of each."""

from msgspec import Struct

from shared_py.metrics import Count
from shared_py.protocol.runs import PlayedGames, Rule, RunStatus
from shared_py.training_config import RewardForm


class ExportFile(Struct, frozen=True):
    """One file that a checkpoint can be exported as."""

    fmt: str
    """suffix of the format"""
    inspect: bool
    """whether it is the ONNX with the outputs for looking inside"""
    bytes: Count
    """exact for a file that has been written, else an estimate"""
    is_exact: bool
    sha256: str | None = None
    """of a file that has been written, in hexadecimal"""
    largest_difference: float | None = None
    """largest difference found by the check of the file; null where it has not been checked"""
    checked_boards: Count | None = None
    """boards compared by the check"""
    note: str | None = None
    """what is missing in a file that has been written, and why"""


class ExportableCheckpoint(Struct, frozen=True):
    """One stored network of a run."""

    checkpoint: str
    """`best`, `last` or a number of moves, as in the call of an export"""
    steps: Count
    """moves played when it was stored"""
    created_at: str
    """time at which it was stored, RFC 3339"""
    score: float | None
    """mean score of the test games played by exactly this network; null where it played none"""
    files: list[ExportFile]


class ExportEvaluation(Struct, frozen=True):
    """The newest test games of a run."""

    mean: float
    median: float
    games: Count
    max_tile_frequency: dict[str, float]
    """share of the games by largest tile, keyed by the tile's face value"""
    baselines: dict[Rule, PlayedGames]


class ValueUnit(Struct, frozen=True):
    """What the values of a network are made of, so that a search can add the points of moves to them."""

    gamma: float
    """weight of the value of the next board"""
    reward: RewardForm
    """what the points of a move are worth"""


class ExportableRun(Struct, frozen=True):
    """A run of which something can be exported."""

    run_id: str
    algorithm: str
    status: RunStatus
    steps: Count
    created_at: str
    ended_at: str | None
    design_hash: str
    """of the design that was trained"""
    score: float | None
    """the best mean score of test games; null before the first ones"""
    best_score: float | None
    """the best score of a checkpoint, by the games played in training"""
    evaluation: ExportEvaluation | None
    train_seconds: float | None
    """time trained, without pauses; null for runs that have not reported it"""
    parameters: Count
    """0 where the design of the run can no longer be read"""
    inspectable: bool
    """whether there is an ONNX with the outputs for looking inside"""
    checkpoints: list[ExportableCheckpoint]
    """the best, the last, then those spaced over the run, the newest first"""
    name: str = ""
    """that a person gave the run"""
    tags: list[str] = []
    total_steps: Count = 0
    """moves that the whole run is to make; 0 from older servers"""
    value_unit: ValueUnit | None = None
    """null for networks that cannot search: trained to choose moves, or by a trainer of your own; and from older servers"""


class ExportList(Struct, frozen=True):
    """Everything that can be exported of a design."""

    runs: list[ExportableRun]
    """the newest first"""
