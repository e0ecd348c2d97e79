"""Conditional requests (RFC 9110, section 13): the texts of If-Match and If-None-Match against an entity tag."""


def quoted(etag: str) -> str:
    """An entity tag as it stands in a header."""
    return f'"{etag}"'


def names(header: str, etag: str) -> bool:
    """Tell whether a header lists this tag, quoted or bare, weak or strong, or is the star that stands for any."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or etag in tags
