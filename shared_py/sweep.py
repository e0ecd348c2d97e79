"""Plans a sweep: which variants of a design are trained, which cannot be, and what all of them take."""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.algorithms import algorithms_for
from shared_py.analysis import Analysis, analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Defaults, ModelArchitecture
from shared_py.estimation import least_training_bytes, run_memory_of
from shared_py.forecasting import forecast
from shared_py.halving import expected_moves, rungs_of
from shared_py.presets import fill_defaults
from shared_py.properties import Property, properties_of
from shared_py.protocol import MAX_TRIALS, Machine, PlannedTrial, SweepAxis, SweepPlan, SweepSpec, SweepValue
from shared_py.resolution import META_ANNOTATIONS, meta_fields
from shared_py.suggestion import suggest
from shared_py.training_config import TrainConfig, algorithm_of

DRAWS_PER_TRIAL = 50
"""draws of a random search for each trial before it settles for fewer"""
DIGITS = 3
"""significant digits of a value within a range, which also makes phone and server choose the same ones"""
SAME_FOR_ALL = frozenset({"total_steps"})
"""settings that every trial shares, since trials are compared after the same number of moves"""


class SweepError(ValueError):
    """A sweep that cannot be planned; the message says what to change."""


class Variant(Struct, frozen=True):
    """One trial: its values, and the design and the settings with them."""

    values: list[SweepValue]
    analysis: Analysis
    config: TrainConfig


class Variants(Struct, frozen=True):
    """The trials of a sweep, and what was left out."""

    trials: list[Variant]
    left_out: int
    reason: str | None
    total_steps: int
    rungs: list[int]


def plan_sweep(design: ModelArchitecture, spec: SweepSpec, machine: Machine | None) -> SweepPlan:
    """The runs of a sweep with their time and memory on a machine; SweepError."""
    found = find_variants(design, spec, machine)
    planned = []
    for trial in found.trials:
        needs = forecast(trial.analysis.sizes, trial.config, machine)
        planned.append(PlannedTrial(trial.values, needs.training_bytes, needs.seconds))
    return SweepPlan(
        trials=planned,
        left_out=found.left_out,
        reason=found.reason,
        rungs=found.rungs,
        seconds=_seconds_of_all(planned, found),
        training_bytes=max((trial.training_bytes for trial in planned), default=0),
    )


def plan_or_problem(design: ModelArchitecture, spec: SweepSpec, machine: Machine | None) -> SweepPlan:
    """As `plan_sweep`; what it raises is the problem of a plan without trials."""
    try:
        return plan_sweep(design, spec, machine)
    except SweepError as error:
        return SweepPlan([], 0, None, [], None, 0, problem=str(error))


def _seconds_of_all(planned: Sequence[PlannedTrial], found: Variants) -> float | None:
    known = [trial.seconds for trial in planned if trial.seconds is not None]
    if not planned or len(known) < len(planned):
        return None
    share = expected_moves(found.total_steps, len(planned), found.rungs) / (found.total_steps * len(planned))
    return sum(known) * share


def find_variants(design: ModelArchitecture, spec: SweepSpec, machine: Machine | None = None) -> Variants:
    """The combinations that can be trained, without those that cannot; SweepError where a part of the request is wrong."""
    forms = [_form_of(design, axis) for axis in spec.axes]
    _require_different(spec.axes)
    base = analyse(design)
    trials: list[Variant] = []
    left_out, reason = 0, None
    wanted = spec.trials if spec.search == "random" else MAX_TRIALS
    for values in _combinations(spec, forms):
        found = _variant(design, base, spec, values, machine)
        if isinstance(found, Variant):
            trials.append(found)
        else:
            left_out, reason = left_out + 1, reason or found
        if len(trials) == wanted:
            break
    total_steps = trials[0].config.total_steps if trials else 0
    rungs = rungs_of(total_steps, len(trials)) if spec.halving else []
    return Variants(trials, left_out, reason, total_steps, rungs)


def with_values(design: ModelArchitecture, axes: Sequence[SweepAxis], values: Sequence[SweepValue]) -> ModelArchitecture:
    """The design with the values of those axes that are about it."""
    meta, components = design.meta, list(design.components)
    for axis, value in zip(axes, values, strict=True):
        if axis.kind == "design":
            meta = msgspec.structs.replace(meta, **{axis.name: value})
        elif axis.kind == "block":
            at = next(index for index, component in enumerate(components) if component.id == axis.component_id)
            props = {**components[at].props, axis.name: value}
            components[at] = msgspec.structs.replace(components[at], props=props)
    return msgspec.structs.replace(design, meta=meta, components=components)


def _variant(
    design: ModelArchitecture, base: Analysis, spec: SweepSpec, values: list[SweepValue], machine: Machine | None
) -> Variant | str:
    """One combination, or why it cannot be trained."""
    try:
        analysis = analyse(_checked(with_values(design, spec.axes, values)))
    except msgspec.ValidationError as error:
        return str(error)
    if analysis.problems:
        return analysis.problems[0].message
    chosen = {axis.name: value for axis, value in zip(spec.axes, values, strict=True) if axis.kind == "setting"}
    fitting = algorithms_for(has_policy="policy" in analysis.roles)
    try:
        # the presets are those of the drawn design, so that trials differ in what is varied alone
        config = fill_defaults({**spec.settings, **chosen}, base.sizes, fitting[0].name)
    except msgspec.ValidationError as error:
        return f"{', '.join(f'{name} {value}' for name, value in chosen.items())}: {error}"
    return _refusal(analysis, config, machine) or Variant(values, analysis, config)


