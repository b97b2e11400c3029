"""The canned queries: each runs, within the time limit, with and without parameters, and says what it promises."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from crawler.archive import Archive
from crawler.imports import import_paths
from dataset.building.build import build
from dataset.queries.canned import QUERIES, Query
from dataset.schema import ddl
from dataset.serving.serve import SETTINGS
from tests.captured import MANIFEST, needs_captures
from tests.publishing import get, insert, make_dataset, served

SAMPLE = {
    "listing": "lantern",
    "tool": "t-lantern-notes-2",
    "several": "1",
    "decision": "Merge",
    "by": "Rules",
    "field": "name",
    "persona": "Builder",
    "verdict": "ship",
    "min_votes": "1",
    "at_most": "50",
    "category": "writing",
    "min_reviews": "1",
    "name": "LANTERN",
    "words": "sync",
    "kind": "compare",
    "severity": "error",
    "code": "code_error",
    "as_of": "2026-03-01",
    "period": "Month",
    "currency": "usd",
    "license": "mit",
    "rows": "40",
    "days": "30",
}
"""A value for each parameter, with which every query finds something in the small dataset."""

TYPED = (
    "'",
    '"',
    '"" OR "',
    "a* OR NEAR(b c) NOT {x}: ^y",
    "AND",
    "%",
    "-",
    "\\",
    "\x00",
    'x\x00"y',
    "'; DROP TABLE listings; --",
    "🚀 ß Ä",
    "  ",
    "\t\n",
    "1e999",
    "-5",
    "x" * 5000,
)
"""What people type into forms, by mistake or not."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "verdictlog.db"
    make_dataset(made)
    return made


@pytest.fixture
def con(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as con:
        con.row_factory = sqlite3.Row
        yield con


@pytest.fixture(scope="module")
def address(path: Path) -> Iterator[str]:
    with served(path.parent) as server:
        yield server.address


def run(con: sqlite3.Connection, name: str, **typed: str) -> list[dict[str, Any]]:
    query = next(query for query in QUERIES if query.name == name)
    assert set(typed) <= set(query.params)
    rows = con.execute(query.sql, {param: typed.get(param, "") for param in query.params})
    return [dict(row) for row in rows]


every = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)


@every
def test_form(query: Query) -> None:
    assert re.fullmatch(r"[a-z_]+", query.name)
    assert query.title and query.description.endswith(".")
    assert re.search(r"^\s*ORDER BY", query.sql.splitlines()[-1]) or "ORDER BY" in query.sql.splitlines()[-2]
    assert set(re.findall(r"(?<!:):([a-z_]+)", query.sql)) == set(query.params)
    for param in query.params:
        assert param in query.description, f"{param} is not explained"
        assert param in SAMPLE


@every
def test_in_datasette(query: Query, address: str) -> None:
    """Over HTTP, as people run it; an absent parameter is an empty one, and means all."""
    asked = {param: SAMPLE[param] for param in query.params}
    counts = []
    for given in ({}, dict.fromkeys(query.params, ""), asked):
        status, body = get(f"{address}/verdictlog/{query.name}.json?{urlencode({**given, '_shape': 'array'})}")
        assert status == 200, body
        counts.append(len(json.loads(body)))
    assert counts[0] == counts[1] >= counts[2] > 0
    assert get(f"{address}/verdictlog/{query.name}")[0] == 200


@every
def test_whatever_is_typed(query: Query, con: sqlite3.Connection) -> None:
    everything = len(con.execute(query.sql, dict.fromkeys(query.params, "")).fetchall())
    for param in query.params:
        for typed in TYPED:
            rows = con.execute(query.sql, {**dict.fromkeys(query.params, ""), param: typed}).fetchall()
            assert len(rows) <= everything, (param, typed)
            if typed == "  ":
                assert len(rows) == everything, f"{param}: blanks mean all"


@every
def test_the_order_is_whole(query: Query, con: sqlite3.Connection) -> None:
    """The same rows in the same order, however SQLite happens to find them."""
    params = dict.fromkeys(query.params, "")
    forth = [tuple(row) for row in con.execute(query.sql, params)]
    con.execute("PRAGMA reverse_unordered_selects = 1")
    assert [tuple(row) for row in con.execute(query.sql, params)] == forth


