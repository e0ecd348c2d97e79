"""The modules that generated code may import, read without importing torch."""

import ast
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def exported_modules() -> set[str]:
    """The names `backend.models` exports."""
    tree = ast.parse((ROOT / "backend" / "models" / "__init__.py").read_text())
    (exports,) = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    return set(ast.literal_eval(exports))


def torch_modules() -> set[str]:
    """The modules of `torch.nn`."""
    found = find_spec("torch")
    assert found is not None
    assert found.origin is not None
    tree = ast.parse((Path(found.origin).parent / "nn" / "modules" / "__init__.py").read_text())
    return {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
