"""A table or view as Parquet, through polars: typed columns, written in pieces, the same bytes each time.

Text stays text (times too, as everywhere in the dataset), whole numbers are Int64, numbers Float64; NULL is null.
Memory is bounded by what polars holds of a few row groups of `GROUP` rows, not by the table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset.exports import Relation, batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from polars import DataFrame, Expr

GROUP = 20_000
"""Rows of one row group of the file."""


class ParquetError(Exception):
    """Parquet can't be written; the message says why and what to do."""


def write_parquet(
    con: sqlite3.Connection, of: Relation, target: Path, *, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write all rows of a table or view to the file `target`; says how many there are.

    `con` is read in a thread of polars' own: it must have been opened for that. `progress` gets the number of rows
    of each piece. Raises ParquetError where polars is missing, `sqlite3.Error` where the rows can't be read, OSError
    where the file can't be written.
    """
    try:
        import polars  # noqa: PLC0415
        from polars.io.plugins import register_io_source  # noqa: PLC0415
    except ImportError as error:
        raise ParquetError(
            "Parquet needs polars, which is not installed: pip install 'verdictlog[export]'. "
            "The formats csv, json and jsonl need nothing"
        ) from error
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
            trouble.append(error)  # polars would tell of it in its own words
            raise

    try:
        source: Any = register_io_source(pieces, schema=schema)
        source.sink_parquet(target, row_group_size=GROUP, maintain_order=True, compression="zstd")
    except polars.exceptions.PolarsError as error:
        raise (trouble[0] if trouble else ParquetError(f"{of.name}: polars can't write it ({error})")) from error
    return count
