"""The texts of conditional headers."""

import pytest

from backend.web.etag import names


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        ('"abc"', True),
        ("abc", True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ("*", True),
        ('"ab"', False),
        ("", False),
        ('"ABC"', False),
    ],
)
def test_a_header_names_an_etag_or_not(header: str, matches: bool) -> None:
    assert names(header, "abc") is matches
