"""JSON pointers (RFC 6901)."""


def pointer_to(*steps: str | int) -> str:
    """A pointer through names of members and positions in lists; without steps the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
