"""The imports between folders, as text: `make graph`."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from import_rules import BACKEND, SHARED_PY

ROOT = Path(__file__).parent.parent
PHONE = ROOT / "pwa" / "src"
Arrows = dict[tuple[str, str], set[str]]
"""for each pair of folders, the files of the first that import the second"""

_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]""")
_IS_TEST = re.compile(r"\.test\.|/(?:test|fake)_")


def imported_modules(path: Path) -> Iterator[str]:
    """The dotted names a Python file imports anywhere in it, except those for type checkers only.

    `from a import b` gives `a.b`, which may be a module or a name in one.
    """
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def python_arrows(package: str) -> Arrows:
    """The imports between the folders and modules at the top of a package."""
    arrows: Arrows = defaultdict(set)
    for path in sorted((ROOT / package).rglob("*.py")):
        source = path.relative_to(ROOT / package).with_suffix("").parts[0]
        for name in imported_modules(path):
            top, *rest = name.split(".")
            if top == package and rest and source not in ("__init__", rest[0]):
                arrows[source, rest[0]].add(str(path.relative_to(ROOT)))
    return dict(arrows)


def phone_arrows() -> Arrows:
    """The imports between the folders of `pwa/src`, tests and files at its top excepted."""
    arrows: Arrows = defaultdict(set)
    for path in sorted(PHONE.rglob("*.ts*")):
        parts = path.relative_to(PHONE).parts
        if len(parts) < 2 or parts[0] == "generated" or _IS_TEST.search(path.as_posix()):
            continue
        for specifier in _IMPORT.findall(path.read_text()):
            target = (path.parent / specifier).resolve().relative_to(PHONE.resolve()).parts
            if len(target) > 1 and target[0] != parts[0]:
                arrows[parts[0], target[0]].add(str(path.relative_to(ROOT)))
    return dict(arrows)


def phone_rules() -> dict[str, set[str]]:
    """What each folder of the phone may import, top to bottom, as `biome.json` says it."""
    rules: dict[str, set[str]] = {}
    for override in json.loads((ROOT / "biome.json").read_text())["overrides"]:
        match = re.fullmatch(r"pwa/src/(\w+)/\*\*", override["includes"][0])
        restricted = override["linter"]["rules"].get("style", {}).get("noRestrictedImports", {})
        if match and isinstance(restricted, dict):
            (pattern,) = (pattern for pattern in restricted["options"]["patterns"] if "../**" in pattern["group"])
            rules[match[1]] = {found[1] for name in pattern["group"] if (found := re.fullmatch(r"!\.\./(\w+)/\*\*", name))}
    return rules


def upward(arrows: Arrows, order: Sequence[str]) -> list[tuple[str, str]]:
    """The arrows that do not point to what stands below."""
    place = {name: index for index, name in enumerate(order)}
    return sorted(pair for pair in arrows if place[pair[0]] >= place[pair[1]])


def two_way(arrows: Arrows) -> list[tuple[str, str]]:
    """The pairs that import each other."""
    return sorted(pair for pair in arrows if pair[0] < pair[1] and pair[::-1] in arrows)


def main() -> None:
    """Print each part: its folders from top to bottom with what they import, and how many arrows point upward."""
    parts = (
        ("shared_py", python_arrows("shared_py"), SHARED_PY),
        ("backend", python_arrows("backend"), tuple(BACKEND)),
        ("pwa/src", phone_arrows(), (*phone_rules(), "generated")),
    )
    for part, arrows, order in parts:
        print(f"{part}: {len(arrows)} arrows, {len(upward(arrows, order))} upward, {len(two_way(arrows))} two-way")
        for folder in order:
            targets = [target for target in order if (folder, target) in arrows]
            print(f"  {folder:14} -> {', '.join(targets) or '(nothing)'}")


if __name__ == "__main__":
    main()
