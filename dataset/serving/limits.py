"""What one visitor can ask of SQLite: reading, within bounds of time, memory and length.

Every connection to the dataset gets an authorizer: SELECT on the dataset, and the functions and pragmas that reading
needs. What tells of this machine (``pragma_database_list``), or reaches into SQLite itself (``fts3_tokenizer`` takes an
address in memory), is denied. People's own SQL runs on connections of its own, on which no value may be long: SQLite
can be stopped between two steps, but not within one, and one step on long values (``instr``, ``replace``, ``LIKE``)
takes minutes.
"""

from __future__ import annotations

import sqlite3
from typing import Any

HEAP_BYTES = 512 * 1024 * 1024
"""What SQLite may take in this process, all connections together."""

ANSWER_BYTES = 32 * 1024 * 1024
"""What the texts and blobs of one answer may take together."""

STEPS = 20_000
"""So many steps of SQLite, some milliseconds at most, lie between two looks at the clock."""

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 64 * 1024 * 1024,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 250_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 2_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
OWN_SQL_LENGTH = 100_000
"""The bytes of one value in people's own SQL: the costliest step on such values takes about a second."""

PRAGMAS = frozenset(
    (
        *("data_version", "schema_version", "application_id", "user_version", "page_count", "page_size"),
        "recursive_triggers",  # sqlite-utils, and with it many a plugin, begins with it
        *("table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo"),
    )
)
"""What Datasette, the full-text index and people need to know of tables."""

WITH_ARGUMENT = ("table_", "foreign_", "index_", "recursive_triggers")
"""How those begin that may take an argument: the name of a table, or what matters to nobody who only reads."""

DENIED_FUNCTIONS = frozenset(
    (
        *("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir", "lsdir", "zipfile"),
        *("sqlar_compress", "sqlar_uncompress", "sqlite_log", "sqlite_compileoption_get", "json_patch"),
    )
)
"""What reaches beyond the dataset; ``json_patch`` takes time with the square of its input."""

DENIED_TABLES = frozenset(("fts3tokenize", "dbstat", "sqlite_dbpage"))
"""Tables that SQLite has beside those of the dataset: of tokenizers and of the pages of the file."""


class _Cursor(sqlite3.Cursor):
    """A cursor that gives no more than fits into memory."""

    def _rows(self, most: int | None) -> list[Any]:
        rows: list[Any] = []
        room = ANSWER_BYTES
        for row in self:
            room -= sum(len(value) for value in row if isinstance(value, str | bytes))
            if room < 0:
                raise sqlite3.OperationalError(
                    f"the answer is longer than {ANSWER_BYTES >> 20} MiB; ask for fewer rows or columns"
                )
            rows.append(row)
            if len(rows) == most:
                break
        return rows

    def fetchall(self) -> list[Any]:
        return self._rows(None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._rows(self.arraysize if size is None else size)


class Connection(sqlite3.Connection):
    """A connection whose answers are bounded, and that looks less often at the clock than it is told to.

    Each look is a call of Python: where other threads are at work, it waits for its turn among them. A thousand steps,
    as Datasette has it, take a fraction of a millisecond, and the waiting often several.
    """

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose answer is bounded."""
        return super().cursor(factory or _Cursor)

    def set_progress_handler(self, handler: Any, n: int) -> None:
        """Ask `handler` each `n` steps, or less often."""
        super().set_progress_handler(handler, max(n, STEPS))


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and (first or "").lower() not in DENIED_TABLES:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":  # so SQLite declares its own virtual tables
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in DENIED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first is not None:
        name = first.lower()
        if name in PRAGMAS and (second is None or name.startswith(WITH_ARGUMENT)):
            return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def guard(connection: sqlite3.Connection) -> None:
    """Hold `connection` to reading, within bounds."""
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}")
    for limit, most in LIMITS.items():
        connection.setlimit(limit, min(most, connection.getlimit(limit)))
    connection.set_authorizer(_authorize)


def guard_own_sql(connection: sqlite3.Connection) -> None:
    """Hold `connection` to short values as well: what it runs is anybody's SQL."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, OWN_SQL_LENGTH)
