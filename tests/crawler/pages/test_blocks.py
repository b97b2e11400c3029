"""What stands apart in a line of inline elements, and what is one text."""

from __future__ import annotations

import pytest

from crawler.pages.blocks import blocks_of_text, split_run, tidy
from crawler.pages.html import blocks_of_html


def texts(html: str) -> list[str]:
    return [block.text for block in blocks_of_html(f"<body>{html}</body>".encode()).blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div><span>50%</span><span>Panel ship</span></div>", ["50%", "Panel ship"]),
        ("<div><span>50%</span>\n <span>Panel ship</span></div>", ["50%", "Panel ship"]),
        ("<div>50<!-- -->%</div>", ["50%"]),
        ("<div><span>50</span><span>%</span><span>Panel</span> <span>ship</span></div>", ["50%", "Panel ship"]),
        ("<div><span>Pan</span><span>el ship</span></div>", ["Panel ship"]),
        ("<div><b>Free</b>Entry</div>", ["Free", "Entry"]),
        ("<p>I love <b>Community</b> tools</p>", ["I love Community tools"]),
        ("<p><b>Fast</b> <i>and</i> cheap</p>", ["Fast and cheap"]),
        ("<h2><span>Ember</span> <span>7B</span></h2>", ["Ember 7B"]),
        ("<p>H<sub>2</sub>O</p>", ["H2O"]),
        ("<div><span>82<!-- -->/100</span> · <span>ship</span></div>", ["82/100 · ship"]),
        ("<div>one<br>two</div>", ["one", "two"]),
        ("<ul><li>one<li>two</ul>", ["one", "two"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("<p>a &amp; b &mdash; c</p>", ["a & b — c"]),
    ],
)
def test_runs(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_a_run_without_words_is_nothing() -> None:
    assert split_run("\x01 \x02", "div") == []


def test_only_foldable_white_space_is_folded() -> None:
    assert tidy(" a \n\t b\u00a0c ") == "a b\u00a0c"


def test_blocks_of_text_are_lines() -> None:
    assert [block.text for block in blocks_of_text("a\r\n\r\n  b  c\rd\u2028e\n")] == ["a", "b c", "d\u2028e"]
