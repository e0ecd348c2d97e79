"""A component's properties made whole: checked one by one, with the design's defaults filled in."""

import json
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.blocks.common import Experts, Heads, ModelWidth
from shared_py.design import Component, Defaults
from shared_py.problems import Fix, Problem, RemoveComponent, SetDefault, SetProperty
from shared_py.properties import Property, annotation_of, properties_of
from shared_py.suggestion import nearest_name, suggest

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
TYPE_TEXTS: dict[str, str] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "component": "the id of a component",
    "integers": "a list of whole numbers",
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

    Where there are problems, the block is the one that their fixes lead to, so that what follows can be checked all the same.
    """

    component: Component
    block: Block | None
    """null where the type of the block is unknown"""
    inherited: frozenset[str]
    problems: list[Problem]


@cache
def meta_fields(block: type[Block]) -> tuple[str, ...]:
    """The properties of a block for which a design-wide default may stand in."""
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
        return _mended(component, block_type, meta, problems)
    return Resolved(component, block, inherited, NO_PROBLEMS)


def _mended(component: Component, block_type: type[Block], meta: Defaults, problems: list[Problem]) -> Resolved:
    """Read a block as it will be after the fixes of its problems; a property without a fix is left to its default."""
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
        message = f"has {more} more {'property' if more == 1 else 'properties'} that it should not have"
        problems.append(Problem("unknown_property", message, component.id))
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
    """Check the design-wide defaults against the same bounds as the properties they stand in for."""
    found = []
    for name, annotation in META_ANNOTATIONS.items():
        value = getattr(meta, name)
        try:
            msgspec.convert(value, annotation)
        except msgspec.ValidationError:
            rule = next(properties_of(block)[name] for block in BLOCK_BY_TYPE.values() if name in block.__struct_fields__)
            found.append(_out_of_range(None, rule, value))
    return found


def _shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _unknown_block(component: Component) -> Problem:
    message = f"there is no block {component.type!r}{suggest(component.type, tuple(BLOCK_BY_TYPE))}"
    if not component.type:
        message = "has no type: it says which block it is"
    fix = RemoveComponent(component.id, f"Remove component {component.id}")
    return Problem("unknown_block", message, component.id, "type", received=component.type, fix=fix)


def _unknown_property(component: Component, block_type: type[Block], name: str) -> Problem:
    message = f"has no property {name!r}{suggest(name, tuple(properties_of(block_type)))}"
    return Problem("unknown_property", message, component.id, name)


def _check(component: Component, block_type: type[Block], name: str, value: Any) -> list[Problem]:
    """Check one property by itself."""
    try:
        msgspec.convert(value, annotation_of(block_type, name))
    except msgspec.ValidationError as error:
        rule = properties_of(block_type)[name]
        if _is_of_type(value, rule):
            return [_out_of_range(component.id, rule, value)]
        kind = TYPE_TEXTS[rule.type] + (" or null" if rule.nullable else "")
        return [Problem("wrong_type", f"{name} must be {kind}, not {_shown(value)}", component.id, name, kind, str(error))]
    return []


def _is_of_type(value: Any, rule: Property) -> bool:
    if rule.type == "integers":
        return isinstance(value, list | tuple) and all(type(item) is int for item in value)
    if isinstance(value, bool):
        return rule.type == "boolean"
    return isinstance(value, PYTHON_TYPES[rule.type])


def _out_of_range(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Say which bound a value breaks; the fix is the nearest value that holds."""
    if rule.choices is not None:
        return _not_a_choice(component_id, rule, value)
    if rule.type in ("integers", "component"):
        return _not_allowed(component_id, rule, value)
    low, high = rule.minimum, rule.maximum
    nearest: int | float = min(max(value, low if low is not None else value), high if high is not None else value)
    expected = f"from {low:g} to {high:g}" if low is not None and high is not None else "within its bounds"
    step = int(rule.step or 1)
    if rule.type == "integer" and step > 1:
        expected = f"a multiple of {step} from {low:g} to {high:g}"
        nearest = max(step, round(nearest / step) * step)
    if value == nearest:  # an open bound, or not a number
        nearest = rule.default
    code = "not_a_multiple" if low is not None and high is not None and low <= value <= high else "out_of_range"
    owner = "" if component_id else "the design's "
    message = f"{owner}{rule.name} must be {expected}, not {str(value)[:24]}"
    label = f"Set {owner}{rule.name} to {nearest}"
    fix: Fix = SetProperty(component_id, rule.name, nearest, label) if component_id else SetDefault(rule.name, nearest, label)
    return Problem(code, message, component_id, rule.name, expected, str(value)[:24], fix)


def _not_a_choice(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Name the choices; the fix is the one most like what came."""
    choices = rule.choices or []
    expected = "one of " + ", ".join(choices)
    choice = nearest_name(str(value), choices) or rule.default
    fix = SetProperty(component_id, rule.name, choice, f"Set {rule.name} to {choice}") if component_id else None
    return Problem(
        "not_a_choice",
        f"{rule.name} must be {expected}, not {_shown(value)}",
        component_id,
        rule.name,
        expected,
        repr(value)[:80],
        fix,
    )


def _not_allowed(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Say what a list or a reference may hold; the fix is the part of it that is allowed, or the default."""
    low, high, most = int(rule.minimum or 0), int(rule.maximum or 0), rule.max_items
    mended: Any = rule.default
    expected = "the id of a component"
    if rule.type == "integers":
        mended = [min(max(item, low), high) for item in value][:most]
        expected = f"at most {most} numbers, each from {low} to {high}"
    shown = json.dumps(mended)
    fix = SetProperty(component_id, rule.name, mended, f"Set {rule.name} to {shown}") if component_id else None
    message = f"{rule.name} must be {expected}, not {_shown(value)}"
    return Problem("out_of_range", message, component_id, rule.name, expected, repr(value)[:80], fix)