def test_listing_tells_card_and_reviews(con: sqlite3.Connection) -> None:
    rows = run(con, "listing", listing="lantern-notes")
    assert {row["listing_id"] for row in rows} == {"lantern-notes"}, "an id names exactly one listing"
    known = {row["field"]: row["value"] for row in rows}
    assert known["panel_ship_pct"] == 75
    assert "tagline" not in known, "what is not known has no row"
    assert known["review by builder"].startswith("88/100 · ship · Notes that sync")
    assert len({row["listing_id"] for row in run(con, "listing", listing="NOTES")}) == 2


def test_evidence_names_pages(con: sqlite3.Connection) -> None:
    (row,) = run(con, "evidence", listing="gravel-db", field="panel_ship_pct")
    assert row["value"] == "25"
    assert row["first_shown_by"] == "https://shiporskip.io/compare/1"
    assert row["last_shown_at"] == "2026-03-02T10:00:00Z"


def test_comparisons_from_either_side(con: sqlite3.Connection) -> None:
    for one, other in (("gravel-db", "lantern-notes"), ("lantern-notes", "gravel-db")):
        (row,) = run(con, "comparisons_of", listing=one)
        assert (row["listing_id"], row["other_listing_id"]) == (one, other)


def test_gap(con: sqlite3.Connection) -> None:
    assert [(row["listing_id"], row["gap"]) for row in run(con, "community_against_panel")] == [
        ("gravel-db", -75),
        ("lantern-notes", 55),
    ]
    assert [row["listing_id"] for row in run(con, "community_against_panel", min_votes="2")] == ["lantern-notes"]


def test_a_score_of_nought_is_a_score(con: sqlite3.Connection) -> None:
    assert [row["score"] for row in run(con, "lowest_scores")] == [0, 41, 88]
    assert [row["score"] for row in run(con, "lowest_scores", at_most="0")] == [0]


def test_prices_against_labels(con: sqlite3.Connection) -> None:
    assert {row["listing_id"] for row in run(con, "free_yet_paid")} == {"lantern-notes", "lantern-notes-2"}


def test_strictness(con: sqlite3.Connection) -> None:
    rows = run(con, "persona_strictness")
    assert [(row["persona"], row["ship_rate"], row["mean_score"]) for row in rows] == [
        ("skeptic", 0.0, 41.0),
        ("builder", 50.0, 44.0),
    ]
    assert [row["persona"] for row in run(con, "persona_strictness", min_reviews="2")] == ["builder"]


def test_withdrawn_reviews_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        con.execute("UPDATE reviews SET withdrawn_at = last_seen WHERE persona = 'builder'")
        assert [row["persona"] for row in run(con, "persona_strictness")] == ["skeptic"]
        assert [row["score"] for row in run(con, "lowest_scores")] == [41]
        assert run(con, "reviews_by_persona", persona="builder") == []


def test_a_critic_of_another_source_goes_by_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        insert(con, "personas", persona="example.org:builder", source="example.org", review_count=1)
        con.execute("UPDATE reviews SET persona = 'example.org:builder' WHERE score = 88")
        assert [row["score"] for row in run(con, "reviews_by_persona", persona="builder")] == [88, 0]
        assert [row["score"] for row in run(con, "reviews_by_persona", persona="example.org:builder")] == [88]


def test_same_name_whatever_the_case(con: sqlite3.Connection) -> None:
    assert [row["listing_id"] for row in run(con, "same_name")] == ["lantern-notes", "lantern-notes-2"]


@pytest.mark.parametrize(
    "typed", ["t-lantern-notes", "lantern-notes", "t-lantern-notes-2", "lantern-notes-2", "LANTERN", " tern no"]
)
def test_a_tool_by_any_id_slug_or_name(con: sqlite3.Connection, typed: str) -> None:
    found = run(con, "listings_of_tool", tool=typed)
    assert [row["listing_id"] for row in found] == ["lantern-notes", "lantern-notes-2"]
    [why] = run(con, "why_one_tool", tool=typed)
    assert (why["left_listing_id"], why["right_listing_id"]) == ("lantern-notes", "lantern-notes-2")


