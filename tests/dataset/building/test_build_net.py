"""Whatever a reader hands to a build, the build ends with a dataset: the bad part is left out and named.

The reader here skips all validation, as one with a mistake in it might, so what it gives is as hostile as can be.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.items import Card, ComparePage, PageReading, Review, ReviewerPage, ReviewerVerdict, ToolPage
from dataset.building.build import BuildReport
from tests.dataset.captures import SITE, Capture, Data, card, compared, day, read_json, says
from tests.verdictlog.running import IS_LONG

ALDER = card("alder", says("Solid joinery.", "builder", 80, "ship"), name="Alder", tagline="Joins wood")
OAK = card("oak", says("Heavy.", "skeptic", 20, "skip"), name="Oak", tagline="Stands")
GOOD = compared(ALDER, OAK, 1)

TEXT = st.one_of(
    st.sampled_from(["", " ", ":", "a:b:", "\0", "\ud800", "\u202e", "-", "~", "'; DROP TABLE x; --", "x" * 5000]),
    st.text(max_size=20),
)
ODD = st.one_of(
    TEXT,
    st.none(),
    st.sampled_from(
        [2**63, -(2**63) - 1, 10**30, -1, 101, 1.5, float("nan"), float("inf"), True, [], {}, ["a"], b"\xff"]
    ),
    st.integers(),
)
REVIEW = st.fixed_dictionaries({"persona": ODD, "score": ODD, "verdict": ODD, "quote": TEXT})
CARD = st.fixed_dictionaries(
    {
        "name": ODD,
        "tagline": ODD,
        "description": ODD,
        "category": ODD,
        "panel_verdict": ODD,
        "panel_ship_pct": ODD,
        "panel_ships": ODD,
        "community_votes": ODD,
        "entry": ODD,
        "pricing": ODD,
        "reviews": st.lists(REVIEW, max_size=2),
    }
)


def unchecked(model: Any, **values: Any) -> Any:
    """A `model` with `values` that nobody looked at."""
    return model.model_construct(**values)


def hostile_card(slug: Any, fields: dict[str, Any]) -> Any:
    reviews = tuple(unchecked(Review, **each) for each in fields["reviews"])
    return unchecked(Card, slug=slug, **{**fields, "reviews": reviews}, shown=tuple(fields))


def built_with(page: Any, url: str) -> tuple[Data, BuildReport]:
    """A build of a good page and of one of which the reader gives `page`; then one with a further good page."""
    bad = Capture(url, day(2), None)

    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        if body:
            return read_json(body, url=url, content_type=content_type)
        reading: PageReading = unchecked(PageReading, kind=page.kind, status="ok", page=page, problems=(), leftovers=())
        return reading

    with tempfile.TemporaryDirectory() as name:
        data = Data(Path(name))
        data.add([GOOD, bad])
        report = data.build(read=read)
        assert_good(data)
        data.add([compared(ALDER, OAK, 3)])
        data.build(read=read)
        assert_good(data)
        whole = data.build(read=read, full=True)
        assert_good(data)
        assert_named(data, whole)
        return data, report


def assert_good(data: Data) -> None:
    """The good page is read whole, whatever stood beside it."""
    rows = data.rows("SELECT name, tagline FROM listings WHERE listing_id IN ('alder', 'oak') ORDER BY 1")
    assert [row["name"] for row in rows] == ["Alder", "Oak"]
    quotes = data.rows("SELECT quote FROM reviews WHERE listing_id IN ('alder', 'oak') ORDER BY 1")
    assert {"Heavy.", "Solid joinery."} <= {row["quote"] for row in quotes}


def assert_named(data: Data, report: BuildReport) -> None:
    """Where the bad page is not in the dataset, an error names its capture, and the command would end with 1."""
    [capture] = data.rows("SELECT capture_id, parse_status FROM captures WHERE captured_at = ?", day(2))
    shown = data.rows("SELECT 1 FROM listing_captures WHERE capture_id = ?", capture["capture_id"])
    errors = data.rows("SELECT * FROM problems WHERE severity = 'error'")
    assert bool(errors) == bool(report.problems.get("error"))
    for error in errors:
        assert capture["capture_id"] in (error["capture_id"], *error["message"].replace(",", " ").split()), error
    if capture["parse_status"] == "failed":
        assert not shown
        assert errors


bounded = settings(max_examples=300 if IS_LONG else 12, deadline=None, suppress_health_check=list(HealthCheck))


@bounded
@given(CARD, CARD)
@example({"name": "A", "tagline": "b", "description": "c", "reviews": [], "community_votes": 2**63}, {"reviews": []})
@example(
    {"name": "A", "reviews": [{"persona": "Builder:", "score": 1, "verdict": "ship", "quote": "q"}]}, {"reviews": []}
)
def test_hostile_comparisons(left: dict[str, Any], right: dict[str, Any]) -> None:
    page = unchecked(
        ComparePage,
        kind="compare",
        url=None,
        left=hostile_card("bad", left),
        right=hostile_card("worse", right),
        complete=True,
        unplaced=(),
        sides_linked=True,
    )
    built_with(page, f"{SITE}/compare/bad-vs-worse")


@bounded
@given(ODD, CARD)
def test_hostile_tool_pages(slug: Any, fields: dict[str, Any]) -> None:
    page = unchecked(ToolPage, kind="tool", url=None, card=hostile_card(slug, fields), complete=True)
    built_with(page, f"{SITE}/tool/bad")


@bounded
@given(ODD, ODD, ODD, st.lists(st.tuples(ODD, ODD), max_size=2))
@example(":", None, None, [])
def test_hostile_reviewer_pages(persona: Any, motto: Any, category: Any, verdicts: list[tuple[Any, Any]]) -> None:
    said = tuple(unchecked(ReviewerVerdict, tagline=tagline, quote=quote) for tagline, quote in verdicts)
    page = unchecked(
        ReviewerPage, kind="reviewer", url=None, persona=persona, category=category, motto=motto, bio=motto,
        verdicts=said, complete=True,
    )  # fmt: skip
    built_with(page, f"{SITE}/reviewer/bad")


@pytest.mark.parametrize("error", [ValueError("no"), RecursionError(), MemoryError(), KeyError("x"), AssertionError()])
def test_a_reader_that_fails_costs_one_capture(tmp_path: Path, error: Exception) -> None:
    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        if body:
            return read_json(body, url=url, content_type=content_type)
        raise error

    data = Data(tmp_path)
    data.add([GOOD, Capture(f"{SITE}/tool/bad", day(2), None)])
    report = data.build(read=read)
    assert_good(data)
    assert report.problems["error"] == 1
    code = "too_costly" if isinstance(error, MemoryError) else "reader_failed"
    assert data.row("SELECT code, url FROM problems WHERE severity = 'error'") == {
        "code": code,
        "url": f"{SITE}/tool/bad",
    }
    assert data.build(read=read).changed is False
