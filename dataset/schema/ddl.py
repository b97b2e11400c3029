"""The SQL that makes an empty dataset, from the one description of it in `dataset.schema.tables`.

Tables are STRICT, with their primary keys, foreign keys and checks; every foreign key has an index, so that
following a link backwards never scans. Full-text indexes are FTS5 tables named ``<table>_fts`` over the
table's own content, the form in which Datasette finds them and shows its search box.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from dataset.schema.tables import SCHEMA_VERSION, TABLES, VIEWS, Column, Table

APPLICATION_ID = 0x76646C67
"""Marks a file as a dataset of ours ("vdlg"); `SCHEMA_VERSION` stands beside it as SQLite's user_version."""


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
    """The CREATE TABLE statement of `table`."""
    lines = [_column(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({_names(table.primary_key)})")
    lines.extend(f"UNIQUE ({_names(columns)})" for columns in table.unique)
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n) STRICT"


def index_sql(table: Table) -> Iterator[str]:
    """The CREATE INDEX statements of `table`."""
    for columns in table.indexes:
        yield f'CREATE INDEX "{table.name}_by_{"_".join(columns)}" ON "{table.name}" ({_names(columns)})'


def search_name(table: Table) -> str:
    """The name of the full-text index of `table`."""
    return f"{table.name}_fts"


def search_sql(table: Table) -> str:
    """The statement that makes the (empty) full-text index of `table`."""
    return (
        f'CREATE VIRTUAL TABLE "{search_name(table)}" USING fts5({_names(table.search)}, '
        f"content=\"{table.name}\", tokenize='porter unicode61 remove_diacritics 2')"
    )


def search_trigger_sql(table: Table) -> Iterator[str]:
    """Statements for TEMP triggers that keep the full-text index of `table` in step with its rows.

    They live in the building connection alone: the published file is changed by nobody.
    """
    index, columns = search_name(table), _names(table.search)
    new = ", ".join(f'new."{name}"' for name in table.search)
    old = ", ".join(f'old."{name}"' for name in table.search)
    # Names come from the schema alone, never from data. (A trigger body may not name the database.)
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
    """Every statement that makes the empty dataset, in order."""
    for table in TABLES:
        yield table_sql(table)
        yield from index_sql(table)
    for table in TABLES:
        if table.search:
            yield search_sql(table)
    for view in VIEWS:
        yield f'CREATE VIEW "{view.name}" AS\n{view.sql}'


def create(con: sqlite3.Connection) -> None:
    """Make the empty dataset in `con`, which must hold nothing yet."""
    for statement in schema_statements():
        con.execute(statement)
    con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    con.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def watch_search(con: sqlite3.Connection) -> None:
    """From now on keep the full-text indexes in step with every change made through `con`."""
    for table in TABLES:
        if table.search:
            for statement in search_trigger_sql(table):
                con.execute(statement)


def rebuild_search(con: sqlite3.Connection) -> None:
    """Make the full-text indexes anew from the tables."""
    for table in TABLES:
        if table.search:
            name = search_name(table)
            con.execute(f'INSERT INTO "{name}"("{name}") VALUES (\'rebuild\')')  # noqa: S608
