"""Imported by the fork server alone: loads torch and what runs, checks and exports need, so that their processes start with it.

Imports make no garbage, so the collector is off meanwhile (which saves a seventh of the time), and these objects are frozen
afterwards, so that their pages stay shared among all processes.
"""

import gc
from importlib import import_module

MODULES = (
    "backend.models",
    "backend.compile.checks",
    "backend.training.ppo_trainer",
    "backend.runs.trainer_process",
    "backend.export.model_files",
    "torch._dynamo",
)
"""the ONNX exporter is left out, since few need it and it doubles the wait

`torch._dynamo` is what torch imports at the first optimizer and the first checkpoint: 1.2 s and 68 MB in each process.
"""

gc.disable()
for name in MODULES:
    import_module(name)
gc.freeze()
gc.enable()
