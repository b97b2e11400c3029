"""Changes, evidence, critics and agreement in a real browser: from a flip to its words; hostile texts; a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import DESKTOP, PHONE, Chromium, find_chromium
from tests.dataset.captures import Data
from tests.dataset.site.evidence_data import HOSTILE, HOSTILE_PAIR, archived, capture_at
from tests.dataset.site.panel import panel
from tests.publishing import served

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="chromium is not installed (scripts/install-system-packages installs it)"
)

PAGES = {
    "/changes": ("Atom feeds", "Alder Shelves", "between 2026-03"),
    "/changes?kind=verdict_flip&tool=alder": ("Only: Kind: verdict",),
    "/changes?show=retracted": ("They count nowhere.", "None."),
    "/personas": ("Skeptic", "Labelled"),
    "/persona/builder": ("Ship rate over time", "Elm Table", "85 below"),
    "/agreement": ("Krippendorff's alpha", "Critic by critic", "Mind the votes"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return archived(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("panel")
    panel(folder)
    with served(folder) as server:
        yield server.address


@pytest.fixture(scope="module")
def archive_address(archive: Data) -> Iterator[str]:
    with served(archive.folder) as server:
        yield server.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


def check_frame(browser: Chromium, url: str, size: tuple[int, int]) -> None:
    """The page stays within the window, asks for nothing from outside, and ran nothing of anybody else's."""
    assert browser.script("document.documentElement.scrollWidth") <= size[0]
    assert {urlsplit(each).netloc for each in browser.requests} == {urlsplit(url).netloc}
    assert browser.script("document.querySelectorAll('img, script, [style], [onclick]').length") == 0
    assert "taken" not in browser.script("document.title")
    assert browser.script("[...document.links].filter(a => a.protocol === 'javascript:').length") == 0
    ids = browser.script("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_page(browser: Chromium, address: str, page: str, size: tuple[int, int]) -> None:
    browser.open(address + page, size)
    text = " ".join(browser.text().split())
    for expected in PAGES[page]:
        assert expected in text
    check_frame(browser, address, size)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_hostile_words_of_a_capture_are_text(
    browser: Chromium, archive: Data, archive_address: str, size: tuple[int, int]
) -> None:
    browser.open(f"{archive_address}/evidence/{capture_at(archive, HOSTILE, HOSTILE_PAIR)}", size)
    check_frame(browser, archive_address, size)
    marked = browser.script("[...document.querySelectorAll('.captured mark')].map(each => each.innerText)")
    assert any(each.startswith("<script>document.title='taken'</script><img src=x") for each in marked)
    assert "\\u202eelbat =1+1" in browser.text()


def test_from_a_flip_to_the_words_that_show_it(browser: Chromium, archive_address: str) -> None:
    browser.open(f"{archive_address}/changes?kind=verdict_flip")
    row = "[...document.querySelectorAll('.news li')].find(each => each.innerText.includes('Panel verdict'))"
    assert "mixed → ▲ ship" in " ".join(browser.script(f"{row}.innerText").split())
    shown = []
    for word in ("before", "after"):
        browser.open(f"{archive_address}/changes?kind=verdict_flip")
        browser.open(browser.script(f"[...{row}.querySelectorAll('a')].find(a => a.innerText === '{word}').href"))
        browser.script(
            "[...document.querySelectorAll('.values a')].filter(a => a.innerText === 'Panel verdict')[1].click()"
        )
        shown.append(browser.script("document.querySelector(':target mark').innerText"))
    assert shown == ["Mixed", "Ship"]


def test_the_bytes_are_downloaded_and_not_shown(
    browser: Chromium, archive: Data, archive_address: str, tmp_path: Path
) -> None:
    capture_id = capture_at(archive, HOSTILE, HOSTILE_PAIR)
    page = f"{archive_address}/evidence/{capture_id}"
    browser.open(page)
    order = {"behavior": "allowAndName", "downloadPath": str(tmp_path), "eventsEnabled": False}
    browser._order("Browser.setDownloadBehavior", **order)
    size = browser.script(
        "fetch(document.querySelector('a.button').href).then(r => r.arrayBuffer()).then(b => b.byteLength)"
    )
    assert size == archive.row("SELECT bytes FROM captures WHERE capture_id = ?", capture_id)["bytes"]
    browser.script("document.querySelector('a.button').click()")
    assert browser.script("location.href") == page


def test_the_filters_of_changes_work(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/changes")
    typed = "document.querySelector('#persona').value = 'builder', document.querySelector('#tool').value = 'alder'"
    words = browser.script(
        f"{typed}, new URLSearchParams(new FormData(document.querySelector('form.filters'))).toString()"
    )
    browser.open(f"{address}/changes?{words}")
    assert browser.script("document.querySelectorAll('.news li').length") == 3
    assert browser.script("document.querySelector('#persona').value") == "builder"
    browser.open(browser.script("document.querySelector('a.chip').href"))
    assert browser.script("document.querySelectorAll('a.chip').length") == 1


def test_charts_tell_in_words_and_numbers(browser: Chromium, address: str) -> None:
    for page, charts in (("/persona/builder", 2), ("/agreement", 1)):
        browser.open(address + page)
        told = browser.script(
            """[...document.querySelectorAll('svg.chart')].map(chart => chart.getAttribute('aria-labelledby').split(' ')
            .map(id => document.getElementById(id).textContent.length > 10))"""
        )
        assert told == [[True, True]] * charts
        assert browser.script("document.querySelectorAll('figure details table').length") == charts
