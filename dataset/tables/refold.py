"""From stored sightings to the rows of the listings that they show, for the listings that a build touches.

Works in bulk: some hundreds of listings at a time, each fold being a pure function of all sightings of its
listing (`dataset.folding.fold`), so that it matters neither in which order nor in how many builds they came.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from dataset.folding.fold import ListingRows, fold_listing
from dataset.folding.fold_reviews import Problem
from dataset.folding.history import Moment
from dataset.folding.labels import NO_NAMES
from dataset.ids import card_listing_id, problem_id_of
from dataset.readings.observe import card_of
from dataset.readings.states import CardReading, Sighting
from dataset.schema.tables import table
from dataset.tables.agreement_tallies import AgreementTallies
from dataset.tables.label_rows import row_names
from dataset.tables.listing_net import TrialTables, failed_listing, leave_out, personas_of
from dataset.tables.moves import Moves, beyond_sightings, drop_aliases
from dataset.tables.rows import Rows, as_tuples, in_parts, marks
from dataset.tables.tallies import Tallies
from dataset.tables.touched import Touched
from normalize.matching.ids import birth_id

BATCH = 300
"""How many listings are folded at a time."""

BY_LISTING = (
    *("listings", "reviews", "field_evidence", "listing_versions", "review_versions", "changes"),
    "listing_aliases",
)
"""Tables whose rows are those of one listing."""

MATCHED_BY = ("listing_id", "name", "tagline", "description", "category", "first_seen")
"""Columns of listings from which follows which listings are of one tool."""

SIGHTINGS_SQL = """
SELECT lc.listing_id, c.source, lc.reading_id, c.observed_at, c.captured_at, c.capture_id, lc.side, c.made_from, c.kind,
       c.complete, c.url, lc.identified_by, lc.named_id, r.card_key
  FROM listing_captures lc
  JOIN captures c ON c.capture_id = lc.capture_id
  JOIN readings r ON r.reading_id = lc.reading_id
 WHERE lc.listing_id IN ({marks})
 ORDER BY lc.listing_id, c.observed_at, c.captured_at, c.capture_id, lc.side
"""


def settle_cards(rows: Rows, keys: Iterable[tuple[str, str]], moved: set[str]) -> tuple[set[str], dict[str, list[str]]]:
    """Decide anew which listing the cards without a slug belong to, for the `keys` (source, card_key).

    A card belongs to the one slug of its source that ever showed it, else (none, or several) to a listing of
    its own. Gives the listings whose sightings changed, and for cards of several slugs those slugs. Those between
    which sightings moved go into `moved` too.
    """
    touched: set[str] = set()
    rivals: dict[str, list[str]] = {}
    for source, key in _with_bare_cards(rows.con, keys):
        own = card_listing_id(source, key)
        slugs = [
            listing
            for (listing,) in rows.con.execute(
                "SELECT DISTINCT lc.listing_id FROM readings r "
                "JOIN listing_captures lc ON lc.reading_id = r.reading_id "
                "JOIN captures c ON c.capture_id = lc.capture_id "
                "WHERE r.card_key = ? AND c.source = ? AND lc.identified_by = 'url' ORDER BY 1",
                (key, source),
            )
        ]
        target = slugs[0] if len(slugs) == 1 else own
        if len(slugs) > 1:
            rivals[own] = slugs
        touched |= {own, target}
        left = _move_cards(rows, source, key, target)
        if left:
            touched |= left
            moved |= left | {target}
    drop_aliases(rows, sorted(touched))
    return touched, rivals


def _with_bare_cards(con: sqlite3.Connection, keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of `keys` under which any card without a slug was seen."""
    wanted = set(keys)
    found: set[tuple[str, str]] = set()
    for part in in_parts(sorted({key for _, key in wanted})):
        sql = f"SELECT source, card_key FROM bare_cards WHERE card_key IN ({marks(part)})"  # noqa: S608
        found.update(wanted.intersection(con.execute(sql, part)))
    return sorted(found)


def _move_cards(rows: Rows, source: str, key: str, target: str) -> set[str]:
    links = table("listing_captures")
    columns = ", ".join(f"lc.{name}" for name in links.column_names)
    old = rows.con.execute(
        f"SELECT {columns} FROM readings r "  # noqa: S608
        "JOIN listing_captures lc ON lc.reading_id = r.reading_id "
        "JOIN captures c ON c.capture_id = lc.capture_id "
        "WHERE r.card_key = ? AND c.source = ? AND lc.identified_by = 'card' AND lc.listing_id <> ?",
        (key, source, target),
    ).fetchall()
    before = [dict(zip(links.column_names, row, strict=True)) for row in old]
    rows.replace(links, old, [row | {"listing_id": target} for row in before])
    return {row["listing_id"] for row in before}


