"""File names of exports and dumps: a person's own letters, and nothing that a file system refuses."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.file_names import attachment, download_name, file_name_of_id

MAX_NAME_BYTES = 255
"""bytes of a file name"""


def names_in(header: str) -> tuple[str, str | None]:
    """The ASCII name and the full one, read as RFC 6266 and RFC 8187 say."""
    plain = re.search(r'; filename="([^"\\]*)"', header)
    full = re.search(r"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)$", header)
    assert plain is not None
    return plain[1], full and unquote(full[1], errors="strict")


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("Two experts a cell", "two-experts-a-cell-r1.onnx", None),
        ("Vier Köpfe", "vier-kopfe-r1.onnx", "Vier-Köpfe-r1.onnx"),
        ("設計 2048", "2048-r1.onnx", "設計-2048-r1.onnx"),
        ("сеть", "r1.onnx", "сеть-r1.onnx"),
        ("نموذج", "r1.onnx", "نموذج-r1.onnx"),
        ("हिन्दी", "r1.onnx", "हिन्दी-r1.onnx"),
        ('a/b\\c:d*?"<>|\n', "a-b-c-d-r1.onnx", None),
        ("../../etc/passwd", "etc-passwd-r1.onnx", None),
        ("🎲", "design-r1.onnx", "design-r1.onnx"),
    ],
)
def test_a_name_that_is_not_latin_is_kept_in_the_file_name_of_an_export(name: str, plain: str, full: str | None) -> None:
    made = download_name(name, "r1.onnx")
    assert made == (full or plain)
    assert names_in(attachment(made)) == (plain, None if made.isascii() else full)


@given(st.text(max_size=120))
def test_any_name_makes_a_safe_file_name_and_a_header_that_says_it(name: str) -> None:
    made = download_name(name, "r0123456789abcde.safetensors")
    assert len(made.encode()) <= MAX_NAME_BYTES
    assert not set(made) & set('/\\:*?"<>|')
    assert made.isprintable()
    assert not made.startswith((".", "-"))
    header = attachment(made)
    assert header.isascii()
    plain, full = names_in(header)
    assert (full or plain) == made


@given(st.lists(st.text(max_size=70), unique_by=str.casefold, max_size=5))
def test_ids_of_a_damaged_database_make_files_of_their_own(ids: list[str]) -> None:
    names = [file_name_of_id(name) for name in ids]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) for name in names)


@pytest.mark.parametrize("name", ["con", "nul", "com1", "aux"])
def test_an_id_that_is_a_device_on_another_system_is_no_file_name(name: str) -> None:
    assert file_name_of_id(name).startswith(f"{name}-")
    assert file_name_of_id("d1") == "d1"
