"""Known names that are close to a misspelt one."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

from shared_py.messages import Text, part, text

MIN_SIMILARITY = 0.5
"""as `difflib` measures it"""


def nearest_name(name: str, known: Sequence[str]) -> str | None:
    """The known name most similar to this one; None if none is similar."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=MIN_SIMILARITY)), None)


@lru_cache(maxsize=1024)
def nearest_hint(name: str, known: tuple[str, ...]) -> Text | str:
    """The end of a sentence about an unknown name: the nearest known one, or nothing."""
    near = nearest_name(name.lower(), known)
    return part("nearest", {"name": near}) if near else ""


def suggest(name: str, known: tuple[str, ...]) -> str:
    """The same as plain text."""
    return text(nearest_hint(name, known))
