"""Draws the app's mark, three stacked blocks joined by nodes, into public/icons/: an SVG, and PNGs without an image library.

Run it after changing the mark; the files are kept in the repository.
"""

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

ICONS = Path(__file__).resolve().parents[1] / "public" / "icons"
BLUE, MID, PALE, WHITE = (22, 50, 110), (64, 104, 178), (168, 192, 230), (255, 255, 255)

Colour = tuple[int, int, int]


class Block(NamedTuple):
    """A rectangle with round corners, in a square of side 100."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    colour: Colour


# later shapes lie over earlier ones
SHAPES = (
    Block(48.5, 26, 3, 48, 0, BLUE),
    Block(20, 17, 60, 18, 6, PALE),
    Block(20, 41, 60, 18, 6, MID),
    Block(20, 65, 60, 18, 6, BLUE),
    Block(46, 34, 8, 8, 4, BLUE),
    Block(46, 58, 8, 8, 4, BLUE),
    Block(47.8, 35.8, 4.4, 4.4, 2.2, WHITE),
    Block(47.8, 59.8, 4.4, 4.4, 2.2, WHITE),
)
SAMPLES = 4


def inside(px: float, py: float, shape: Block) -> bool:
    """Tell whether a point lies in a rectangle with round corners."""
    dx = max(shape.x + shape.radius - px, 0, px - (shape.x + shape.width - shape.radius))
    dy = max(shape.y + shape.radius - py, 0, py - (shape.y + shape.height - shape.radius))
    return dx * dx + dy * dy <= shape.radius * shape.radius


def colour_at(px: float, py: float) -> Colour:
    """Give the colour of the topmost shape at a point, white where there is none."""
    return next((shape.colour for shape in reversed(SHAPES) if inside(px, py, shape)), WHITE)


def drawn(side_px: int, share: float) -> bytes:
    """Give a PNG of the mark on white, the square of 100 filling `share` of the picture (maskable icons lose their rim)."""
    scale = 100 / (side_px * share)
    offset = 50 - 50 / share
    rows, palette = bytearray(), dict[tuple[int, ...], int]()
    for row in range(side_px):
        rows.append(0)
        for column in range(side_px):
            steps = [(i + 0.5) / SAMPLES for i in range(SAMPLES)]
            points = [colour_at(offset + (column + dx) * scale, offset + (row + dy) * scale) for dy in steps for dx in steps]
            colour = tuple(sum(point[channel] for point in points) // len(points) for channel in range(3))
            rows.append(palette.setdefault(colour, len(palette)))
    return png(side_px, bytes(rows), list(palette))


def png(side_px: int, rows: bytes, palette: list[tuple[int, ...]]) -> bytes:
    """Wrap filtered rows of palette indices as a PNG file; at most 256 colours."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 3, 0, 0, 0)
    colours = chunk(b"PLTE", bytes(channel for colour in palette for channel in colour))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + colours + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def svg() -> str:
    """Give the mark as SVG."""
    rects = "".join(
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="#{red:02x}{green:02x}{blue:02x}"/>'
        for x, y, width, height, radius, (red, green, blue) in SHAPES
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><title>Model Studio</title>'
    return f'{head}<rect width="100" height="100" fill="#fff"/>{rects}</svg>\n'


def main() -> None:
    """Write every icon."""
    ICONS.mkdir(parents=True, exist_ok=True)
    (ICONS / "icon.svg").write_text(svg())
    for name, side_px, share in (
        ("icon-192", 192, 1.0),
        ("icon-512", 512, 1.0),
        ("maskable-192", 192, 0.72),
        ("maskable-512", 512, 0.72),
        ("apple-touch-icon", 180, 0.86),
    ):
        (ICONS / f"{name}.png").write_bytes(drawn(side_px, share))


if __name__ == "__main__":
    main()
