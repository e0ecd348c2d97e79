"""Adds the built app to wheels as data of the package `backend`; a build command named in `pyproject.toml`."""

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py  # type: ignore[import-untyped]  # it ships no types

BUILT, SHIPPED = Path("pwa/dist"), Path("backend/built_app")
"""folder of the build, and folder in an installed package; `settings.py` looks in both"""


class BuildWithApp(build_py):  # type: ignore[misc, no-any-unimported]  # a class without types
    """`build_py` that also copies the built app, if there is one; an editable install uses the folder of the build."""

    def run(self) -> None:
        """Copy the modules and the app."""
        super().run()
        if not self.editable_mode and (BUILT / "index.html").is_file():
            target = Path(self.build_lib) / SHIPPED
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(BUILT, target)