def _checked(design: ModelArchitecture) -> ModelArchitecture:
    """The same design; msgspec.ValidationError where a design-wide value is of the wrong type."""
    msgspec.convert(msgspec.structs.asdict(design.meta), Defaults)
    return design


def _refusal(analysis: Analysis, config: TrainConfig, machine: Machine | None) -> str | None:
    """Why a network cannot be trained with these settings."""
    fitting = algorithms_for(has_policy="policy" in analysis.roles)
    algorithm = algorithm_of(config)
    if algorithm not in fitting:
        return f"This network has no action output, so {algorithm.term} cannot train it"
    if config.optimizer == "tc" and not (analysis.sizes.sums_tables and algorithm.presets.tables is not None):
        return "Optimizer tc trains networks whose value is a sum of table entries"
    most = None if machine is None else run_memory_of(machine)
    least = least_training_bytes(analysis.sizes, config)
    if most is not None and least > most:
        return f"It needs at least {least / 1e6:,.0f} MB, and a run may take {most / 1e6:,.0f} MB"
    return None


def _form_of(design: ModelArchitecture, axis: SweepAxis) -> Property:
    """The property or setting that an axis varies; SweepError where there is none, or its values are not given."""
    known = _properties_for(design, axis)
    form = known.get(axis.name)
    if form is None:
        raise SweepError(f"There is no {_KIND_WORDS[axis.kind]} {axis.name!r}{suggest(axis.name, tuple(known))}")
    if axis.kind == "setting" and axis.name in SAME_FOR_ALL:
        raise SweepError(f"{form.title} are the same for all trials: set them for the whole sweep")
    if not axis.values:
        _require_range(axis, form)
    return form


_KIND_WORDS = {"setting": "setting", "design": "design-wide value", "block": "property"}


def _properties_for(design: ModelArchitecture, axis: SweepAxis) -> dict[str, Property]:
    if axis.kind == "setting":
        return properties_of(TrainConfig)
    if axis.kind == "design":
        return {name: _meta_form(name) for name in META_ANNOTATIONS}
    component = next((one for one in design.components if one.id == axis.component_id), None)
    if component is None:
        raise SweepError(f"The design has no block {axis.component_id!r}; choose a block that it has")
    block = BLOCK_BY_TYPE.get(component.type)
    return {} if block is None else properties_of(block, meta_fields(block))


def _meta_form(name: str) -> Property:
    return next(rule for block in BLOCK_BY_TYPE.values() for key, rule in properties_of(block).items() if key == name)


def _require_range(axis: SweepAxis, form: Property) -> None:
    if axis.low is None or axis.high is None:
        raise SweepError(f"{axis.name} has no values: give a list, or the two ends of a range")
    if form.type not in ("integer", "number") or form.choices is not None:
        raise SweepError(f"{axis.name} is no number, so it has no range: give a list of values")
    if not (math.isfinite(axis.low) and math.isfinite(axis.high)) or axis.low >= axis.high:
        raise SweepError(f"The range of {axis.name} is empty: its lower end must be below its upper end")
    if axis.scale == "log" and axis.low <= 0:
        raise SweepError(f"The range of {axis.name} begins at {axis.low:g}: spaced by factors it must begin above 0")


def _require_different(axes: Sequence[SweepAxis]) -> None:
    seen = set()
    for axis in axes:
        place = (axis.kind, axis.component_id, axis.name)
        if place in seen:
            raise SweepError(f"{axis.name} is chosen twice: choose it once, with all of its values")
        seen.add(place)


def _combinations(spec: SweepSpec, forms: Sequence[Property]) -> Iterator[list[SweepValue]]:
    """Different combinations of values, in the order in which they are tried."""
    axes = spec.axes
    if spec.search == "random":
        yield from _draws(spec, forms)
        return
    lists = [_values_of(axis, form) for axis, form in zip(axes, forms, strict=True)]
    count = math.prod(len(values) for values in lists)
    if count > MAX_TRIALS:
        raise SweepError(
            f"These are {count} combinations, and a sweep has at most {MAX_TRIALS} runs: choose fewer values, or random search"
        )
    yield from (list(values) for values in itertools.product(*lists))


def _draws(spec: SweepSpec, forms: Sequence[Property]) -> Iterator[list[SweepValue]]:
    generator = random.Random(spec.seed)  # noqa: S311  # no secret
    seen = set()
    for _ in range(spec.trials * DRAWS_PER_TRIAL):
        values = [_draw(axis, form, generator.random()) for axis, form in zip(spec.axes, forms, strict=True)]
        key = msgspec.json.encode(values)
        if key not in seen:
            seen.add(key)
            yield values


def _draw(axis: SweepAxis, form: Property, at: float) -> SweepValue:
    """The value at a place from 0 to 1, without 1."""
    if axis.values:
        return axis.values[int(at * len(axis.values))]
    return _within(axis, form, at)


def _values_of(axis: SweepAxis, form: Property) -> list[SweepValue]:
    """The values of an axis in a grid, each once."""
    found = axis.values or [_within(axis, form, place / (axis.count - 1)) for place in range(axis.count)]
    different: dict[bytes, Any] = {msgspec.json.encode(value): value for value in found}
    return list(different.values())


def _within(axis: SweepAxis, form: Property, at: float) -> SweepValue:
    """The value of a range at a place from 0 to 1; whole numbers on the grid of their steps."""
    assert axis.low is not None
    assert axis.high is not None
    if axis.scale == "log":
        exact = math.exp(math.log(axis.low) + at * (math.log(axis.high) - math.log(axis.low)))
    else:
        exact = axis.low + at * (axis.high - axis.low)
    if form.type == "integer":
        step = int(form.step or 1)
        return round(exact / step) * step
    return float(f"{exact:.{DIGITS}g}")
