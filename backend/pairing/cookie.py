"""The cookie that a paired device keeps.

`__Host-` makes browsers refuse it unless it is Secure, for this host alone and for every path, so that no other name can set it.
"""

NAME = "__Host-model-studio"
MAX_AGE_S = 400 * 24 * 3600
"""the longest that browsers keep a cookie; it is sent anew from time to time"""
_MAX_HEADER = 8192


def cookie_header(token: str) -> str:
    """The value of `Set-Cookie` that gives a device its secret."""
    return f"{NAME}={token}; Path=/; Max-Age={MAX_AGE_S}; Secure; HttpOnly; SameSite=Strict"


def token_in(header: str) -> str | None:
    """The secret in a `Cookie` header; None if there is none, or more than one."""
    pairs = (part.strip().partition("=") for part in header[:_MAX_HEADER].split(";"))
    tokens = [value for name, _, value in pairs if name == NAME]
    return tokens[0] if len(tokens) == 1 and tokens[0] else None
