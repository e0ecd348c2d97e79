"""The text that the terminal shows to pair a device: a QR code with address and pairing code, and both as text."""

from pathlib import Path

from backend.pairing.registry import CODE_LIFE_S, Registry, open_registry
from backend.tls.qr import terminal_code

_APP, _PAGE, _FINGERPRINT = "app address", "set-up address", "fingerprint"
_MINUTES = CODE_LIFE_S // 60


class Invitation:
    """The addresses that a new device opens: the set-up page if there is one, else the app."""

    def __init__(self, data_dir: Path, app: str | None, page: str | None = None, fingerprint: str | None = None) -> None:
        self._data_dir = data_dir
        self._facts = {_APP: app, _PAGE: page, _FINGERPRINT: fingerprint}

    def lines_at_start(self, *, is_seen: bool) -> list[str]:
        """The lines printed at the start; with a code if a terminal shows them or no device is paired. DataUnusable, OSError."""
        with open_registry(self._data_dir) as registry:
            for name, value in self._facts.items():
                registry.set_fact(name, value or "")
            if registry.ids() and not is_seen:
                return ["To pair another device, run `model-studio devices pair`"]
            return invite(registry)


def invite(registry: Registry) -> list[str]:
    """Create a code; returns the lines that show it."""
    code = registry.make_code()
    app, page, fingerprint = (registry.fact(name) or "" for name in (_APP, _PAGE, _FINGERPRINT))
    address = f"{page}/#{code}" if page else f"{app}/#/pair/{code}"
    lines = [""]
    if app:
        lines += [*terminal_code(address).splitlines(), ""]
        lines.append(f"  1. Scan the code with the phone, or open  {page or app}")
    lines.append(
        f"  {2 if app else 1}. Pairing code:  {code}  (for {_MINUTES} minutes; `model-studio devices pair` makes another)"
    )
    if page:
        lines += [f"  App: {app}", "  Fingerprint of the certificate (SHA-256), to compare with the set-up page:"]
        lines += [f"     {fingerprint[:47]}", f"     {fingerprint[48:]}"]
    return [*lines, ""]
