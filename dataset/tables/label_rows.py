"""What rows of scorecards say of quotes: which critics' names come to them from other pages.

Quotes are known by the id that a review of them alone would have.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from dataset.folding.labels import RowNames, components
from dataset.ids import review_id_of

PAIRED_SQL = """
SELECT DISTINCT l.listing_id, l.reading, r.listing_id, r.reading, c.pairs
  FROM chosen s JOIN cache.captures c ON c.place = s.place
  JOIN links l ON l.capture_id = s.capture_id AND l.side = 'left'
  JOIN links r ON r.capture_id = s.capture_id AND r.side = 'right'
 WHERE c.pairs IS NOT NULL AND l.listing_id <> r.listing_id
"""
CARDS_SQL = "SELECT DISTINCT listing_id, reading FROM links"

Said = list[tuple[str | None, str]]
"""Critic and quote of each review on a card, in page order."""


class Edge(NamedTuple):
    """Two quotes that share a row, the listing that comes first in plain string order on the left."""

    left_listing: str
    right_listing: str
    left: str
    right: str


def row_names(con: sqlite3.Connection) -> dict[str, RowNames]:
    """What rows of scorecards tell of the quotes of each listing, where they tell anything."""
    con.execute("CREATE INDEX links_capture ON links (capture_id, side)")
    readings = _Readings(con)
    edges = _edges(con, readings)
    if not edges:
        return {}
    listing_of = {quote: listing for edge in edges for listing, quote in (edge[::2], edge[1::2])}
    component_of = components((edge.left, edge.right) for edge in sorted(edges))
    names = _names(con, readings, component_of)
    personas: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for quote, component in component_of.items():
        if component in names:
            personas[listing_of[quote]][quote] = tuple(sorted(names[component]))
    edits = _edits(edges)
    return {each: RowNames(personas[each], edits.get(each, [])) for each in sorted({*personas, *edits})}


class _Readings:
    """The reviews on cards, each card parsed once."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con
        self._said: dict[int, Said] = {}

    def said(self, reading: int) -> Said:
        """What the card of the `reading` says."""
        found = self._said.get(reading)
        if found is None:
            [[body]] = self._con.execute("SELECT body FROM cache.readings WHERE number = ?", (reading,))
            found = self._said[reading] = [(persona, quote) for persona, _, _, quote in json.loads(body)[1]]
        return found


def _edges(con: sqlite3.Connection, readings: _Readings) -> set[Edge]:
    """The rows on all pages whose reviews pair up."""
    found: set[Edge] = set()
    for left, left_reading, right, right_reading, pairs in con.execute(PAIRED_SQL).fetchall():
        for one, other in json.loads(pairs):
            (first, one_id), (second, other_id) = sorted(
                (
                    (left, review_id_of(left, readings.said(left_reading)[one][1])),
                    (right, review_id_of(right, readings.said(right_reading)[other][1])),
                )
            )
            found.add(Edge(first, second, one_id, other_id))
    return found


def _names(con: sqlite3.Connection, readings: _Readings, component_of: Mapping[str, str]) -> dict[str, set[str]]:
    """The names that pages print beside the quotes of each component."""
    found: dict[str, set[str]] = defaultdict(set)
    for listing, reading in con.execute(CARDS_SQL).fetchall():
        for persona, quote in readings.said(reading):
            if persona is not None:
                component = component_of.get(review_id_of(listing, quote))
                if component is not None:
                    found[component].add(persona)
    return found


def _edits(edges: Iterable[Edge]) -> dict[str, list[tuple[str, str]]]:
    """By listing, pairs of its quotes that stood in rows beside the same quote of another one."""
    beside: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for left_listing, right_listing, left, right in edges:
        beside[left_listing, right_listing, right].add(left)
        beside[right_listing, left_listing, left].add(right)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (listing, _, _), quotes in beside.items():
        found[listing].update(combinations(sorted(quotes), 2))
    return {listing: sorted(pairs) for listing, pairs in found.items() if pairs}
