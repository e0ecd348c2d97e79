"""The speed of a machine, and time and memory of a run on it."""

from msgspec import Struct

from shared_py.protocol.results import MemoryEstimate
from shared_py.training_config import TrainConfig


class Machine(Struct, frozen=True):
    """What a server has, and how fast it proved to be at training, so that a phone can tell the time also offline."""

    cores: int
    memory_bytes: int
    """0 where it is not known"""
    multiply_adds_per_second: float | None = None
    """while training, forward and backward together; null before it was measured"""
    step_overhead_s: float | None = None
    """seconds a move takes without the network"""
    measured_at: str | None = None
    run_memory_bytes: int | None = None
    """what one run may take; null where a run is not limited"""
    bfloat16: bool | None = None
    """whether runs multiply in bfloat16 where their settings leave it open; null before it was measured"""


class Forecast(Struct, frozen=True):
    """What a run would take: bytes, the most boards at once that fit, and seconds where the server's speed is known."""

    training_bytes: int
    memory: MemoryEstimate
    """of what `training_bytes` is made"""
    fits: bool | None = None
    largest_microbatch: int | None = None
    """boards at once that fit into what a run may take; 0 when not even one does"""
    seconds: float | None = None


class RecipeOffer(Struct, frozen=True):
    """Settings to start a run with, what they are good for, and what that run would take."""

    name: str
    title: str
    help: str
    config: TrainConfig
    forecast: Forecast | None = None
    """null where no design is known"""
