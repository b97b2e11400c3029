"""The rows of tools, and of the ids that lead to them, brought up to date from the listings for those that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from dataset.schema.tables import table
from dataset.tables.rows import Rows, in_parts, marks
from normalize.matching.ids import birth_id
from normalize.vendors import vendor_of

SAME_TOOL = "same_tool"

MEMBERS_SQL = """
SELECT tool_id, listing_id, name, category, category_canonical, tagline, description, panel_ship_pct, first_seen,
       last_seen
  FROM listings WHERE tool_id IN ({marks}) ORDER BY tool_id, first_seen, listing_id
"""
"""The listings of tools, the earliest of each first."""

FORMER_SQL = """
SELECT l.tool_id, a.alias_id, a.reason, a.at
  FROM listings l JOIN listing_aliases a ON a.listing_id = l.listing_id
 WHERE l.tool_id IN ({marks})
"""

Row = dict[str, Any]


def write_tools(rows: Rows, ids: Iterable[str], united: Mapping[tuple[str, str], str]) -> None:
    """Bring the rows of the tools `ids` (those with no listing any more included) and their aliases up to date.

    `united` says which pairs of listings a person took for one tool, and when.
    """
    wanted = sorted(set(ids))
    tools, aliases = table("tools"), table("tool_aliases")
    old_aliases = rows.select(aliases, "tool_id", wanted)
    new_aliases: list[Row] = []
    for part in in_parts(wanted):
        members = [_member(row) for row in rows.con.execute(MEMBERS_SQL.format(marks=marks(part)), part)]
        new = []
        for tool_id, group in groupby(members, key=lambda each: str(each["tool_id"])):
            listings = list(group)
            new.append(tool_row(tool_id, listings))
            new_aliases += _births(tool_id, listings, united)
        rows.replace(tools, rows.select(tools, "tool_id", part), new)
        for tool_id, alias, reason, at in rows.con.execute(FORMER_SQL.format(marks=marks(part)), part):
            new_aliases += _both(alias, tool_id, reason, at)
    # In one step: an alias may pass from any tool to any other.
    rows.replace(aliases, old_aliases, new_aliases)


def _member(row: Sequence[Any]) -> Row:
    names = ("tool_id", "listing_id", "name", "category", "category_canonical", "tagline", "description")
    return dict(zip((*names, "panel_ship_pct", "first_seen", "last_seen"), row, strict=True))


def tool_row(tool_id: str, listings: Sequence[Row]) -> Row:
    """The row of the tool that `listings` (by column) are of, the earliest first.

    Its maker is known where at least one listing leaves no doubt, and no two say different ones.
    """
    first = listings[0]
    shares = [each["panel_ship_pct"] for each in listings if each["panel_ship_pct"] is not None]
    vendors = {vendor_of(each["name"], each["tagline"], each["description"]) for each in listings} - {None}
    return {
        "tool_id": tool_id,
        "slug": first["listing_id"],
        **{name: first[name] for name in ("name", "category", "category_canonical", "tagline")},
        "vendor": vendors.pop() if len(vendors) == 1 else None,
        "listing_count": len(listings),
        "panel_ship_pct_min": min(shares, default=None),
        "panel_ship_pct_max": max(shares, default=None),
        "first_seen": first["first_seen"],
        "last_seen": max(each["last_seen"] for each in listings),
    }


def _births(tool_id: str, listings: Sequence[Row], united: Mapping[tuple[str, str], str]) -> list[Row]:
    """Birth ids and slugs of the listings of a tool that are not its own."""
    ids = [each["listing_id"] for each in listings]
    found = []
    for each in listings[1:]:
        own = each["listing_id"]
        said = [united[pair] for other in ids if (pair := (min(own, other), max(own, other))) in united]
        found += _both(own, tool_id, SAME_TOOL, max(each["first_seen"], min(said, default="")))
    return found


def _both(listing: str, tool_id: str, reason: str, at: str) -> list[Row]:
    """The birth id of `listing` and its slug, as they lead to `tool_id`."""
    found = {"id": birth_id(listing), "slug": listing}
    return [
        {"alias_id": alias, "kind": kind, "tool_id": tool_id, "reason": reason, "at": at}
        for kind, alias in found.items()
    ]
