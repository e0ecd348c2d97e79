"""Imported by the fork server alone: loads torch and what runs, proofs and exports need, so that their processes find it loaded.

Nothing that an import makes is garbage, so the collector rests meanwhile (a seventh of the time) and leaves these objects alone
afterwards, which keeps their pages shared among all processes.
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
