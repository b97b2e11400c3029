"""What the canned queries are made of: the record of one, and pieces of SQL that several share.

Whatever is typed is only ever a value: the pieces name the parameters, and SQLite binds them.
"""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any


@dataclass(frozen=True)
class Query:
    """One canned query; `params` in the order in which the form asks for them."""

    name: str
    title: str
    description: str
    sql: str
    params: tuple[str, ...] = ()

    def as_metadata(self) -> dict[str, Any]:
        """The query as Datasette's metadata wants it."""
        entry: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "sql": self.sql,
            "hide_sql": True,
        }
        if self.params:
            entry["params"] = list(self.params)
        return entry


def query(name: str, title: str, description: str, sql: str, *params: str) -> Query:
    """A query whose texts stand in the code as they read best there: indented, and in several lines."""
    return Query(name, title, " ".join(description.split()), dedent(sql).strip(), params)


def part_of(column: str, param: str) -> str:
    """SQL: what was typed as `param` stands in `column`, whatever the case; nothing typed fits all."""
    return f"(trim(:{param}) = '' OR instr(lower({column}), lower(trim(:{param}))) > 0)"


def same_as(column: str, param: str) -> str:
    """SQL: `column` is the (lower-case) word typed as `param`; nothing typed fits all."""
    return f"(trim(:{param}) = '' OR {column} = lower(trim(:{param})))"


def number_typed(param: str, otherwise: int) -> str:
    """SQL: the whole number above 0 typed as `param`; `otherwise` where none is."""
    typed = f"CAST(trim(:{param}) AS INTEGER)"
    return f"CASE WHEN {typed} > 0 THEN {typed} ELSE {otherwise} END"


def chosen_listing(alias: str) -> str:
    """SQL: the row `alias` of `listings` is one that ``:listing`` asks for.

    An id names exactly one; anything else is looked for in the names, whatever their case.
    """
    return (
        f"(trim(:listing) = '' OR {alias}.listing_id = trim(:listing)"
        f" OR (instr(lower({alias}.name), lower(trim(:listing))) > 0"
        " AND NOT EXISTS (SELECT 1 FROM listings x WHERE x.listing_id = trim(:listing))))"
    )


CATEGORY_HELP = "category: a part of its name; empty for all."
LISTING_HELP = "listing: its id, or a part of its name; empty for all."
ROWS_HELP = "rows: how many at most; empty for 50."
ROWS = number_typed("rows", 50)
"""SQL: how many rows are wanted; unless told, as many as a table shows on a page."""
