"""Ways through the pages in a real browser: to the evidence, through filters and searches, to files."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.browser.chromium import PHONE, Chromium
from tests.dataset.captures import Data
from tests.dataset.serving.site.evidence_data import HOSTILE, HOSTILE_PAIR, capture_at
from tests.dataset.serving.site.tools import LONG, SCRIPT


def link(words: str, within: str = "document") -> str:
    """The link that says `words`."""
    return f"[...{within}.querySelectorAll('a')].find(a => a.innerText.trim() === {words!r})"


def test_from_a_change_to_the_words_that_show_it_and_on_to_those_before(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/")
    browser.follow(f"{link('Changes')}.click()")
    browser.follow(
        "document.querySelector('#kind').value = 'verdict_flip', document.querySelector('.filters button').click()"
    )
    row = "[...document.querySelectorAll('.news li')].find(each => each.innerText.includes('Panel verdict'))"
    assert "mixed → ▲ ship" in " ".join(browser.script(f"{row}.innerText").split())
    browser.follow(f"{link('after', row)}.click()")
    shown = []
    for _ in range(2):
        assert browser.script("location.pathname").startswith("/evidence/")
        assert browser.script("document.querySelectorAll('.captured .pointed-at').length") == 2
        browser.script("document.querySelector('.asked a[href^=\"#line\"]').click()")
        shown.append(browser.script("document.querySelector(':target mark').innerText"))
        browser.follow("[...document.querySelectorAll('.asked a')].at(-1).click()")
    assert shown == ["Ship", "Mixed"]
    # And back to the tool, where the change is told among all others.
    browser.follow("document.querySelector('.asked a[href^=\"/tool/\"]').click()")
    assert "Panel verdict ◆ mixed → ▲ ship" in " ".join(browser.text().split())


def test_from_a_flip_on_the_home_page_to_its_tool_and_its_evidence(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/")
    row = "[...document.querySelectorAll('[aria-labelledby=flips] li')].find(li => li.innerText.includes('panel: ▲'))"
    browser.follow(f"{row}.querySelector('a').click()")
    assert browser.script("location.pathname") == "/tool/alder"
    shown = browser.script("document.querySelector(':target').innerText")
    assert "ship → ▼ skip" in shown.replace("▲ ", "")
    assert "between 2026-03-01 and 2026-03-06" in shown
    browser.follow("[...document.querySelectorAll(':target a')].at(-1).click()")
    assert browser.script("location.pathname").startswith("/evidence/")
    assert "The change that led here: Alder Shelves" in browser.text()
    assert "compare/alder-vs-birch" in browser.text()


def test_searching_and_narrowing_down(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/")
    browser.follow("document.querySelector('#q').value = 'holds', document.querySelector('form.search button').click()")
    assert browser.script("new URLSearchParams(location.search).get('q')") == "holds"
    assert browser.script("document.querySelector('#q').value") == "holds"
    assert browser.script("[...document.querySelectorAll('mark')].map(each => each.innerText).includes('holds')")
    before = browser.script("document.querySelectorAll('.hits > li').length")
    browser.follow("document.querySelector('details a[href*=\"persona=builder\"]').click()")
    assert 0 < browser.script("document.querySelectorAll('.hits > li').length") < before
    # The filter stays with the next words, and can be taken away.
    browser.follow(
        "document.querySelector('#q').value = 'nothing', document.querySelector('form.search button').click()"
    )
    assert browser.script("new URLSearchParams(location.search).get('persona')") == "builder"
    browser.follow("document.querySelector('.chip').click()")
    assert "persona" not in browser.script("location.search")


def test_the_filters_of_changes(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/changes")
    typed = "document.querySelector('#persona').value = 'builder', document.querySelector('#tool').value = 'alder'"
    browser.follow(f"{typed}, document.querySelector('.filters button').click()")
    assert browser.script("document.querySelectorAll('.news li').length") == 3
    assert browser.script("document.querySelector('#persona').value") == "builder"
    browser.follow("document.querySelector('a.chip').click()")
    assert browser.script("document.querySelectorAll('a.chip').length") == 1


def test_former_words_are_struck_out(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    browser.script("document.querySelector('.review summary').click()")
    for element, words, line in (("del", ["and", "open"], "line-through"), ("ins", ["but", "stick"], "underline")):
        found = f"[...document.querySelectorAll('.former {element}')]"
        assert browser.script(f"{found}.map(each => each.innerText)") == words
        assert browser.script(f"{found}.every(each => getComputedStyle(each).textDecorationLine == '{line}')")


def test_a_whole_table_as_csv(browser: Chromium, data: Data, address: str, tmp_path: Path) -> None:
    browser.open(f"{address}/")
    file = browser.download("document.querySelector('[aria-label=\"listings as csv\"]').click()", tmp_path)
    assert file.name == "listings.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        found = {row["listing_id"]: row for row in csv.DictReader(stream)}
    assert set(found) == {row["listing_id"] for row in data.rows("SELECT listing_id FROM listings")}
    assert found["hostile"]["name"] == SCRIPT
    assert found["hostile"]["category"] == "'=1+1", "a spreadsheet would run it"
    assert found["endless"]["category"] == "'+1"
    assert found["endless"]["tagline"].startswith("'@SUM(A1)")
    assert found["endless"]["name"] == LONG
    assert browser.script("location.pathname") == "/"


def test_the_bytes_of_a_capture_are_downloaded_and_not_shown(
    browser: Chromium, data: Data, address: str, tmp_path: Path
) -> None:
    capture_id = capture_at(data, HOSTILE, HOSTILE_PAIR)
    browser.open(f"{address}/evidence/{capture_id}")
    file = browser.download("document.querySelector('a.button').click()", tmp_path)
    assert file.stat().st_size == data.row("SELECT bytes FROM captures WHERE capture_id = ?", capture_id)["bytes"]
    assert browser.script("location.pathname") == f"/evidence/{capture_id}"


def test_a_question_is_asked_with_its_form(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog")
    browser.follow(f"{link('Reviews by critic and verdict')}.click()")
    everything = browser.script("document.querySelectorAll('tbody tr').length")
    typed = "document.querySelector('input[name=persona]').value = 'founder'"
    browser.follow(f"{typed}, document.querySelector('form.sql button').click()")
    assert 0 < browser.script("document.querySelectorAll('tbody tr').length") < everything
    assert browser.script("document.querySelector('input[name=persona]').value") == "founder"
    browser.script("[...document.querySelectorAll('summary')].at(-1).click()")
    assert "SELECT" in browser.script("document.querySelector('pre').innerText")


def test_a_table_is_filtered_sorted_and_counted_without_a_mouse(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/reviews")
    assert "The score, as printed" not in browser.text()
    browser.script("document.querySelector('.meanings summary').click()")
    assert "The score, as printed" in browser.text()
    browser.follow("document.querySelector('[aria-label^=\"up by score\"]').click()")
    assert browser.script("document.querySelector('th[aria-sort=ascending]').dataset.column") == "score"
    browser.follow("document.querySelector('[aria-label=\"count its values: verdict\"]').click()")
    browser.follow(f"{link('skip', 'document.querySelector(`.facets`)')}.click()")
    verdicts = browser.script("[...document.querySelectorAll('td.col-verdict')].map(each => each.innerText)")
    assert set(verdicts) == {"skip"}
    chosen = "document.querySelector('[name=_filter_column]').value = 'persona'"
    typed = "document.querySelector('[name=_filter_value]').value = 'builder'"
    browser.follow(f"{chosen}, {typed}, document.querySelector('form.filters button').click()")
    assert 0 < browser.script("document.querySelectorAll('tbody tr').length") < len(verdicts)


def test_a_row_leads_to_the_page_that_people_read(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/field_evidence?listing_id=hostile")
    browser.follow("document.querySelector('td.col-first_capture_id a').click()")
    assert browser.script("location.pathname").startswith("/evidence/")
    browser.follow(f"{link('Row of the table')}.click()")
    assert browser.script("location.pathname").startswith("/verdictlog/captures/")
    for page in ("/verdictlog/reviews?persona=builder", "/verdictlog/reviews_by_persona?persona=builder"):
        browser.open(address + page)
        assert browser.script("new URL(document.querySelector('td.col-persona a').href).pathname").startswith(
            "/persona/"
        )
    browser.open(f"{address}/verdictlog/listings/hostile")
    browser.follow("document.querySelector('.see-also a').click()")
    assert browser.script("location.pathname") == "/tool/hostile"


def test_titles_of_datasettes_pages(browser: Chromium, address: str) -> None:
    for page, title, heading in (
        ("/verdictlog/listings/alder", "listings: alder · verdictlog", "Alder Shelves"),
        (
            "/verdictlog/evidence",
            "Evidence for the values of a listing · verdictlog",
            "Evidence for the values of a listing",
        ),
    ):
        browser.open(address + page)
        assert browser.script("document.title") == title
        assert browser.script("document.querySelector('h1').innerText") == heading


def test_on_a_phone_a_row_is_a_card_of_what_is_known(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/verdictlog/listings", PHONE)
    assert browser.script("document.querySelectorAll('td.type-none').length") > 0
    shown = "[...document.querySelectorAll('td.type-none')].filter(td => td.offsetHeight > 0).length"
    assert browser.script(shown) == 0
    name = "getComputedStyle(document.querySelector('td.col-panel_verdict'), '::before').content"
    assert browser.script(name) == '"panel_verdict"'


def test_the_way_past_the_head_of_the_page(browser: Chromium, address: str) -> None:
    for page in ("/tool/alder", "/verdictlog/listings"):
        browser.open(address + page)
        browser.press("Tab")
        assert browser.script("document.activeElement.innerText") == "Skip to the content"
        assert browser.script("document.activeElement.getBoundingClientRect().left") >= 0
        browser.press("Enter")
        assert browser.script("location.hash") == "#main"
