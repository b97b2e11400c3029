"""Which tools another version puts together or takes apart: the listings of two datasets held against each other."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

MERGED, SPLIT = "merged", "split"


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A tool of the new dataset that was several (`MERGED`), or one of the old that would be several (`SPLIT`).

    `listings` are those in both datasets, the earliest first; `others` the ids of the several tools.
    """

    what: str
    tool_id: str
    others: list[str]
    listings: list[str]


def regroupings(con: sqlite3.Connection, old: str) -> list[Regrouped]:
    """What is merged, then what is split, in the dataset in ``main`` of `con` against the one attached as `old`."""
    columns = {row[0] for row in con.execute("SELECT name FROM pragma_table_info('listings', ?)", (old,))}
    if not {"listing_id", "tool_id"} <= columns:
        return []
    found = []
    for what, here, there in ((MERGED, "n", "o"), (SPLIT, "o", "n")):
        sql = _grouped_sql(here, there, old)
        for tool_id, others, listings in con.execute(sql):
            in_order = [listing for _, listing in sorted(json.loads(listings))]
            found.append(Regrouped(what, tool_id, sorted(set(json.loads(others))), in_order))
    return found


def _grouped_sql(here: str, there: str, old: str) -> str:
    """The tools of the dataset `here` whose listings are of several tools `there`."""
    pairs = (
        f"SELECT {here}.tool_id AS one, {there}.tool_id AS other, n.listing_id, n.first_seen "  # noqa: S608
        f"FROM main.listings n JOIN {old}.listings o ON o.listing_id = n.listing_id"
    )
    return (
        "SELECT one, json_group_array(other), json_group_array(json_array(first_seen, listing_id)) "  # noqa: S608
        f"FROM ({pairs}) GROUP BY one HAVING count(DISTINCT other) > 1 ORDER BY min(first_seen), one"
    )
