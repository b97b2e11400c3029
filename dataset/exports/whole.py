"""Writes whole tables and views as CSV, JSON or JSON lines: streamed, complete, the same bytes each time.

The order of rows is explicit: tables are ordered by primary key, views by their own ORDER BY. Memory is bounded by
`ROWS` rows. Parquet is in `dataset.exports.parquet`.

**Cells and spreadsheets.** A spreadsheet evaluates a CSV cell such as ``=HYPERLINK(…)`` as a formula, and the texts in
the dataset come from untrusted pages. So a text that begins with one of `DANGEROUS` is written with a leading
apostrophe. To make this reversible, a text that begins with an apostrophe gets another one, and the empty text (unlike
NULL, which is an empty cell) is written as a single apostrophe: removing one leading apostrophe from each cell of a
text column gives the exact text. Numbers are unchanged. JSON needs none of this.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from dataset.schema.tables import TABLES, VIEWS, Table, View

Relation = Table | View
Row = Sequence[Any]

ROWS = 500
"""The number of rows that are read, written and sent at a time."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The characters at the start of a cell that some spreadsheet takes for a formula."""

APOSTROPHE = "'"
GUARDED = (*DANGEROUS, APOSTROPHE)


class NoSuchTableError(LookupError):
    """There is no table or view with this name; the message lists the existing ones."""

    def __init__(self, name: str) -> None:
        known = ", ".join(each.name for each in for_people())
        super().__init__(f"there is no table or view {name!r}; choose from {known}")


def for_people() -> tuple[Relation, ...]:
    """Return every table and view, in the order of the schema."""
    return (*TABLES, *VIEWS)


def relation(name: str) -> Relation:
    """Return the table or view called `name`, even if it is hidden. Raises `NoSuchTableError`."""
    every: tuple[Relation, ...] = (*TABLES, *VIEWS)
    found = next((each for each in every if each.name == name), None)
    if found is None:
        raise NoSuchTableError(name)
    return found


def select_sql(of: Relation) -> str:
    """Return the SQL that reads a whole table or view in its order."""
    if isinstance(of, View):
        return of.sql  # not SELECT … FROM view: SQL only guarantees the order of the outermost ORDER BY
    columns = ", ".join(f'"{column.name}"' for column in of.columns)
    order = ", ".join(f'"{name}"' for name in of.primary_key)
    return f'SELECT {columns} FROM "{of.name}" ORDER BY {order}'  # noqa: S608


def batches(con: sqlite3.Connection, of: Relation) -> Generator[list[Row], None, None]:
    """Yield all rows of a table or view as plain tuples, `ROWS` at a time."""
    cursor = con.cursor()
    cursor.row_factory = None
    try:
        cursor.execute(select_sql(of))
        while rows := cursor.fetchmany(ROWS):
            yield rows
    finally:
        cursor.close()


def guarded(value: Any) -> Any:
    """Return `value` as a cell that no spreadsheet evaluates, by the rule in the module's docstring."""
    if isinstance(value, str) and (not value or value.startswith(GUARDED)):
        return APOSTROPHE + value
    return value


def _csv(of: Relation, pieces: Iterable[list[Row]], cell: Callable[[Any], Any]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(column.name for column in of.columns)
    for rows in pieces:
        writer.writerows([cell(value) for value in row] for row in rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()


def safe_csv(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180, UTF-8) with a header; its cells are safe to open in a spreadsheet."""
    return _csv(of, pieces, guarded)


def raw_csv(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """Yield CSV with unchanged texts: for programs, never for spreadsheets."""
    return _csv(of, pieces, lambda value: value)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def json_lines(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """Yield one JSON object with all columns per line, in UTF-8."""
    names = [column.name for column in of.columns]
    for rows in pieces:
        yield "".join(f"{_encode(dict(zip(names, row, strict=True)))}\n" for row in rows).encode()


def json_array(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """Yield one JSON array of objects, with one object per line."""
    before = b"[\n"
    for lines in json_lines(of, pieces):
        yield before + lines[:-1].replace(b"\n", b",\n")  # inside an object, a line break is always escaped as \n
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


Writer = Callable[[Relation, Iterable[list[Row]]], Iterator[bytes]]

WRITERS: dict[str, Writer] = {"csv": safe_csv, "json": json_array, "jsonl": json_lines}
"""The function that writes each format that can be streamed."""

MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}


def writer_of(form: str, *, raw: bool = False) -> Writer:
    """Return the function that writes `form`; `raw` leaves cells of CSV unchanged. Raises KeyError if unknown."""
    return raw_csv if raw and form == "csv" else WRITERS[form]
