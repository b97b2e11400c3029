"""The class of a canned query, and pieces of SQL that several queries share.

The pieces refer to parameters by name, and SQLite binds the values: user input never becomes SQL.
"""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any


@dataclass(frozen=True)
class Query:
    """A canned query; `params` are in the order of the form."""

    name: str
    title: str
    description: str
    sql: str
    params: tuple[str, ...] = ()

    def as_metadata(self) -> dict[str, Any]:
        """Return the query in the form of Datasette's metadata."""
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
    """Make a query from texts that are indented and wrapped in the code."""
    return Query(name, title, " ".join(description.split()), dedent(sql).strip(), params)


def part_of(column: str, param: str) -> str:
    """Return the SQL condition that `column` contains `param`, ignoring case; an empty parameter matches all."""
    return f"(trim(:{param}) = '' OR instr(lower({column}), lower(trim(:{param}))) > 0)"


def same_as(column: str, param: str) -> str:
    """Return the SQL condition that `column` equals `param` in lower case; an empty parameter matches all."""
    return f"(trim(:{param}) = '' OR {column} = lower(trim(:{param})))"


def number_typed(param: str, otherwise: int) -> str:
    """Return the SQL for `param` as a whole number above 0, or `otherwise` if it isn't one."""
    typed = f"CAST(trim(:{param}) AS INTEGER)"
    return f"CASE WHEN {typed} > 0 THEN {typed} ELSE {otherwise} END"


def chosen_listing(alias: str) -> str:
    """Return the SQL condition that the row `alias` of `listings` matches ``:listing``.

    An id identifies exactly one listing. Any other text is searched for in the names, ignoring case.
    """
    return (
        f"(trim(:listing) = '' OR {alias}.listing_id = trim(:listing)"
        f" OR (instr(lower({alias}.name), lower(trim(:listing))) > 0"
        " AND NOT EXISTS (SELECT 1 FROM listings x WHERE x.listing_id = trim(:listing))))"
    )


CATEGORY_HELP = "category: a part of its name; empty for all."
LISTING_HELP = "listing: its id, or a part of its name; empty for all."
ROWS_HELP = "rows: the maximum number of rows; empty for 50."
ROWS = number_typed("rows", 50)
"""SQL: the maximum number of rows; by default 50, as on a page of a table."""
