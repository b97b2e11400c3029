"""Two datasets held against each other: which rows and values of the one are otherwise in the other.

All of it happens in SQL, and what is found lies in tables too: memory does not grow with the datasets. Rows are the
same where their primary keys are. Compared are the tables and columns that both have and that take part in the content
hash: what only the build itself needs, and where in the archive a capture lies, says nothing of the world. The one
dataset may be of an older schema; what only one of the two has is named, not compared.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset.schema.tables import TABLES, Table

REWRITTEN, NEW, GONE = "rewritten", "new", "gone"

UNTOLD = {"captures": ("parser_version",)}
"""Columns that differ wherever the version does, and are no values."""

_LATEST = """(
  SELECT lc.capture_id FROM {db}.listing_captures lc JOIN {db}.captures c ON c.capture_id = lc.capture_id
   WHERE lc.listing_id = {row}.listing_id {at} ORDER BY c.observed_at DESC, c.captured_at DESC, c.capture_id LIMIT 1)"""
_SHOWN = "(SELECT e.last_capture_id FROM {db}.field_evidence e WHERE e.evidence_id = {row}.{key} || '/' || {field})"

EVIDENCE = {
    "listings": f"coalesce({_SHOWN.replace('{key}', 'listing_id')}, {_LATEST.replace('{at}', '')})",
    "reviews": f"coalesce({_SHOWN.replace('{key}', 'review_id')}, {_LATEST.replace('{at}', '')})",
    "listing_versions": _LATEST.replace("{at}", "AND c.observed_at = {row}.valid_from"),
    "review_versions": _LATEST.replace("{at}", "AND c.observed_at = {row}.valid_from"),
    "comparisons": "(SELECT c.capture_id FROM {db}.captures c WHERE c.url = {row}.url "
    "ORDER BY c.observed_at DESC, c.captured_at DESC, c.capture_id LIMIT 1)",
}
"""Where a table has no column of its own that names a capture: how one that shows the row is found."""

LISTING_OF_TOOL = """(
  SELECT l.listing_id FROM {db}.listings l
   WHERE l.tool_id = {row}.tool_id ORDER BY l.first_seen, l.listing_id LIMIT 1)"""
"""The listing by which a tool is told: its earliest."""

EVIDENCE_NEEDS = {
    "listing_captures": {"capture_id", "listing_id"},
    "captures": {"capture_id", "observed_at", "captured_at", "url"},
    "field_evidence": {"evidence_id", "last_capture_id"},
    "reviews": {"review_id", "listing_id"},
    "listing_versions": {"listing_id", "valid_from"},
    "review_versions": {"listing_id", "valid_from"},
    "comparisons": {"url"},
    "listings": {"listing_id", "tool_id", "first_seen"},
}
"""What a dataset must have for `EVIDENCE` and `LISTING_OF_TOOL` to be asked of it."""

CAPTURE_COLUMNS = ("capture_id", "after_capture_id", "last_capture_id")
"""Columns of a row's own that name a capture which shows it; the first that a table has counts."""


@dataclass(frozen=True, slots=True)
class Group:
    """All rewrites of one kind: of one `field` of `table`, or (where `field` is None) its rows that are new or gone."""

    table: str
    what: str
    field: str | None
    count: int
    first: int
    """The number of its first rewrite; the others follow."""


@dataclass(frozen=True, slots=True)
class Rewrite:
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


