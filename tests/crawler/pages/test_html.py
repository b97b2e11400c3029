"""What a page shows: hidden copies count once, streamed parts stand where they will, hostile nesting is refused."""

from __future__ import annotations

import time

import pytest

from crawler.pages import read_page
from crawler.pages.cost import MAX_DEPTH, TooCostlyError
from crawler.pages.html import blocks_of_html, is_closed

CARD = "<div>Ember</div><div>A small lamp for large rooms</div><div>75%</div><div>Panel ship</div>"
LINES = ["Ember", "A small lamp for large rooms", "75%", "Panel ship"]


def texts(html: str) -> list[str]:
    return [block.text for block in blocks_of_html(f"<body>{html}</body>".encode()).blocks]


@pytest.mark.parametrize(
    "copy",
    [
        '<div hidden>{}</div>',
        '<div aria-hidden="true">{}</div>',
        '<div style="display: none">{}</div>',
        '<div style="VISIBILITY:hidden">{}</div>',
        '<div class="hidden md:block">{}</div>',
        '<div class="md:hidden">{}</div>',
        '<div class="hidden">{}</div>',
        "<template>{}</template>",
        "<noscript>{}</noscript>",
        "<dialog>{}</dialog>",
        '<script type="application/json">{}</script>',
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_a_hidden_copy_counts_once(copy: str, first: bool) -> None:
    hidden = copy.format(CARD)
    assert texts(hidden + CARD if first else CARD + hidden) == LINES


def test_twins_for_two_widths_count_once() -> None:
    assert texts(f'<div class="md:hidden">{CARD}</div><div class="hidden md:flex">{CARD}</div>') == LINES


def test_what_a_wide_screen_shows_is_read() -> None:
    assert texts(f'<div class="hidden lg:grid">{CARD}</div>') == LINES


def test_what_is_kept_from_screen_readers_only_is_read() -> None:
    assert texts('<p>82/100 <span aria-hidden="true">·</span> ship</p>') == ["82/100 · ship"]


def test_two_equal_values_side_by_side_are_two() -> None:
    html = '<div aria-hidden="true">50%</div><div>Panel ship</div><p>x</p><div aria-hidden="true">50%</div><p>y</p>'
    assert texts(html) == ["50%", "Panel ship", "x", "50%", "y"]


def test_words_for_screen_readers_are_not_shown() -> None:
    assert texts('<div><span class="sr-only">Score: </span>82/100</div>') == ["82/100"]


def test_hidden_text_that_stands_nowhere_else_is_told() -> None:
    shown = blocks_of_html(b"<body><p>seen</p><div hidden><p>a new tab of the page</p></div></body>")
    assert shown.unseen == ["a new tab of the page"]


def test_streamed_content_stands_where_its_placeholder_is() -> None:
    page = '<p>a</p><!--$?--><template id="B:0"></template><p>Loading</p><!--/$--><p>c</p><div hidden id="S:0">b</div>'
    assert texts(page) == ["a", "b", "c"]


def test_streamed_content_in_streamed_content() -> None:
    page = (
        '<template id="B:0"></template><div hidden id="S:0"><p>a</p><template id="B:1"></template></div>'
        '<div hidden id="S:1"><p>b</p></div>'
    )
    assert texts(page) == ["a", "b"]


def test_a_stream_that_holds_its_own_placeholder_ends() -> None:
    assert texts('<template id="B:0"></template><div hidden id="S:0">x<template id="B:0"></template></div>') == ["x"]


def test_streamed_content_without_placeholder_is_read_where_it_is() -> None:
    assert texts('<p>a</p><div hidden id="S:0"><p>b</p></div>') == ["a", "b"]


def test_navigation_and_footer_stand_apart() -> None:
    shown = blocks_of_html(b"<body><nav><a>Home</a></nav><main><p>x</p></main><footer>About</footer></body>")
    assert ([block.text for block in shown.blocks], shown.furniture) == (["x"], ["Home", "About"])


def test_the_footer_of_a_quotation_is_content() -> None:
    assert texts("<blockquote><p>x</p><footer>Builder</footer></blockquote>") == ["x", "Builder"]


def test_a_page_of_countless_texts_is_refused() -> None:
    body = b"<span>" * 400 + b"x<br>" * 60_000
    reading = read_page(body, url="https://verdicts.example/tool/a", content_type="text/html")
    assert (reading.status, [problem.code for problem in reading.problems]) == ("failed", ["too_costly"])


def test_countless_hidden_parts_take_no_time() -> None:
    start = time.process_time()
    shown = blocks_of_html(b"<p>abc</p>" * 40_000 + b"<div hidden>x y</div>" * 20_000)
    assert len(shown.blocks) == 40_000
    assert time.process_time() - start < 10


@pytest.mark.parametrize("html", ["<div>" * 100_000, "<div><p>" * 50_000, "<span><div>" * 50_000])
def test_deep_nesting_is_refused_at_once(html: str) -> None:
    start = time.process_time()
    with pytest.raises(TooCostlyError, match=f"{MAX_DEPTH:,}"):
        blocks_of_html(html.encode())
    assert time.process_time() - start < 5


def test_a_long_flat_page_is_not_deep() -> None:
    assert len(texts("<p>x" * 20_000)) == 20_000


@pytest.mark.parametrize(
    ("end", "closed"),
    [
        ("</body></html>", True),
        ("</BODY>\n</HTML>\n<!-- made in 3 ms -->\n", True),
        ("</html>", True),
        ("</div>", False),
        ("</body></html><p>more", False),
        ("", False),
    ],
)
def test_is_closed(end: str, closed: bool) -> None:
    assert is_closed(f"<body><p>x</p>{end}".encode()) is closed
