"""Prepares a process that trains: its threads, the limit of its memory, its network."""

import os

import torch

from backend.models import GameTransformer
from backend.models.autocast import bfloat16_pays_off
from backend.models.loading import load_file
from backend.process.hardware import usable_memory_bytes
from backend.process.process import limit_memory
from backend.runs.malloc import Heap
from backend.runs.run_folder import RunFolder
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.estimation import estimate_memory, is_short
from shared_py.protocol import Machine
from shared_py.training_config import TrainConfig

RESERVED_BYTES = 512_000_000
"""address space that libraries reserve for generated code and hardly use; at most 240 MB were measured"""
THREAD_BYTES = 18_000_000
"""what each thread reserves for its stack and heap and hardly uses; measured"""


def training_threads(config: TrainConfig) -> int:
    """The threads of a process by the settings, at most one for each core; by default one core is left to the server."""
    cores = os.cpu_count() or 1
    return min(config.threads, cores) or max(1, (cores - 1) // config.workers)


def limit_to_estimate(folder: RunFolder, config: TrainConfig, memory_limit_bytes: int | None) -> Heap:
    """Keep the heap near the estimate and limit the process's memory; the memory of a GPU needs no limit.

    The design is analysed again here: this is another process than the one that accepted the run, perhaps weeks later.
    """
    sizes = analyse(decode_design(folder.design.read_bytes())).sizes
    max_bytes = memory_limit_bytes or usable_memory_bytes()
    narrow = config.precision == "auto" and bfloat16_pays_off()
    expected = estimate_memory(sizes, config, Machine(1, max_bytes, bfloat16=narrow), compact=False).training
    heap = Heap(expected, compact=is_short(expected, max_bytes))
    if memory_limit_bytes is not None and not torch.cuda.is_available():
        limit_memory(memory_limit_bytes + RESERVED_BYTES + THREAD_BYTES * training_threads(config))
    return heap


def network_of(folder: RunFolder, rank: int) -> GameTransformer:
    """The network of the run, on the GPU of this rank where there is any."""
    request = folder.request
    model: GameTransformer = load_file(folder.model, f"run_{request.id}").GeneratedModel(**request.model_config)
    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return model.to(f"cuda:{rank % cards}" if cards else "cpu")
