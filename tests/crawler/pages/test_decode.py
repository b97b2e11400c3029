"""The character set of a page: what is believed, in which order, and what is said of it."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.decode import LOST, decode

TEXT = "Ember – “a lamp”, 5 € · ёлка"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "text/html; charset=utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "text/html; charset=iso-8859-1"),
        (TEXT.encode("utf-16"), "text/html"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "text/html; charset=utf-8"),
        (TEXT.encode("utf-16-le"), "text/html; charset=utf-16-le"),
        (b'<meta charset="koi8-r">'[:0] + "ёлка".encode("koi8-r"), "text/html; charset=koi8-r"),
    ],
)
def test_decoded(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert decoded.text in (TEXT, "ёлка")
    assert decoded.complaint is None
    assert decoded.utf8.decode() == decoded.text


def test_the_page_itself_may_declare_its_set() -> None:
    assert decode('<meta charset="windows-1251">ёлка'.encode("cp1251"), "text/html").text.endswith("ёлка")


def test_a_wrong_single_byte_set_is_overruled() -> None:
    decoded = decode(TEXT.encode(), "text/html; charset=iso-8859-1")
    assert decoded.text == TEXT
    assert decoded.complaint is not None
    assert "UTF-8" in decoded.complaint


def test_an_unknown_set_is_told() -> None:
    complaint = decode(b"x", "text/html; charset=klingon-8").complaint
    assert complaint is not None
    assert "klingon-8" in complaint


@pytest.mark.parametrize("body", [b"a\xffb", b"a\x00b", b"a\x01b", b"a\x02b"])
def test_what_can_not_be_decoded_is_marked(body: bytes) -> None:
    assert decode(body, "text/plain; charset=utf-8").text == f"a{LOST}b"


@given(st.binary(max_size=200), st.sampled_from([None, "text/html", "text/html; charset=utf-16", "x; charset=gbk"]))
def test_decode_never_raises_and_agrees_with_itself(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert decoded.utf8.decode("utf-8", "replace") == decoded.text.encode("utf-8", "replace").decode("utf-8")
