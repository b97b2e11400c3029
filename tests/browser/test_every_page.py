"""Every kind of page in a real browser: what a person sees, that it fits, that nothing keeps people from reading it.

A page is loaded once for each look, and looked at in every way: words, width, requests, hostile texts, axe-core.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.browser.axe import SOURCE, needs_axe, violations
from tests.browser.chromium import DESKTOP, Chromium
from tests.dataset.captures import Data
from tests.dataset.serving.site.evidence_data import (
    AFTER,
    BEFORE,
    HOSTILE,
    HOSTILE_PAIR,
    PACKED,
    ROBOTS,
    SITE,
    capture_at,
)
from tests.dataset.serving.site.tools import LONG, SCRIPT

NARROW = (375, 812)
OTHER = "verdicts~2Eexample~3A"
FLIP = "kind = 'verdict_flip' AND review_id IS NULL AND after_capture_id = ?"

KINDS = {
    "/": (
        "Newest capture: 2026-10-21",
        "Gatepost panel: ◆ mixed → ▲ ship",
        "Birch Desk",
        "Take the data",
        "tools 11 rows",
        "EndlessEndless",
    ),
    "/tool/alder": ("▼ skip 25 % ship", "Builder ▼ skip 41/100", "1 former version", "$12 a month", "Birch Desk"),
    "/tool/hostile": ("<script>document.title", "javascript:document.title", LONG[:300]),
    "/tool/elder": ("Not found", "Alder Shelves"),
    "/compare": ("Compare two tools", "First tool"),
    "/compare/alder/birch": ("≠ differs", "14 more for the second", "compare/alder-vs-birch"),
    "/search": ("All tools", "Alder Shelves ▼ skip", "Storage 2"),
    "/personas": ("Critics", "Says ship", "Labelled", "Site"),
    "/persona/builder": (
        "Ship rate over time",
        "If it holds.",
        "<script>document.title",
        "below them",
        "EndlessEndless",
    ),
    "/changes": (
        "Atom feeds",
        "Alder Shelves",
        "between 2026-10",
        "<script>document.title",
        "EndlessEndless",
        "@SUM(A1) safe \\u202eelbat",
    ),
    "/agreement": ("Krippendorff's alpha", "Critic by critic", "Mind the votes"),
    "/evidence/{hostile}": ("<script>document.title", "\\u202eelbat =1+1", "values read", "checked just now"),
    "/verdictlog": ("Things that could not be read or reconciled", "Your own SQL", "Download SQLite DB"),
    "/verdictlog/listings": ("Alder Shelves", "25 %", "What the 32 columns mean", "<script>document.title"),
    "/verdictlog/listings/hostile": ("<script>document.title", "=1+1", "Its page", "Links from other tables"),
    "/verdictlog/evidence?listing=hostile": ("Evidence for the values of a listing", "<script>document.title", "rows"),
    "/verdictlog?sql=select+name+from+listings+order+by+name": ("Your own SQL", "rows", "<script>document.title"),
    "/verdictlog/nothing": ("Table not found", "all tables and questions"),
}
"""A page of each kind, with words that stand on it."""

VARIANTS = {
    "/tool/endless": ("@SUM(A1) safe", "=HYPERLINK(A1)", "EndlessEndless"),
    "/changes?tool=endless&kind=text": ("Tagline changed:", "\\u202e"),
    "/compare/endless/hostile": ("≠ differs", "EndlessEndless", "javascript:document.title"),
    "/tool/dogwood": ("withdrawn, first seen so 2026-03-06", "No review is known."),
    "/compare/cedar/hostile": ("No page of the site that pairs these two is known.",),
    "/compare?left=alder+shelf&right=birch": ("Near it are: Alder Shelves",),
    "/search?q=shelves": ("Tools 1", "Alder Shelves"),
    "/search?q=drawers&persona=builder": ("Quotes 1", "Critic: builder", "the drawers stick"),
    "/search?q=endless&show=quotes": (LONG[:300],),
    "/search?q=nowhere": ("Nothing found.",),
    "/changes?kind=verdict_flip&tool=alder": ("Only: Kind: verdict", "Builder"),
    "/changes?since=soon&tool=aldr": ("Since is no day", "Near it are:"),
    "/persona/bilder": ("Not found",),
    "/evidence/{after}?change={flip}": ("The change that led here: Gatepost", "first that shows the new value"),
    "/evidence/{robots}": ("User-agent",),
    "/evidence/{packed}": ("Fernway",),
    "/verdictlog/reviews?_facet=verdict&verdict=skip": ('verdict = "skip"', "A desk like any other."),
    "/verdictlog/quotes_with?words=nowhere": ("No rows.",),
    "/verdictlog?sql=select+nothing": ("syntax error",),
    "/verdictlog/captures/{after}": ("What the page showed",),
}
"""Other states of them."""


class Look(NamedTuple):
    """How somebody looks at a page."""

    scheme: str
    size: tuple[int, int]


LOOKS = {
    "light-desktop": Look("light", DESKTOP),
    "dark-phone": Look("dark", NARROW),
    "dark-desktop": Look("dark", DESKTOP),
    "light-phone": Look("light", NARROW),
}
SHOWN = [
    pytest.param(page, look, id=f"{page}-{name}", marks=() if place == number % 2 else pytest.mark.long)
    for number, page in enumerate([*KINDS, *VARIANTS])
    for place, (name, look) in enumerate(LOOKS.items())
]
"""The long mode takes every look of every page, the quick one the first two in turns."""


@pytest.fixture(scope="session")
def ids(data: Data) -> dict[str, str]:
    """The ids that stand in addresses."""
    at = {"before": BEFORE, "after": AFTER, "packed": PACKED}
    found = {name: capture_at(data, when) for name, when in at.items()}
    found |= {"hostile": capture_at(data, HOSTILE, HOSTILE_PAIR)}
    found |= {"robots": capture_at(data, ROBOTS, f"{SITE}/robots.txt")}
    return found | {"flip": data.row(f"SELECT change_id FROM changes WHERE {FLIP}", found["after"])["change_id"]}


@pytest.mark.parametrize(("page", "look"), SHOWN)
def test_page(browser: Chromium, address: str, ids: dict[str, str], page: str, look: Look) -> None:
    browser.prefer(look.scheme)
    browser.open(address + page.format(**ids), look.size)
    text = " ".join(browser.text().split())
    for expected in (KINDS | VARIANTS)[page]:
        assert " ".join(expected.split()) in text
    # Only a table may move sideways, inside its own box; never the page.
    assert browser.script("document.documentElement.scrollWidth") <= look.size[0]
    hosts = {urlsplit(url).netloc for url in browser.requests if not url.startswith("data:")}
    assert hosts == {urlsplit(address).netloc}, "a page asked for something from outside"
    assert [each for each in browser.complaints if "status of 40" not in each] == []
    check_that_nothing_hostile_happened(browser)
    if SOURCE.exists():
        browser.script("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert violations(browser) == []
        assert browser.script("document.documentElement.scrollWidth") <= look.size[0]


def check_that_nothing_hostile_happened(browser: Chromium) -> None:
    """Texts of captured pages are text: they bring no element, link or direction of reading of their own."""
    assert browser.script("document.title").endswith(" · verdictlog")
    # Datasette's script hides the way to take away a filter that is none yet.
    alien = "main :is(img, iframe, [onclick], [style]:not([aria-label='Remove this filter']))"
    assert browser.script(f'document.querySelectorAll("{alien}").length') == 0
    own = (
        "[...document.scripts].filter(each => !each.src.startsWith(location.origin) && !each.type.includes('ld+json'))"
    )
    assert browser.script(f"{own}.length") == 0
    assert browser.script("[...document.links].filter(a => !/^https?:$/.test(a.protocol)).length") == 0
    assert "\u202e" not in browser.text()
    assert "\u2066" not in browser.text()


@needs_axe
def test_what_keeps_people_from_reading_would_be_seen(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/search")
    browser.script("document.querySelector('.search label').remove()")
    browser.script("document.querySelector('h1').style.color = '#eee'")
    assert {each.partition(":")[0] for each in violations(browser)} >= {"label", "color-contrast"}


def test_a_complaint_of_the_browser_would_be_seen(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/search")
    browser.script("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    browser.script("new Promise(done => setTimeout(done, 200))")
    assert any("Content Security Policy" in each for each in browser.complaints)
    with pytest.raises(AssertionError):
        check_that_nothing_hostile_happened(browser)


def test_long_texts_are_all_there(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/hostile", NARROW)
    assert LONG in browser.text()
    assert SCRIPT in browser.text()
