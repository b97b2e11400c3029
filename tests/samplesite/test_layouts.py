"""Every page of every readable layout, read by the reader of pages, is the truth field by field; others are noticed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest

from crawler.items import CARD_FIELDS, Card, ComparePage, ReviewerPage, ToolPage
from crawler.pages import labels as reader_labels
from crawler.pages import read_page
from samplesite import words
from samplesite.looks import LAYOUTS
from tests.serving import SampleSite, sample_site

Json = dict[str, Any]
READABLE = ("cards", "table", "lists")
"""The layouts on which all that stands can be read."""

HTML = "text/html; charset=utf-8"
ONLY_TOOL = ("reviewed_on", "website")
NOT_TOOL = ("panel_ship_pct", "community_ship_pct", "community_ships", "community_votes", "entry", "best_for")


def differences(card: Card, said: Json, missing: tuple[str, ...], tool: bool = False) -> list[str]:
    """Where a card that was read differs from the truth."""
    expected: Json = {field: None if field in missing else said[field] for field in CARD_FIELDS}
    if tool:
        expected["category"] = said["category"].upper()
    found = [
        f"{field}: read {getattr(card, field)!r}, true {expected[field]!r}"
        for field in CARD_FIELDS
        if getattr(card, field) != expected[field]
    ]
    shown = (*(field for field in CARD_FIELDS if field not in missing), "reviews")
    if card.shown != shown:
        found.append(f"shown: {card.shown}")
    return found


def reviews(card: Card) -> list[Json]:
    return [review.model_dump() for review in card.reviews]


def targets(truth: Json) -> list[str]:
    found = [f"/compare/{one}-vs-{other}" for one, other in truth["comparisons"]]
    found += [f"/tool/{slug}" for slug in truth["listings"]]
    for persona, said in truth["reviewers"].items():
        found += [f"/reviewer/{persona}?category={quote_plus(category)}" for category in said["categories"]]
    return found


def check(page: ComparePage | ToolPage | ReviewerPage, truth: Json) -> list[str]:
    """Where a page differs from the truth."""
    listings = truth["listings"]
    if isinstance(page, ComparePage):
        found = [] if page.sides_linked and not page.unplaced else ["sides not linked, or reviews without a side"]
        for card in (page.left, page.right):
            assert card.slug is not None
            found += differences(card, listings[card.slug], ONLY_TOOL)
            # The right panel's reviews stand in the order of the left one's.
            by_persona = [
                sorted(each, key=lambda said: said["persona"])
                for each in (reviews(card), listings[card.slug]["reviews"])
            ]
            found += [] if by_persona[0] == by_persona[1] else [f"{card.slug}: reviews differ"]
        return found
    if isinstance(page, ToolPage):
        assert page.card.slug is not None
        said = listings[page.card.slug]
        found = differences(page.card, said, NOT_TOOL, tool=True)
        return found + ([] if reviews(page.card) == said["reviews"] else ["reviews differ"])
    profile = truth["reviewers"][page.persona]
    said = profile["categories"][page.category]
    pairs = [
        (page.motto, profile["motto"]),
        (page.bio, profile["bio"]),
        (list(page.excited_about), profile["excited_about"]),
        (list(page.tired_of), profile["tired_of"]),
        (page.tools, said["tools"]),
        (page.shipped, said["shipped"]),
        ([each.tagline for each in page.verdicts], [each["tagline"] for each in said["verdicts"]]),
        ([each.quote for each in page.verdicts], [each["quote"] for each in said["verdicts"]]),
    ]
    return [f"read {one!r}, true {other!r}" for one, other in pairs if one != other]


@pytest.mark.parametrize("layout", READABLE)
def test_every_page_says_the_truth(site: SampleSite, layout: str) -> None:
    site.layout(layout)
    truth = site.truth()
    every = targets(truth)
    assert len(every) > 100
    for target in every:
        answer = site.get(target)
        assert answer.status == 200
        reading = read_page(answer.body, url=site.url[:-1] + target, content_type=answer.headers["content-type"])
        assert (reading.status, reading.problems, reading.leftovers) == ("ok", (), ()), target
        assert reading.page is not None and reading.page.complete
        assert check(reading.page, truth) == [], target


def test_a_reverse_pair_says_the_truth_with_its_sides_swapped(site: SampleSite) -> None:
    one, other = site.truth()["comparisons"][0]
    target = f"/compare/{other}-vs-{one}"
    assert site.get(target).status == 404
    site.faults([{"kind": "reverse_pairs"}])
    reading = read_page(site.get(target).body, url=site.url[:-1] + target, content_type=HTML)
    assert isinstance(reading.page, ComparePage)
    assert (reading.page.left.slug, reading.page.right.slug) == (other, one)
    assert check(reading.page, site.truth()) == []


def test_panels_of_different_personas_make_empty_cells(site: SampleSite) -> None:
    truth = site.truth()
    panels = {slug: {each["persona"] for each in said["reviews"]} for slug, said in truth["listings"].items()}
    assert sum(panels[one] != panels[other] for one, other in truth["comparisons"]) > 10
    assert any(said["community_votes"] == 0 for said in truth["listings"].values())


def test_layouts_are_shaped_differently(site: SampleSite) -> None:
    one, other = site.truth()["comparisons"][0]
    shapes = {}
    for layout in READABLE:
        site.layout(layout)
        body = site.get(f"/compare/{one}-vs-{other}").body
        shapes[layout] = {tag: body.count(f"<{tag}".encode()) for tag in ("div", "td", "dd", "li", "article")}
    assert shapes["cards"]["td"] == shapes["cards"]["dd"] == 0
    assert shapes["table"]["td"] > 10 and shapes["table"]["dd"] == 0
    assert shapes["lists"]["dd"] > 10 and shapes["lists"]["td"] == shapes["lists"]["div"] == 0


def readings(site: SampleSite, kind: str) -> list[Any]:
    found = [target for target in targets(site.truth()) if target.startswith(f"/{kind}/")][:6]
    return [read_page(site.get(each).body, url=site.url[:-1] + each, content_type=HTML) for each in found]


def test_a_changed_layout_is_not_read_well(site: SampleSite) -> None:
    site.layout("changed")
    for reading in readings(site, "compare"):
        assert reading.status != "ok" and reading.problems and reading.leftovers
    assert all(not reading.page.card.reviews or reading.leftovers for reading in readings(site, "tool") if reading.page)
    assert all(reading.status == "failed" for reading in readings(site, "reviewer"))


def test_a_partial_layout_loses_one_field(site: SampleSite) -> None:
    site.layout("partial")
    truth = site.truth()
    for reading in readings(site, "compare"):
        assert reading.status == "ok"
        assert set(reading.leftovers) == {
            truth["listings"][each.slug]["pricing"] for each in (reading.page.left, reading.page.right)
        }
        for card in (reading.page.left, reading.page.right):
            assert differences(card, truth["listings"][card.slug], (*ONLY_TOOL, "pricing")) == []
    for reading in readings(site, "tool"):
        missing = (*NOT_TOOL, "pricing")
        assert differences(reading.page.card, truth["listings"][reading.page.card.slug], missing, tool=True) == []


def test_a_share_of_the_pages_in_another_layout(site: SampleSite) -> None:
    site.layout("lists", share=0.5)
    bodies = [site.get(target).body for target in targets(site.truth())[:60]]
    assert 15 < sum(b"<dl>" in body for body in bodies) < 45
    site.layout("lists")
    assert b"<dl>" in site.get(targets(site.truth())[0]).body


def test_pages_that_are_no_data_are_ignored(site: SampleSite) -> None:
    for target in ("/", "/categories", "/compare", "/guide/how-we-judge", "/robots.txt", "/sitemap.xml"):
        answer = site.get(target)
        reading = read_page(answer.body, url=site.url[:-1] + target, content_type=answer.headers["content-type"])
        assert (answer.status, reading.status) == (200, "ignored"), target


def test_the_critics_are_those_whom_the_reader_knows() -> None:
    assert set(words.PERSONAS) == set(reader_labels.PERSONAS)


def test_a_later_day_and_another_seed_are_read_too() -> None:
    with sample_site(seed=11, tools=9, start="2026-06-01T00:00:00Z", layout="table") as site:
        truth = site.truth()
        for target in targets(truth):
            reading = read_page(site.get(target).body, url=site.url[:-1] + target, content_type=HTML)
            assert reading.page is not None, target
            assert check(reading.page, truth) == [], target


def test_all_layouts_have_a_name() -> None:
    assert set(READABLE) < set(LAYOUTS)