def _sightings(con: sqlite3.Connection, listings: Sequence[str]) -> dict[str, tuple[str, list[Sighting]]]:
    """Source and sightings of each of `listings` that has any."""
    found: dict[str, tuple[str, list[Sighting]]] = {}
    cards: dict[str, CardReading] = {}
    raw = [row for part in in_parts(listings) for row in con.execute(SIGHTINGS_SQL.format(marks=marks(part)), part)]
    for part in in_parts(sorted({row[2] for row in raw})):
        sql = f"SELECT reading_id, body FROM readings WHERE reading_id IN ({marks(part)})"  # noqa: S608
        cards.update((reading, card_of(body)) for reading, body in con.execute(sql, part))
    for listing, source, reading, *when, kind, complete, url, identified_by, named, card_key in raw:
        observed_at, captured_at, capture_id, side, made_from = when
        moment = Moment(observed_at, captured_at, capture_id, side, made_from, url or capture_id)
        sighting = Sighting(
            moment=moment,
            kind=kind,
            complete=bool(complete),
            url=url,
            alias=card_listing_id(source, card_key) if identified_by == "card" else None,
            card_key=card_key,
            card=cards[reading],
            former=named if identified_by == "url" and named != listing else None,
        )
        found.setdefault(listing, (source, []))[1].append(sighting)
    return found


def problem_sighting_rows(met_in: str, problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """`problems` as rows of problem_sightings."""
    return [
        {
            "problem_id": problem_id_of(each.code, each.subject),
            "met_in": met_in,
            "position": position,
            **each._asdict(),
        }
        for position, each in enumerate(problems)
    ]


def refold(
    rows: Rows,
    touched: Touched,
    rivals: Mapping[str, list[str]],
    moves: Moves,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Bring all rows of the listings in `touched` up to date, noting there the problems whose sightings changed, and
    the personas whose counts did.
    """
    tallies, agreement = Tallies(), AgreementTallies()
    trial = TrialTables(("personas", *BY_LISTING[:-1]))
    pending = iter(sorted(touched.listings))
    while batch := list(islice(pending, BATCH)):
        found = _refold_batch(rows, batch, rivals, moves, (tallies, agreement), touched, trial)
        touched.problems |= found
        if progress is not None:
            progress(len(batch))
    touched.personas |= tallies.write(rows)
    agreement.write(rows)


def _refold_batch(
    rows: Rows,
    batch: Sequence[str],
    rivals: Mapping[str, list[str]],
    moves: Moves,
    tallies: Sequence[Tallies | AgreementTallies],
    touched: Touched,
    trial: TrialTables,
) -> set[str]:
    old = {name: rows.select(table(name), "listing_id", batch) for name in BY_LISTING}
    present = _columns_of(old["listings"], "listing_id", "tool_id")
    tool_of = dict(present)
    new: dict[str, list[dict[str, Any]]] = defaultdict(list)
    beyond = beyond_sightings(rows.con, batch, moves)
    names = row_names(rows, batch)
    failed: set[str] = set()
    for listing, (source, sightings) in _sightings(rows.con, batch).items():
        try:
            folded: ListingRows = fold_listing(
                listing,
                source,
                sightings,
                rivals.get(listing, ()),
                beyond.get(listing),
                names.get(listing, NO_NAMES),
                tool_id=tool_of.get(listing) or birth_id(listing),
            )
            trial.try_out(
                {
                    "listings": [folded.listing],
                    "reviews": folded.reviews,
                    "personas": personas_of(folded.reviews),
                    "field_evidence": folded.evidence,
                    "listing_versions": folded.listing_versions,
                    "review_versions": folded.review_versions,
                    "changes": folded.changes,
                }
            )
        except Exception as error:  # noqa: BLE001  (one listing must not stop a build)
            failed.add(listing)
            problem = failed_listing(listing, [each.moment for each in sightings], error)
            new["problem_sightings"] += problem_sighting_rows(f"listing:{listing}", [problem])
            continue
        new["listings"].append(folded.listing)
        new["reviews"] += folded.reviews
        new["field_evidence"] += folded.evidence
        new["listing_versions"] += folded.listing_versions
        new["review_versions"] += folded.review_versions
        new["changes"] += folded.changes
        new["listing_aliases"] += folded.listing_aliases
        new["review_aliases"] += folded.review_aliases
        new["problem_sightings"] += problem_sighting_rows(f"listing:{listing}", folded.problems)
    old["review_aliases"] = rows.select(table("review_aliases"), "review_id", [row[0] for row in old["reviews"]])
    met_in = [f"listing:{listing}" for listing in batch]
    old["problem_sightings"] = rows.select(table("problem_sightings"), "met_in", met_in)
    listings, reviews = as_tuples(table("listings"), new["listings"]), as_tuples(table("reviews"), new["reviews"])
    for each in tallies:
        each.take(old["listings"], old["reviews"], -1)
        each.take(listings, reviews, 1)
    before, after = ({row[0]: row for row in _columns_of(each, *MATCHED_BY)} for each in (old["listings"], listings))
    touched.matched |= {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
    touched.tools |= {tool for _, tool in present} | {row["tool_id"] for row in new["listings"]}
    for name, found in old.items():
        rows.replace(table(name), found, new[name])
    problems = {row[0] for row in old["problem_sightings"]} | leave_out(rows, failed)
    return problems | {row["problem_id"] for row in new["problem_sightings"]}


def _columns_of(listings: Iterable[Sequence[Any]], *names: str) -> list[tuple[Any, ...]]:
    """The columns `names` of `listings`, which are rows with every column in order."""
    places = [table("listings").column_names.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in listings]
