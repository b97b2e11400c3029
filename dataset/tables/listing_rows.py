"""From the captures that show them to the rows of all listings; each listing is a pure function of its sightings.

A listing whose rows can't be derived is left out, with an error that names its captures: one page never stops a build.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset.folding.fold import ListingRows, fold_listing
from dataset.folding.fold_reviews import Problem
from dataset.folding.history import Moment
from dataset.folding.labels import NO_NAMES
from dataset.ids import card_listing_id
from dataset.readings.observe import card_of
from dataset.readings.states import CardReading, Sighting
from dataset.schema.tables import table
from dataset.tables.label_rows import row_names
from dataset.tables.moves import Moves, extra_evidence
from dataset.tables.problem_rows import Problems
from dataset.tables.rows import in_parts, marks
from normalize.matching.ids import birth_id

BATCH = 300
"""How many listings are derived at a time."""

MOST_NAMED = 5
"""How many captures an error names."""

TABLES = (
    "reviews",
    "field_evidence",
    "listing_versions",
    "review_versions",
    "changes",
    "listing_aliases",
    "review_aliases",
)
"""Tables whose rows are those of one listing, beside `listings` itself."""

SIGHTINGS_SQL = """
SELECT l.listing_id, c.source, l.reading, c.observed_at, c.captured_at, c.capture_id, l.side, c.made_from, c.kind,
       c.complete, c.url, l.identified_by, l.named_id
  FROM links l JOIN captures c ON c.capture_id = l.capture_id
 WHERE l.listing_id IN ({marks})
 ORDER BY l.listing_id, c.observed_at, c.captured_at, c.capture_id, l.side
"""

BARE_CARDS = """
SELECT DISTINCT c.source, r.card_key FROM links l JOIN cache.readings r ON r.number = l.reading
  JOIN captures c ON c.capture_id = l.capture_id WHERE l.identified_by = 'card' ORDER BY 1, 2
"""
SLUGS_OF_CARDS = """
SELECT DISTINCT c.source, r.card_key, l.listing_id FROM links l JOIN cache.readings r ON r.number = l.reading
  JOIN captures c ON c.capture_id = l.capture_id
 WHERE l.identified_by = 'url' AND r.card_key IN ({marks}) ORDER BY 1, 2, 3
"""


@dataclass
class Listings:
    """The rows of all listings: `listings` by id, those of the other tables with every column, in order."""

    listings: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in TABLES})
    former: dict[str, str] = field(default_factory=dict)
    """Ids under which listings were known before, each with the present one."""


def settle_cards(con: sqlite3.Connection) -> dict[str, list[str]]:
    """Decide which listing the cards without a slug belong to.

    A card belongs to the one slug of its source that ever showed it, else (none, or several) to a listing of its own.
    Gives for cards of several slugs those slugs.
    """
    slugs: dict[tuple[str, str], list[str]] = defaultdict(list)
    bare = con.execute(BARE_CARDS).fetchall()
    for part in in_parts(sorted({key for _, key in bare})):
        for source, key, listing in con.execute(SLUGS_OF_CARDS.format(marks=marks(part)), part):
            slugs[source, key].append(listing)
    rivals = {}
    for source, key in bare:
        own, found = card_listing_id(source, key), slugs[source, key]
        if len(found) == 1:
            con.execute(
                "UPDATE links SET listing_id = ? WHERE named_id = ? AND identified_by = 'card'", (found[0], own)
            )
        elif found:
            rivals[own] = found
    return rivals


def derive_listings(
    con: sqlite3.Connection,
    moves: Moves,
    problems: Problems,
    refused: Mapping[str, str],
    progress: Callable[[int], None],
) -> Listings:
    """The rows of all listings, with what is wrong with them in `problems`; `links` lose those that are left out.

    `refused` are listings that the tables did not take the rows of, with the reason: they are left out too.
    """
    rivals = settle_cards(con)
    names = row_names(con)
    found = Listings()
    ids = [row[0] for row in con.execute("SELECT DISTINCT listing_id FROM links ORDER BY 1")]
    for batch in in_parts(ids, BATCH):
        extra = extra_evidence(con, batch, moves)
        for listing, (source, sightings) in _sightings(con, batch).items():
            why = refused.get(listing)
            try:
                derived = fold_listing(
                    listing,
                    source,
                    sightings,
                    rivals.get(listing, ()),
                    extra.get(listing),
                    names.get(listing, NO_NAMES),
                    tool_id=birth_id(listing),
                )
            except Exception as error:  # whatever a page made go wrong here must not stop the build
                why = f"{type(error).__name__}: {error}"
            if why is not None:
                problems.add(f"listing:{listing}", [_failed(listing, sightings, why)])
                con.execute("DELETE FROM links WHERE listing_id = ?", (listing,))
                continue
            _take(found, derived)
            problems.add(f"listing:{listing}", derived.problems)
        progress(len(batch))
    return found


def _take(found: Listings, derived: ListingRows) -> None:
    found.listings[derived.listing["listing_id"]] = derived.listing
    found.former.update((row["alias_id"], row["listing_id"]) for row in derived.listing_aliases)
    for name, rows in found.rows.items():
        rows.extend(map(table(name).in_order, derived.by_table(name)))


def _failed(listing: str, sightings: Sequence[Sighting], why: str) -> Problem:
    """The problem that `listing`, which `sightings` show, could not be derived, because of `why`."""
    captures = list(dict.fromkeys(each.capture_id for each in sightings))
    named = ", ".join(captures[:MOST_NAMED])
    more = f" and {len(captures) - MOST_NAMED:,} more" if len(captures) > MOST_NAMED else ""
    said = " ".join(why.split())[:200].encode("utf-8", "backslashreplace").decode()
    return Problem(
        "error",
        "listing_failed",
        listing,
        f"{listing} was left out of the dataset, because it could not be derived ({said}). It is shown by the captures "
        f"{named}{more}. Please report this",
        url=sightings[0].url,
        capture_id=captures[0],
        seen_at=sightings[0].observed_at,
    )


def _sightings(con: sqlite3.Connection, listings: Sequence[str]) -> dict[str, tuple[str, list[Sighting]]]:
    """Source and sightings of each of `listings`."""
    found: dict[str, tuple[str, list[Sighting]]] = {}
    cards: dict[int, tuple[str | None, CardReading]] = {}
    raw = [row for part in in_parts(listings) for row in con.execute(SIGHTINGS_SQL.format(marks=marks(part)), part)]
    for part in in_parts(sorted({row[2] for row in raw})):
        sql = f"SELECT number, card_key, body FROM cache.readings WHERE number IN ({marks(part)})"  # noqa: S608
        cards.update((number, (card_key, card_of(body))) for number, card_key, body in con.execute(sql, part))
    for listing, source, reading, *when, kind, complete, url, identified_by, named in raw:
        observed_at, captured_at, capture_id, side, made_from = when
        card_key, card = cards[reading]
        moment = Moment(observed_at, captured_at, capture_id, side, made_from, url or capture_id)
        sighting = Sighting(
            moment=moment,
            kind=kind,
            complete=bool(complete),
            url=url,
            alias=named if identified_by == "card" else None,
            card_key=card_key,
            card=card,
            former=named if identified_by == "url" and named != listing else None,
        )
        found.setdefault(listing, (source, []))[1].append(sighting)
    return found
