"""The cookie that a paired device keeps.

Browsers accept the prefix `__Host-` only for a Secure cookie of exactly this host and of every path, so no other host can set it.
"""

NAME = "__Host-model-studio"
MAX_AGE_S = 400 * 24 * 3600
"""the longest lifetime that browsers allow; the cookie is renewed from time to time"""
_MAX_HEADER = 8192


def cookie_header(token: str) -> str:
    """The value of `Set-Cookie` for a token."""
    return f"{NAME}={token}; Path=/; Max-Age={MAX_AGE_S}; Secure; HttpOnly; SameSite=Strict"


def token_in(header: str) -> str | None:
    """The token in a `Cookie` header; None if there is none, or more than one."""
    pairs = (part.strip().partition("=") for part in header[:_MAX_HEADER].split(";"))
    tokens = [value for name, _, value in pairs if name == NAME]
    return tokens[0] if len(tokens) == 1 and tokens[0] else None
