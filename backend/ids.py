"""Ids the server makes, and what an id in a path must look like."""

import re
import secrets
import string

from backend.errors import NotFound

_ALPHABET = string.ascii_lowercase + string.digits
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}")


def new_id(letter: str) -> str:
    """Make an id nobody has guessed: a letter for the kind and 15 random letters or digits."""
    return letter + "".join(secrets.choice(_ALPHABET) for _ in range(15))


def is_identifier(value: str) -> bool:
    """Tell whether a text is an id as the contract writes them."""
    return _IDENTIFIER.fullmatch(value) is not None


def checked_id(kind: str, value: str) -> str:
    """Give the id back, or raise NotFound: nothing can have a name that is no id, and no path is ever made of one."""
    if not is_identifier(value):
        raise NotFound(f"There is no {kind} of that name")
    return value
