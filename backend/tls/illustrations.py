"""Line drawings of phone screens for the set-up page, as SVG: a title, rows of a list, and a ring around what is tapped."""

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _HEAD = 220, 30, 34


def screen(title: str, rows: Sequence[str], tapped: int, *, switch: bool = False) -> str:
    """A list of settings as SVG; `tapped` is the row to tap, with `switch` it has a switch that is on."""
    height = _HEAD + _ROW * len(rows) + 10
    parts = [
        f'<svg class="shot" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(f"{title}: {rows[tapped]}")}">',
        f'<path class="frame" d="M1 {height} V16 a15 15 0 0 1 15 -15 H{_WIDTH - 16} a15 15 0 0 1 15 15 V{height}"/>',
        f'<text class="head" x="{_WIDTH // 2}" y="22" text-anchor="middle">{escape(title)}</text>',
    ]
    for index, row in enumerate(rows):
        top = _HEAD + index * _ROW
        marked = index == tapped
        parts.append(f'<path class="rule" d="M12 {top} H{_WIDTH - 12}"/>')
        if marked:
            parts.append(f'<rect class="ring" x="7" y="{top + 2}" width="{_WIDTH - 14}" height="{_ROW - 4}" rx="8"/>')
        kind = "row tap" if marked else "row"
        parts.append(f'<text class="{kind}" x="16" y="{top + 19}">{escape(row)}</text>')
        parts.append(_end_of_row(top, switch=switch and marked))
    return "".join((*parts, "</svg>"))


def _end_of_row(top: int, *, switch: bool) -> str:
    if switch:
        knob = f'<circle class="knob" cx="{_WIDTH - 24}" cy="{top + 15}" r="7"/>'
        return f'<rect class="on" x="{_WIDTH - 44}" y="{top + 6}" width="29" height="18" rx="9"/>{knob}'
    return f'<path class="more" d="M{_WIDTH - 22} {top + 10} l5 5 l-5 5"/>'


def pictures(authority_name: str) -> dict[str, str]:
    """The illustrations of the set-up page as SVG, by the name that the page refers to."""
    return {
        "ios-download": screen("This website", ["Ignore", "Allow"], 1),
        "ios-profile": screen("Settings", ["Profile Downloaded", "Airplane Mode", "Wi-Fi"], 0),
        "ios-trust": screen("Certificate Trust Settings", ["Trust Store Version", authority_name], 1, switch=True),
        "ios-home": screen("Share", ["Copy", "Add Bookmark", "Add to Home Screen"], 2),
        "android-search": screen("Search settings", ["CA certificate"], 0),
        "android-install": screen("Install a certificate", ["CA certificate", "VPN & app user certificate"], 0),
        "android-app": screen("Chrome menu", ["New tab", "Bookmarks", "Install app"], 2),
    }
