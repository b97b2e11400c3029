"""Two datasets compared table by table: which rows and values of the one are different in the other.

Rows are the same where their primary keys are. Compared are the tables and columns that both have; what says only where
in the archive something lies, or how a file was made, is left out. The older dataset may be of another schema: what
only one of the two has is named, not compared. Everything is found in SQL and given out row by row, so memory does not
grow with the datasets.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset.schema.tables import TABLES, Table

REWRITTEN, NEW, GONE = "rewritten", "new", "gone"
MERGED, SPLIT = "merged", "split"

NO_VALUES = {"captures": ("parser_version",)}
"""Columns that differ wherever the version does, and say nothing of the world."""

CAPTURE_COLUMNS = ("capture_id", "after_capture_id", "last_capture_id")
"""Columns that name a capture which shows a row; the first that a table has counts."""


@dataclass(frozen=True, slots=True)
class Group:
    """All differences of one kind: of one `field` of `table`, or (where that is None) its rows that are new or gone."""

    table: str
    what: str
    field: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is rewritten (`old` to `new`), or one row (`row`, by column) that is new or gone.

    `capture_id` is a capture that shows it, where one is known.
    """

    table: str
    what: str
    key: dict[str, Any]
    listing_id: str | None
    field: str | None
    old: Any
    new: Any
    row: dict[str, Any] | None
    capture_id: str | None