def test_tools_of_several_listings(con: sqlite3.Connection) -> None:
    assert len(run(con, "listings_of_tool")) == len(run(con, "listings_of_tool", several="0")) == 3
    assert len(run(con, "listings_of_tool", several="1")) == 2


def test_decisions_by_listing_decision_and_who(con: sqlite3.Connection) -> None:
    [row] = run(con, "match_log", listing="lantern-notes-2", decision="merge", by="rules")
    assert row["one_tool"] == 1
    assert run(con, "match_log", decision="apart") == run(con, "match_log", by="ada") == []
    assert run(con, "match_log", listing="gravel-db") == []


def test_words(con: sqlite3.Connection) -> None:
    assert len(run(con, "quotes_with", words="pencil")) == 1
    assert len(run(con, "quotes_with", words="PENCIL  notebook")) == 1, "all the words, in any order"
    assert run(con, "quotes_with", words="pencil pleasure") == []
    assert len(run(con, "quotes_with", words='"pencil')) == 1, "a stray quotation mark is nothing"
    assert run(con, "quotes_with", words="pencil OR pleasure") == [], "OR is a word like any other"
    assert len(run(con, "quotes_with", words="*")) in (0, 4)


def test_worst_problems_first(con: sqlite3.Connection) -> None:
    assert [row["severity"] for row in run(con, "open_problems")] == ["error", "warning", "info"]


@needs_captures
def test_on_real_captures(tmp_path: Path) -> None:
    """Counts only: they were read off the pages by hand (../shared/captures/expected)."""
    import_paths(Archive(tmp_path / "archive"), [MANIFEST], captured_at=None, url=None, clock=lambda: datetime.now(UTC))
    build(tmp_path, workers=1)
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        con.row_factory = sqlite3.Row
        most = {"rows": "1000"}
        found = {query.name: len(run(con, query.name, **most if "rows" in query.params else {})) for query in QUERIES}
        compared = {row["listing_id"] for row in run(con, "comparisons_of")}
    assert len(compared) == 6
    assert found["comparisons_of"] == 10, "five pages, from either side"
    assert found["newest_captures"] == 10
    assert found["same_name"] == 2, "two slugs bear one name"
    assert found["community_against_panel"] == 1
    assert found["quotes_with"] == found["reviews_by_persona"] >= 24
    assert found["free_yet_paid"] == 0
    assert found["evidence"] > 60


def test_within_the_time_limit_on_a_large_dataset(tmp_path: Path) -> None:
    """10,000 listings and 40,000 reviews: each query within half of the server's limit."""
    path = tmp_path / "large.db"
    with closing(sqlite3.connect(path)) as con:
        _fill_large(con, 10_000)
        for query in QUERIES:
            given = {param: SAMPLE[param] for param in query.params}
            given.update({key: "tool 77" for key in ("listing", "name", "tool") if key in given})
            for params in (dict.fromkeys(query.params, ""), given):
                start = time.process_time()
                con.execute(query.sql, params).fetchmany(SETTINGS["max_returned_rows"] + 1)
                took = time.process_time() - start
                assert took < SETTINGS["sql_time_limit_ms"] / 1000 / 2, f"{query.name} {params}: {took:.2f} s"


