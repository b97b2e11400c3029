"""The sites that a dataset was read from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from dataset.asking.sources import Source, sources_of
from dataset.schema import ddl
from tests.publishing import insert

PAGES = (
    ("zebra.example", "https://zebra.example/tool/a"),
    ("shiporskip", None),
    ("127.0.0.1:8002", "http://127.0.0.1:8002/compare/a-vs-b"),
    ("zebra.example", "https://zebra.example/tool/b"),
    ("shiporskip", "https://shiporskip.io/tool/a"),
    ("saved", None),
    ("odd", "javascript:alert(1)"),
)


@pytest.fixture
def con() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as con:
        ddl.create_tables(con)
        ddl.create_rest(con)
        yield con


def test_each_once_by_name_with_its_address(con: sqlite3.Connection) -> None:
    con.execute("PRAGMA foreign_keys = OFF")
    for number, (source, url) in enumerate(PAGES):
        at = "2026-03-01T10:00:00Z"
        insert(
            con,
            "captures",
            capture_id=f"capture-{number}",
            source=source,
            url=url,
            kind="tool",
            captured_at=at,
            made_from=at,
            observed_at=at,
            sha256=f"{number}" * 64,
            bytes=1,
            warc_file="2026-03.warc.gz",
            warc_offset=number,
            run_id="run-1",
            parse_status="ok",
            complete=1,
        )
    assert sources_of(con) == [
        Source("127.0.0.1:8002", "http://127.0.0.1:8002/"),
        Source("odd", None),
        Source("saved", None),
        Source("shiporskip", "https://shiporskip.io/"),
        Source("zebra.example", "https://zebra.example/"),
    ]
    assert [each.shown for each in sources_of(con)][:4] == ["127.0.0.1:8002", "odd", "saved", "shiporskip.io"]


def test_an_empty_dataset_has_none(con: sqlite3.Connection) -> None:
    assert sources_of(con) == []
