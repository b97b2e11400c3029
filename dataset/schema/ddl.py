"""Creates an empty dataset from the descriptions in `dataset.schema.tables`.

Tables are STRICT, with primary keys, foreign keys and checks. Every foreign key has an index, so following a link
backwards never scans a table. Full-text indexes are FTS5 tables named ``<table>_fts`` with the table as external
content: in this form, Datasette finds them and shows a search box.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from dataset.schema.tables import SCHEMA_VERSION, TABLES, VIEWS, Column, Table

APPLICATION_ID = 0x76646C67
"""Marks a file as a verdictlog dataset ("vdlg"); SQLite's user_version is `SCHEMA_VERSION`."""


def _column(column: Column) -> str:
    parts = [f'"{column.name}" {column.type}']
    if not column.nullable:
        parts.append("NOT NULL")
    if column.references is not None:
        table, target = column.references.split(".")
        parts.append(f'REFERENCES "{table}"("{target}")')
    if column.check is not None:
        parts.append(f"CHECK ({column.check})")
    return " ".join(parts)


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def table_sql(table: Table) -> str:
    """Return the CREATE TABLE statement of `table`."""
    lines = [_column(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({_names(table.primary_key)})")
    lines.extend(f"UNIQUE ({_names(columns)})" for columns in table.unique)
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n) STRICT"


def index_sql(table: Table) -> Iterator[str]:
    """Yield the CREATE INDEX statements of `table`."""
    for columns in table.indexes:
        yield f'CREATE INDEX "{table.name}_by_{"_".join(columns)}" ON "{table.name}" ({_names(columns)})'


def search_name(table: Table) -> str:
    """Return the name of the full-text index of `table`."""
    return f"{table.name}_fts"


def search_sql(table: Table) -> str:
    """Return the statement that creates the (empty) full-text index of `table`."""
    return (
        f'CREATE VIRTUAL TABLE "{search_name(table)}" USING fts5({_names(table.search)}, '
        f"content=\"{table.name}\", tokenize='porter unicode61 remove_diacritics 2')"
    )


def search_trigger_sql(table: Table) -> Iterator[str]:
    """Yield statements for TEMP triggers that update the full-text index of `table` with its rows.

    The triggers only exist in the connection of the build, because nothing changes the published file.
    """
    index, columns = search_name(table), _names(table.search)
    new = ", ".join(f'new."{name}"' for name in table.search)
    old = ", ".join(f'old."{name}"' for name in table.search)
    # Names come from the schema, never from data. (A trigger body can't name the database.)
    add = f'INSERT INTO "{index}"(rowid, {columns}) VALUES (new.rowid, {new});'  # noqa: S608
    drop = (
        f'INSERT INTO "{index}"("{index}", rowid, {columns}) '  # noqa: S608
        f"VALUES ('delete', old.rowid, {old});"
    )
    on = f'ON main."{table.name}"'
    yield f'CREATE TEMP TRIGGER "{index}_i" AFTER INSERT {on} BEGIN {add} END'
    yield f'CREATE TEMP TRIGGER "{index}_d" AFTER DELETE {on} BEGIN {drop} END'
    yield f'CREATE TEMP TRIGGER "{index}_u" AFTER UPDATE OF {columns} {on} BEGIN {drop} {add} END'


def schema_statements() -> Iterator[str]:
    """Yield every statement that creates the empty dataset, in order."""
    for table in TABLES:
        yield table_sql(table)
        yield from index_sql(table)
    for table in TABLES:
        if table.search:
            yield search_sql(table)
    for view in VIEWS:
        yield f'CREATE VIEW "{view.name}" AS\n{view.sql}'


def create(con: sqlite3.Connection) -> None:
    """Create the empty dataset in `con`, which must be empty."""
    for statement in schema_statements():
        con.execute(statement)
    con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    con.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def watch_search(con: sqlite3.Connection) -> None:
    """Update the full-text indexes with every later change made through `con`."""
    for table in TABLES:
        if table.search:
            for statement in search_trigger_sql(table):
                con.execute(statement)


def rebuild_search(con: sqlite3.Connection) -> None:
    """Rebuild the full-text indexes from the tables."""
    for table in TABLES:
        if table.search:
            name = search_name(table)
            con.execute(f'INSERT INTO "{name}"("{name}") VALUES (\'rebuild\')')  # noqa: S608
