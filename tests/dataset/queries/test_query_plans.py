"""How SQLite goes about the canned queries: big tables are read through an index, and never to their end to be sorted.

No statistics are gathered: a dataset has none, so SQLite plans by the indexes alone, the same on any dataset.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from dataset.queries.canned import QUERIES, Query
from tests.publishing import make_dataset

BIG = (
    *("reviews", "review_versions", "listing_versions", "captures", "listing_captures"),
    *("field_evidence", "changes", "match_decisions", "comparisons"),
)
"""Tables that grow with time or with pairs. Listings and tools are as many as the site shows; some questions are about
all of them, such as which names stand twice."""

WHOLE = {
    # A mean over all reviews of a critic reads them all, from an index that holds all that it needs.
    "persona_strictness": "SEARCH reviews USING COVERING INDEX",
    # All captures of some days.
    "pages_per_day": "SEARCH captures USING COVERING INDEX captures_by_captured_at_kind",
}
"""Queries that read much of a big table by their nature, and what their plan must say of it."""

CHOSEN_FIRST = {
    "same_name": "SEARCH l USING INTEGER PRIMARY KEY (rowid=?)",
    "evidence": "SEARCH e USING INDEX field_evidence_by_listing_id (listing_id=?)",
    "match_log": "SEARCH match_decisions USING COVERING INDEX match_decisions_by_right_listing_id (right_listing_id=?)",
}
"""Queries that find what is asked for first, and what belongs to that by this step."""


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("data") / "verdictlog.db"
    make_dataset(path)
    with closing(sqlite3.connect(path)) as con:
        yield con


def plan(con: sqlite3.Connection, sql: str, *params: str) -> list[str]:
    return [row[3] for row in con.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(params, ""))]


def big_names(sql: str) -> set[str]:
    """What big tables are called in `sql`: their names, and the letters that stand for them."""
    aliases = re.findall(rf"\b(?:{'|'.join(BIG)})\s+([a-z])\b", sql)
    return {*BIG, *aliases}


def faults(steps: list[str], sql: str) -> list[str]:
    """The steps that read the whole of a big table: without an index, or in its order only to sort it all anew."""
    big = big_names(sql)
    scans = [step for step in steps if step.startswith("SCAN ") and step.split()[1] in big]
    sorts = [step for step in steps if step in ("USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR GROUP BY")]
    automatic = [step for step in steps if "AUTOMATIC" in step]
    return [*(step for step in scans if " USING " not in step), *(sorts if scans else ()), *automatic]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_big_tables_are_read_through_an_index(query: Query, con: sqlite3.Connection) -> None:
    assert faults(plan(con, query.sql, *query.params), query.sql) == []


@pytest.mark.parametrize("name", WHOLE)
def test_what_reads_all_reads_an_index_alone(name: str, con: sqlite3.Connection) -> None:
    query = next(query for query in QUERIES if query.name == name)
    assert any(step.startswith(WHOLE[name]) for step in plan(con, query.sql, *query.params))


@pytest.mark.parametrize("name", CHOSEN_FIRST)
def test_what_was_not_asked_for_is_not_read(name: str, con: sqlite3.Connection) -> None:
    query = next(query for query in QUERIES if query.name == name)
    assert CHOSEN_FIRST[name] in plan(con, query.sql, *query.params)


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT * FROM captures x WHERE bytes > 5", "SCAN x"),
        ("SELECT url FROM captures ORDER BY captured_at DESC, url", None),
        ("SELECT kind, count(*) FROM captures GROUP BY http_status", "SCAN captures"),
        ("SELECT * FROM reviews r ORDER BY r.listing_id, r.quote", None),
        ("SELECT field FROM changes c INDEXED BY changes_by_seen_after ORDER BY old_value", "ORDER BY"),
        ("SELECT * FROM personas ORDER BY motto", None),
    ],
)
def test_faults_are_found(sql: str, fault: str | None, con: sqlite3.Connection) -> None:
    found = faults(plan(con, sql), sql)
    assert any(fault in step for step in found) if fault else found == []


def test_there_are_twenty_questions() -> None:
    assert len(QUERIES) >= 20
