"""Tells Gymnasium of the game, as soon as Gymnasium is imported; this file is also installed by itself, beside other packages.

Gymnasium before 1.0 loaded the entry points `gymnasium.envs`; from 1.0 on it loads none, and knows only what has been imported.
So a `.pth` file, which Python reads when it starts, imports this module. It must stay light (no typing) and import nothing of
this package, whose name another program may use for its own.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as of typing, which takes milliseconds to import
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

ENVIRONMENT_ID = "ModelStudio/Game2048-v0"
REGISTRY = "gymnasium.envs"


def register_environment() -> None:
    """Register the game with Gymnasium, once; what plays it is imported when it is made."""
    from gymnasium.envs.registration import register, registry

    if ENVIRONMENT_ID not in registry:
        register(
            id=ENVIRONMENT_ID,
            entry_point="backend.environment.gym_2048_env:Game2048Env",
            vector_entry_point="backend.environment.gym_2048_env:Game2048VectorEnv",
        )


def register_with_gymnasium() -> None:
    """Register the game when Gymnasium is imported, or now if it has been; Python may read a `.pth` file twice."""
    if REGISTRY in sys.modules:
        register_environment()
    elif not any(isinstance(finder, _AfterRegistry) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterRegistry())


class _AfterRegistry:
    """A finder that finds Gymnasium's registry as Python would, registers the game after it was run, and is gone."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != REGISTRY:
            return None
        from importlib.machinery import PathFinder

        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_register(module: ModuleType) -> None:
            run(module)
            register_environment()

        spec.loader.exec_module = run_and_register  # type: ignore[method-assign]  # this loader instance loads one module only
        return spec
