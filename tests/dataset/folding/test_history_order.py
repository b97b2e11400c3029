"""History in any order: whatever order captures come in, in however many builds, and however often, the rows are one.

The captures are of a few listings that lag, change, vanish, come back and move about.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Card
from tests.dataset.captures import Capture, Data, answered, card, compared, digest, gone, moved, says, tool_page
from tests.dataset.cutting import cut

SLUGS = ("alder", "birch", "cedar")
TABLES = ("listings", "reviews", "listing_versions", "review_versions", "changes")
DAYS = st.sampled_from([0, 1, 1.5, 2, 3, 4.5, 6, 9])
TEXTS = {"name": "Alder", "tagline": "Shelves", "description": "It sorts shelves."}


@st.composite
def cards(draw: st.DrawFn, slug: str | None) -> Card:
    fields: dict[str, Any] = (
        dict(TEXTS) if slug is None or draw(st.booleans()) else {"name": draw(st.sampled_from("AB"))}
    )
    shown = {
        "entry": draw(st.sampled_from([None, "Free", "Paid"])),
        "community_votes": draw(st.sampled_from([3, 4, 5])),
    }
    quotes = draw(st.lists(st.sampled_from(["One.", "Two."]), max_size=2, unique=True))
    personas = st.sampled_from([None, "builder"])
    return card(
        slug, *(says(quote, draw(personas), draw(st.sampled_from([None, 40]))) for quote in quotes), **fields, **shown
    )


@st.composite
def captures(draw: st.DrawFn) -> Capture:
    at = draw(DAYS)
    kind = draw(st.sampled_from(["compare", "compare", "tool", "tool", "bare", "gone", "gone", "moved", "failed"]))
    left, right = draw(st.sampled_from([("alder", "birch"), ("alder", "cedar"), ("birch", "cedar")]))
    page = draw(st.sampled_from([f"compare/{left}-vs-{right}", f"tool/{left}", f"tool/{left}"]))
    if kind == "tool":
        made = tool_page(draw(cards(left)), at, complete=draw(st.booleans()))
    elif kind == "moved":
        made = moved(left, draw(st.sampled_from([right, "elm"])), at, draw(st.sampled_from([301, 308, 302])))
    elif kind in ("gone", "failed"):
        made = gone(page, at, draw(st.sampled_from([404, 410])) if kind == "gone" else 503)
    elif kind == "bare":
        return compared(draw(cards(None)), draw(cards(right)), at, url=None)
    else:
        made = compared(draw(cards(left)), draw(cards(right)), at, complete=draw(st.booleans()))
    age = draw(st.sampled_from([None, "0", "0", "86400"]))
    if age is None:
        return made
    headers = {name.lower(): value for name, value in made.headers}
    return answered(made, made.status or 200, **headers, age=age)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Capture], list[list[Capture]]]:
    """Some captures, and the same ones (some of them twice) in another order and in parts."""
    # Two answers of one page at one moment, with the same bytes, are one capture, whatever else they say.
    found = draw(
        st.lists(
            captures(),
            min_size=2,
            max_size=12,
            unique_by=lambda each: (each.url, each.captured_at, each.reading and each.reading.model_dump_json()),
        )
    )
    order = draw(st.permutations(found)) + draw(st.lists(st.sampled_from(found), max_size=2))
    return found, cut(draw, order, 4)


def history(data: Data) -> dict[str, list[dict[str, Any]]]:
    return {name: sorted(data.rows(f"SELECT * FROM {name}"), key=repr) for name in TABLES}  # noqa: S608


def hold_together(data: Data) -> None:
    """What must be so of any history."""
    for key, table in (("listing_id", "listing_versions"), ("review_id", "review_versions")):
        rows = data.rows(f"SELECT * FROM {table} ORDER BY {key}, version")  # noqa: S608
        for row in rows:
            assert row["valid_from"] <= row["last_confirmed"]
            assert row["valid_to"] is None or row["last_confirmed"] < row["valid_to"]
        for one, other in pairwise(rows):
            if one[key] == other[key]:
                assert one["version"] + 1 == other["version"]
                assert one["valid_to"] is not None and one["valid_to"] <= other["valid_from"]
            else:
                assert other["version"] == 1
    for row in data.rows("SELECT * FROM changes"):
        assert row["seen_before"] <= row["seen_after"]
        assert row["old_value"] != row["new_value"]
    open_ones = "SELECT listing_id FROM listing_versions WHERE valid_to IS NULL"
    assert data.rows(f"SELECT * FROM listings WHERE withdrawn_at IS NOT NULL AND listing_id IN ({open_ones})") == []  # noqa: S608
    assert data.rows(f"SELECT * FROM listings WHERE withdrawn_at IS NULL AND listing_id NOT IN ({open_ones})") == []  # noqa: S608
    flips = data.rows(
        "SELECT listing_id, kind FROM changes WHERE kind LIKE 'listing_%' ORDER BY listing_id, seen_after"
    )
    for one, other in pairwise(flips):
        assert one["listing_id"] != other["listing_id"] or one["kind"] != other["kind"]
    aliases = {row["alias_id"] for row in data.rows("SELECT alias_id FROM listing_aliases")}
    assert aliases.isdisjoint(row["listing_id"] for row in data.rows("SELECT listing_id FROM listings"))


@given(arrivals())
def test_any_order_any_split_any_repetition_tell_one_history(
    arrivals: tuple[list[Capture], list[list[Capture]]],
) -> None:
    at_once, parts = arrivals
    with TemporaryDirectory() as folder:
        whole = Data(Path(folder) / "whole")
        whole.add(at_once)
        report = whole.build()
        hold_together(whole)
        bit_by_bit = Data(Path(folder) / "parts")
        for part in parts:
            bit_by_bit.add(part)
            last = bit_by_bit.build()
        assert history(bit_by_bit) == history(whole)
        assert bit_by_bit.content() == whole.content()
        assert digest(last) == digest(report)
        assert digest(bit_by_bit.build(full=True)) == digest(report)
