"""Sentences made of the catalogue and parameters; `pwa/src/document/messages.ts` makes the same ones of the same parameters.

Formats of a placeholder: none for text, a number, a list or a part; `grouped` for a number with separators, `plural:one:other`
for a word after a number, `path` for names joined by arrows, `few` for at most three names, `shape` for dimensions, `value` for
the value of a property as JSON has it.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypedDict

from shared_py.message_catalogue import EDGE_RULES, FIXES, PARTS, PROBLEMS

Params = dict[str, Any]
"""what placeholders stand for: text, numbers, lists of these, and parts of sentences"""

_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_SMALL = 1e-6
"""floats below it are written with an exponent, as JavaScript does"""
MAX_NAMES = 3
"""names listed by the format `few`"""


class Text(TypedDict):
    """A part of a sentence: its key in `PARTS`, and its parameters; plain JSON, so that problems are equal after a round trip."""

    part: str
    params: Params


def part(key: str, params: Params | None = None) -> Text:
    """A part of a sentence, to be a parameter of another."""
    return {"part": key, "params": params or {}}


def problem_template(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a problem, with its placeholders; `KeyError` for a code that is not in the catalogue."""
    entry = PROBLEMS.get(code) or EDGE_RULES[code]
    return entry if isinstance(entry, str) else entry[params["case"]]


def problem_message(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a problem."""
    return fill(problem_template(code, params), params)


def fix_label(code: str, params: Mapping[str, Any]) -> str:
    """The label of a fix."""
    return fill(FIXES[code], params)


def text(value: Any) -> str:
    """A parameter as plain text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return fill(PARTS[value["part"]], value["params"])
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value))
    return _number(value)


def fill(template: str, params: Mapping[str, Any]) -> str:
    """Put parameters into a template; `KeyError` where one is missing."""
    start, rest = _split(template)
    filled = start
    for name, kind, literal in rest:
        value = params[name]
        filled += value if not kind and type(value) is str else _format(value, kind)
        filled += literal
    return filled


@cache
def placeholders(template: str) -> frozenset[str]:
    """The names of the parameters that a template needs."""
    return frozenset(name for name, _, _ in _split(template)[1])


@cache
def _split(template: str) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """The text before the placeholders, and of each its name, its format and the text after it.

    Worked out once a template: the search for fixes makes thousands of problems for one design.
    """
    start, *rest = _PLACEHOLDER.split(template)
    return start, tuple((rest[at], rest[at + 1] or "", rest[at + 2]) for at in range(0, len(rest), 3))


def _format(value: Any, kind: str) -> str:
    kind, *words = kind.split(":")
    match kind:
        case "":
            return text(value)
        case "grouped":
            return f"{int(value):,}"
        case "plural":
            return words[0] if str(value) == "1" else words[1]
        case "path":
            return " → ".join(map(text, value))
        case "few":
            return ", ".join(map(text, value[:MAX_NAMES])) + (", …" if len(value) > MAX_NAMES else "")
        case "shape":
            return f"({', '.join(map(text, value))}{',' if len(value) == 1 else ''})" if value else ""
        case "value":
            return _value(value)
    raise ValueError(f"there is no format {kind!r}")


def _value(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"[{', '.join(map(_value, value))}]" if isinstance(value, list | tuple) else text(value)


def _number(value: float) -> str:
    """A number as JavaScript's `String` writes it, so that both sides agree."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    shortest = repr(value)
    if "e" not in shortest:
        return shortest
    if abs(value) >= _SMALL:
        return _without_exponent(shortest)
    digits, exponent = shortest.split("e")
    return f"{digits}e{int(exponent)}"


def _without_exponent(shortest: str) -> str:
    """`1.5e-05` as `0.000015`."""
    digits, exponent = shortest.split("e")
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    return f"{sign}0.{'0' * (-int(exponent) - 1)}{digits.replace('.', '')}"
