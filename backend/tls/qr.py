"""A QR code for the terminal."""

import io

import segno


def terminal_code(text: str) -> str:
    """The code as lines of half blocks, dark on light in every terminal, as QR readers need it."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, compact=True, border=2)
    return out.getvalue()
