"""Names of critics, kept up in the database: what new captures join and name, and whose reviews that touches.

Quotes, rows and names are only ever added, so a component only grows; new ones are merged into what is there. Where
sightings moved from one listing to another, the components of both are taken apart and put together anew. What comes
out is the same as if everything had come at once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from dataset.folding.labels import RowNames, components
from dataset.ids import review_id_of
from dataset.schema.tables import Table, table
from dataset.tables.rows import Rows, in_parts, marks
from dataset.tables.touched import Touched

PAIRED_SQL = """
SELECT l.listing_id, l.reading_id, r.listing_id, r.reading_id, p.pairs
  FROM paired_captures p
  JOIN listing_captures l ON l.capture_id = p.capture_id AND l.side = 'left'
  JOIN listing_captures r ON r.capture_id = p.capture_id AND r.side = 'right'
 WHERE p.capture_id IN ({marks}) AND l.listing_id <> r.listing_id
"""
PAIRED_OF_SQL = """
SELECT p.capture_id FROM listing_captures lc
  JOIN paired_captures p ON p.capture_id = lc.capture_id WHERE lc.listing_id IN ({marks})
"""

Quote = tuple[str, str]
"""A listing, and the id of a quote of it."""


class Edge(NamedTuple):
    """Two quotes that share a row, the listing that comes first in plain string order on the left."""

    left_listing: str
    right_listing: str
    left: str
    right: str


def settle_labels(rows: Rows, touched: Touched) -> set[str]:
    """Bring all that tells of names up to date with `touched`. Gives the listings whose reviews may be named anew."""
    graph = _Graph(rows)
    moved = sorted(touched.moved)
    cards = {each for each in touched.cards if each[0] not in touched.moved}
    captures = set(touched.paired)
    remaining: set[Edge] = set()
    if moved:
        remaining = graph.take_apart(moved)
        cards.update(graph.cards_of(moved))
        captures.update(row[0] for row in graph.ask(PAIRED_OF_SQL, moved))
    graph.print_labels(sorted(cards))
    graph.join(remaining)
    for part in in_parts(sorted(captures)):
        graph.join(graph.edges_of(part))
    return graph.changed_listings()


class _Graph:
    """Quotes, the rows they share, and the names printed beside them, as the database holds them."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.before: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.changed: set[str] = set()

    def ask(self, sql: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows that `sql` gives for `values`, which stand where it says marks."""
        return [row for part in in_parts(values) for row in self.rows.con.execute(sql.format(marks=marks(part)), part)]

    def _put(self, kind: Table, rows: Iterable[Sequence[str]]) -> None:
        """Put in those `rows` that aren't there yet."""
        columns = ", ".join(kind.column_names)
        sql = f"INSERT OR IGNORE INTO {kind.name} ({columns}) VALUES ({marks(kind.columns)})"  # noqa: S608
        self.rows.con.executemany(sql, rows)

    def _quotes(self, readings: Iterable[str]) -> dict[str, list[tuple[str | None, str]]]:
        """Critic and quote of the reviews of each of `readings`, in page order."""
        sql = "SELECT reading_id, body FROM readings WHERE reading_id IN ({marks})"
        return {
            reading: [(persona, quote) for persona, _, _, quote in json.loads(body)[1]]
            for reading, body in self.ask(sql, sorted(set(readings)))
        }

    def cards_of(self, listings: Sequence[str]) -> set[tuple[str, str]]:
        """`listings`, each with what any capture says of it."""
        sql = "SELECT DISTINCT listing_id, reading_id FROM listing_captures WHERE listing_id IN ({marks})"
        return {(listing, reading) for listing, reading in self.ask(sql, listings)}

    def edges_of(self, captures: Sequence[str]) -> set[Edge]:
        """The rows on the pages of `captures`."""
        found = set(self.ask(PAIRED_SQL, captures))
        quotes = self._quotes(reading for row in found for reading in (row[1], row[3]))
        edges: set[Edge] = set()
        for left, left_reading, right, right_reading, pairs in found:
            for one, other in json.loads(pairs):
                ends = [
                    (listing, review_id_of(listing, quotes[reading][place][1]))
                    for listing, reading, place in ((left, left_reading, one), (right, right_reading, other))
                ]
                (first, one_id), (second, other_id) = sorted(ends)
                edges.add(Edge(first, second, one_id, other_id))
        return edges

    def print_labels(self, cards: Sequence[tuple[str, str]]) -> None:
        """Take in the names that `cards` (listing, reading) print, and give them to the components of their quotes."""
        labels: dict[tuple[str, str], str] = {}
        for start in range(0, len(cards), 500):
            part = cards[start : start + 500]
            quotes = self._quotes(reading for _, reading in part)
            for listing, reading in part:
                for persona, quote in quotes[reading]:
                    if persona is not None:
                        labels[review_id_of(listing, quote), persona] = listing
        self._put(table("quote_labels"), [(quote, persona, listing) for (quote, persona), listing in labels.items()])
        found = self._components(sorted({quote for quote, _ in labels}))
        self._name({(found[quote], persona) for quote, persona in labels if quote in found})

    def _components(self, quotes: Sequence[str]) -> dict[str, str]:
        sql = "SELECT review_id, component FROM quote_components WHERE review_id IN ({marks})"
        return dict(self.ask(sql, quotes))

    def _personas(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """The names known in each of the components `ids`."""
        found: dict[str, set[str]] = defaultdict(set)
        sql = "SELECT component, persona FROM component_labels WHERE component IN ({marks})"
        for component, persona in self.ask(sql, sorted(set(ids))):
            found[component].add(persona)
        return found

    def _name(self, names: set[tuple[str, str]]) -> None:
        """Add `names` (component, persona); the quotes of components that didn't have them are named anew."""
        known = self._personas(component for component, _ in names)
        new = sorted((component, persona) for component, persona in names if persona not in known[component])
        self._put(table("component_labels"), new)
        self._touch({component for component, _ in new})

    def _touch(self, ids: set[str]) -> None:
        sql = "SELECT DISTINCT listing_id FROM quote_components WHERE component IN ({marks})"
        self.changed.update(row[0] for row in self.ask(sql, sorted(ids)))

    def join(self, edges: Iterable[Edge]) -> None:
        """Join the quotes of each of `edges`, and merge their components."""
        found = sorted(set(edges))
        if not found:
            return
        listing_of = {quote: listing for each in found for listing, quote in (each[::2], each[1::2])}
        known = self._components(sorted(listing_of))
        new = sorted(listing_of.keys() - known.keys())
        self._put(table("quote_components"), [(quote, listing_of[quote], quote) for quote in new])
        labels = self.ask("SELECT review_id, persona FROM quote_labels WHERE review_id IN ({marks})", new)
        self._put(table("component_labels"), labels)
        merged = components((known.get(each.left, each.left), known.get(each.right, each.right)) for each in found)
        self._merge({old: into for old, into in merged.items() if old != into})
        self._put(table("row_pairs"), found)
        self._edits({(each.left_listing, each.right_listing) for each in found})

    def _merge(self, into: Mapping[str, str]) -> None:
        """Make each component one with the one that `into` names; quotes of which the names differ are named anew."""
        old = self._personas({*into, *into.values()})
        together: dict[str, set[str]] = defaultdict(set)
        for component, target in into.items():
            together[target] |= old[component] | old[target]
        parts = [*into.items(), *((target, target) for target in set(into.values()))]
        self._touch({component for component, target in parts if old[component] != together[target]})
        con = self.rows.con
        con.executemany(
            "UPDATE quote_components SET component = ? WHERE component = ?",
            [(target, component) for component, target in into.items()],
        )
        con.executemany("DELETE FROM component_labels WHERE component = ?", [(component,) for component in into])
        names = [(target, persona) for target, personas in together.items() for persona in sorted(personas)]
        self._put(table("component_labels"), names)

    def _edits(self, pairs: set[tuple[str, str]]) -> None:
        """Find quotes that stood beside the same one on pages of the listings of each of `pairs`."""
        found: set[tuple[str, str, str]] = set()
        sql = (
            "SELECT left_review_id, right_review_id FROM row_pairs "
            "WHERE left_listing_id = ? AND right_listing_id = ? ORDER BY 1, 2"
        )
        for left_listing, right_listing in sorted(pairs):
            beside: dict[Quote, list[str]] = defaultdict(list)
            for left, right in self.rows.con.execute(sql, (left_listing, right_listing)):
                beside[left_listing, right].append(left)
                beside[right_listing, left].append(right)
            for (listing, _), quotes in beside.items():
                found.update((listing, *pair) for pair in combinations(sorted(quotes), 2))
        self._put(table("row_edits"), sorted(found))

    def take_apart(self, listings: Sequence[str]) -> set[Edge]:
        """Forget all rows and names of `listings`, and take apart what hung together through them.

        Gives the rows that are left of those components; the quotes that stand in none of them are forgotten too.
        """
        sql = "SELECT DISTINCT component FROM quote_components WHERE listing_id IN ({marks})"
        apart = {row[0] for row in self.ask(sql, listings)}
        members = self.ask(
            "SELECT review_id, listing_id, component FROM quote_components WHERE component IN ({marks})", sorted(apart)
        )
        names = self._personas(apart)
        self.before = {quote: (listing, tuple(sorted(names[of]))) for quote, listing, of in members}
        gone = set(listings)
        partners = {listing for pair in self._pairs_of(listings) for listing in pair} - gone
        self._forget(listings, sorted(apart))
        quotes = {quote for quote, listing, _ in members if listing not in gone}
        edges = self._pairs_with(sorted({listing for _, listing, _ in members} - gone))
        remaining = {each for each in edges if each.left in quotes or each.right in quotes}
        self._find_edits(sorted(partners))
        return remaining

    def _pairs_of(self, listings: Sequence[str]) -> set[tuple[str, str]]:
        return {each[:2] for each in self._pairs_with(listings)}

    def _pairs_with(self, listings: Sequence[str]) -> set[Edge]:
        columns = ", ".join(table("row_pairs").column_names)
        found: set[Edge] = set()
        for end in ("left_listing_id", "right_listing_id"):
            sql = f"SELECT {columns} FROM row_pairs WHERE {end} IN ({{marks}})"  # noqa: S608
            found.update(Edge._make(row) for row in self.ask(sql, listings))
        return found

    def _forget(self, listings: Sequence[str], apart: Sequence[str]) -> None:
        for name, column, values in (
            ("row_pairs", "left_listing_id", listings),
            ("row_pairs", "right_listing_id", listings),
            ("row_edits", "listing_id", listings),
            ("quote_labels", "listing_id", listings),
            ("quote_components", "component", apart),
            ("component_labels", "component", apart),
        ):
            self.ask(f"DELETE FROM {name} WHERE {column} IN ({{marks}})", values)  # noqa: S608

    def _find_edits(self, listings: Sequence[str]) -> None:
        """Find anew which quotes of `listings` stood beside the same one."""
        self.ask("DELETE FROM row_edits WHERE listing_id IN ({marks})", listings)
        self._edits(self._pairs_of(listings))

    def changed_listings(self) -> set[str]:
        """The listings of which some quote is named otherwise than before."""
        found = self._components(sorted(self.before))
        names = self._personas(found.values())
        for quote, (listing, personas) in self.before.items():
            if tuple(sorted(names[found[quote]] if quote in found else ())) != personas:
                self.changed.add(listing)
        return self.changed


def row_names(rows: Rows, listings: Sequence[str]) -> dict[str, RowNames]:
    """What rows of scorecards tell of the quotes of each of `listings`, where they tell anything."""
    personas: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    edits: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for part in in_parts(listings):
        told = rows.con.execute(
            "SELECT q.listing_id, q.review_id, l.persona FROM quote_components q "  # noqa: S608
            "JOIN component_labels l ON l.component = q.component "
            f"WHERE q.listing_id IN ({marks(part)}) ORDER BY 1, 2, 3",
            part,
        )
        for listing, quote, persona in told:
            personas[listing][quote] = (*personas[listing].get(quote, ()), persona)
        for listing, quote, other in rows.con.execute(
            f"SELECT listing_id, review_id, other_id FROM row_edits WHERE listing_id IN ({marks(part)})",  # noqa: S608
            part,
        ):
            edits[listing].append((quote, other))
    return {each: RowNames(personas[each], edits[each]) for each in sorted({*personas, *edits})}
