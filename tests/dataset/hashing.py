"""The content hash worked out from all rows of a dataset: what a build's running hash is held against."""

from __future__ import annotations

import sqlite3

from dataset.schema.tables import TABLES
from dataset.tables.content_hash import RunningHash


def count_afresh(con: sqlite3.Connection) -> str:
    """The content hash of the dataset in `con`, from all its rows."""
    running = RunningHash()
    for table in TABLES:
        if table.hashed:
            columns = ", ".join(f'"{name}"' for name in table.column_names)
            running.add(table, con.execute(f'SELECT {columns} FROM "{table.name}"'))
    return running.text()
