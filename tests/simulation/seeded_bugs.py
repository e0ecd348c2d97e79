"""Bugs that the simulation has to find: small patches of the text of a module, applied as it is loaded."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from msgspec import Struct


class Patch(Struct, frozen=True):
    """A text that a source file has once, and what stands there with the bug."""

    file: str
    old: str
    new: str


class Bug(Struct, frozen=True):
    """A bug, and the mode in which the simulation finds it."""

    mode: str
    patches: tuple[Patch, ...]


BUGS: dict[str, Bug] = {}


class _Patched(SourceFileLoader):
    """Loads a module with patches; nothing is cached."""

    patches: tuple[Patch, ...] = ()

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        text = self.get_data(path).decode()
        for patch in self.patches:
            if text.count(patch.old) != 1:
                raise ValueError(f"{patch.file} does not have this text once: {patch.old}")
            text = text.replace(patch.old, patch.new)
        code: CodeType = self.source_to_code(text.encode(), path)
        return code


class _Finder(MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        file = fullname.replace(".", "/") + ".py"
        patches = tuple(patch for patch in self._bug.patches if patch.file == file)
        spec = PathFinder.find_spec(fullname, path, target) if patches else None
        if spec is None or spec.origin is None:
            return None
        loader = _Patched(fullname, spec.origin)
        loader.patches = patches
        spec.loader = loader
        return spec


def install(bug: Bug) -> None:
    """Let the modules of a bug be loaded with its patches; before any of them is imported."""
    for patch in bug.patches:
        name = patch.file.removesuffix(".py").replace("/", ".")
        if patch.file.endswith(".py") and name in sys.modules:
            raise RuntimeError(f"{name} is loaded already")
    sys.meta_path.insert(0, _Finder(bug))
