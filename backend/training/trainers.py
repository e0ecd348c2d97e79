"""The trainer of each algorithm, by its name."""

from pkgutil import resolve_name
from typing import Any

from backend.training.loop import TrainingLoop
from shared_py.algorithms import ALGORITHMS

TRAINERS: dict[str, type[TrainingLoop[Any]]] = {algorithm.name: resolve_name(algorithm.trainer) for algorithm in ALGORITHMS}
