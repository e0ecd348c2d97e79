"""The properties of a component: each checked, those left out filled in from the design's defaults."""

import json
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE, OFFERED_FOR
from shared_py.blocks.base import Block
from shared_py.blocks.common import Experts, Heads, ModelWidth
from shared_py.design import Component, Defaults
from shared_py.messages import Text, part
from shared_py.problems import Fix, Problem, RemoveComponent, ReplaceBlock, SetDefault, SetProperty, label, make_problem
from shared_py.properties import Property, annotation_of, properties_of
from shared_py.suggestion import nearest_hint, nearest_name

META_ANNOTATIONS = {"d_model": ModelWidth, "n_heads": Heads, "n_experts": Experts}
"""what the design-wide defaults must satisfy"""

DOCUMENT_CODES = frozenset({"unknown_block", "unknown_property", "wrong_type"})
"""problems that no editor can make: a document with one of them is refused, not stored"""


_ENCODER = msgspec.json.Encoder()
MAX_VALUE_CHARS = 40
"""characters of a value shown in a message"""
MAX_UNKNOWN_REPORTED = 4
"""unknown properties of one component that are named one by one"""
NO_PROBLEMS: list[Problem] = []
TYPE_TEXTS: dict[str, Text] = {
    "integer": part("whole_number"),
    "number": part("number"),
    "boolean": part("true_or_false"),
    "string": part("text"),
    "component": part("component_id"),
    "integers": part("whole_numbers"),
    "patterns": part("patterns_form"),
}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "string": (str,),
    "component": (str,),
}


class Resolved(Struct, frozen=True):
    """A component with its block, and the properties taken from the design's defaults.

    Where there are problems, the block is the one their fixes lead to, so that later components can be checked all the same.
    """

    component: Component
    block: Block | None
    """null where the type of the block is unknown"""
    inherited: frozenset[str]
    problems: list[Problem]


@cache
def meta_fields(block: type[Block]) -> tuple[str, ...]:
    """The properties of a block that take a design-wide default when left out."""
    return tuple(name for name in block.__struct_fields__ if name in Defaults.__struct_fields__)


def resolve(component: Component, meta: Defaults) -> Resolved:
    """Fill in what a component leaves out and check every property; all problems are found."""
    block_type = BLOCK_BY_TYPE.get(component.type)
    if block_type is None:
        return Resolved(component, None, frozenset(), [_unknown_block(component)])
    try:
        block, inherited = _read_block(block_type, _ENCODER.encode(component.props) if component.props else b"{}", meta)
    except msgspec.ValidationError:
        problems = _check_all(component, block_type)
        return _with_fixes_applied(component, block_type, meta, problems)
    return Resolved(component, block, inherited, NO_PROBLEMS)


def _with_fixes_applied(component: Component, block_type: type[Block], meta: Defaults, problems: list[Problem]) -> Resolved:
    """Build the block with the fixes of its problems applied; a property without a fix gets its default."""
    props = {name: value for name, value in component.props.items() if name in block_type.__struct_fields__}
    for problem in problems:
        if isinstance(problem.fix, SetProperty):
            props[problem.fix.field] = problem.fix.value
        elif problem.field in props:
            del props[problem.field]
    block, inherited = _read_block(block_type, _ENCODER.encode(props), nearest_defaults(meta))
    return Resolved(component, block, inherited, problems)


@lru_cache(maxsize=256)
def nearest_defaults(meta: Defaults) -> Defaults:
    """The design-wide defaults with each that is out of bounds replaced by the nearest allowed value."""
    fixes = [problem.fix for problem in check_meta(meta)]
    return msgspec.structs.replace(meta, **{fix.field: fix.value for fix in fixes if isinstance(fix, SetDefault)})


def _check_all(component: Component, block_type: type[Block]) -> list[Problem]:
    """Check every property; of many unknown ones the first few are named."""
    known = properties_of(block_type)
    strange = [name for name in component.props if name not in known]
    problems = [_unknown_property(component, block_type, name) for name in strange[:MAX_UNKNOWN_REPORTED]]
    if len(strange) > MAX_UNKNOWN_REPORTED:
        more = len(strange) - MAX_UNKNOWN_REPORTED
        problems.append(make_problem("unknown_property", {"case": "more", "count": more}, component.id))
    for name, value in component.props.items():
        problems += _check(component, block_type, name, value) if name in known else []
    return problems


@lru_cache(maxsize=4096)
def _read_block(block_type: type[Block], props: bytes, meta: Defaults) -> tuple[Block, frozenset[str]]:
    """Read a block once for all components with the same properties; ValidationError if they are not allowed."""
    given: dict[str, Any] = msgspec.json.decode(props)
    inherited = frozenset(name for name in meta_fields(block_type) if name not in given)
    return msgspec.convert(given | {name: getattr(meta, name) for name in inherited}, block_type), inherited


def check_meta(meta: Defaults) -> list[Problem]:
    """Check the design-wide defaults against the bounds of the properties that take them."""
    found = []
    for name, annotation in META_ANNOTATIONS.items():
        value = getattr(meta, name)
        try:
            msgspec.convert(value, annotation)
        except msgspec.ValidationError:
            rule = next(properties_of(block)[name] for block in BLOCK_BY_TYPE.values() if name in block.__struct_fields__)
            found.append(_out_of_range(None, rule, value))
    return found


