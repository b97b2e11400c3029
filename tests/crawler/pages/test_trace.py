"""The trace of a page: whatever a reader takes is in the blocks that it names, and tracing changes no reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Card, ComparePage, Page, ToolPage
from crawler.pages import read_page
from crawler.pages.trace import Trace, Words, active, tracing
from tests.rendering import CONTENT_TYPES, SHAPES, render
from tests.rendering.records import compare_pages, tool_pages


def plain(text: object) -> str:
    return " ".join(str(text).split()).lower()


def check_words(trace: Trace, value: object, words: list[Words]) -> None:
    text = "\n".join(block.text for block in trace.blocks)
    assert all(text[start:end] == said for _, start, end, _, said in words)
    assert all(trace.blocks[number - 1].text == said for number, _, _, _, said in words)
    assert plain(value) in plain(" ".join(each[-1] for each in words)), (value, words)


def check_card(trace: Trace, side: str, card: Card) -> None:
    for name in card.shown:
        value = getattr(card, name)
        if name == "reviews" or value is None:
            continue
        words = trace.words(trace.fields.get((side, name), []))
        if words is None:
            assert (side, name) == ("only", "category"), "only a category may stand outside the page's body"
            continue
        if name in ("community_ships", "community_votes", "panel_ships", "panel_skips") and value == 0:
            continue  # in words: none yet
        check_words(trace, value, words)
    traced = trace.reviews.get(side, [])
    assert len(traced) == len(card.reviews)
    for review, parts in zip(card.reviews, traced, strict=True):
        for name in ("score", "verdict", "quote"):
            value = getattr(review, name)
            if value is not None:
                words = trace.words(parts[name])
                assert words is not None
                check_words(trace, value, words)


def check(page: Page, shape: str) -> None:
    body, media = render(page, shape), CONTENT_TYPES[shape]
    with tracing() as trace:
        traced = read_page(body, url=page.url, content_type=media)
    assert traced == read_page(body, url=page.url, content_type=media)
    assert active() is None
    if isinstance(traced.page, ComparePage):
        check_card(trace, "left", traced.page.left)
        check_card(trace, "right", traced.page.right)
    elif isinstance(traced.page, ToolPage):
        check_card(trace, "only", traced.page.card)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_compare(shape: str, data: st.DataObject) -> None:
    check(data.draw(compare_pages(paragraphs=3)), shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_tool(shape: str, data: st.DataObject) -> None:
    check(data.draw(tool_pages()), shape)


def test_paths_count_elements_of_one_name() -> None:
    body = b"<html><body><main><p>one</p><div><p>two</p></div><p>three <b>four</b></p></main></body></html>"
    with tracing() as trace:
        read_page(body, url=None, content_type="text/html")
    words = trace.words(trace.blocks)
    assert words is not None
    assert [(each.text, each.path) for each in words] == [
        ("one", "html > body > main > p[1]"),
        ("two", "html > body > main > div > p"),
        ("three four", "html > body > main > p[2]"),
    ]
