"""The published pages in a real browser: what a person sees on them, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import DESKTOP, PHONE, Chromium, find_chromium
from tests.publishing import HOSTILE, make_dataset, served

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="chromium is not installed (scripts/install-system-packages installs it)"
)

PAGES = {
    "/": ("Newest capture: 2026-03-02", "All that is known of a listing", "listings 3 rows"),
    "/verdictlog": ("What could not be read or reconciled", "Your own SQL", "Download SQLite DB"),
    "/verdictlog/listings": ("Lantern Notes", "75 %", "What the 31 columns mean", "Databases"),
    "/verdictlog/listings/lantern-notes": ("Open Source (MIT)", "2 rows", "Where a listing's values were read"),
    "/verdictlog/reviews": ("Another notebook. My pencil syncs too.", "88", "skip"),
    "/verdictlog/tools": ("Lantern Notes",),
    "/verdictlog/captures": ("https://shiporskip.io/compare/1",),
    "/verdictlog/problems": ("code_error", "An example of warning."),
    "/verdictlog/evidence?listing=lantern-notes": ("https://shiporskip.io/tool/2", "panel_ship_pct"),
    "/verdictlog/quotes_with?words=pencil": ("1 row", "Another notebook."),
    "/verdictlog/quotes_with?words=nowhere": ("No rows.",),
    "/verdictlog?sql=select+name+from+listings+order+by+name": ("returning 3 rows",),
    "/verdictlog/nothing": ("404",),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    make_dataset(data / "verdictlog.db")
    with served(data) as server:
        yield server.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_page(browser: Chromium, address: str, page: str, size: tuple[int, int]) -> None:
    browser.open(address + page, size)
    text = " ".join(browser.text().split())
    for expected in PAGES[page]:
        assert expected.replace("31 columns", f"{_columns()} columns") in text
    # The frame of the page never moves sideways; only a table may, inside its own box.
    wide = browser.script("document.documentElement.scrollWidth")
    assert wide <= size[0], f"{page} is {wide} wide in a window of {size[0]}"
    hosts = {urlsplit(url).netloc for url in browser.requests if not url.startswith("data:")}
    assert hosts == {urlsplit(address).netloc}, "a page asked for something from outside"


def _columns() -> int:
    from dataset.schema import table

    return len(table("listings").columns)


@pytest.mark.parametrize("page", ["/verdictlog/listings", "/verdictlog/listings/gravel-db", "/verdictlog/listing"])
def test_hostile_text_is_seen_and_does_nothing(browser: Chromium, address: str, page: str) -> None:
    browser.open(address + page)
    assert HOSTILE in browser.text()
    assert browser.script("document.querySelectorAll('img').length") == 0
    assert browser.script("[...document.links].filter(a => a.protocol === 'javascript:').length") == 0


def test_titles(browser: Chromium, address: str) -> None:
    for page, title in (
        ("/verdictlog/listings/lantern-notes", "listings: lantern-notes · verdictlog"),
        ("/verdictlog/evidence", "Where a listing's values were read · verdictlog"),
    ):
        browser.open(address + page)
        assert browser.script("document.title") == title
    browser.open(f"{address}/verdictlog/listings/lantern-notes")
    assert browser.script("document.querySelector('h1').innerText") == "Lantern Notes"


def test_columns_are_explained_on_demand(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/listings")
    assert "The line under the name" not in browser.text()
    browser.script("document.querySelector('details.columns summary').click()")
    assert "The line under the name" in browser.text()


def test_the_form_of_a_question_works(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/reviews_by_persona")
    assert "4 rows" in browser.text()
    typed = "document.querySelector('input[name=persona]').value = 'skeptic'"
    url = browser.script(f"{typed}, new URLSearchParams(new FormData(document.querySelector('form.sql'))).toString()")
    assert url.startswith("persona=skeptic&verdict=")
    browser.open(f"{address}/verdictlog/reviews_by_persona?{url}")
    assert "1 row" in browser.text()
    assert browser.script("document.querySelector('input[name=persona]').value") == "skeptic"


def test_on_a_phone_labels_stand_clear_of_their_fields(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/reviews_by_persona", PHONE)
    clear = """[...document.querySelectorAll('form.sql label')].every(label => {
        const one = label.getBoundingClientRect();
        const other = document.getElementById(label.htmlFor).getBoundingClientRect();
        return one.bottom <= other.top && label.scrollWidth <= one.width + 1;
    })"""
    assert browser.script(clear) is True


def test_on_a_phone_empty_cells_take_no_room(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/listings", PHONE)
    assert browser.script("document.querySelectorAll('td.type-none').length") > 0
    shown = "[...document.querySelectorAll('td.type-none')].filter(td => td.offsetHeight > 0).length"
    assert browser.script(shown) == 0
