"""Writing rows: each table at once, in the order of its primary key, so that the same rows make the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from dataset.schema.tables import Table, table

VARIABLES = 500
"""How many values are asked for at a time with ``IN (…)``."""

Row = dict[str, Any]


def in_parts(values: Sequence[str], size: int = VARIABLES) -> Iterator[Sequence[str]]:
    """`values` in parts that fit into one ``IN (…)``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))


def as_tuples(kind: Table, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """`rows` of `kind` with every column in order."""
    return list(map(kind.in_order, rows))


def write(con: sqlite3.Connection, name: str, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Row, str]]:
    """Put `rows` (by column) into the table called `name`. Gives those that it does not take, with the reason."""
    return write_tuples(con, name, as_tuples(table(name), rows))


def write_tuples(con: sqlite3.Connection, name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Row, str]]:
    """Put `rows` (every column, in order) into the table called `name`. Gives those that it does not take."""
    kind = table(name)
    names = kind.column_names
    rows.sort(key=itemgetter(*(names.index(column) for column in kind.primary_key)))
    sql = f'INSERT INTO main."{name}" ({", ".join(names)}) VALUES ({marks(names)})'  # noqa: S608  (our own names)
    refused: list[tuple[Row, str]] = []
    start = 0
    while start < len(rows):
        before = con.total_changes
        try:
            con.executemany(sql, rows[start:] if start else rows)
            break
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError, UnicodeError) as error:
            start += con.total_changes - before
            refused.append((dict(zip(names, rows[start], strict=True)), str(error)))
            start += 1
    return refused
