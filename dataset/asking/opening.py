"""The dataset, opened to be read: nothing is written, and a build that replaces the file meanwhile does no harm."""

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
    """There is no dataset that can be read. The text says why, and what to do."""


@contextmanager
def opened(data: Path, *, any_thread: bool = False) -> Iterator[sqlite3.Connection]:
    """The dataset in the data folder `data`, its rows by column name.

    With `any_thread` it may be read in another thread than this one, one at a time.

    Raises `DatasetError` where there is none, or none that this program reads; also where a query in the block finds
    the file damaged.
    """
    path = dataset_path(data)
    if not path.is_file():
        raise DatasetError(
            f"{path}: there is no dataset yet. Run `verdictlog build`, or name another data folder with --data"
        )
    try:
        with read_only(path, any_thread=any_thread) as con:
            con.row_factory = sqlite3.Row
            [[application]] = con.execute("PRAGMA application_id")
            [[version]] = con.execute("PRAGMA user_version")
            if application != APPLICATION_ID:
                raise DatasetError(f"{path}: this is no dataset of verdictlog. Name another data folder with --data")
            if version != SCHEMA_VERSION:
                raise DatasetError(
                    f"{path}: its schema version is {version}, this program reads version {SCHEMA_VERSION}. "
                    "`verdictlog build` makes it anew"
                )
            con.execute("BEGIN")  # all that is read is of one state
            yield con
    except sqlite3.DatabaseError as error:
        raise DatasetError(f"{path}: can't be read ({error}). `verdictlog build` makes it anew") from error
