"""Generated text becomes a module, from a string or from a file, without leaving bytecode behind."""

import importlib.util
import linecache
import sys
from pathlib import Path
from types import ModuleType


def load_source(source: str, name: str) -> ModuleType:
    """Run generated text as a module of that name; its lines show in tracebacks. It is not added to `sys.modules`."""
    filename = f"<{name}>"
    module = ModuleType(name, source.partition("\n")[0].strip('"'))
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), module.__dict__)  # noqa: S102  # the text is ours: written by codegen
    return module


def load_file(path: Path, name: str) -> ModuleType:
    """Run a generated file as a module of that name, from its text and never from stale bytecode."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module
