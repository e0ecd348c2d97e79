"""`sqlite_utils` without numpy, which it would import and which takes a fifth of the server's start."""

import sys

_without_numpy = "numpy" not in sys.modules
if _without_numpy:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # the import below then treats it as not installed
try:
    from sqlite_utils import Database, Migrations
finally:
    if _without_numpy:
        del sys.modules["numpy"]

__all__ = ["Database", "Migrations"]
