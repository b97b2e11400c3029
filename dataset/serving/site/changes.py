"""The page of changes: the newest first, those that are asked for, a page at a time under addresses that stay.

A page begins after a change, not at a number: what is new moves nothing to another page.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dataset.schema.history import CHANGE_KINDS
from dataset.serving.site.change_rows import CHANGE_COLUMNS, Change
from dataset.serving.site.page import Asked, MissingError, Near, Page
from dataset.serving.site.reading import each, rows, value
from dataset.serving.site.tool_names import ToolRef, tool_meant

ON_A_PAGE = 50
FILTERS = ("kind", "tool", "persona", "confirmed", "since", "until", "source")
FEW_LISTINGS = 500
"""A source of at most so many listings is asked for by its listings, a larger one by time."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PLACE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)~([^~]{1,200})")


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of changes.

    `chosen` are the filters that count, `not_understood` those that could not be read (then there are no changes);
    `near` are tools that may have been meant. `newer` and `older` are the places of the pages beside this one.
    """

    chosen: dict[str, str]
    not_understood: tuple[str, ...]
    near: tuple[Near, ...]
    tool: ToolRef | None
    changes: tuple[Change, ...]
    newer: str | None
    older: str | None
    kinds: tuple[str, ...]
    personas: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass
class _Filters:
    chosen: dict[str, str]
    wrong: list[str]
    near: tuple[Near, ...] = ()
    tool: ToolRef | None = None
    since: str | None = None
    until: str | None = None


def moment_of(word: str, *, end: bool) -> str | None:
    """The time that `word` names, at the beginning or the `end` of a day; None where it is none."""
    if _DAY.fullmatch(word):
        word += "T23:59:59Z" if end else "T00:00:00Z"
    if not _TIME.fullmatch(word):
        return None
    try:
        datetime.strptime(word, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    return word


def _filters(con: sqlite3.Connection, asked: Asked) -> _Filters:
    found = _Filters({name: word for name in FILTERS if (word := asked.word(name))}, [])
    chosen = found.chosen
    if chosen.get("kind", CHANGE_KINDS[0]) not in CHANGE_KINDS:
        found.wrong.append("kind")
    if chosen.get("confirmed", "yes") not in ("yes", "no"):
        found.wrong.append("confirmed")
    if "tool" in chosen:
        try:
            found.tool = tool_meant(con, chosen["tool"])
        except MissingError as error:
            found.wrong.append("tool")
            found.near = error.near
    if "since" in chosen and (since := moment_of(chosen["since"], end=False)) is not None:
        found.since = since
    elif "since" in chosen:
        found.wrong.append("since")
    if "until" in chosen and (until := moment_of(chosen["until"], end=True)) is not None:
        found.until = until
    elif "until" in chosen:
        found.wrong.append("until")
    return found


def changes_sql(
    filters: _Filters, place: tuple[str, str] | None = None, *, few_listings: bool = False, newer: bool = False
) -> tuple[str, list[Any]]:
    """SQL of the changes that `filters` let through, and its values but for the limit.

    They begin after `place` (a time and an id), or with `newer` go back from there. An index serves the first of tool,
    persona, kind and surety that is asked for; a ``+`` keeps SQLite from choosing another one.
    """
    chosen = filters.chosen
    exact: list[tuple[str, object]] = []
    if filters.tool is not None:
        exact.append(("c.tool_id", filters.tool.tool_id))
    if "persona" in chosen:
        exact.append(("c.persona", chosen["persona"]))
    if "kind" in chosen:
        exact.append(("c.kind", chosen["kind"]))
    if "confirmed" in chosen:
        exact.append(("c.confirmed", int(chosen["confirmed"] == "yes")))
    by_listing = few_listings and filters.tool is None
    time = "+c.seen_after" if by_listing or filters.tool is not None else "c.seen_after"
    conditions = [f"{'+' if number or by_listing else ''}{column} = ?" for number, (column, _) in enumerate(exact)]
    values = [given for _, given in exact]
    for limit, sign in ((filters.since, ">="), (filters.until, "<=")):
        if limit is not None:
            conditions.append(f"{time} {sign} ?")
            values.append(limit)
    if "source" in chosen:
        conditions.append("l.source = ?")
        values.append(chosen["source"])
    # Equal times stand in the order of their ids, also from the other end.
    sign, other, order = (">", "<", "ASC, c.change_id DESC") if newer else ("<", ">", "DESC, c.change_id")
    if place is not None:
        conditions.append(f"{time} {sign}= ? AND (c.seen_after {sign} ? OR c.change_id {other} ?)")
        values += [place[0], place[0], place[1]]
    tables = "listings l CROSS JOIN changes c" if by_listing else "changes c CROSS JOIN listings l"
    where = " AND ".join(["l.listing_id = c.listing_id", "t.tool_id = c.tool_id", *conditions])
    sql = (
        f"SELECT {CHANGE_COLUMNS} FROM {tables} CROSS JOIN tools t WHERE {where} ORDER BY c.seen_after {order} LIMIT ?"  # noqa: S608
    )
    return sql, values


def _place(word: str) -> tuple[str, str] | None:
    found = _PLACE.fullmatch(word)
    return None if found is None else (found[1], found[2])


def changes_page(con: sqlite3.Connection, asked: Asked) -> ChangesPage:
    """The page of changes that `asked` means."""
    filters = _filters(con, asked)
    older, newer = _place(asked.word("older")), _place(asked.word("newer"))
    is_back = older is None and newer is not None
    place = older or newer
    found: list[Change] = []
    if not filters.wrong:
        few = "source" in filters.chosen and _has_few_listings(con, filters.chosen["source"])
        sql, values = changes_sql(filters, place, few_listings=few, newer=is_back)
        found = list(each(Change, con, sql, [*values, ON_A_PAGE + 1]))
    there_is_more = len(found) > ON_A_PAGE
    found = found[:ON_A_PAGE]
    if is_back:
        found.reverse()
    has_newer = there_is_more if is_back else place is not None
    has_older = is_back or there_is_more
    return ChangesPage(
        chosen=filters.chosen,
        not_understood=tuple(filters.wrong),
        near=filters.near,
        tool=filters.tool,
        changes=tuple(found),
        newer=_word(found[0]) if found and has_newer else None,
        older=_word(found[-1]) if found and has_older else None,
        kinds=CHANGE_KINDS,
        personas=tuple(row["persona"] for row in rows(con, "SELECT persona FROM personas ORDER BY persona")),
        sources=tuple(row["source"] for row in rows(con, "SELECT DISTINCT source FROM listings ORDER BY source")),
    )


def _word(change: Change) -> str:
    """The place of a change among others, as it stands in an address."""
    return f"{change.seen_after}~{change.change_id}"


def _has_few_listings(con: sqlite3.Connection, source: str) -> bool:
    sql = "SELECT count(*) FROM (SELECT 1 FROM listings WHERE source = ? LIMIT ?)"
    return int(value(con, sql, (source, FEW_LISTINGS + 1))) <= FEW_LISTINGS


CHANGES = Page("changes", r"/changes", changes_page, "site/changes.html", words=(*FILTERS, "older", "newer"))
