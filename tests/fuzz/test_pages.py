"""A seeded sample of the pages that ``make fuzz`` reads."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.fuzz import pages
from tests.fuzz.pages import Page, failure_of, page_of

PAGES = 1_000 if os.environ.get("VERDICTLOG_TEST_LONG") == "1" else 50


def test_nothing_that_must_not_happen_happens() -> None:
    found = {number: why for number in range(PAGES) if (why := failure_of(page_of("sample", number))) is not None}
    assert found == {}


def test_equal_numbers_give_equal_pages() -> None:
    assert page_of("sample", 3) == page_of("sample", 3)
    assert page_of("sample", 3) != page_of("sample", 4)


def _hangs(*_: object, **__: object) -> None:
    while True:
        pass


def _raises(*_: object, **__: object) -> None:
    raise ValueError("no")


@pytest.mark.parametrize(("reader", "says"), [(_hangs, "more than"), (_raises, "ValueError")])
def test_what_must_not_happen_is_seen(monkeypatch: pytest.MonkeyPatch, reader: Callable[..., None], says: str) -> None:
    monkeypatch.setattr(pages, "read_page", reader)
    monkeypatch.setattr(pages, "SECONDS", 0.2)
    assert says in str(failure_of(Page(b"x", None, None)))
