"""What a dataset file says of itself, and how far it has read the archive. The file is only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.plain_files import what_else


@dataclass(frozen=True)
class Known:
    """`facts` are the rows of `dataset_info`; `read_to` says for each archive file up to which byte it was read."""

    facts: Mapping[str, str | None]
    read_to: Mapping[str, int]


def read_only(database: Path, *, any_thread: bool = False) -> closing[sqlite3.Connection]:
    """The file `database`, open to be read until the block ends. Raises `sqlite3.Error` where there is none.

    It is raised also where a pipe or device lies there: SQLite would wait for ever.

    With `any_thread` it may be read in another thread than this one, one at a time.
    """
    if (what := what_else(database)) is not None:
        raise sqlite3.OperationalError(f"{what} lies here, where a file belongs")
    return closing(sqlite3.connect(read_only_uri(database), uri=True, check_same_thread=not any_thread))


def read_only_uri(database: Path) -> str:
    """The address by which SQLite opens the file `database` to be read, and does not make it."""
    return f"{database.absolute().as_uri()}?mode=ro"


def facts_of(con: sqlite3.Connection) -> dict[str, str | None]:
    """What the dataset in `con` says of itself. Raises `sqlite3.Error` where it isn't one."""
    return dict(con.execute("SELECT key, value FROM dataset_info ORDER BY key"))


def known_of(con: sqlite3.Connection) -> Known:
    """What the dataset in `con` says of itself and of the archive. Raises `sqlite3.Error` where it isn't one."""
    return Known(facts_of(con), dict(con.execute("SELECT file, read_to FROM archive_files ORDER BY file")))


def row_counts(con: sqlite3.Connection, facts: Mapping[str, str | None], names: Iterable[str]) -> dict[str, int]:
    """How many rows the tables and views called `names` have: as the build counted them, where the `facts` tell."""
    return {name: int(facts.get(f"rows_{name}") or _counted(con, name)) for name in names}


def _counted(con: sqlite3.Connection, name: str) -> int:
    [[count]] = con.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  (our own names)
    return int(count)
