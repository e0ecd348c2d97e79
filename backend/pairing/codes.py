"""Pairing codes and device tokens: generation, normalisation and hashing."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, without letters that look like digits"""
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
    """A typed code in its normal form: upper case, without hyphens and spaces, with 0 and 1 for O, I and L."""
    letters = typed.upper().translate(_LOOKALIKES)
    return "".join(letter for letter in letters if letter in ALPHABET)


def new_token() -> str:
    """A new token, which a device keeps as a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """The hash of a code or token as it is stored; unsalted SHA-256 is enough for random secrets of this length."""
    return hashlib.sha256(secret.encode()).hexdigest()
