"""A component's properties made whole: checked one by one, with the design's defaults filled in."""

from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.blocks.common import Experts, Heads, ModelWidth
from shared_py.design import Component, Defaults
from shared_py.problems import Problem, RemoveComponent, SetProperty
from shared_py.properties import Property, annotation_of, properties_of

META_ANNOTATIONS = {"d_model": ModelWidth, "n_heads": Heads, "n_experts": Experts}
"""what the design-wide defaults must satisfy"""

DOCUMENT_CODES = frozenset({"unknown_block", "unknown_property", "wrong_type"})
"""problems that no editor can make: a document with one of them is refused, not stored"""


_ENCODER = msgspec.json.Encoder()
MOST_STRANGERS = 4
"""unknown properties of one component that are named one by one"""
NO_PROBLEMS: list[Problem] = []
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "string": (str,),
    "component": (str,),
}


class Resolved(Struct, frozen=True):
    """A component with its block, if its properties allow one, and the properties taken from the design's defaults."""

    component: Component
    block: Block | None
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
        return Resolved(component, None, frozenset(), problems)
    return Resolved(component, block, inherited, NO_PROBLEMS)


def _check_all(component: Component, block_type: type[Block]) -> list[Problem]:
    """Check every property; of many unknown ones the first few are named."""
    known = properties_of(block_type)
    strange = [name for name in component.props if name not in known]
    problems = [_unknown_property(component, block_type, name) for name in strange[:MOST_STRANGERS]]
    if len(strange) > MOST_STRANGERS:
        message = f"has {len(strange) - MOST_STRANGERS} more properties that it should not have"
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


@lru_cache(maxsize=1024)
def suggest(name: str, known: tuple[str, ...]) -> str:
    """End a sentence about an unknown name with the nearest known one."""
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _unknown_block(component: Component) -> Problem:
    message = f"there is no block {component.type!r}{suggest(component.type, tuple(BLOCK_BY_TYPE))}"
    fix = RemoveComponent(component.id, f"Remove {component.id}")
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
        kind = f"{rule.type} or null" if rule.nullable else rule.type
        return [Problem("wrong_type", f"{name} must be of type {kind}", component.id, name, kind, str(error))]
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
    expected = f"{low:g} to {high:g}" if low is not None and high is not None else "within its bounds"
    step = int(rule.step or 1)
    if rule.type == "integer" and step > 1:
        expected = f"a multiple of {step} from {low:g} to {high:g}"
        nearest = max(step, round(nearest / step) * step)
    if value == nearest:  # an open bound, or not a number
        nearest = rule.default
    code = "not_a_multiple" if low is not None and high is not None and low <= value <= high else "out_of_range"
    message = f"{rule.name} must be {expected}, not {str(value)[:24]}"
    label = f"Set {rule.name} to {nearest}"
    fix = SetProperty(component_id, rule.name, nearest, label) if component_id else None
    return Problem(code, message, component_id, rule.name, expected, str(value)[:24], fix)


def _not_a_choice(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Name the choices; the fix is the one most like what came."""
    choices = rule.choices or []
    expected = "one of " + ", ".join(choices)
    nearest = next(iter(get_close_matches(str(value), choices, n=1, cutoff=0.5)), rule.default)
    fix = SetProperty(component_id, rule.name, nearest, f"Set {rule.name} to {nearest}") if component_id else None
    return Problem("not_a_choice", f"{rule.name} must be {expected}", component_id, rule.name, expected, repr(value)[:80], fix)


def _not_allowed(component_id: str | None, rule: Property, value: Any) -> Problem:
    """Say what a list or a reference may hold; the fix is the part of it that is allowed, or the default."""
    low, high, most = int(rule.minimum or 0), int(rule.maximum or 0), rule.max_items
    mended: Any = rule.default
    expected = "the id of a component"
    if rule.type == "integers":
        mended = [min(max(item, low), high) for item in value][:most]
        expected = f"at most {most} numbers from {low} to {high}"
    fix = SetProperty(component_id, rule.name, mended, f"Mend {rule.name}") if component_id else None
    message = f"{rule.name} must be {expected}"
    return Problem("out_of_range", message, component_id, rule.name, expected, repr(value)[:80], fix)
