"""Writes a table or view as Parquet, through polars: typed columns, streamed, the same bytes each time.

The output goes to a file, or is consumed piece by piece (`parquet_pieces`): polars writes sequentially and waits until
each piece was consumed. Text stays text (times too, as everywhere in the dataset), whole numbers are Int64, other
numbers Float64; NULL is null. Memory is bounded by a few row groups of `GROUP` rows, not by the size of the table.
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from dataset.exports.whole import Relation, batches

if TYPE_CHECKING:
    from polars import DataFrame, Expr

GROUP = 20_000
"""The number of rows in a row group of the file."""

MISSING = (
    "Parquet needs polars, which is not installed: pip install 'verdictlog[export]'. "
    "The formats csv, json and jsonl work without it"
)


class ParquetError(Exception):
    """Parquet can't be written; the message says why and what to do."""


def can_write_parquet() -> bool:
    """Return whether polars is installed, without loading it."""
    return find_spec("polars") is not None


def parquet_pieces(
    con: sqlite3.Connection, of: Relation, *, progress: Callable[[int], None] = lambda _: None
) -> Generator[bytes, None, None]:
    """Yield the file that `write_parquet` writes, in pieces. Raises the same exceptions.

    A thread writes it, at most a few pieces ahead; the thread ends when the generator is closed.
    """
    outlet = _Outlet()
    trouble: list[Exception] = []

    def more(rows: int) -> None:
        outlet.check()  # otherwise polars would read the remaining rows, although it can't write them
        progress(rows)

    def work() -> None:
        try:
            write_parquet(con, of, outlet, progress=more)
        except Exception as error:
            trouble.append(error)
        outlet.pieces.put(None)

    thread = Thread(target=work, name="parquet", daemon=True)
    thread.start()
    try:
        while (piece := outlet.pieces.get()) is not None:
            yield piece
        if trouble:
            raise trouble[0]
    finally:
        outlet.is_shut.set()
        while thread.is_alive():
            with contextlib.suppress(Empty):
                outlet.pieces.get(timeout=0.05)


class _Outlet(io.RawIOBase):
    """The file object that polars writes to: each piece waits until the one before was consumed."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: Queue[bytes | None] = Queue(maxsize=1)
        self.is_shut = Event()

    def writable(self) -> bool:
        return True

    def check(self) -> None:
        """Raise BrokenPipeError if the consumer has stopped."""
        if self.is_shut.is_set():
            raise BrokenPipeError("the reader has stopped")

    def write(self, piece: Any) -> int:
        self.check()
        self.pieces.put(bytes(piece))
        return len(piece)


def write_parquet(
    con: sqlite3.Connection,
    of: Relation,
    target: Path | io.RawIOBase,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write all rows of a table or view to the file `target`, and return their number.

    A thread of polars reads from `con`, which must have been opened for that. `progress` gets the number of rows of
    each piece. Raises ParquetError if polars is missing, `sqlite3.Error` if the rows can't be read, and OSError if the
    file can't be written.
    """
    try:
        import polars  # noqa: PLC0415
        from polars.io.plugins import register_io_source  # noqa: PLC0415
    except ImportError as error:
        raise ParquetError(MISSING) from error
    types = {"TEXT": polars.String, "INTEGER": polars.Int64, "REAL": polars.Float64}
    schema = {column.name: types[column.type] for column in of.columns}
    count = 0
    trouble: list[Exception] = []

    def pieces(
        _columns: list[str] | None, _predicate: Expr | None, _rows: int | None, _size: int | None
    ) -> Iterator[DataFrame]:
        nonlocal count
        try:
            for rows in batches(con, of):
                count += len(rows)
                progress(len(rows))
                yield polars.DataFrame(rows, schema=schema, orient="row")
        except Exception as error:
            trouble.append(error)  # polars would wrap it in its own message
            raise

    try:
        source: Any = register_io_source(pieces, schema=schema)
        source.sink_parquet(target, row_group_size=GROUP, maintain_order=True, compression="zstd")
    except polars.exceptions.PolarsError as error:
        raise (trouble[0] if trouble else ParquetError(f"{of.name}: polars can't write it ({error})")) from error
    return count
