"""Finds the listings that a user means, by id, former id, slug, tool or name, and suggests similar ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

MOST_NEAR = 8
"""The maximum number of suggestions."""

_BY_ID = (
    "SELECT listing_id FROM listings WHERE listing_id = :word",
    "SELECT listing_id FROM listing_aliases WHERE alias_id = :word",
    "SELECT listing_id FROM listings WHERE tool_id = :word",
    "SELECT l.listing_id FROM tools t JOIN listings l USING (tool_id) WHERE t.slug = :word",
    "SELECT listing_id FROM listings WHERE tool_id IN (SELECT tool_id FROM tool_aliases WHERE alias_id = :word)",
    "SELECT listing_id FROM listings WHERE source || ':' || :word = listing_id",
)
"""Ways to find listings by an id, the most specific first."""


class Named(NamedTuple):
    """The id of a listing, with the name on its card."""

    listing_id: str
    name: str | None

    def __str__(self) -> str:
        return f"{self.listing_id} ({self.name})" if self.name else self.listing_id


class NoSuchListingError(LookupError):
    """No listing matches a word; `near` are similar ones."""

    def __init__(self, word: str, near: list[Named]) -> None:
        super().__init__(word)
        self.word = word
        self.near = near

    def __str__(self) -> str:
        if not self.near:
            return f"there is no listing {self.word!r}, and none with a similar name"
        return f"there is no listing {self.word!r}. Similar listings: {', '.join(map(str, self.near))}"


def listings_meant(con: sqlite3.Connection, word: str) -> list[Named]:
    """Return the listings that `word` means, sorted: by any id, or else all with this name, ignoring case.

    Raises `NoSuchListingError` if there is none.
    """
    word = word.strip()
    if found := _by_id(con, word):
        return [_named(con, listing) for listing in found]
    everything = [Named(*row) for row in con.execute("SELECT listing_id, name FROM listings ORDER BY listing_id")]
    same = [each for each in everything if (each.name or "").casefold() == word.casefold()]
    if not same or not word:
        raise NoSuchListingError(word, _near(everything, word.casefold()))
    return same


def tool_by_id(con: sqlite3.Connection, word: str) -> str | None:
    """Return the id of the tool that `word` identifies by any current or former id of it or a listing, else None."""
    for listing in _by_id(con, word.strip()):
        [[tool_id]] = con.execute("SELECT tool_id FROM listings WHERE listing_id = ?", (listing,))
        return str(tool_id)
    return None


def _by_id(con: sqlite3.Connection, word: str) -> list[str]:
    for sql in _BY_ID:
        if found := sorted({row[0] for row in con.execute(sql, {"word": word})}):
            return found
    return []


def tools_meant(con: sqlite3.Connection, words: Iterable[str]) -> list[Named]:
    """Return all listings of the tools that `words` mean, sorted; a word can identify any listing of a tool.

    Raises `NoSuchListingError` if a word matches nothing.
    """
    found = {each.listing_id for word in words for each in listings_meant(con, word)}
    same = con.execute(
        "SELECT DISTINCT o.listing_id, o.name FROM listings l JOIN listings o USING (tool_id) "
        "WHERE l.listing_id IN (SELECT value FROM json_each(?)) ORDER BY o.listing_id",
        (json.dumps(sorted(found)),),
    )
    return [Named(*row) for row in same]


def _named(con: sqlite3.Connection, listing: str) -> Named:
    return Named(*con.execute("SELECT listing_id, name FROM listings WHERE listing_id = ?", (listing,)).fetchone())


def _near(everything: list[Named], word: str) -> list[Named]:
    """Return listings whose name or slug contains `word` or is spelled similarly."""
    if not word:
        return []
    held = [each for each in everything if word in (each.name or "").casefold() or word in each.listing_id.casefold()]
    if held:
        return held[:MOST_NEAR]
    by_spelling: dict[str, list[Named]] = {}
    for each in everything:
        slug = each.listing_id.rpartition(":")[2]
        for spelling in {(each.name or "").casefold(), slug.casefold(), slug.casefold().partition("-")[0]}:
            by_spelling.setdefault(spelling, []).append(each)
    close = get_close_matches(word, by_spelling, n=MOST_NEAR, cutoff=0.6)
    return list(dict.fromkeys(each for spelling in close for each in by_spelling[spelling]))[:MOST_NEAR]
