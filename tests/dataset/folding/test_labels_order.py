"""Names that flow along rows: any order of arrival and any split into builds give what one build gives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Card
from tests.dataset.captures import SITE, Capture, Data, answered, card, day, digest, says, tool_page
from tests.dataset.cutting import cut
from tests.dataset.scorecards import scorecard

SLUGS = ("alder", "birch", "cedar", "dogwood")
PERSONAS = ("builder", "skeptic", None, None, None)
DAYS = st.sampled_from([0, 1, 3, 6])
TEXTS = {"tagline": "Shelves, sorted", "description": "It sorts shelves."}


@st.composite
def cards(draw: st.DrawFn, slug: str, bare: bool = False) -> Card:
    """A card; those of alder and birch can't be told apart without their slugs."""
    letters = draw(st.lists(st.sampled_from("abcd"), unique=True, min_size=1, max_size=3))
    reviews = [says(letter, draw(st.sampled_from(PERSONAS))) for letter in letters]
    name = "Alder" if slug in SLUGS[:2] else slug.title()
    share = draw(st.sampled_from([None, None, 100, 50]))
    texts = {**TEXTS, "name": name} if bare or draw(st.booleans()) else {"name": name}
    return card(None if bare else slug, *reviews, **texts, panel_ship_pct=share)


@st.composite
def captures(draw: st.DrawFn) -> Capture:
    at = draw(DAYS)
    kind = draw(st.sampled_from(["rows", "rows", "rows", "rows", "bare", "tool", "moved"]))
    left, right = sorted(draw(st.lists(st.sampled_from(SLUGS), unique=True, min_size=2, max_size=2)))
    if kind == "tool":
        return tool_page(draw(cards(left)), at)
    if kind == "moved":
        # Two answers without content at one second would be one capture.
        moment = day(at + SLUGS.index(right) / 24)
        return answered(Capture(f"{SITE}/tool/{left}", moment, None), 301, location=f"/tool/{right}")
    complete = draw(st.sampled_from([True, True, True, False]))
    return scorecard(draw(cards(left, kind == "bare")), draw(cards(right)), at, complete=complete)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Capture], list[list[Capture]]]:
    """Some captures, and the same ones in another order and in parts."""
    found = draw(st.lists(captures(), min_size=2, max_size=9))
    order = draw(st.permutations(found))
    return found, cut(draw, order, 5)


@given(histories())
def test_names_do_not_depend_on_the_order(history: tuple[list[Capture], list[list[Capture]]]) -> None:
    at_once, parts = history
    with TemporaryDirectory() as folder:
        whole = Data(Path(folder) / "whole")
        whole.add(at_once)
        expected = digest(whole.build())
        data = Data(Path(folder) / "parts")
        for part in parts:
            data.add(part)
            report = data.build()
        assert data.content() == whole.content()
        assert digest(report) == expected
