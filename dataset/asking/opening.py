"""Opens the dataset read-only. A build may replace the file in the meantime."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataset.building.known import read_only
from dataset.place import dataset_path
from dataset.schema.ddl import APPLICATION_ID
from dataset.schema.tables import SCHEMA_VERSION


class DatasetError(Exception):
    """There is no readable dataset. The text says why, and what to do."""


@contextmanager
def opened(data: Path, *, any_thread: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the dataset in the data folder `data`, with rows by column name.

    With `any_thread`, any thread may use the connection, one at a time.

    Raises `DatasetError` if there is no dataset that this program can read, or if a query in the block finds that the
    file is damaged.
    """
    path = dataset_path(data)
    if not path.is_file():
        raise DatasetError(
            f"{path}: there is no dataset yet. Run `verdictlog build`, or choose another data folder with --data"
        )
    try:
        with read_only(path, any_thread=any_thread) as con:
            con.row_factory = sqlite3.Row
            [[application]] = con.execute("PRAGMA application_id")
            [[version]] = con.execute("PRAGMA user_version")
            if application != APPLICATION_ID:
                raise DatasetError(f"{path}: this is not a verdictlog dataset. Choose another data folder with --data")
            if version != SCHEMA_VERSION:
                raise DatasetError(
                    f"{path}: its schema version is {version}, but this program reads version {SCHEMA_VERSION}. "
                    "Run `verdictlog build` to rebuild it"
                )
            con.execute("BEGIN")  # everything is read from the same state
            yield con
    except sqlite3.DatabaseError as error:
        raise DatasetError(f"{path}: can't be read ({error}). Run `verdictlog build` to rebuild it") from error
