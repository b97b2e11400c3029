"""A page that is made once for each dataset may take longer than one that is made for each request."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest

from dataset.serving.live import live_database
from dataset.serving.serve import make_app
from dataset.serving.site.page import Asked, Page
from tests.dataset.captures import Data

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT sum(i) FROM n"


@dataclass
class Sum:
    """What the slow page shows."""

    sum: int


def slow_page(con: sqlite3.Connection, _: Asked) -> Sum:
    return Sum(con.execute(SLOW).fetchone()[0])


async def asked_twice(datasette: Any) -> list[Any]:
    await datasette.invoke_startup()
    return [await datasette.client.get("/slow.json") for _ in range(2)]


@pytest.mark.parametrize(("costly", "patience", "status"), [(False, 10_000, 503), (True, 1, 503), (True, 10_000, 200)])
def test_only_what_is_made_once_may_take_long(
    data: Data, monkeypatch: pytest.MonkeyPatch, *, costly: bool, patience: int, status: int
) -> None:
    page = Page("slow", r"/slow", slow_page, "site/home.html", costly=costly)
    monkeypatch.setattr("dataset.serving.site.web.PAGES", (page,))
    monkeypatch.setattr("dataset.serving.site.web.PATIENCE", patience)
    datasette = make_app(data.folder)
    datasette._settings["sql_time_limit_ms"] = 10
    live = live_database(datasette)
    assert live is not None
    answers = asyncio.run(asked_twice(datasette))
    assert [answer.status_code for answer in answers] == [status, status]
    if status == 200:
        assert answers[0].json() == {"sum": 500_000_500_000}
    datasette.executor.shutdown()
    live.close()
