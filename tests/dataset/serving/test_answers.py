"""What took long is not worked out again while the dataset is the same; and the server seldom looks at the clock."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataset.serving.answers import LONG, MOST_SIGNS, Answers
from dataset.serving.limits import STEPS
from dataset.serving.live import live_database
from dataset.serving.serve import make_app
from dataset.serving.snapshot import Snapshot
from tests.publishing import make_dataset

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT sum(i) + :more FROM n"


def answer(*values: object) -> Any:
    return SimpleNamespace(rows=[values])


def question(sql: str = "SELECT 1", values: object = None) -> Any:
    return Answers.question(sql, values, truncate=False, page_size=None)


@pytest.mark.parametrize(
    ("seconds", "text", "is_kept"),
    [
        (LONG, "x", True),
        (LONG * 0.9, "x", False),
        (LONG, "x" * MOST_SIGNS, True),
        (LONG, "x" * MOST_SIGNS + "x", False),
    ],
)
def test_what_took_long_and_is_short_is_kept(seconds: float, text: str, is_kept: bool) -> None:
    answers = Answers()
    answers.add(question(), answer(text), seconds)
    assert (answers.known(question()) is not None) is is_kept


@pytest.mark.parametrize(
    "other",
    [
        question("SELECT 2", {"a": "1"}),
        question("SELECT 1", {"a": "2"}),
        question("SELECT 1", {"a": 1}),
        Answers.question("SELECT 1", {"a": "1"}, truncate=True, page_size=None),
        Answers.question("SELECT 1", {"a": "1"}, truncate=False, page_size=5),
    ],
)
def test_another_question_has_another_answer(other: Any) -> None:
    answers = Answers()
    answers.add(question("SELECT 1", {"a": "1"}), answer(1), 1.0)
    assert answers.known(question("SELECT 1", {"a": "1"})) is not None
    assert answers.known(other) is None


def test_answers_go_with_their_dataset(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    datasette = make_app(tmp_path)
    live = live_database(datasette)
    assert live is not None

    async def scene() -> None:
        first = await live.execute(COUNT, {"more": 1})
        assert await live.execute(COUNT, {"more": 1}) is first
        assert (await live.execute(COUNT, {"more": 2})).single_value() == first.single_value() + 1
        brief = await live.execute("SELECT 1")
        assert await live.execute("SELECT 1") is not brief
        other = tmp_path / "other.db"
        make_dataset(other)
        other.replace(path)
        async with live.request():
            assert await live.execute(COUNT, {"more": 1}) is not first

    asyncio.run(scene())
    datasette.executor.shutdown()
    live.close()


def test_the_clock_is_looked_at_seldom(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    sqlite3.connect(path).execute("CREATE TABLE t(x)").connection.close()
    snapshot = Snapshot(path, 1, lambda _: None)
    looks: list[int] = []

    def counted(connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(lambda: looks.append(1), 1)
        connection.execute(COUNT, {"more": 0}).fetchall()

    snapshot.run(counted)
    snapshot.retire()
    assert 1 <= len(looks) <= 20 * 300_000 / STEPS
