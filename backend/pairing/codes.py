"""Pairing codes and the secrets of devices: how they are made, read and stored."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, which leaves out letters that look like others"""
CODE_LENGTH = 12
"""60 bits"""
_GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
TOKEN_BYTES = 32


def new_code() -> str:
    """A pairing code in groups, such as `7K3M-9QXD-2HVB`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, CODE_LENGTH, _GROUP))


def plain_code(typed: str) -> str:
    """The letters of a code as typed: in any case, with or without hyphens and spaces, with O, I and L for 0 and 1."""
    letters = typed.upper().translate(_LOOKALIKES)
    return "".join(letter for letter in letters if letter in ALPHABET)


def new_token() -> str:
    """The secret that a device keeps as a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """What is stored of a secret; it has too many values to be guessed, so a plain hash does."""
    return hashlib.sha256(secret.encode()).hexdigest()
