"""The content hash: one number for all that a dataset says, whatever the order in which it was written.

It is the sum (mod 2^128) of the hashes of all rows of the hashed tables, so it can be kept up row by row:
add what comes, take away what goes. Equal content, equal hash, however many builds it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from pydantic_core import to_json

from dataset.schema.tables import TABLES, Table

MODULUS = 1 << 128


def row_hash(table: str, values: Sequence[Any]) -> int:
    """The hash of one row of `table`, given the values of its hashed columns."""
    return int.from_bytes(blake2b(to_json((table, *values)), digest_size=16).digest())


class RunningHash:
    """A content hash that is kept up with changes. `value` is the sum so far."""

    def __init__(self, value: int = 0) -> None:
        self.value = value % MODULUS
        self._kept = {
            table.name: [index for index, name in enumerate(table.column_names) if name not in table.unhashed]
            for table in TABLES
            if table.hashed
        }

    def _sum(self, table: Table, rows: Iterable[Sequence[Any]]) -> int:
        kept = self._kept.get(table.name)
        if kept is None:
            return 0
        if len(kept) == len(table.columns):
            return sum(row_hash(table.name, row) for row in rows)
        return sum(row_hash(table.name, [row[index] for index in kept]) for row in rows)

    def add(self, table: Table, rows: Iterable[Sequence[Any]]) -> None:
        """`rows` (all columns, in order) came into `table`."""
        self.value = (self.value + self._sum(table, rows)) % MODULUS

    def remove(self, table: Table, rows: Iterable[Sequence[Any]]) -> None:
        """`rows` went from `table`."""
        self.value = (self.value - self._sum(table, rows)) % MODULUS

    def text(self) -> str:
        """The hash as it stands in `dataset_info`: 32 hex digits."""
        return f"{self.value:032x}"
