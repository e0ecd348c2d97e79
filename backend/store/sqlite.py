"""`sqlite_utils` without the numpy it would take along, which is a fifth of the time the server needs to start."""

import sys

_without_numpy = "numpy" not in sys.modules
if _without_numpy:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # the import below then finds it missing, which is foreseen there
try:
    from sqlite_utils import Database, Migrations
finally:
    if _without_numpy:
        del sys.modules["numpy"]

__all__ = ["Database", "Migrations"]
