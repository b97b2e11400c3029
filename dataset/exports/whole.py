"""Whole tables and views as CSV, JSON or JSON lines: streamed, complete, the same bytes each time.

The order of the rows is explicit: a table's is that of its primary key, a view's its own. Memory is bounded by `ROWS`
rows, however many there are. Parquet is in `dataset.exports.parquet`.

**Cells and spreadsheets.** A spreadsheet runs a CSV cell such as ``=HYPERLINK(…)`` as a formula, and texts of the
dataset come from pages that nobody vouches for. So a text that begins with one of `DANGEROUS` is written with an
apostrophe before it. So that this can be undone, one that begins with an apostrophe gets one more, and the empty text
(unlike NULL, which is an empty cell) is written as an apostrophe alone: whoever takes one leading apostrophe off each
cell of a text column has the exact text. Numbers are untouched. JSON needs none of this.
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
"""Rows that are read, written and sent at a time."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What the text of a cell begins with that some spreadsheet takes for a formula."""

APOSTROPHE = "'"
GUARDED = (*DANGEROUS, APOSTROPHE)


class NoSuchTableError(LookupError):
    """There is no table or view of a name; the message lists those there are."""

    def __init__(self, name: str) -> None:
        known = ", ".join(each.name for each in for_people())
        super().__init__(f"there is no table or view {name!r}; choose from {known}")


def for_people() -> tuple[Relation, ...]:
    """Every table and view meant for people, in the order of the schema: all but what serves the build alone."""
    return (*TABLES, *VIEWS)


def relation(name: str) -> Relation:
    """The table or view called `name`, be it hidden. Raises `NoSuchTableError`."""
    every: tuple[Relation, ...] = (*TABLES, *VIEWS)
    found = next((each for each in every if each.name == name), None)
    if found is None:
        raise NoSuchTableError(name)
    return found


def select_sql(of: Relation) -> str:
    """The SQL that reads all of a table or view, in its one order."""
    if isinstance(of, View):
        return of.sql  # not SELECT … FROM view: only an ORDER BY outside is one that SQL promises to keep
    columns = ", ".join(f'"{column.name}"' for column in of.columns)
    order = ", ".join(f'"{name}"' for name in of.primary_key)
    return f'SELECT {columns} FROM "{of.name}" ORDER BY {order}'  # noqa: S608


def batches(con: sqlite3.Connection, of: Relation) -> Generator[list[Row], None, None]:
    """All rows of a table or view as plain tuples, `ROWS` at a time."""
    cursor = con.cursor()
    cursor.row_factory = None
    try:
        cursor.execute(select_sql(of))
        while rows := cursor.fetchmany(ROWS):
            yield rows
    finally:
        cursor.close()


def guarded(value: Any) -> Any:
    """`value` as a cell that no spreadsheet runs; see the module's rule."""
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
    """CSV (RFC 4180, UTF-8) with a header, its cells safe to open in a spreadsheet."""
    return _csv(of, pieces, guarded)


def raw_csv(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """CSV with the texts just as they are: for programs, never for spreadsheets."""
    return _csv(of, pieces, lambda value: value)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def json_lines(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """One JSON object a line, in UTF-8; every column in each."""
    names = [column.name for column in of.columns]
    for rows in pieces:
        yield "".join(f"{_encode(dict(zip(names, row, strict=True)))}\n" for row in rows).encode()


def json_array(of: Relation, pieces: Iterable[list[Row]]) -> Iterator[bytes]:
    """One JSON array of objects, an object a line."""
    before = b"[\n"
    for lines in json_lines(of, pieces):
        yield before + lines[:-1].replace(b"\n", b",\n")  # inside an object a line break is always written \n
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


Writer = Callable[[Relation, Iterable[list[Row]]], Iterator[bytes]]

WRITERS: dict[str, Writer] = {"csv": safe_csv, "json": json_array, "jsonl": json_lines}
"""What makes each format that can be streamed."""

MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}


def writer_of(form: str, *, raw: bool = False) -> Writer:
    """What writes the format `form`; `raw` leaves cells of CSV as they are. Raises KeyError for another format."""
    return raw_csv if raw and form == "csv" else WRITERS[form]
