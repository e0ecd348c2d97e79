"""The service of runs: which calls it makes to the manager."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from backend.errors import NotFound
from backend.runs.service import Manager, RunService
from shared_py.analysis import Analysis, analyse
from shared_py.design import ModelArchitecture
from shared_py.presets import fill_defaults, preset, with_budget
from shared_py.protocol import Run
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig


class Notebook:
    """A manager that starts nothing and keeps what it was asked to start."""

    def __init__(self) -> None:
        self.started: dict[str, TrainConfig] = {}

    def run(self, run_id: str) -> Run:
        if run_id not in self.started:
            raise NotFound("no such run")
        return Run(run_id, "d1", "", "queued", None, 0, self.started[run_id].total_steps, "")

    def start_analysed(self, analysis: Analysis, config: TrainConfig, *, run_id: str, sweep_id: str | None) -> Run:
        del analysis
        self.started[run_id] = config
        return self.run(run_id)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("design", load_templates(), ids=lambda design: design.id)
def test_a_run_starts_with_what_was_said_and_the_recipe_for_the_rest(design: ModelArchitecture, tmp_path: Path) -> None:
    notebook = Notebook()

    async def start(run_id: str, settings: dict[str, Any]) -> None:
        await service.start_once(analyse(design), settings, run_id)

    async def story() -> None:
        await service.open()
        await start("r1", {"algorithm": "afterstate_td", "total_steps": 1_000_000, "gamma": 0.9})
        await start("r1", {})
        await start("r2", {})
        await service.close()

    service = RunService(lambda: cast(Manager, notebook), tmp_path)
    asyncio.run(story())
    sizes = analyse(design).sizes
    first = with_budget(preset("afterstate_td", sizes), 1_000_000)
    assert notebook.started["r1"].gamma == 0.9
    assert notebook.started["r1"].play_views == first.play_views
    assert notebook.started["r1"].n_envs == first.n_envs
    default = "ppo" if "policy" in analyse(design).roles else "afterstate_td"
    assert notebook.started["r2"] == fill_defaults({}, sizes, default)
