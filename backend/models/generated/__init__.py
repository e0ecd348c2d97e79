"""Generated networks: `backend.models.generated.<design_id>` is the file of that name in the data directory.

The folder is `<MODEL_STUDIO_DATA>/generated`; a design's id may be a Python keyword, so import it with `importlib`.
"""

import os
from pathlib import Path

if _data := os.environ.get("MODEL_STUDIO_DATA"):
    __path__.append(str(Path(_data) / "generated"))


def add_folder(folder: Path) -> None:
    """Let this package's modules be found in one more folder, before all others."""
    __path__.insert(0, str(folder))