@dataclass
class Unlike:
    """What only one of the two datasets has, and so can't be compared; columns as ``table.column``."""

    new_tables: list[str] = field(default_factory=list)
    gone_tables: list[str] = field(default_factory=list)
    new_columns: list[str] = field(default_factory=list)
    gone_columns: list[str] = field(default_factory=list)
    other_keys: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.new_tables, self.gone_tables, self.new_columns, self.gone_columns, self.other_keys))


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A tool of the new dataset that was several (`MERGED`), or one of the old that would be several (`SPLIT`).

    `listings` are those in both datasets, the earliest first; `others` the ids of the several tools.
    """

    what: str
    tool_id: str
    others: list[str]
    listings: list[str]


class Comparison:
    """The dataset attached to `con` as ``new``, compared with the older one attached as ``old``."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self.con = con
        self.unlike = Unlike()
        self.groups: list[Group] = []
        old_tables = [
            row[0]
            for row in con.execute(
                "SELECT name FROM old.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
                r"AND name NOT LIKE '%\_fts%' ESCAPE '\' ORDER BY name"
            )
        ]
        self.unlike.gone_tables = [name for name in old_tables if name not in {table.name for table in TABLES}]
        self._tables = {table.name: table for table in TABLES if not table.local and self._can_be_compared(table)}
        for table in self._tables.values():
            self._count(table)

    def differences(self, group: Group, limit: int | None = None) -> Iterator[Difference]:
        """The differences of `group`, by primary key; `limit` gives only so many of the first."""
        table = self._tables[group.table]
        keys = table.primary_key
        mine, other = ("old", "new") if group.what == GONE else ("new", "old")
        columns = [name for name in table.column_names if name in self._columns(table, mine)]
        own = next((f"m.{name}" for name in CAPTURE_COLUMNS if name in columns), None)
        names = {name: f"m.{name}" for name in columns}
        old_value = "NULL" if group.field is None else f"o.{group.field}"
        capture = own or self._evidence(table, mine, group.field)
        order = ", ".join(f"m.{name}" for name in keys)
        sql = (
            f"SELECT {', '.join(names.values())}, {old_value}, {capture} "  # noqa: S608  (our own names)
            f"{self._matched(table, group, mine, other)} ORDER BY {order} LIMIT ?"
        )
        for row in self.con.execute(sql, (-1 if limit is None else limit,)):
            values = dict(zip(columns, row, strict=False))
            is_value = group.field is not None
            yield Difference(
                group.table,
                group.what,
                {name: values[name] for name in keys},
                values.get("listing_id"),
                group.field,
                row[-2],
                values[group.field] if group.field is not None else None,
                None if is_value else {name: values[name] for name in columns if name not in _left_out(table)},
                row[-1],
            )

    def count(self, what: str) -> int:
        """How many values (`REWRITTEN`) or rows (`NEW`, `GONE`) there are of this kind."""
        return sum(group.count for group in self.groups if group.what == what)

    def regrouped(self) -> list[Regrouped]:
        """Which tools are put together, then which are taken apart."""
        found = []
        for what, here, there in ((MERGED, "n", "o"), (SPLIT, "o", "n")):
            sql = (
                f"SELECT {here}.tool_id, json_group_array({there}.tool_id), "  # noqa: S608  (our own names)
                "json_group_array(json_array(n.first_seen, n.listing_id)) "
                "FROM new.listings n JOIN old.listings o ON o.listing_id = n.listing_id "
                f"GROUP BY 1 HAVING count(DISTINCT {there}.tool_id) > 1 ORDER BY min(n.first_seen), 1"
            )
            for tool_id, others, listings in self.con.execute(sql) if "listings" in self._tables else ():
                in_order = [listing for _, listing in sorted(json.loads(listings))]
                found.append(Regrouped(what, tool_id, sorted(set(json.loads(others))), in_order))
        return found

    def _columns(self, table: Table, schema: str) -> dict[str, int]:
        """The columns of `table` in one of the datasets, each with its place in the primary key (0: not in it)."""
        return dict(self.con.execute("SELECT name, pk FROM pragma_table_info(?, ?)", (table.name, schema)))

    def _can_be_compared(self, table: Table) -> bool:
        old = self._columns(table, "old")
        if not old:
            self.unlike.new_tables.append(table.name)
        elif {name for name, place in old.items() if place} != set(table.primary_key):
            self.unlike.other_keys.append(table.name)
        else:
            names = table.column_names
            self.unlike.new_columns += [f"{table.name}.{name}" for name in names if name not in old]
            self.unlike.gone_columns += [f"{table.name}.{name}" for name in old if name not in names]
            return True
        return False

    def _count(self, table: Table) -> None:
        old = self._columns(table, "old")
        left_out = (*_left_out(table), *table.primary_key)
        values = [name for name in table.column_names if name in old and name not in left_out]
        if values:
            differing = ", ".join(f"total(m.{name} IS NOT o.{name})" for name in values)
            any_of = " OR ".join(f"m.{name} IS NOT o.{name}" for name in values)
            sql = f"SELECT {differing} FROM new.{table.name} m JOIN old.{table.name} o ON {_same(table)} WHERE {any_of}"  # noqa: S608
            [counts] = self.con.execute(sql)
            self._add(
                Group(table.name, REWRITTEN, name, int(count)) for name, count in zip(values, counts, strict=True)
            )
        for what, mine, other in ((NEW, "new", "old"), (GONE, "old", "new")):
            sql = f"SELECT count(*) {self._matched(table, Group(table.name, what, None, 0), mine, other)}"  # noqa: S608
            [[count]] = self.con.execute(sql)
            self._add([Group(table.name, what, None, count)])

    def _add(self, groups: Sequence[Group] | Iterator[Group]) -> None:
        self.groups += [group for group in groups if group.count]

    def _matched(self, table: Table, group: Group, mine: str, other: str) -> str:
        """The SQL for the rows ``m`` of a group, with the older ones ``o`` where both datasets have them."""
        name = table.name
        if group.field is not None:
            return f"FROM new.{name} m JOIN old.{name} o ON {_same(table)} WHERE m.{group.field} IS NOT o.{group.field}"
        return f"FROM {mine}.{name} m WHERE NOT EXISTS (SELECT 1 FROM {other}.{name} o WHERE {_same(table)})"  # noqa: S608

    def _evidence(self, table: Table, schema: str, name: str | None) -> str:
        """The SQL for a capture that shows a listing or a review, or its value of the field `name`."""
        key = {"listings": "listing_id", "reviews": "review_id"}.get(table.name)
        if key is None or "field_evidence" not in self._tables:
            return "NULL"
        which = "AND e.review_id IS NULL" if key == "listing_id" else ""
        which += f" AND e.field = '{name}'" if name is not None else ""
        return (
            f"(SELECT e.last_capture_id FROM {schema}.field_evidence e "  # noqa: S608  (our own names)
            f"WHERE e.{key} = m.{key} {which} ORDER BY e.field LIMIT 1)"
        )


def _left_out(table: Table) -> tuple[str, ...]:
    return (*table.local_columns, *NO_VALUES.get(table.name, ()))


def _same(table: Table) -> str:
    return " AND ".join(f"o.{name} = m.{name}" for name in table.primary_key)
