"""Bundles a generated module with all it uses of `backend.models` into one text that needs torch only; no torch here."""

import ast
import re
import symtable
import sys
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

PACKAGE = "backend.models"
FOLDER = Path(__file__).parent.parent / "models"
LEFT_OUT = "from_architecture"
"""the one method that needs the rest of this program"""
GENERATED = "generated"
LINE_WIDTH = 130


class _Import(NamedTuple):
    """`from module import name as bound`, or `import name as bound` without a module."""

    module: str
    name: str
    bound: str


class _Definition(NamedTuple):
    """One function, class or constant of a file, with the comments and the docstring that belong to it."""

    name: str
    text: str
    is_constant: bool

    @property
    def uses(self) -> set[str]:
        """The global names it uses, built-in ones included."""
        return set(_global_names(symtable.symtable(self.text, self.name, "exec")))


class _File(NamedTuple):
    """The parts of a source file."""

    docstring: str
    imports: dict[str, _Import]
    definitions: dict[str, _Definition]


def bundle_source(generated: str) -> str:
    """Write a generated module and every definition of `backend.models` it reaches as one formatted text.

    Definitions keep their order within a file, files come in the order of their imports, the generated text comes last.
    """
    files = {path.stem: _take_apart(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py"))}
    files[GENERATED] = _take_apart(generated)
    taken, imports = _reach(files)
    names = [name for file, name in taken]
    assert len(names) == len(set(names)), "two files of backend.models define the same name"
    assert not imports.keys() & set(names), "a definition has the name of an import"
    order = TopologicalSorter({stem: sorted(_neighbours(file)) for stem, file in sorted(files.items())}).static_order()
    definitions = [definition for stem in order for name, definition in files[stem].definitions.items() if (stem, name) in taken]
    return f"{files[GENERATED].docstring}\n\n{_write_imports(imports.values())}{_join(definitions)}\n"


def _take_apart(source: str) -> _File:
    lines, tree = source.splitlines(), ast.parse(source)
    imports: dict[str, _Import] = {}
    definitions: dict[str, _Definition] = {}
    docstring = ""
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports |= {imported.bound: imported for imported in _imports_of(node)}
        elif isinstance(node, ast.Expr) and not definitions:
            docstring = "\n".join(lines[: node.end_lineno])
        elif name := _name_of(node):
            last = after if isinstance(after, ast.Expr) else node
            text = "\n".join(lines[_first_line(node, lines) : last.end_lineno])
            definitions[name] = _Definition(name, _without_left_out(text), isinstance(node, ast.Assign | ast.AnnAssign))
    return _File(docstring, imports, definitions)


def _imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[_Import]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        yield _Import(module, alias.name, alias.asname or alias.name)


def _name_of(node: ast.stmt) -> str:
    """What a statement defines; empty for a docstring or for what is only for type checkers."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    return target.id if isinstance(target, ast.Name) else ""


def _first_line(node: ast.stmt, lines: list[str]) -> int:
    """The index of the first line of a statement, its decorators and the comments right above included."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return first


def _without_left_out(text: str) -> str:
    lines, (node,) = text.splitlines(), (node for node in ast.parse(text).body if not isinstance(node, ast.Expr))
    for method in node.body if isinstance(node, ast.ClassDef) else []:
        if isinstance(method, ast.FunctionDef) and method.name == LEFT_OUT:
            del lines[_first_line(method, lines) : method.end_lineno]
    return "\n".join(lines).rstrip()


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_global() or (table.get_type() == "module" and symbol.is_referenced()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _global_names(inner)


def _reach(files: dict[str, _File]) -> tuple[set[tuple[str, str]], dict[str, _Import]]:
    """Follow every name from the generated text: the definitions reached, as (file, name), and the imports of other packages."""
    taken: set[tuple[str, str]] = set()
    imports: dict[str, _Import] = {}
    waiting = [(GENERATED, name) for name in files[GENERATED].definitions]
    while waiting:
        stem, name = waiting.pop()
        if (stem, name) in taken:
            continue
        if name in files[stem].definitions:
            taken.add((stem, name))
            waiting += [(stem, used) for used in files[stem].definitions[name].uses]
        elif imported := files[stem].imports.get(name):
            inside = _stem_of(imported)
            if inside:
                waiting.append((inside, imported.name))
            else:
                assert imports.setdefault(name, imported) == imported, f"{name} is imported from two places"
    return taken, imports


def _stem_of(imported: _Import) -> str:
    """The file of `backend.models` an import reads, or nothing for any other import."""
    if imported.module == PACKAGE:
        return "__init__"
    return imported.module.removeprefix(f"{PACKAGE}.") if imported.module.startswith(f"{PACKAGE}.") else ""


def _neighbours(file: _File) -> set[str]:
    return {_stem_of(imported) for imported in file.imports.values()} - {""}


def _write_imports(imports: Iterable[_Import]) -> str:
    """The standard library, then the rest; in each, whole modules before names."""
    groups: dict[tuple[bool, bool, str], list[_Import]] = {}
    for imported in imports:
        root = (imported.module or imported.name).partition(".")[0]
        key = (root not in sys.stdlib_module_names, bool(imported.module), imported.module or imported.name)
        groups.setdefault(key, []).append(imported)
    text, foreign = "", False
    for (is_foreign, _, module), members in sorted(groups.items()):
        text += "\n" if is_foreign and not foreign and text else ""
        foreign = is_foreign
        names = ", ".join(_member(imported) for imported in sorted(members, key=_isort_key))
        text += _hang(f"from {module} import ", names) if members[0].module else f"import {names}\n"
    return text


def _member(imported: _Import) -> str:
    return imported.name if imported.name == imported.bound else f"{imported.name} as {imported.bound}"


def _isort_key(imported: _Import) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions, as an import sorter has them."""
    return not imported.name.isupper(), imported.name[0].islower(), imported.name.lower()


def _hang(opening: str, names: str) -> str:
    flat = f"{opening}{names}\n"
    return flat if len(flat) <= LINE_WIDTH + 1 else f"{opening}(\n    {names.replace(', ', f',{chr(10)}    ')},\n)\n"


def _join(definitions: Iterable[_Definition]) -> str:
    """Constants follow each other, and the imports, directly; functions and classes are two empty lines apart."""
    text, after_constant = "", True
    for definition in definitions:
        text += "\n" if after_constant and definition.is_constant else "\n\n" if not text else "\n\n\n"
        text += _widen(definition.text)
        after_constant = definition.is_constant
    return text


def _widen(text: str) -> str:
    """Put calls and sums that were broken for shorter lines back on one line where they fit, as a formatter would.

    It goes from the inside out. Where ids of 30 characters and more do not let them fit, a formatter may break some elsewhere.
    """

    def one_line(match: re.Match[str]) -> str:
        indent, opening, inner, closing = match.groups()
        if opening.endswith(" = (") and closing[0] == ")":
            opening, closing = opening[:-1], closing[1:]  # brackets that only held the lines together
        flat = f"{indent}{opening}{inner}{closing}"
        return flat if len(flat) <= LINE_WIDTH and "#" not in inner else match.group()

    def one_sum(match: re.Match[str]) -> str:
        flat = re.sub(r"\n +", " ", match.group())
        return flat if len(flat) <= LINE_WIDTH and "#" not in flat else match.group()

    widened = re.sub(r"^( *)[^\s#+].*(\n\1\+ .*)+$", one_sum, text, flags=re.MULTILINE)
    widened = re.sub(r"^( *)(\S.*[(\[{])\n +(\S.*)(?<![,(\[{\s])\n\1([)\]}].*)$", one_line, widened, flags=re.MULTILINE)
    return text if widened == text else _widen(widened)
