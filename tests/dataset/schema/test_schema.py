"""The schema is said once: the database is what `dataset.schema.tables` says, and everything in it is described."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from datasette.utils import detect_fts  # type: ignore[import-untyped]

from dataset.schema import ddl
from dataset.schema.tables import TABLES, VIEWS, Table, View, table


@pytest.fixture
def con() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as con:
        ddl.create_tables(con)
        ddl.create_rest(con)
        yield con


@pytest.mark.parametrize("thing", [*TABLES, *VIEWS], ids=lambda thing: thing.name)
def test_everything_is_described_in_one_line(thing: Table | View) -> None:
    for what in (thing, *thing.columns):
        assert what.description.strip() == what.description != ""
        assert "\n" not in what.description
        assert len(what.description) <= 160
    names = [column.name for column in thing.columns]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_what_a_table_names_exists(one: Table) -> None:
    named = [*one.primary_key, *one.facets, *one.search, *one.local_columns]
    named += [name for group in (*one.unique, *one.indexes) for name in group]
    named += [name for name in (one.sort, one.sort_desc, one.label) if name]
    assert set(named) <= set(one.column_names)
    indexed = {group[0] for group in (*one.indexes, *one.unique, one.primary_key)}
    for column in one.columns:
        if column.references:
            other, target = column.references.split(".")
            assert table(other).primary_key == (target,)
            assert column.name in indexed, f"{one.name}.{column.name} is followed backwards without an index"


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_the_database_is_what_the_schema_says(con: sqlite3.Connection, one: Table) -> None:
    found = con.execute(f"PRAGMA table_info({one.name})").fetchall()
    assert [(name, kind) for _, name, kind, *_ in found] == [(column.name, column.type) for column in one.columns]
    keys = sorted((place, name) for _, name, _, _, _, place in found if place)
    assert tuple(name for _, name in keys) == one.primary_key
    links = {(row[3], f"{row[2]}.{row[4]}") for row in con.execute(f"PRAGMA foreign_key_list({one.name})")}
    assert links == {(column.name, column.references) for column in one.columns if column.references}
    [[strict]] = con.execute("SELECT strict FROM pragma_table_list WHERE name = ?", (one.name,))
    assert strict == 1


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_views_give_the_columns_that_are_described(con: sqlite3.Connection, view: View) -> None:
    found = con.execute(f"SELECT * FROM {view.name}").description
    assert [column[0] for column in found] == [column.name for column in view.columns]


def test_datasette_finds_the_search_indexes(con: sqlite3.Connection) -> None:
    searchable = {one.name: detect_fts(con, one.name) for one in TABLES}
    assert searchable == {one.name: f"{one.name}_fts" if one.search else None for one in TABLES}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("panel_verdict", "maybe"),
        ("panel_ship_pct", 101),
        ("panel_ship_pct", -1),
        ("panel_ship_pct", "half"),
        ("community_votes", -1),
        ("tagline", ""),
        ("first_seen", "2026-11-19"),
        ("first_seen", None),
        ("has_free_tier", 2),
        ("pricing_model", "barter"),
    ],
)
def test_the_database_refuses_what_can_not_be(con: sqlite3.Connection, name: str, value: object) -> None:
    good: dict[str, object] = {
        "listing_id": "alder", "source": "shiporskip", "tool_id": "t", "first_seen": "2026-11-19T00:00:00Z",
        "last_seen": "2026-11-19T00:00:00Z", "complete": 1,
    }  # fmt: skip
    insert(con, good)
    with pytest.raises(sqlite3.IntegrityError):
        insert(con, good | {"listing_id": "birch", name: value})


def insert(con: sqlite3.Connection, row: dict[str, object]) -> None:
    names = ", ".join(row)
    con.execute(f"INSERT INTO listings ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
