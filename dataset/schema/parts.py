"""The classes that describe the schema (columns, tables, views), and functions for common kinds of columns.

The tables themselves are in `dataset.schema.tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal

ColumnType = Literal["TEXT", "INTEGER", "REAL"]

TIME_SHAPE = "????-??-??T??:??:??Z"
"""The format of every time in the dataset, as a GLOB pattern."""

FIRST_SEEN = "When a page first showed it (observed_at of the first capture that shows it)"
LAST_SEEN = "When a page last showed it (observed_at of the last capture that shows it)"


@dataclass(frozen=True)
class Column:
    """A column: its name, type and meaning; `references` is ``table.column``, `check` is a SQL condition."""

    name: str
    type: ColumnType
    description: str
    references: str | None = None
    unit: str | None = None
    nullable: bool = True
    check: str | None = None


@dataclass(frozen=True)
class Table:
    """A table.

    `facets`, `sort`, `sort_desc` and `label` are for Datasette; `search` are the columns of its full-text
    index. A `local` table and the columns in `local_columns` say where something is stored in this archive, or how this
    file was made: they may differ if the same captures are stored in other files.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    facets: tuple[str, ...] = ()
    sort: str | None = None
    sort_desc: str | None = None
    label: str | None = None
    local: bool = False
    local_columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def in_order(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """A function that turns a row, as a mapping from column to value, into a tuple in the order of the columns."""
        return itemgetter(*self.column_names)


@dataclass(frozen=True)
class View:
    """A view: `sql` is its SELECT statement, `columns` describe the result."""

    name: str
    description: str
    sql: str
    columns: tuple[Column, ...]


def one_of(column: str, *values: str) -> str:
    """Return the SQL condition that `column` is one of `values` (NULL passes)."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def text(
    name: str,
    description: str,
    *,
    ref: str | None = None,
    needed: bool = False,
    values: tuple[str, ...] = (),
) -> Column:
    """A TEXT column; `values` lists the allowed values, if they are limited."""
    check = one_of(name, *values) if values else f"{name} <> ''"
    return Column(name, "TEXT", description, references=ref, nullable=not needed, check=check)


def percent(name: str, description: str, unit: str = "%") -> Column:
    """A whole number from 0 to 100."""
    return Column(name, "INTEGER", description, unit=unit, check=f"{name} BETWEEN 0 AND 100")


def count(name: str, description: str, *, unit: str | None = None, needed: bool = False) -> Column:
    """A whole number, 0 or more."""
    return Column(name, "INTEGER", description, unit=unit, nullable=not needed, check=f"{name} >= 0")


def whole(name: str, description: str) -> Column:
    """A whole number."""
    return Column(name, "INTEGER", description)


def real(name: str, description: str, *, unit: str | None = None) -> Column:
    """A number."""
    return Column(name, "REAL", description, unit=unit)


def time(name: str, description: str, *, needed: bool = False) -> Column:
    """An instant: ISO 8601, UTC, whole seconds."""
    return Column(name, "TEXT", description, nullable=not needed, check=f"{name} GLOB '{TIME_SHAPE}'")


def flag(name: str, description: str, *, needed: bool = False) -> Column:
    """Yes (1) or no (0)."""
    return Column(name, "INTEGER", description, nullable=not needed, check=f"{name} IN (0, 1)")