class Comparison:
    """The dataset in ``main`` of `con`, compared with the older one attached to it as `old`.

    What is found is kept in ``main``: once this is made, the older one may be detached.
    """

    def __init__(self, con: sqlite3.Connection, old: str) -> None:
        self.con = con
        self.old = old
        self.groups: list[Group] = []
        self.unlike = Unlike()
        con.execute(
            "CREATE TABLE main._rewrites (number INTEGER PRIMARY KEY, key TEXT, listing_id TEXT, old_value, new_value, "
            "row TEXT, capture_id TEXT)"
        )
        con.execute("CREATE TABLE main._differing (old INTEGER, new INTEGER)")
        self._old_shows = all(needs <= self._columns(name).keys() for name, needs in EVIDENCE_NEEDS.items())
        for table in TABLES:
            if table.hashed:
                self._compare(table)
        known = {table.name for table in TABLES}
        self.unlike.gone_tables = [
            name
            for (name,) in con.execute(
                f"SELECT name FROM {old}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "  # noqa: S608
                r"AND name NOT LIKE '%\_fts%' ESCAPE '\' ORDER BY name"
            )
            if name not in known
        ]

    def rewrites(self, group: Group, limit: int | None = None) -> Iterator[Rewrite]:
        """The rewrites of `group`, by primary key; `limit` gives only so many of the first."""
        count = group.count if limit is None else min(limit, group.count)
        for key, listing_id, old, new, row, capture_id in self.con.execute(
            "SELECT key, listing_id, old_value, new_value, row, capture_id FROM main._rewrites "
            "WHERE number >= ? AND number < ? ORDER BY number",
            (group.first, group.first + count),
        ):
            whole = None if row is None else json.loads(row)
            yield Rewrite(
                group.table, group.what, json.loads(key), listing_id, group.field, old, new, whole, capture_id
            )

    def count(self, what: str) -> int:
        """How many values (`REWRITTEN`) or rows (`NEW`, `GONE`) there are of this kind."""
        return sum(group.count for group in self.groups if group.what == what)

    def _columns(self, table: str) -> dict[str, bool]:
        """The columns of `table` in the older dataset, and whether each is a part of its primary key."""
        found = self.con.execute("SELECT name, pk FROM pragma_table_info(?, ?)", (table, self.old))
        return {name: bool(place) for name, place in found}

    def _compare(self, table: Table) -> None:
        """Find what differs in `table`."""
        old = self._columns(table.name)
        if not old:
            self.unlike.new_tables.append(table.name)
            return
        if {name for name, is_key in old.items() if is_key} != set(table.primary_key):
            self.unlike.other_keys.append(table.name)
            return
        untold = (*table.unhashed, *UNTOLD.get(table.name, ()))
        columns = [name for name in table.column_names if name not in untold]
        both = [name for name in columns if name in old]
        self.unlike.new_columns += [f"{table.name}.{name}" for name in columns if name not in old]
        self.unlike.gone_columns += [f"{table.name}.{name}" for name in old if name not in table.column_names]
        values = [name for name in both if name not in table.primary_key]
        if values:
            self._find_differing(table, values)
            for name in values:
                self._note_rewritten(table, name)
        self._note_rows(table, NEW, columns)
        self._note_rows(table, GONE, both)

    def _find_differing(self, table: Table, values: list[str]) -> None:
        """Put down which rows of `table` differ in any of the columns `values`: the one pass over all of them."""
        differ = " OR ".join(f'o."{name}" IS NOT n."{name}"' for name in values)
        self.con.execute("DELETE FROM main._differing")
        self.con.execute(
            f'INSERT INTO main._differing SELECT o.rowid, n.rowid FROM {self.old}."{table.name}" o '  # noqa: S608
            f'JOIN main."{table.name}" n ON {_same_key(table)} WHERE {differ} ORDER BY {_keys(table, "o")}'
        )

    def _note_rewritten(self, table: Table, name: str) -> None:
        """Put down the values of the column `name` that differ."""
        subject = f"{_object(table.primary_key, 'n')}, {self._listing(table, 'n')}"
        self._note(
            table,
            REWRITTEN,
            name,
            f'SELECT {subject}, o."{name}", n."{name}", NULL, {self._evidence(table, "n", name)} '  # noqa: S608
            f'FROM main._differing d JOIN {self.old}."{table.name}" o ON o.rowid = d.old '
            f'JOIN main."{table.name}" n ON n.rowid = d.new WHERE o."{name}" IS NOT n."{name}" ORDER BY d.rowid',
        )

    def _note_rows(self, table: Table, what: str, columns: Sequence[str]) -> None:
        """Put down the rows of `table` that only one dataset has: the present one (`NEW`), or the older (`GONE`)."""
        row, there, other, absent = ("n", "main", "o", self.old) if what == NEW else ("o", self.old, "n", "main")
        subject = f"{_object(table.primary_key, row)}, {self._listing(table, row)}"
        self._note(
            table,
            what,
            None,
            f"SELECT {subject}, NULL, NULL, {_object(columns, row)}, {self._evidence(table, row, None)} "  # noqa: S608
            f'FROM {there}."{table.name}" {row} WHERE NOT EXISTS '
            f'(SELECT 1 FROM {absent}."{table.name}" {other} WHERE {_same_key(table)}) ORDER BY {_keys(table, row)}',
        )

    def _note(self, table: Table, what: str, name: str | None, select: str) -> None:
        """Put down what `select` gives as a group, unless it is nothing."""
        [[last]] = self.con.execute("SELECT coalesce(max(number), 0) FROM main._rewrites")
        count = self.con.execute(
            f"INSERT INTO main._rewrites (key, listing_id, old_value, new_value, row, capture_id) {select}"  # noqa: S608
        ).rowcount
        if count:
            self.groups.append(Group(table.name, what, name, count, last + 1))

    def _names(self, table: Table, row: str) -> Collection[str]:
        """The columns that `row` of `table` has in its dataset."""
        return table.column_names if row == "n" else self._columns(table.name)

    def _listing(self, table: Table, row: str) -> str:
        """The SQL expression of the listing that `row` of `table` is about."""
        if "listing_id" in self._names(table, row):
            return f'{row}."listing_id"'
        if table.name != "tools" or (row == "o" and not self._old_shows):
            return "NULL"
        return LISTING_OF_TOOL.format(db="main" if row == "n" else self.old, row=row)

    def _evidence(self, table: Table, row: str, name: str | None) -> str:
        """The SQL expression of a capture that shows `row` of `table`."""
        have = self._names(table, row)
        own = next((each for each in CAPTURE_COLUMNS if each in have), None)
        if own is not None:
            return f'{row}."{own}"'
        if table.name not in EVIDENCE or (row == "o" and not self._old_shows):
            return "NULL"
        db = "main" if row == "n" else self.old
        return EVIDENCE[table.name].format(db=db, row=row, field="NULL" if name is None else f"'{name}'")


def _same_key(table: Table) -> str:
    return " AND ".join(f'o."{name}" = n."{name}"' for name in table.primary_key)


def _keys(table: Table, row: str) -> str:
    return ", ".join(f'{row}."{name}"' for name in table.primary_key)


def _object(columns: Sequence[str], row: str) -> str:
    """The SQL expression of a JSON object of `columns`; of any number, which ``json_object`` does not take."""
    members = " || ',' || ".join(f'\'"{name}":\' || json_quote({row}."{name}")' for name in columns)
    return f"'{{' || {members} || '}}'"
