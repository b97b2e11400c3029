"""Short ways to read rows for a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Values = Sequence[Any] | Mapping[str, Any]
T = TypeVar("T")


def rows(con: sqlite3.Connection, sql: str, values: Values = ()) -> list[dict[str, Any]]:
    """The rows that `sql` gives, each by the names of its columns."""
    cursor = con.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(row), strict=True)) for row in cursor]


def each(kind: type[T], con: sqlite3.Connection, sql: str, values: Values = ()) -> tuple[T, ...]:
    """The rows that `sql` gives, each as a `kind` made of its columns by name."""
    return tuple(kind(**row) for row in rows(con, sql, values))


def row(con: sqlite3.Connection, sql: str, values: Values = ()) -> dict[str, Any] | None:
    """The first row that `sql` gives, if any."""
    return next(iter(rows(con, sql, values)), None)


def value(con: sqlite3.Connection, sql: str, values: Values = ()) -> Any:
    """The first value of the first row that `sql` gives; None without a row."""
    found = con.execute(sql, values).fetchone()
    return None if found is None else found[0]
