"""File names from names of designs: letters of any script are kept, characters that a file system may refuse are replaced."""

import hashlib
import re
import unicodedata
from urllib.parse import quote

from backend.ids import is_identifier

MAX_BYTES = 120
"""of a name without its ending; file systems take 255 bytes for all of it"""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""names of devices on Windows, whatever their ending"""

_AS_THEY_ARE = "!#$&+-.^_`|~"
"""characters beside letters and digits that RFC 8187 leaves unquoted"""


def file_name_of(text: str) -> str:
    """A file name: letters, digits and marks of any script are kept, all else becomes single hyphens; may be empty."""
    kept = "".join(letter if _is_kept(letter) else "-" for letter in unicodedata.normalize("NFC", text))
    name = re.sub(r"-+", "-", kept).strip("-").encode()[:MAX_BYTES].decode(errors="ignore").strip("-")
    return f"{name}-" if RESERVED.fullmatch(name) else name


def _is_kept(letter: str) -> bool:
    return letter == "_" or unicodedata.category(letter)[0] in "LMN"


def ascii_name_of(text: str) -> str:
    """The same in lower-case ASCII, for programs that support nothing else: accents and other scripts are dropped."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return file_name_of(plain.lower().replace("_", "-"))


def download_name(text: str, ending: str) -> str:
    """The file name for a design of this name: lower-case ASCII for a name in ASCII, else with its own letters."""
    return f"{(ascii_name_of(text) if text.isascii() else file_name_of(text)) or 'design'}-{ending}"


def attachment(name: str) -> str:
    """`Content-Disposition` for a download (RFC 6266): the name in full (RFC 8187), and one in ASCII for older programs."""
    stem, dot, suffix = name.rpartition(".")
    plain = f"{ascii_name_of(stem) or 'design'}{dot}{suffix}"
    if name.isascii():
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_AS_THEY_ARE)}"


def file_name_of_id(name: str) -> str:
    """A file name for an id from a database that may be damaged; no two ids have the same."""
    if is_identifier(name) and not RESERVED.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{ascii_name_of(name) or 'design'}-{digest}"
