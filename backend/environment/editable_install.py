"""Puts what registers the game with Gymnasium also into editable installs, from which setuptools leaves data files out."""

from setuptools.command.editable_wheel import editable_wheel  # type: ignore[import-untyped]  # it ships no types


class EditableWheel(editable_wheel):  # type: ignore[misc, no-any-unimported]  # a class without types
    """setuptools' own command, with data files; named in `pyproject.toml`, and a test installs by it."""

    def _run_install(self, category: str) -> None:
        if category == "data":
            self.run_command("install_data")
        else:
            super()._run_install(category)
