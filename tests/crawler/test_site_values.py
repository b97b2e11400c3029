"""The form of what a site sent, before it is sent back or followed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.settings import URLLENGTH_LIMIT
from crawler.site_values import LONGEST_VALIDATOR, excerpt, target, validator

BASE = "https://verdicts.example/tool/a"


@pytest.mark.parametrize(
    "value", ['"a"', 'W/"a-b"', "a", '"a b"', "Thu, 19 Nov 2026 12:00:00 GMT", "x" * LONGEST_VALIDATOR]
)
def test_a_validator_in_its_form_is_sent_back_as_it_came(value: str) -> None:
    assert validator(value) == value


@pytest.mark.parametrize(
    "value",
    [None, "", " ", " a", "a ", '"\x07"', '"\t"', '"\x7f"', '"ä"', '"a\r\nX: y"', "x" * (LONGEST_VALIDATOR + 1)],
)
def test_another_is_not(value: str | None) -> None:
    assert validator(value) is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/tool/b", "https://verdicts.example/tool/b"),
        (" b#x ", "https://verdicts.example/tool/b"),
        ("//other.example/", "https://other.example/"),
        ("/tool/a b", "https://verdicts.example/tool/a%20b"),
        ("/tool/\x1b[31m", "https://verdicts.example/tool/%1B%5B31m"),
        ("/tool/é", "https://verdicts.example/tool/%C3%A9"),
    ],
)
def test_a_link_leads_to_an_address_that_can_be_asked_for(link: str, url: str) -> None:
    assert target(BASE, link) == url


@pytest.mark.parametrize(
    "link",
    [
        "http://[",
        "http://a:port/",
        "mailto:a@b.example",
        "http://me@verdicts.example/",
        "file:///etc/passwd",
        "http:///x",
        f"/{'x' * URLLENGTH_LIMIT}",
    ],
)
def test_what_is_no_address_leads_nowhere(link: str) -> None:
    assert target(BASE, link) is None


@given(st.text(max_size=60) | st.text(alphabet="htps:/[]@#?%\\.\0\r\n\x1bé a", max_size=40))
def test_whatever_a_link_is_its_address_is_printable(link: str) -> None:
    url = target(BASE, link)
    assert url is None or (url.isascii() and url.isprintable() and " " not in url and len(url) <= URLLENGTH_LIMIT)


@given(st.binary(max_size=500) | st.text(max_size=500))
def test_an_excerpt_is_short_and_can_be_printed(received: bytes | str) -> None:
    shown = excerpt(received, 50)
    assert len(shown) <= 51 and shown.removesuffix("…").isascii() and shown.isprintable()
