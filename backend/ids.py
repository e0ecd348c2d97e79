"""Makes and checks ids."""

import re
import secrets
import string

from backend.errors import NotFound

_ALPHABET = string.ascii_lowercase + string.digits
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}")


def new_id(letter: str) -> str:
    """A random id that cannot be guessed: a letter for the kind and 15 random letters or digits."""
    return letter + "".join(secrets.choice(_ALPHABET) for _ in range(15))


def is_identifier(value: str) -> bool:
    """Whether a text has the form of an id."""
    return _IDENTIFIER.fullmatch(value) is not None


def checked_id(kind: str, value: str) -> str:
    """Return a valid id or raise NotFound, since nothing can have an invalid id; it never becomes part of a path."""
    if not is_identifier(value):
        raise NotFound(f"There is no {kind} of that name")
    return value
