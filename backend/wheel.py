"""Puts the built app into wheels, as data of the package `backend`; named in `pyproject.toml`."""

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py  # type: ignore[import-untyped]  # it ships no types

BUILT, SHIPPED = Path("pwa/dist"), Path("backend/built_app")
"""where the app is built, and where an installed package has it; `settings.py` looks in both places"""


class BuildWithApp(build_py):  # type: ignore[misc, no-any-unimported]  # a class without types
    """setuptools' own command, with the app, where it has been built; an editable install uses the app where it is built."""

    def run(self) -> None:
        """Copy modules and the app."""
        super().run()
        if not self.editable_mode and (BUILT / "index.html").is_file():
            target = Path(self.build_lib) / SHIPPED
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(BUILT, target)
