"""Writing rows: whole batches, only what really changed, and the content hash kept up with every row."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dataset.schema.tables import Table
from dataset.tables.content_hash import RunningHash

VARIABLES = 500
"""How many values are asked for at a time with ``IN (…)``."""


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def in_parts(values: Sequence[str], size: int = VARIABLES) -> Iterator[Sequence[str]]:
    """`values` in parts that fit into one ``IN (…)``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))


def as_tuples(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """`rows` of `table` with every column in order."""
    return list(map(table.in_order, rows))


class Rows:
    """The one way in which a build writes to the tables of `con`.

    `more` says how many rows each table has more than before (or less).
    """

    def __init__(self, con: sqlite3.Connection, content: RunningHash) -> None:
        self.con = con
        self.content = content
        self.more: Counter[str] = Counter()

    def select(self, table: Table, column: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """All rows of `table` (every column, in order) whose `column` is one of `values`."""
        found: list[tuple[Any, ...]] = []
        for part in in_parts(values):
            found += self.con.execute(
                f'SELECT {_quoted(table.column_names)} FROM "{table.name}" '  # noqa: S608
                f'WHERE "{column}" IN ({marks(part)})',
                part,
            )
        return found

    def insert(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put in `rows` (every column, in order), which must be new."""
        if rows:
            self.con.executemany(
                f'INSERT INTO "{table.name}" ({_quoted(table.column_names)}) '  # noqa: S608
                f"VALUES ({marks(table.columns)})",
                rows,
            )
            self.content.add(table, rows)
            self.more[table.name] += len(rows)

    def replace(
        self, table: Table, old: Iterable[tuple[Any, ...]], new: Iterable[Mapping[str, Any]]
    ) -> tuple[int, int, int]:
        """Make `old` rows of `table` into `new` ones; says how many were added, changed and removed.

        A row that stays as it was is not touched; one that keeps its primary key keeps its place in the file.
        """
        names = table.column_names
        keys = [names.index(name) for name in table.primary_key]
        before = {tuple(row[index] for index in keys): row for row in old}
        after = {tuple(row[index] for index in keys): row for row in as_tuples(table, new)}
        added = [row for key, row in after.items() if key not in before]
        changed = [(before[key], row) for key, row in after.items() if key in before and before[key] != row]
        removed = [key for key in before if key not in after]
        where = " AND ".join(f'"{name}" = ?' for name in table.primary_key)
        if removed:
            self.con.executemany(f'DELETE FROM "{table.name}" WHERE {where}', removed)  # noqa: S608
            self.content.remove(table, (before[key] for key in removed))
            self.more[table.name] -= len(removed)
        if changed:
            # The key stays, so what refers to the row need not be looked at.
            rest = [index for index in range(len(names)) if index not in keys]
            to_set = ", ".join(f'"{names[index]}" = ?' for index in rest)
            order = (*rest, *keys)
            self.con.executemany(
                f'UPDATE "{table.name}" SET {to_set} WHERE {where}',  # noqa: S608
                [tuple(row[index] for index in order) for _, row in changed],
            )
            self.content.remove(table, (row for row, _ in changed))
            self.content.add(table, (row for _, row in changed))
        self.insert(table, added)
        return len(added), len(changed), len(removed)
