"""Runs sweeps: starts their trials through the queue of runs, compares them at rungs, and stops the others.

Every decision is stored before it is carried out, and carried out again after a restart, so that a killed server continues.
Only runs that a sweep created, by ids that it chose, are ever started or stopped.
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from backend.designs.validation import require_valid
from backend.errors import (
    InvalidDesign,
    InvalidRequest,
    InvalidSweep,
    NotFound,
    RunNotActive,
    RunUnusable,
    StudioError,
    TooManyRuns,
)
from backend.ids import checked_id, is_identifier, new_id
from backend.machine.service import MachineService
from backend.process.durable import write_atomically
from backend.process.periodic_task import PeriodicTask, Schedule
from backend.runs.run_folder import ACTIVE
from backend.runs.service import RunService
from backend.store.database import Store, now_text
from backend.store.designs import get_design
from backend.store.sweeps import StoredSweep, read_sweeps, remove_oldest_sweeps, score_at, write_sweep
from backend.sweeps.schedule import CONTINUED, Seen, decide, wanted_scores
from backend.sweeps.state import SweepState, TrialState
from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.protocol import Run, Sweep, SweepRequest, SweepSpec
from shared_py.sweep import SweepError, Variants, find_variants, with_values

_log = logging.getLogger(__name__)
EVERY_S, RETRY_S = 0.25, 2.0
"""between two steps, and between two tries to start a run that cannot start now, as where the queue is full"""
MAX_RUNNING = 4
"""sweeps at the same time"""
_REFUSED = (InvalidDesign, InvalidRequest, RunNotActive, RunUnusable)
"""errors of a start that would come again"""


class SweepService(PeriodicTask):
    """Keeps the sweeps in memory as they are stored, and steps those that run."""

    def __init__(
        self,
        store: Store,
        training: RunService,
        machines: MachineService,
        generated_dir: Path,
        slots: int,
        every_s: float = EVERY_S,
    ) -> None:
        """`slots` is how many runs of one sweep may be active at a time: as many as the server trains at once."""
        super().__init__(self.step, Schedule(0.0, every_s), _log, "the sweeps could not be continued; it is tried again")
        self._store, self._training, self._machines = store, training, machines
        self._generated_dir, self._slots = generated_dir, slots
        self._turn = asyncio.Lock()
        self._sweeps: dict[str, SweepState] | None = None
        """the newest first; None until they were read"""
        self._asked_to_stop: set[str] = set()
        """runs that were asked to stop since they were last started: a second request would skip what the first one waits for"""
        self._refused: dict[str, str] = {}
        """starts that failed for good, with the reason, by run"""
        self._next_try_s: dict[str, float] = {}
        """when a start that failed is tried again, by run"""
        self._saved: dict[str, object] = {}
        """the keys of the states that were stored last"""

    async def create(self, request: SweepRequest, sweep_id: str | None) -> Sweep:
        """Plan a sweep and start it, or return the one of that id; InvalidSweep, InvalidDesign, TooManyRuns, NotFound."""
        if sweep_id is not None and not is_identifier(sweep_id):
            raise InvalidSweep("The id of a sweep begins with a small letter and has small letters, digits and _ alone")
        async with self._turn:
            sweeps = await self._read()
            if sweep_id in sweeps:
                return sweeps[sweep_id].show()
            running = sum(sweep.status == "running" for sweep in sweeps.values())
            if running >= MAX_RUNNING:
                raise TooManyRuns(f"{running} sweeps run already, which is the limit: stop one, or wait until one has ended")
            stored = await self._store.call(get_design, checked_id("design", request.design_id))
            design = request.design or stored.document
            if design.id != request.design_id:
                raise InvalidSweep(f"The design to vary has the id {design.id}: send the version of design {request.design_id}")
            fields = {name: getattr(request, name) for name in SweepSpec.__struct_fields__}
            sweep = await asyncio.to_thread(self._plan, design, SweepSpec(**fields), sweep_id or new_id("s"))
            await self._save(sweep)
            await self._store.call(remove_oldest_sweeps)
            self._sweeps = {sweep.id: sweep, **sweeps}
            return sweep.show()

    def _plan(self, design: ModelArchitecture, spec: SweepSpec, sweep_id: str) -> SweepState:
        require_valid(design)
        try:
            found = find_variants(design, spec, self._machines.machine())
        except SweepError as error:
            raise InvalidSweep(str(error)) from error
        if not found.trials:
            raise InvalidSweep(f"No combination can be trained; choose other values. The first one: {found.reason}")
        return _new_state(design, spec, found, sweep_id)

    def has_trial(self, run_id: str) -> bool:
        """Whether a run belongs to a sweep; on the event loop, without waiting."""
        return any(trial.run_id == run_id for sweep in (self._sweeps or {}).values() for trial in sweep.trials)

    async def sweeps(self) -> list[Sweep]:
        """Every sweep, the newest first."""
        return [sweep.show() for sweep in (await self._read()).values()]

    async def sweep(self, sweep_id: str) -> Sweep:
        """One sweep; NotFound."""
        return (await self._find(sweep_id)).show()

    async def stop(self, sweep_id: str) -> Sweep:
        """End a sweep and its runs; one that has ended stays as it is. NotFound."""
        async with self._turn:
            sweep = await self._find(sweep_id)
            if sweep.status == "running" and sweep.ending != "stopped":
                sweep.ending = "stopped"
                await self._save(sweep)
                await self._step(sweep)
            return sweep.show()

    async def step(self) -> None:
        """Continue every running sweep by one step, unless the database refuses changes."""
        async with self._turn:
            for sweep in (await self._read()).values():
                if sweep.status == "running" and self._store.condition == "ok":
                    try:
                        await self._step(sweep)
                    except Exception:
                        _log.exception("sweep %s could not be continued; it is tried again", sweep.id)

    async def _step(self, sweep: SweepState) -> None:
        seen = await self._look(sweep)
        if sweep.ending is None and _is_over_time(sweep):
            sweep.ending, sweep.reason = "finished", f"Its {sweep.spec.minutes:g} minutes are over"
        decide(sweep, seen, self._slots)
        if sweep.started_at is None and any(run.started_at for run in seen.runs.values()):
            sweep.started_at = now_text()
        if sweep.status != "running":
            sweep.ended_at = now_text()
        if sweep.key() != self._saved.get(sweep.id):
            await self._save(sweep)
        for trial in sweep.trials:
            await self._carry_out(sweep, trial, seen.runs.get(trial.run_id))

    async def _look(self, sweep: SweepState) -> Seen:
        """Read the runs that matter, and the scores at the rungs that they have passed."""
        seen = Seen()
        for trial in sweep.trials:
            if trial.phase in ("starting", "training") or (trial.phase == "held" and not trial.settled):
                try:
                    seen.runs[trial.run_id] = await self._training.run(trial.run_id)
                except NotFound:
                    continue
        for run_id, rungs in wanted_scores(sweep, seen.runs):
            seen.scores[run_id] = await self._scores(seen.runs[run_id], rungs)
        seen.refused = {trial.run_id: self._refused.pop(trial.run_id) for trial in sweep.trials if trial.run_id in self._refused}
        return seen

    async def _scores(self, run: Run, rungs: list[int]) -> list[float]:
        """The scores of a run at the rungs that it has passed, up to the first one that is not stored yet."""
        found: list[float] = []
        for steps in rungs:
            score = await self._store.call(score_at, run.id, steps)
            if score is None and run.status == "finished":
                score = run.score or 0.0
            if score is None:
                break
            found.append(score)
        return found

    async def _carry_out(self, sweep: SweepState, trial: TrialState, run: Run | None) -> None:
        """Start or continue the run of a trial, or ask it to stop, where it is not as decided."""
        is_active = run is not None and run.status in ACTIVE
        if trial.phase == "starting":
            if not is_active:
                await self._start(sweep, trial, run)
        elif is_active and (trial.phase == "held" or sweep.ending is not None) and trial.run_id not in self._asked_to_stop:
            try:
                await self._training.stop(trial.run_id)
            except (RunNotActive, NotFound):
                return  # it has ended by itself, which the next step sees
            self._asked_to_stop.add(trial.run_id)

    async def _start(self, sweep: SweepState, trial: TrialState, run: Run | None) -> None:
        self._asked_to_stop.discard(trial.run_id)
        if time.monotonic() < self._next_try_s.get(trial.run_id, 0.0):
            return
        try:
            if run is not None and run.status in CONTINUED:
                await self._training.resume(trial.run_id)
            elif run is None and not trial.has_begun:
                await self._create_run(sweep, trial)
            else:
                return  # a held run is looked at in the next step
            trial.phase, trial.has_begun = "training", True
        except _REFUSED as error:
            self._refused[trial.run_id] = error.detail
        except StudioError as error:
            self._next_try_s[trial.run_id] = time.monotonic() + RETRY_S
            _log.info("run %s of sweep %s waits: %s", trial.run_id, sweep.id, error.detail)

    async def _create_run(self, sweep: SweepState, trial: TrialState) -> None:
        """Start the run; the module of the design that is varied stays what it was, since all trials have its id."""
        module = self._generated_dir / f"{sweep.design_id}.py"
        before = await asyncio.to_thread(_content, module)
        analysis = await asyncio.to_thread(analyse, with_values(sweep.design, sweep.spec.axes, trial.values))
        await self._training.start_once(analysis, msgspec.structs.asdict(trial.config), trial.run_id, sweep.id)
        if before is not None:
            await asyncio.to_thread(write_atomically, module, before)

    async def _save(self, sweep: SweepState) -> None:
        row = StoredSweep(sweep.id, sweep.design_id, sweep.created_at, sweep.status, msgspec.json.encode(sweep))
        await self._store.call(write_sweep, row)
        self._saved[sweep.id] = sweep.key()

    async def _find(self, sweep_id: str) -> SweepState:
        found = (await self._read()).get(checked_id("sweep", sweep_id))
        if found is None:
            raise NotFound(f"There is no sweep {sweep_id}")
        return found

    async def _read(self) -> dict[str, SweepState]:
        """The sweeps, read from the database at first."""
        if self._sweeps is None:
            rows = await self._store.call(read_sweeps)
            self._sweeps = {row.id: sweep for row in rows if (sweep := _decoded(row)) is not None}
        return self._sweeps


def _new_state(design: ModelArchitecture, spec: SweepSpec, found: Variants, sweep_id: str) -> SweepState:
    return SweepState(
        id=sweep_id,
        design_id=design.id,
        created_at=now_text(),
        spec=spec,
        design=design,
        total_steps=found.total_steps,
        rungs=found.rungs,
        left_out=found.left_out,
        left_out_reason=found.reason,
        trials=[TrialState(new_id("r"), variant.values, variant.config) for variant in found.trials],
    )


def _decoded(row: StoredSweep) -> SweepState | None:
    try:
        return msgspec.json.decode(row.body, type=SweepState)
    except (msgspec.DecodeError, RecursionError) as error:
        _log.warning("sweep %s cannot be read and is left out: %s", row.id, error)
        return None


def _is_over_time(sweep: SweepState) -> bool:
    if sweep.spec.minutes is None or sweep.started_at is None:
        return False
    passed = datetime.fromisoformat(now_text()) - datetime.fromisoformat(sweep.started_at)
    return passed > timedelta(minutes=sweep.spec.minutes)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
