"""Conditional requests (RFC 9110, section 13): compares If-Match and If-None-Match with an entity tag."""


def quoted(etag: str) -> str:
    """An entity tag as it is written in a header."""
    return f'"{etag}"'


def names(header: str, etag: str) -> bool:
    """Whether a header lists this tag, quoted or not, weak or strong, or is `*`, which matches any."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or etag in tags
