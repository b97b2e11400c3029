"""Counts the categories of listings by canonical category, including those that the mapping doesn't contain."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from normalize.categories import category_of, mapping


class CategoryUse(NamedTuple):
    """A canonical category, with its listed spellings and those in use; `is_known`: the mapping contains it."""

    category: str
    is_known: bool
    listings: int
    listed: tuple[str, ...]
    in_use: dict[str, int]


def category_use(con: sqlite3.Connection) -> list[CategoryUse]:
    """Return the categories of the mapping, then unmapped ones, each sorted by name, with numbers of listings."""
    listed = mapping()
    found: dict[str, dict[str, int]] = {name: {} for name in listed}
    sql = "SELECT category, count(*) FROM listings WHERE category IS NOT NULL GROUP BY category ORDER BY category"
    for printed, count in con.execute(sql):
        category = category_of(printed)
        if category is not None:
            found.setdefault(category.name, {})[printed] = count
    uses = [
        CategoryUse(name, name in listed, sum(in_use.values()), listed.get(name, ()), in_use)
        for name, in_use in found.items()
    ]
    return sorted(uses, key=lambda use: (not use.is_known, use.category))
