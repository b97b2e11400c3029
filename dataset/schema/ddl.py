"""Creates the tables, indexes and views of a dataset from the descriptions in `dataset.schema.tables`.

Tables are STRICT, with primary keys, foreign keys and checks. Every foreign key has an index, so following a link
backwards never scans a table. Full-text indexes are FTS5 tables named ``<table>_fts`` with the table as external
content: in this form, Datasette finds them and shows a search box.
"""

from __future__ import annotations

import sqlite3

from dataset.schema.tables import SCHEMA_VERSION, TABLES, VIEWS, Column, Table

APPLICATION_ID = 0x76646C67
"""Marks a file as a verdictlog dataset ("vdlg"); SQLite's user_version is `SCHEMA_VERSION`."""


TOKENIZE = "porter unicode61 remove_diacritics 2"
"""How words are told apart and folded for the search."""


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


def create_tables(con: sqlite3.Connection) -> None:
    """Make the empty tables in `con`, which must hold nothing yet."""
    for table in TABLES:
        con.execute(table_sql(table))
    con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    con.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def create_rest(con: sqlite3.Connection) -> None:
    """Make the indexes, the full-text indexes and the views in `con`, whose tables hold all their rows."""
    from sqlite_utils import Database  # noqa: PLC0415  (it loads numpy where that is installed)

    db = Database(con)
    for table in TABLES:
        for columns in table.indexes:
            db.table(table.name).create_index(columns, index_name=f"{table.name}_by_{'_'.join(columns)}")
        if table.search:
            db.table(table.name).enable_fts(table.search, tokenize=TOKENIZE)
    for view in VIEWS:
        db.create_view(view.name, view.sql)
