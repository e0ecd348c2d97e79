"""Lays out one Python statement as `ruff format` would; it knows brackets and widths, not what the text means."""

from typing import TypeAlias

from msgspec import Struct

LINE_WIDTH = 88
STEP = 4
LAMBDA = "lambda: "
"""the key of what a function without arguments gives"""


class Brackets(Struct, frozen=True):
    """Something in brackets: a call `head(items)tail`, or a display such as `[items]`, whose head is the bracket alone."""

    head: str
    items: tuple["Node", ...]
    tail: str


class Terms(Struct, frozen=True):
    """Terms with an operator between them: a sum or a product."""

    terms: tuple[str, ...]
    operator: str = "+"


class Keyed(Struct, frozen=True):
    """A node with a name, a key or a keyword before it: `routings=`, `"c5": `, `lambda: ` (`LAMBDA`)."""

    key: str
    node: "Node"


Node: TypeAlias = str | Brackets | Terms | Keyed


def flat(node: "Node") -> str:
    """Write a node on one line."""
    if isinstance(node, Brackets):
        return f"{node.head}{', '.join(map(flat, node.items))}{node.tail}"
    if isinstance(node, Terms):
        return f" {node.operator} ".join(node.terms)
    return node if isinstance(node, str) else node.key + flat(node.node)


def expression(node: "Node", indent: int, before: str = "", after: str = "") -> list[str]:
    """Lay out a node that stands between `before` and `after`, from column `indent`."""
    pad = " " * indent
    line = f"{pad}{before}{flat(node)}{after}"
    if isinstance(node, Keyed):
        before += node.key
        opening = f"{pad}{before}{node.node.head}" if isinstance(node.node, Brackets) else ""
        if node.key == LAMBDA and len(line) > LINE_WIDTH and len(opening) > LINE_WIDTH:
            return [f"{pad}{before}(", *expression(node.node, indent + STEP), f"{pad}){after}"]
        return expression(node.node, indent, before, after)
    if len(line) <= LINE_WIDTH or not isinstance(node, Brackets) or not node.items:
        return [line]
    return [f"{pad}{before}{node.head}", *_items(node, indent + STEP), f"{pad}{node.tail}{after}"]


def _items(node: Brackets, indent: int) -> list[str]:
    """The lines between two brackets: arguments together if they fit, else one a line, with a comma behind if several."""
    together = " " * indent + ", ".join(map(flat, node.items))
    is_call = len(node.head) > 1
    if len(node.items) == 1:
        return expression(node.items[0], indent)
    if is_call and len(together) <= LINE_WIDTH:
        return [together]
    return [line for item in node.items for line in expression(item, indent, after=",")]


def assignment(targets: tuple[str, ...], node: "Node", indent: int, comment: str = "") -> list[str]:
    """Lay out `targets = node`, with a comment at its end."""
    pad, after = " " * indent, f"  # {comment}" if comment else ""
    before = f"{', '.join(targets)} = "
    if len(f"{pad}{before}{flat(node)}{after}") <= LINE_WIDTH:
        return [f"{pad}{before}{flat(node)}{after}"]
    if isinstance(node, Brackets) and node.items:
        return _assign_brackets(targets, node, indent, after)
    if isinstance(node, str) and indent + STEP + len(node) > LINE_WIDTH:
        return [f"{pad}{before}{node}{after}"]  # brackets would not make it fit
    return [f"{pad}{before}(", *_terms(node, indent + STEP), f"{pad}){after}"]


def _assign_brackets(targets: tuple[str, ...], node: Brackets, indent: int, after: str) -> list[str]:
    pad, before = " " * indent, f"{', '.join(targets)} = "
    if len(f"{pad}{before}{node.head}") <= LINE_WIDTH:
        return expression(node, indent, before, after)
    if len(targets) > 1:
        inner = " " * (indent + STEP)
        return [f"{pad}(", *(f"{inner}{target}," for target in targets), *expression(node, indent, ") = ", after)]
    inside = expression(node, indent + STEP)
    if any(len(line) > LINE_WIDTH for line in inside):
        return expression(node, indent, before, after)  # brackets would not make it fit
    return [f"{pad}{before}(", *inside, f"{pad}){after}"]


def _terms(node: "Node", indent: int) -> list[str]:
    pad = " " * indent
    if not isinstance(node, Terms) or len(pad + flat(node)) <= LINE_WIDTH:
        return [pad + flat(node)]
    first, *others = node.terms
    return [pad + first, *(f"{pad}{node.operator} {term}" for term in others)]
