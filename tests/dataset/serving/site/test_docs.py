"""Every key of a page's JSON is named in the documentation, under the heading of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from dataset.serving.site.compare import ChoosePage, ComparePage
from dataset.serving.site.home import HomePage
from dataset.serving.site.registry import PAGES
from dataset.serving.site.search import SearchPage
from dataset.serving.site.tool import ToolPage
from dataset.serving.site.tool_parts import Listing

PAGE = Path(__file__).parents[4] / "docs" / "pages.md"
KINDS = {
    HomePage: "Home",
    ToolPage: "A tool",
    ComparePage: "Two tools compared",
    ChoosePage: "Two tools compared",
    SearchPage: "Search",
}


def section(heading: str) -> str:
    return PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]


def keys(kind: type, told_elsewhere: frozenset[type]) -> Iterator[str]:
    """The names of all values within a `kind`, however deep."""
    for name, hint in get_type_hints(kind).items():
        yield name
        yield from _within(hint, told_elsewhere)


def _within(hint: Any, told_elsewhere: frozenset[type]) -> Iterator[str]:
    if is_dataclass(hint) and isinstance(hint, type):
        if hint not in told_elsewhere:
            yield from keys(hint, told_elsewhere)
        return
    for each in get_args(hint):
        yield from _within(each, told_elsewhere)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_key_is_named(kind: type) -> None:
    named = set(re.findall(r"`(\w+)`", section(KINDS[kind])))
    elsewhere = frozenset() if kind is ToolPage else frozenset({Listing})
    assert fields(kind)
    assert set(keys(kind, elsewhere)) - named == set()


def test_every_page_is_named() -> None:
    addresses = re.findall(r"^\|[^|]+\| `([^`]+)`", PAGE.read_text("utf-8"), re.M)
    for page in PAGES:
        path = re.sub(r"\(\?P<\w+>.*?\)(?=/|$)", "<>", page.path)
        assert any(re.sub(r"<\w+>", "<>", address.partition("?")[0]) == path for address in addresses), path
