"""Which categories the listings bear, by the canonical ones: what the mapping does, and what it doesn't know."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from normalize.categories import category_of, mapping


class CategoryUse(NamedTuple):
    """A canonical category, with the spellings listed for it and those in use; `is_known`: it is in the mapping."""

    category: str
    is_known: bool
    listings: int
    listed: tuple[str, ...]
    in_use: dict[str, int]


def category_use(con: sqlite3.Connection) -> list[CategoryUse]:
    """Every category of the mapping, then those beyond it, each sorted by name; counts are listings of `con`."""
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
