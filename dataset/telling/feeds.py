"""Writes Atom feeds of changes. The same dataset always gives the same bytes.

An entry's id is the change's (``urn:verdictlog:change:…``), its date is when the new value was first seen; nothing in
a feed tells of the build or of the clock. Texts of pages are only ever text: escaped, with control signs made visible.
A change that an older capture disproves is no longer in the feed.

The id of a feed is made from the query. A tool is identified by its id, which stays the same when more listings of it
are found; when two tools turn out to be one, the id of the later one leads to the feed of the other. A name is kept as
it is, because another tool may have the same name tomorrow.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from dataset.asking.lookup import Named, tool_by_id, tools_meant
from dataset.asking.reading_changes import ChangeSeen, Shown, Wanted, changes_wanted
from dataset.signs import visible
from dataset.telling import telling

MOST_ENTRIES = 200
"""The maximum number of entries in a feed: enough for a reader who looks once a month, except on very large sites."""

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"
NEVER = "1970-01-01T00:00:00Z"
"""The date of a feed without entries."""

FLIPS = ("verdict_flip",)


def feed_of(
    con: sqlite3.Connection,
    wanted: Wanted,
    *,
    tools: Sequence[str] = (),
    limit: int | None = None,
    address: str | None = None,
) -> bytes:
    """Return the feed of the `wanted` changes, newest first.

    `tools` limits it to tools with these ids or names; `address` is the URL at which it is served, if any. Raises
    `dataset.asking.lookup.NoSuchListingError` if a tool doesn't exist.
    """
    most = MOST_ENTRIES if limit is None else limit
    listings = tools_meant(con, tools)
    if tools:
        wanted = replace(wanted, listings=tuple(each.listing_id for each in listings))
    changes = list(changes_wanted(con, wanted, limit=most))
    own_id = feed_id(wanted, (_subject(con, each) for each in tools))
    return write_feed(_title(wanted, listings), own_id, changes, address)


def _subject(con: sqlite3.Connection, tool: str) -> str:
    """Return the part of a feed's id for a tool, given by its id or name."""
    tool_id = tool_by_id(con, tool)
    return f"name={quote(tool.strip().casefold(), safe='')}" if tool_id is None else f"tool={tool_id}"


def feed_id(wanted: Wanted, subjects: Iterable[str] = ()) -> str:
    """Return the feed id for the filter `wanted` and `subjects` (``tool=…``, ``name=…``); one query has one id."""
    parts = ["changes"]
    parts += [f"kind={','.join(sorted(wanted.kinds))}"] if wanted.kinds else []
    parts += sorted(set(subjects))
    parts += [f"since={wanted.since}"] if wanted.since else []
    parts += ["confirmed"] if wanted.confirmed else []
    return "urn:verdictlog:feed:" + ";".join(parts)


def _title(wanted: Wanted, tools: Sequence[Named]) -> str:
    what = "verdicts that flipped" if tuple(wanted.kinds) == FLIPS else "changes"
    if wanted.kinds and tuple(wanted.kinds) != FLIPS:
        what = f"changes ({', '.join(wanted.kinds)})"
    names = ", ".join(dict.fromkeys(each.name or each.listing_id for each in tools))
    return f"{names}: {what}" if names else f"AI-tool verdicts: {what}"


def write_feed(title: str, own_id: str, changes: Sequence[ChangeSeen], address: str | None = None) -> bytes:
    """A feed with an entry for each of `changes`, which come newest first."""
    feed = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})
    _add(feed, "id", own_id)
    _add(feed, "title", title)
    if address is not None:
        etree.SubElement(feed, f"{{{NAMESPACE}}}link", rel="self", type="application/atom+xml", href=xml_text(address))
    _add(feed, "updated", changes[0].seen_after if changes else NEVER)
    _add(etree.SubElement(feed, f"{{{NAMESPACE}}}author"), "name", "verdictlog")
    for change in changes:
        _entry(etree.SubElement(feed, f"{{{NAMESPACE}}}entry"), change)
    etree.indent(feed, "  ")
    found: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return found + b"\n"


def _entry(entry: etree._Element, change: ChangeSeen) -> None:
    _add(entry, "id", f"urn:verdictlog:change:{change.change_id}")
    _add(entry, "title", f"{telling.name_of(change)}: {telling.headline(change)}")
    _add(entry, "updated", change.seen_after)
    etree.SubElement(entry, f"{{{NAMESPACE}}}category", term=change.kind)
    if _is_link(change.after.url):
        etree.SubElement(entry, f"{{{NAMESPACE}}}link", rel="alternate", href=visible(change.after.url))
    line = telling.line(change)
    lines = [
        f"{line[:1].upper()}{line[1:]}.",
        telling.quoted(change) or "",
        f"Before: {_place(change.before)}",
        f"After: {_place(change.after)}",
        f"Listing: {change.listing_id}",
    ]
    _add(entry, "content", "\n".join(line for line in lines if line), type="text")


def _place(shown: Shown) -> str:
    return f"{shown.url or 'a file without a URL'} as of {shown.observed_at} (capture {shown.capture_id})"


def _is_link(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme in ("http", "https")


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes).text = xml_text(text)


def xml_text(text: str) -> str:
    """Return `text` for XML: control characters are made visible, and other forbidden characters are escaped."""
    return visible(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
