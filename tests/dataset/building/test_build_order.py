"""Any order of arrival, any split into builds, any repetition: the same dataset as one build from scratch."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Card, PageProblem
from tests.dataset.captures import (
    SITE,
    Capture,
    Data,
    answered,
    card,
    compared,
    digest,
    reviewer_page,
    says,
    tool_page,
)
from tests.dataset.cutting import cut

SLUGS = ("alder", "birch", "cedar")
PERSONAS = ("builder", "skeptic", None)
QUOTES = ("Solid joinery.", "Solid  joinery.", "It creaks.", "Too dear for what it does.", "I would keep it.")
DAYS = st.sampled_from([0, 1, 1.5, 2, 3, 6])

fields = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Alder", "Birch 2"]),
        "tagline": st.sampled_from(["Shelves that sort themselves", "Shelves, sorted"]),
        "description": st.sampled_from(["It sorts shelves.", "It sorts shelves by mood."]),
        "panel_ship_pct": st.sampled_from([None, 25, 75]),
        "panel_ships": st.sampled_from([1, 3]),
        "panel_skips": st.sampled_from([1, 3]),
        "community_ship_pct": st.sampled_from([None, 0, 100]),
        "community_ships": st.sampled_from([0, 1]),
        "community_votes": st.sampled_from([0, 1]),
        "entry": st.sampled_from([None, "Free", "Paid"]),
        "category": st.sampled_from(["Models", "Shelving Aids"]),
        "pricing": st.sampled_from([None, "Free (MIT)", "Free tier; Pro $20/mo"]),
    },
)
whole_texts = st.fixed_dictionaries(
    {
        "name": st.just("Alder"),
        "tagline": st.sampled_from(["Shelves that sort themselves", "Shelves, sorted"]),
        "description": st.just("It sorts shelves."),
    }
)
reviews = st.lists(
    st.builds(
        says,
        st.sampled_from(QUOTES),
        st.sampled_from(PERSONAS),
        st.sampled_from([None, 40, 80]),
        st.sampled_from([None, "ship", "skip"]),
    ),
    max_size=3,
)
slugs = st.sampled_from([*SLUGS, None])
problems = st.lists(
    st.builds(
        PageProblem,
        severity=st.sampled_from(["warning", "info"]),
        code=st.just("label_without_value"),
        message=st.just("the slot is empty"),
        side=st.sampled_from([None, "left", "right"]),
        field=st.sampled_from([None, "entry"]),
    ),
    max_size=1,
)


@st.composite
def cards(draw: st.DrawFn, slug: str | None) -> Card:
    shown = draw(st.one_of(whole_texts, fields) if slug else whole_texts)
    return card(slug, *draw(reviews), **shown)


@st.composite
def captures(draw: st.DrawFn) -> Capture:
    at = draw(DAYS)
    kind = draw(st.sampled_from(["compare", "compare", "compare", "tool", "bare", "reviewer", "gone"]))
    complete = draw(st.booleans())
    if kind == "tool":
        made = tool_page(draw(cards(draw(st.sampled_from(SLUGS)))), at, complete=complete)
    elif kind == "bare":
        left, right = draw(cards(None)), draw(cards(draw(slugs)))
        return compared(left, right, at, complete=complete, url=None)
    elif kind == "reviewer":
        said = draw(st.lists(st.sampled_from([("Shelves, sorted", "Keeps."), ("Old", "No.")]), max_size=2))
        motto = draw(st.sampled_from([None, "Measure twice.", "Cut once."]))
        category = draw(st.sampled_from(["Shelves", None]))
        made = reviewer_page("builder", category, at, *said, complete=complete, motto=motto)
    else:
        left_slug, right_slug = draw(st.sampled_from([("alder", "birch"), ("alder", "cedar"), ("birch", "cedar")]))
        if kind == "gone":
            gone = Capture(f"{SITE}/compare/{left_slug}-vs-{right_slug}", f"2026-03-0{int(at) + 1}T00:00:00Z", None)
            return answered(gone, draw(st.sampled_from([404, 410, 503])))
        left, right = draw(cards(left_slug)), draw(cards(right_slug))
        found, left_over = draw(problems), draw(st.lists(st.just("Cookies are nice"), max_size=1))
        made = compared(left, right, at, complete=complete, problems=found, leftovers=left_over)
    age = draw(st.sampled_from([None, "0", "86400", "soon"]))
    return made if age is None else answered(made, age=age)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Capture], list[list[Capture]]]:
    """Some captures, and the same ones (some of them twice) in another order and in parts."""
    found = draw(st.lists(captures(), min_size=1, max_size=9))
    order = draw(st.permutations(found)) + draw(st.lists(st.sampled_from(found), max_size=2))
    return found, cut(draw, order, 4)


@given(histories())
def test_increments_in_any_order_give_what_one_build_gives(
    history: tuple[list[Capture], list[list[Capture]]],
) -> None:
    at_once, parts = history
    with TemporaryDirectory() as folder:
        whole = Data(Path(folder) / "whole")
        whole.add(at_once)
        expected = digest(whole.build())
        bit_by_bit = Data(Path(folder) / "parts")
        for part in parts:
            bit_by_bit.add(part)
            report = bit_by_bit.build()
        assert bit_by_bit.content() == whole.content()
        assert digest(report) == expected
        assert digest(bit_by_bit.build(full=True)) == expected
        for data in (whole, bit_by_bit):
            with closing(sqlite3.connect(data.database)) as con:
                # Every word that is in the tables can be found, and no word that has gone.
                for table in ("listings", "reviews", "tools"):
                    con.execute(f"INSERT INTO {table}_fts({table}_fts, rank) VALUES ('integrity-check', 1)")