def _fill_large(con: sqlite3.Connection, listings: int) -> None:
    ddl.create_tables(con)
    at = "2026-03-01T10:00:00Z"
    seen = {"first_seen": at, "last_seen": at}
    insert(con, "runs", run_id="r", outcome="finished")
    for who in ("builder", "skeptic", "founder", "futurist"):
        insert(con, "personas", persona=who, source="s", name=who, review_count=1)
    for n in range(listings):
        slug = f"tool-{n}"
        name = f"Tool {n % (listings // 2)}"
        insert(con, "tools", tool_id=slug, slug=slug, name=name, listing_count=1, **seen)
        insert(
            con,
            "listings",
            listing_id=slug,
            source="s",
            tool_id=slug,
            name=name,
            category=f"Category {n % 50}",
            tagline="A tool among tools",
            description="It does what tools do. " * 8,
            panel_verdict="ship",
            panel_ship_pct=n % 101,
            community_ship_pct=n % 97,
            community_votes=n % 7,
            entry="Paid",
            pricing="Free to try",
            complete=1,
            **seen,
        )
        insert(
            con,
            "captures",
            capture_id=slug,
            source="s",
            url=f"https://example.org/{slug}",
            kind="compare",
            captured_at=at,
            made_from=at,
            observed_at=at,
            sha256=slug,
            bytes=1,
            warc_file="w",
            warc_offset=n,
            run_id="r",
            parse_status="ok",
        )
        for field in ("name", "category", "panel_ship_pct", "pricing"):
            insert(
                con,
                "field_evidence",
                evidence_id=f"{slug}/{field}",
                listing_id=slug,
                field=field,
                value=name,
                first_capture_id=slug,
                last_capture_id=slug,
            )
        if n:
            insert(
                con,
                "match_decisions",
                left_listing_id=f"tool-{n - 1}",
                right_listing_id=slug,
                decision="apart",
                sentence="They are two tools. " * 8,
                rule="version",
                decided_by="rules",
                at=at,
                reasons="{}",
            )
            insert(
                con,
                "comparisons",
                comparison_id=f"tool-0~{slug}",
                source="s",
                url=f"https://example.org/{slug}",
                left_listing_id="tool-0",
                right_listing_id=slug,
                **seen,
            )
        for place, who in enumerate(("builder", "skeptic", "founder", "futurist")):
            insert(
                con,
                "reviews",
                review_id=f"{slug}/{who}",
                listing_id=slug,
                tool_id=slug,
                persona=who,
                position=place + 1,
                score=(n + place) % 101,
                verdict="ship",
                quote="It will sync or it will sink; either way we ship it. " * 4,
                **seen,
            )
    ddl.create_rest(con)
    con.commit()


def test_listings_and_reviews_as_of_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        turn = {"version": 2, "valid_from": "2026-03-20T00:00:00Z", "last_confirmed": "2026-03-21T00:00:00Z"}
        for table, key in (("listing_versions", "gravel-db"), ("review_versions", "review-3")):
            name = "listing_id" if table == "listing_versions" else "review_id"
            con.execute(f"UPDATE {table} SET valid_to = ? WHERE {name} = ?", (turn["valid_from"], key))
        insert(con, "listing_versions", listing_id="gravel-db", name="Gravel", panel_verdict="ship", **turn)
        con.execute("UPDATE listing_versions SET valid_to = '2026-03-10T00:00:00Z' WHERE listing_id = 'lantern-notes'")

        def listings(as_of: str) -> dict[str, tuple[str, int]]:
            rows = run(con, "listings_as_of", as_of=as_of)
            return {row["listing_id"]: (row["panel_verdict"], row["last_known"]) for row in rows}

        assert listings("2026-02-28") == {}
        at_first = {"gravel-db": ("skip", 0), "lantern-notes": ("ship", 0), "lantern-notes-2": ("mixed", 0)}
        assert listings("2026-03-01") == at_first, "a day is its end"
        assert listings("2026-03-01T09:59:59Z") == {}
        assert listings("2026-03-01T10:00:00Z") == at_first
        assert listings("2026-03-01T12:00:00+02:00") == at_first, "a zone is heeded"
        assert listings("2026-03-15") == {"gravel-db": ("skip", 1), "lantern-notes-2": ("mixed", 1)}, (
            "one was withdrawn"
        )
        assert listings("2026-03-20")["gravel-db"] == ("ship", 0)
        assert listings("")["gravel-db"] == ("ship", 0)
        assert listings("no time") == {}
        assert len(run(con, "reviews_as_of", listing="gravel-db", as_of="2026-03-19T23:59:59Z")) == 1
        assert run(con, "reviews_as_of", listing="gravel-db", as_of="2026-03-20T00:00:00Z") == []