def printable(name: str) -> str:
    """A name from a document, with control characters escaped, to be put between quotes."""
    return repr(name)[1:-1]


def _shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _unknown_block(component: Component) -> Problem:
    """A block that is not there; one that is left out on purpose says why, and is replaced by the fix."""
    if (block := OFFERED_FOR.get(component.type.lower())) is not None:
        words = label("replace_block", block=block.title.lower())
        replaced = ReplaceBlock(component.id, block.type, **words)
        left_out = {"case": "depends_on_batch", "offered": block.title.lower()}
        return make_problem("unknown_block", left_out, component.id, "type", received=component.type, fix=replaced)
    hint = nearest_hint(component.type, tuple(BLOCK_BY_TYPE))
    params = {"case": "unknown", "name": printable(component.type), "hint": hint} if component.type else {"case": "no_type"}
    fix = RemoveComponent(component.id, **label("remove_unknown", component=component.id))
    return make_problem("unknown_block", params, component.id, "type", received=component.type, fix=fix)


def _unknown_property(component: Component, block_type: type[Block], name: str) -> Problem:
    params = {"case": "unknown", "name": printable(name), "hint": nearest_hint(name, tuple(properties_of(block_type)))}
    return make_problem("unknown_property", params, component.id, name)


def _check(component: Component, block_type: type[Block], name: str, value: Any) -> list[Problem]:
    """Check one property by itself."""
    try:
        msgspec.convert(value, annotation_of(block_type, name))
    except msgspec.ValidationError as error:
        rule = properties_of(block_type)[name]
        if _is_of_type(value, rule):
            return [_out_of_range(component.id, rule, value)]
        kind = part("or_null", {"form": TYPE_TEXTS[rule.type]}) if rule.nullable else TYPE_TEXTS[rule.type]
        params = {"case": "property", "value": _shown(value)}
        return [make_problem("wrong_type", params, component.id, name, kind, str(error))]
    return []


def _is_of_type(value: Any, rule: Property) -> bool:
    if rule.type == "integers":
        return _is_list_of_integers(value)
    if rule.type == "patterns":
        return isinstance(value, list | tuple) and all(map(_is_list_of_integers, value))
    if isinstance(value, bool):
        return rule.type == "boolean"
    return isinstance(value, PYTHON_TYPES[rule.type])


def _is_list_of_integers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(item) is int for item in value)


def _out_of_range(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Say which bound a value breaks; the fix is the nearest value that holds."""
    if rule.choices is not None:
        return _not_a_choice(component_id, rule, value)
    if rule.type in ("integers", "patterns", "component"):
        return _not_allowed(component_id, rule, value)
    low, high = rule.minimum, rule.maximum
    nearest: int | float = min(max(value, low if low is not None else value), high if high is not None else value)
    expected = part("range", {"low": low, "high": high}) if low is not None and high is not None else part("within_bounds")
    step = int(rule.step or 1)
    if rule.type == "integer" and step > 1:
        expected = part("multiple", {"step": step, "low": low, "high": high})
        nearest = max(step, round(nearest / step) * step)
    if value == nearest:  # an open bound, or not a number
        nearest = rule.default
    code = "not_a_multiple" if low is not None and high is not None and low <= value <= high else "out_of_range"
    params = {"of": "" if component_id else part("of_design"), "value": str(value)[:24]}
    words = label("set" if component_id else "set_default", field=rule.name, value=nearest)
    fix: Fix = SetProperty(component_id, rule.name, nearest, **words) if component_id else SetDefault(rule.name, nearest, **words)
    return make_problem(code, params, component_id, rule.name, expected, str(value)[:24], fix)


def _not_a_choice(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Name the choices; the fix is the one most like what came."""
    choices = rule.choices or []
    nearest = nearest_name(str(value), choices) or rule.default
    expected, params = part("one_of", {"choices": choices}), {"value": _shown(value)}
    fix = _set(component_id, rule.name, nearest)
    return make_problem("not_a_choice", params, component_id, rule.name, expected, repr(value)[:80], fix)


def _not_allowed(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Say what a list or a reference may hold; the fix is the part of it that is allowed, or the default."""
    low, high, most = int(rule.minimum or 0), int(rule.maximum or 0), rule.max_items
    nearest: Any = rule.default
    expected = part("component_id")
    if rule.type == "integers":
        nearest = [min(max(item, low), high) for item in value][:most]
        expected = part("numbers", {"most": most, "low": low, "high": high})
    if rule.type == "patterns":
        kept = [[cell for cell in dict.fromkeys(cells) if low <= cell <= high][: rule.max_cells] for cells in value]
        nearest = [cells for cells in kept if cells][:most] or rule.default
        expected = part("patterns_within", {"most": most, "cells": rule.max_cells, "low": low, "high": high})
    fix = _set(component_id, rule.name, nearest)
    params = {"of": "", "value": _shown(value)}
    return make_problem("out_of_range", params, component_id, rule.name, expected, repr(value)[:80], fix)


def _set(component_id: str | None, field: str, value: Any) -> SetProperty | None:
    return SetProperty(component_id, field, value, **label("set", field=field, value=value)) if component_id else None
