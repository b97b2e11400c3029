"""The rows of tools, and of the ids that lead to them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from normalize.matching.ids import birth_id
from normalize.vendors import vendor_of

SAME_TOOL = "same_tool"

Row = dict[str, Any]


def tool_rows(
    rows: Mapping[str, Row],
    tool_of: Mapping[str, str],
    former: Sequence[tuple[str, str, str, str]],
    united: Mapping[tuple[str, str], str],
) -> tuple[list[Row], list[Row]]:
    """The rows of `tools` and `tool_aliases`, of the listings with these `rows` (by id); `tool_of` names their tools.

    `former` are former ids of listings: the former one, the present one, the reason, and since when. `united` says
    which pairs of listings a person took for one tool, and when.
    """
    members: dict[str, list[Row]] = defaultdict(list)
    for listing, row in rows.items():
        members[tool_of[listing]].append(row)
    tools, aliases = [], []
    for tool_id, listings in members.items():
        listings.sort(key=itemgetter("first_seen", "listing_id"))
        tools.append(tool_row(tool_id, listings))
        aliases += _births(tool_id, listings, united)
    for alias, listing, reason, at in former:
        aliases += _both(alias, tool_of[listing], reason, at)
    return tools, aliases


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
