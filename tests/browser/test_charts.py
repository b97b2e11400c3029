"""Charts in a real browser: told in words, reached with the keyboard, seen in light and dark and on paper."""

from __future__ import annotations

import pytest

from tests.browser.axe import SOURCE, violations
from tests.browser.chromium import PHONE, Chromium

CHARTS = {"/tool/alder": 1, "/persona/builder": 2, "/agreement": 1}
"""Pages with charts, and how many each has."""

PAPER = (718, 1000)
"""A sheet of A4 between its margins."""

TOLD = """[...document.querySelectorAll('svg.chart')].map(chart => chart.getAttribute('aria-labelledby').split(' ')
    .map(id => document.getElementById(id).textContent.length > 10))"""

CONTRASTS = """(() => {
    const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255)
        .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
        .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
    const apart = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const paper = light(getComputedStyle(document.body).backgroundColor);
    const shapes = '.chart :is(.line, .dot, .part, .diagonal, .bubble circle, .mark circle, text)';
    return [...document.querySelectorAll(shapes)].map(each => {
        const style = getComputedStyle(each);
        if (each.closest('.mark') && each.tagName === 'text') return 4.5;
        const colours = [style.fill, style.stroke].filter(each => each.startsWith('rgb('));
        const found = Math.max(...colours.map(each => apart(light(each), paper)));
        return each.tagName === 'text' ? found * 3 / 4.5 : found;
    });
})()"""
"""How far each shape of the charts stands out from the page; 3 is what is asked of shapes, 4.5 of text."""


def tab_to(browser: Chromium, selector: str) -> None:
    """Go on with the Tab key until the first of `selector` has the focus."""
    for _ in range(80):
        browser.press("Tab")
        if browser.script(f"document.activeElement === document.querySelector({selector!r})"):
            return
    raise AssertionError(f"{selector} is not reached with the keyboard")


@pytest.mark.parametrize("page", CHARTS)
def test_words_numbers_and_colours(browser: Chromium, address: str, page: str) -> None:
    browser.open(address + page)
    assert browser.script(TOLD) == [[True, True]] * CHARTS[page]
    assert browser.script("document.querySelectorAll('figure details table').length") == CHARTS[page]
    for scheme, medium in (("light", ""), ("dark", ""), ("dark", "print")):
        browser.prefer(scheme, medium)
        contrasts = browser.script(CONTRASTS)
        assert len(contrasts) > 5
        assert min(contrasts) >= 3, (scheme, medium)


@pytest.mark.parametrize("page", CHARTS)
def test_the_numbers_are_reached_and_opened_with_the_keyboard(browser: Chromium, address: str, page: str) -> None:
    browser.open(address + page)
    tab_to(browser, "figure summary")
    assert browser.script("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert browser.script("document.querySelector('figure table').checkVisibility()") is False
    browser.press("Enter")
    assert browser.script("document.querySelector('figure table').checkVisibility()") is True


def test_marks_are_reached_with_the_keyboard_and_lead_to_their_words(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    tab_to(browser, "a.mark")
    assert browser.script("document.activeElement.querySelector('title').textContent").startswith(
        "1: panel ship became skip"
    )
    assert browser.script("getComputedStyle(document.activeElement.querySelector('circle')).strokeWidth") == "5px"
    browser.press("Enter")
    assert "Panel verdict" in browser.script("document.querySelector(':target').innerText")


def test_the_numbers_of_a_timeline(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/tool/alder")
    rows = "document.querySelector('figure details').innerText"
    assert "75" not in browser.script(rows)
    browser.script("document.querySelector('figure summary').click()")
    assert "2026-03-01 00:00 UTC" in browser.script(rows)
    assert "75" in browser.script(rows)


@pytest.mark.parametrize(("page", "told"), [("/tool/fir", True), ("/tool/alder", False), ("/tool/dogwood", False)])
def test_a_gap_is_explained(browser: Chromium, address: str, page: str, told: bool) -> None:
    browser.open(address + page)
    assert ("no line: the listing was withdrawn" in browser.text()) is told


@pytest.mark.parametrize("page", [*CHARTS, "/compare/alder/birch", "/verdictlog/listings"])
def test_on_paper(browser: Chromium, address: str, page: str) -> None:
    browser.prefer("dark", "print")
    browser.open(address + page, PAPER)
    seen = "element => element.checkVisibility()"
    left_out = ".top nav, .inline, .on-page, form.filters, details:not([open])"
    assert browser.script(f"[...document.querySelectorAll('{left_out}')].some({seen})") is False
    assert browser.script(f"[...document.querySelectorAll('main :is(h1, .chart, .review, td)')].some({seen})") is True
    assert browser.script(f"[...document.querySelectorAll('.chart, .review')].every({seen})") is True
    assert browser.script("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.script("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert browser.script("document.documentElement.scrollWidth") <= PAPER[0]
    if SOURCE.exists():
        assert violations(browser) == []


def test_wide_tables_move_within_their_box_with_the_keyboard(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/agreement", PHONE)
    boxes = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth)"
    assert browser.script(f"{boxes}.length") > 0
    assert browser.script(f"{boxes}.every(each => each.tabIndex === 0)") is True
