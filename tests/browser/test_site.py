"""The site's own pages in a real browser: tools, comparisons, search and home, at desktop and phone width."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.axe import needs_axe, violations
from tests.browser.chromium import DESKTOP, Chromium, find_chromium
from tests.dataset.site.tools import LONG, SCRIPT, site
from tests.publishing import served

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="chromium is not installed (scripts/install-system-packages installs it)"
)

NARROW = (375, 812)
SIZES = pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "phone"])
PAGES = {
    "/": ("Newest capture: 2026-03-07", "Alder Shelves panel: ▲ ship → ▼ skip", "Birch Desk", "Take the data"),
    "/tool/alder": ("▼ skip 25 % ship", "Builder ▼ skip 41/100", "1 former version", "$12 a month", "Birch Desk"),
    "/tool/dogwood": ("withdrawn, first seen so 2026-03-06", "No review is known."),
    "/tool/hostile": ("<script>document.title", "javascript:document.title"),
    "/compare/alder/birch": ("≠ differs", "14 more for the second", "compare/alder-vs-birch"),
    "/compare/cedar/hostile": ("No page of the site that pairs these two is known.",),
    "/compare?left=alder+shelf&right=birch": ("Near it are: Alder Shelves",),
    "/search": ("All tools", "Alder Shelves ▼ skip", "Storage 2"),
    "/search?q=shelves": ("Tools 1", "Alder Shelves"),
    "/search?q=drawers&persona=builder": ("Quotes 1", "Critic: builder", "the drawers stick"),
    "/search?q=nowhere": ("Nothing found.",),
    "/tool/elder": ("Not found", "Alder Shelves"),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = site(tmp_path_factory.mktemp("site"))
    with served(data.folder) as server:
        yield server.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@SIZES
@pytest.mark.parametrize("page", PAGES)
def test_page(browser: Chromium, address: str, page: str, size: tuple[int, int]) -> None:
    browser.prefer()
    browser.open(address + page, size)
    text = " ".join(browser.text().split())
    for expected in PAGES[page]:
        assert expected in text
    wide = browser.script("document.documentElement.scrollWidth")
    assert wide <= size[0], f"{page} is {wide} wide in a window of {size[0]}"
    hosts = {urlsplit(url).netloc for url in browser.requests if not url.startswith("data:")}
    assert hosts == {urlsplit(address).netloc}, "a page asked for something from outside"


@needs_axe
@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        pytest.param("light", DESKTOP, id="light-desktop"),
        pytest.param("dark", NARROW, id="dark-phone"),
        pytest.param("dark", DESKTOP, id="dark-desktop", marks=pytest.mark.long),
        pytest.param("light", NARROW, id="light-phone", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_keeps_people_from_reading_it(
    browser: Chromium, address: str, page: str, scheme: str, size: tuple[int, int]
) -> None:
    browser.prefer(scheme)
    browser.open(address + page, size)
    browser.script("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert violations(browser) == []


@needs_axe
def test_what_keeps_people_from_reading_would_be_seen(browser: Chromium, address: str) -> None:
    browser.prefer()
    browser.open(f"{address}/search")
    browser.script("document.querySelector('.search label').remove()")
    browser.script("document.querySelector('h1').style.color = '#eee'")
    assert {each.partition(":")[0] for each in violations(browser)} >= {"label", "color-contrast"}


def test_from_a_flip_to_its_evidence(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/")
    browser.follow("document.querySelector('[aria-labelledby=flips] li a').click()")
    assert browser.script("location.pathname") == "/tool/alder"
    shown = browser.script("document.querySelector(':target').innerText")
    assert "ship → ▼ skip" in shown.replace("▲ ", "")
    assert "between 2026-03-01 and 2026-03-06" in shown
    browser.follow("[...document.querySelectorAll(':target a')].at(-1).click()")
    assert browser.script("location.pathname").startswith("/evidence/")
    assert "compare/alder-vs-birch" in browser.text()
    assert "2026-03-06" in browser.text()


def test_searching_and_narrowing_down(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/")
    browser.follow("document.querySelector('#q').value = 'a', document.querySelector('form.search button').click()")
    assert browser.script("new URLSearchParams(location.search).get('q')") == "a"
    assert browser.script("document.querySelector('#q').value") == "a"
    assert browser.script("[...document.querySelectorAll('mark')].map(each => each.innerText).includes('A')")
    before = browser.script("document.querySelectorAll('.hits > li').length")
    browser.follow("document.querySelector('details a[href*=\"persona=builder\"]').click()")
    assert 0 < browser.script("document.querySelectorAll('.hits > li').length") < before
    # The filter stays with the next words, and can be taken away.
    browser.follow("document.querySelector('#q').value = 'desk', document.querySelector('form.search button').click()")
    assert browser.script("new URLSearchParams(location.search).get('persona')") == "builder"
    browser.follow("document.querySelector('.chip').click()")
    assert "persona" not in browser.script("location.search")


def test_marks_of_a_chart_are_reached_with_the_keyboard(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    browser.script("document.querySelector('a.mark').focus()")
    name = browser.script("document.activeElement.querySelector('title').textContent")
    assert name.startswith("1: panel ship became skip")
    browser.script("document.activeElement.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
    assert "Panel verdict" in browser.script("document.querySelector(':target').innerText")


def test_the_numbers_of_a_chart_are_one_click_away(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    rows = "document.querySelector('figure details').innerText"
    assert "75" not in browser.script(rows)
    browser.script("document.querySelector('figure summary').click()")
    assert "2026-03-01 00:00 UTC" in browser.script(rows)
    assert "75" in browser.script(rows)


def test_former_words_are_struck_out(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    browser.script("document.querySelector('.review summary').click()")
    for element, words, line in (("del", ["and", "open"], "line-through"), ("ins", ["but", "stick"], "underline")):
        found = f"[...document.querySelectorAll('.former {element}')]"
        assert browser.script(f"{found}.map(each => each.innerText)") == words
        assert browser.script(f"{found}.every(each => getComputedStyle(each).textDecorationLine == '{line}')")


@SIZES
@pytest.mark.parametrize(
    "page", ["/tool/hostile", "/search", "/search?q=endless&show=quotes", "/compare/alder/hostile"]
)
def test_hostile_text_is_seen_and_does_nothing(
    browser: Chromium, address: str, page: str, size: tuple[int, int]
) -> None:
    browser.open(address + page, size)
    text = browser.text()
    assert SCRIPT[:40] in text or LONG[:300] in text
    assert "\u202e" not in text
    assert browser.script("document.title") not in ("taken", "1")
    assert browser.script("document.querySelectorAll('main img, main script').length") == 0
    assert browser.script("[...document.links].filter(a => !/^https?:$/.test(a.protocol)).length") == 0
    assert browser.script("document.documentElement.scrollWidth") <= size[0]


def test_on_paper(browser: Chromium, address: str) -> None:
    browser.prefer("dark", "print")
    browser.open(f"{address}/tool/alder")
    seen = "element => element.checkVisibility()"
    assert browser.script(f"[...document.querySelectorAll('.top nav, .inline')].some({seen})") is False
    assert browser.script(f"[...document.querySelectorAll('.chart, .review')].every({seen})") is True
    assert browser.script("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.script("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    browser.prefer()


def test_the_way_past_the_head_of_the_page(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    browser.script("document.querySelector('.to-content').focus()")
    assert browser.script("document.activeElement.getBoundingClientRect().left") >= 0
    browser.script("document.activeElement.click()")
    assert browser.script("location.hash") == "#main"
