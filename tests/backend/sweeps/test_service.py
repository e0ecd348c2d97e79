"""The service with real runs of a scripted trainer: what is started, held, continued and stopped, also by another service."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.external_trainers import RisingTrainer
from support.server_parts import INTERVAL_S, Inside, inside

from backend.errors import InvalidSweep, TooManyRuns
from backend.machine.service import MachineService
from backend.process.periodic_task import PeriodicTask
from backend.runs.capacity import RunBounds
from backend.runs.executors import LocalExecutor
from backend.store.designs import create_design
from backend.sweeps.service import MAX_RUNNING, SweepService
from shared_py.presets import preset
from shared_py.protocol import Sweep, SweepRequest
from shared_py.templates import load_templates

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("warm")]
DESIGN = next(design for design in load_templates() if design.id == "tiny_mlp")
BEST = 0.5
PATIENCE_S = 240.0


def request(*rates: float, steps: int = 30, **more: Any) -> SweepRequest:
    axis = {"kind": "setting", "name": "learning_rate", "values": rates}
    body = {"design_id": DESIGN.id, "axes": [axis], "settings": {"total_steps": steps}, **more}
    return msgspec.convert(body, SweepRequest)


def service_of(parts: Inside, root: Path, slots: int = 1) -> SweepService:
    async def never() -> bool:
        return False

    machines = MachineService(root / "machine.json", never, quiet_s=None)
    return SweepService(parts.store, parts.run_service, machines, root / "generated", slots)


async def step_until(parts: Inside, service: SweepService, sweep_id: str, condition: Callable[[Sweep], bool]) -> Sweep:
    """Step ingest and service until a condition is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition(sweep := await service.sweep(sweep_id)):
            await parts.poll_once()
            await service.step()
            await asyncio.sleep(INTERVAL_S)
    return sweep


def ended(sweep: Sweep) -> bool:
    return sweep.status != "running"


def play(root: Path, story: Callable[[Inside], Awaitable[None]], slots: int = 1, **options: Any) -> None:
    async def work(parts: Inside) -> None:
        parts.manager.adopt_external_trainer(RisingTrainer(BEST))
        await parts.store.call(create_design, DESIGN)
        await story(parts)
        for run in await parts.run_service.runs():
            assert run.status not in ("queued", "running"), "nothing is left to train"

    inside(root, work, executor=LocalExecutor(slots), **options)


def test_the_best_goes_on_and_the_others_are_stopped(tmp_path: Path) -> None:
    async def story(parts: Inside) -> None:
        service = service_of(parts, tmp_path)
        begun = await service.create(request(0.1, BEST, 0.2, 0.3, halving=True), None)
        assert begun.rungs == [10]
        sweep = await step_until(parts, service, begun.id, ended)
        assert [trial.outcome for trial in sweep.trials] == ["stopped_early", "finished", "stopped_early", "stopped_early"]
        assert [trial.scores for trial in sweep.trials] == [[0.1], [BEST], [0.2], [0.3]]
        assert (sweep.status, sweep.best) == ("finished", 1)
        assert sweep.trials[1].steps == 30
        runs = [await parts.run_service.run(trial.run_id) for trial in sweep.trials]
        assert [run.status for run in runs] == ["stopped", "finished", "stopped", "stopped"]
        kinds = [message["type"] for message in parts.published]
        assert "sweep_changed" in kinds
        assert service.has_trial(sweep.trials[0].run_id)
        assert not service.has_trial("r1")

    play(tmp_path, story)


def test_another_service_continues_where_one_was_killed(tmp_path: Path) -> None:
    """After each stored decision, and without the actions that should have followed it."""

    async def story(parts: Inside) -> None:
        first = service_of(parts, tmp_path)
        begun = await first.create(request(0.1, BEST, 0.2, halving=True), "s1")
        phases: set[str] = set()

        async def replaced(sweep: Sweep) -> Sweep:
            service = service_of(parts, tmp_path)
            await parts.poll_once()
            await service.step()
            phases.update(trial.phase for trial in sweep.trials)
            return await service.sweep("s1")

        async with asyncio.timeout(PATIENCE_S):
            sweep = begun
            while not ended(sweep):
                sweep = await replaced(sweep)
                await asyncio.sleep(INTERVAL_S)
        assert [trial.outcome for trial in sweep.trials] == ["stopped_early", "finished", "stopped_early"]
        assert phases >= {"waiting", "training", "held"}
        assert len(await parts.run_service.runs()) == 3

    play(tmp_path, story)


def test_a_stop_ends_the_trials_and_touches_no_other_run(tmp_path: Path) -> None:
    async def story(parts: Inside) -> None:
        service = service_of(parts, tmp_path, 2)
        other = parts.manager.start(DESIGN, msgspec.structs.replace(preset("ppo"), total_steps=10**6))
        begun = await service.create(request(0.1, 0.2, 0.3, steps=10**6), None)
        await step_until(parts, service, begun.id, lambda sweep: sweep.trials[0].steps > 0)
        await service.stop(begun.id)
        sweep = await step_until(parts, service, begun.id, ended)
        assert sweep.status == "stopped"
        assert {trial.outcome for trial in sweep.trials} == {"stopped"}
        assert (await parts.run_service.run(other.id)).status == "running"
        await parts.run_service.stop(other.id)
        await parts.until(type="run_status", run_id=other.id, status="stopped")

    play(tmp_path, story, slots=3)


def test_as_many_sweeps_run_as_may(tmp_path: Path) -> None:
    async def story(parts: Inside) -> None:
        service = service_of(parts, tmp_path)
        for number in range(MAX_RUNNING):
            await service.create(request(0.1), f"s{number}")
        assert (await service.create(request(0.2), "s0")).id == "s0", "a repeat is no new one"
        with pytest.raises(TooManyRuns, match="stop one"):
            await service.create(request(0.1), None)
        with pytest.raises(InvalidSweep, match="small letter"):
            await service.create(request(0.1), "No id")
        for number in range(MAX_RUNNING):
            await service.stop(f"s{number}")
        assert {sweep.status for sweep in await service.sweeps()} == {"stopped"}
        assert await parts.run_service.runs() == []

    play(tmp_path, story)


def test_a_full_queue_is_waited_for(tmp_path: Path) -> None:
    async def story(parts: Inside) -> None:
        service = service_of(parts, tmp_path)
        other = parts.manager.start(DESIGN, msgspec.structs.replace(preset("ppo"), total_steps=10**6))
        queued = parts.manager.start(DESIGN, msgspec.structs.replace(preset("ppo"), total_steps=10**6))
        begun = await service.create(request(BEST), None)
        await service.step()
        assert (await service.sweep(begun.id)).trials[0].phase == "starting"
        await parts.run_service.stop(queued.id)
        await parts.run_service.stop(other.id)
        sweep = await step_until(parts, service, begun.id, ended)
        assert [trial.outcome for trial in sweep.trials] == ["finished"]

    play(tmp_path, story, bounds=RunBounds(max_queued=1))


def test_it_is_a_task_of_the_server() -> None:
    assert issubclass(SweepService, PeriodicTask)
