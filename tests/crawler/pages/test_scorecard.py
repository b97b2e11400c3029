"""The reader of scorecards: what stands where words are awaited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.pages import read_page

SAMPLE = Path(__file__).parents[3] / "samples" / "fernway-vs-gatepost.html"
URL = "https://verdicts.example/compare/fernway-vs-gatepost"


@pytest.mark.parametrize("control", ["<a href='/more'>All of it</a>", "<button>All of it</button>"])
def test_a_control_between_score_and_words_is_left_over(control: str) -> None:
    """A reader that waited for words there went round for ever."""
    body = SAMPLE.read_text(encoding="utf-8")
    broken, times = re.subn(r"(<p[^>]*>\d+/100 · ship</p>)", rf"\1{control}", body, count=1)
    reading = read_page(broken.encode(), url=URL, content_type="text/html")
    sound = read_page(body.encode(), url=URL, content_type="text/html")
    assert times == 1
    assert reading.leftovers == ("All of it",)
    assert reading.page == sound.page
