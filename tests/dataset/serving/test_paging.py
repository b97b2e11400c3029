"""Every table and view, in every order that people can click, page by page and as CSV of all rows: each row once."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from dataset.schema import ddl
from dataset.schema.tables import TABLES, VIEWS, Column, Table, View
from tests.publishing import get, served

ROWS = 40
SIZE = 7
"""Rows of a page: no divisor of the rows, so that the last page is not full."""

RELATIONS: tuple[Table | View, ...] = (*TABLES, *VIEWS)
ORDERS = [
    (relation.name, order)
    for relation in RELATIONS
    for order in (
        "",
        *(f"{way}={column.name}" for column in relation.columns for way in ("_sort", "_sort_desc")),
    )
]
TEXTS = ("a", "A", "a,b", "~2C", "=1+1", "ä", "$null", "%00", "0", " ", "1.0", "\U0001f680")


def some_value(chance: random.Random, column: Column, keys: tuple[str, ...]) -> Any:
    """One of few values, so that most rows tie; what points at a row does so."""
    if column.name in keys or column.references is not None:
        kind = chance.randrange(ROWS)
        return kind if column.type == "INTEGER" else f"key,{kind}"
    if column.nullable and chance.random() < 0.3:
        return None
    if column.check and " IN (" in column.check:
        named = re.findall(r"'([^']*)'", column.check)
        if "verdict_flip" in named and chance.random() < 0.5:
            return "verdict_flip"  # or the view of flips is nearly empty
        return chance.choice(named) if named else chance.choice((0, 1))
    if column.type == "INTEGER":
        return chance.choice((0, 1, 50, -3, 2**53 + 1))
    if column.type == "REAL":
        return chance.choice((0.1, 0.1 + 0.2, 1e300, -1.5, 2.0))
    return chance.choice(TEXTS)


def fill(con: sqlite3.Connection, table: Table, chance: random.Random) -> None:
    marks = ", ".join("?" * len(table.columns))
    keys = (*table.primary_key, *(name for names in table.unique for name in names))
    for _ in range(20 * ROWS):
        if con.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] == ROWS:
            break
        row = [some_value(chance, column, keys) for column in table.columns]
        con.execute(f"INSERT OR IGNORE INTO {table.name} VALUES ({marks})", row)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    chance = random.Random(1)
    with contextlib.closing(sqlite3.connect(data / "verdictlog.db")) as con:
        ddl.create(con)
        con.execute("PRAGMA ignore_check_constraints = ON")
        con.execute("PRAGMA foreign_keys = OFF")
        for table in TABLES:
            fill(con, table, chance)
        ddl.rebuild_search(con)
        con.commit()
    with served(data) as server:
        yield server.address


def page_by_page(address: str, relation: str, words: str) -> list[str]:
    """All rows, each as one text."""
    url = f"{address}/verdictlog/{relation}.json?_size={SIZE}&_shape=objects&_nofacet=1&_nocount=1&{words}"
    rows: list[str] = []
    for _ in range(4 * ROWS * ROWS):
        status, body = get(url)
        assert status == 200, f"{url}: {body}"
        page = json.loads(body)
        rows += [json.dumps(row) for row in page["rows"]]
        if not page["next_url"]:
            return rows
        url = page["next_url"]
    pytest.fail(f"{relation}?{words} never ends")


def all_rows(address: str, relation: str, words: str = "") -> list[str]:
    """What the table has, in one page."""
    url = f"{address}/verdictlog/{relation}.json?_size=max&_shape=objects&_nofacet=1&{words}"
    page = json.loads(get(url)[1])
    assert page["next_url"] is None
    return [json.dumps(row) for row in page["rows"]]


def some(every: list[Any], number: int) -> list[Any]:
    """All of the long run's; of them, a sample that is always the same."""
    quick = set(random.Random(2).sample(range(len(every)), number))
    return [
        pytest.param(*each) if i in quick else pytest.param(*each, marks=pytest.mark.long)
        for i, each in enumerate(every)
    ]


@pytest.mark.parametrize(("relation", "order"), some(ORDERS, 40))
def test_each_row_comes_once(address: str, relation: str, order: str) -> None:
    wanted = all_rows(address, relation)
    found = page_by_page(address, relation, order)
    assert Counter(found) == Counter(wanted)
    way, _, column = order.partition("=")
    if column:
        values = [json.loads(row)[column] for row in found]
        known = [value for value in values if value is not None]
        unknown = [None] * (len(values) - len(known))
        down = way == "_sort_desc"
        assert values == (known + unknown if down else unknown + known)
        assert all(one >= other if down else one <= other for one, other in pairwise(known))


@pytest.mark.parametrize(("relation", "order"), some(ORDERS, 20))
def test_csv_of_all_rows_has_each_once(address: str, relation: str, order: str) -> None:
    status, body = get(f"{address}/verdictlog/{relation}.csv?_stream=on&_size={SIZE}&{order}")
    assert status == 200
    rows = list(csv.reader(io.StringIO(body, newline="")))[1:]
    whole = list(csv.reader(io.StringIO(get(f"{address}/verdictlog/{relation}.csv?_size=max")[1], newline="")))[1:]
    assert len(rows) == len(all_rows(address, relation))
    assert Counter(map(tuple, rows)) == Counter(map(tuple, whole))


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("changes", "kind__not=x&_sort=kind"),
        ("changes", "confirmed=1&_sort_desc=field"),
        ("latest_changes", "_where=1%3D1&_sort=kind"),
        ("reviews", "_sort_desc=score&_col=quote"),
        ("reviews", "_sort=score&_labels=on"),
        ("listings", "_sort=category&_facet=category&name__notlike=%25zzz%25"),
        ("listings", "_search=a&_sort=entry"),
    ],
)
def test_under_filters_too(address: str, relation: str, words: str) -> None:
    found = page_by_page(address, relation, words)
    assert len(found) > SIZE
    assert Counter(found) == Counter(all_rows(address, relation, words))


def test_people_who_write_sql_get_their_own_order(address: str) -> None:
    query = urlencode({"sql": "select kind from [changes]  order by kind limit 5", "_shape": "objects"})
    assert json.loads(get(f"{address}/verdictlog.json?{query}")[1])["query"]["sql"].endswith("order by kind limit 5")


def test_every_view_is_filled(address: str) -> None:
    """Else the tests above show nothing of it."""
    empty = [view.name for view in VIEWS if len(all_rows(address, view.name)) <= SIZE]
    assert empty == []
