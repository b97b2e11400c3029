"""Rows that sum up many others: problems, personas, reviewer verdicts, comparisons, and facts of the build.

Each function brings one table up to date from what is stored, for what a build touched; the result depends
on what is stored alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

from crawler.urls import FIRST_SOURCE, Pair, listing_id, pair_of, slug_in, source_of
from dataset.ids import short_hash
from dataset.readings.not_shown import GONE
from dataset.readings.observe import REDIRECTS
from dataset.schema.tables import table
from dataset.tables.moves import Moves
from dataset.tables.rows import Rows, in_parts, marks

GRAVEST_FIRST = ("error", "warning", "info")

ANSWERS_SQL = f"""
SELECT url, observed_at, CASE WHEN revisit_of IS NOT NULL AND http_status = 304 THEN 200 ELSE http_status END
  FROM captures
 WHERE url IN ({{marks}}) AND kind = 'compare'
   AND (parse_status IN ('ok', 'incomplete') OR http_status IN {GONE} OR http_status = 304 AND revisit_of IS NULL
        OR http_status IN {REDIRECTS} AND redirects_to IS NOT url)
 ORDER BY url, observed_at, captured_at, capture_id
"""  # noqa: S608
"""What each comparison page answered. A redirect to another spelling of the same page says nothing of it."""


def sum_problems(rows: Rows, ids: Iterable[str]) -> None:
    """Bring the problems called `ids` up to date with their sightings."""
    wanted = sorted(set(ids))
    new = []
    for part in in_parts(wanted):
        sightings = rows.con.execute(
            "SELECT problem_id, severity, code, subject, url, path, field, capture_id, listing_id, message, "  # noqa: S608
            f"seen_at, met_in FROM problem_sightings WHERE problem_id IN ({marks(part)}) "
            "ORDER BY problem_id, seen_at, capture_id, met_in, position",
            part,
        )
        for _, group in groupby(sightings, key=lambda row: row[0]):
            new.append(_problem(list(group)))
    for part in in_parts(wanted):
        given = set(part)
        old = rows.select(table("problems"), "problem_id", part)
        rows.replace(table("problems"), old, [row for row in new if row["problem_id"] in given])


def _problem(sightings: list[tuple[Any, ...]]) -> dict[str, Any]:
    names = ("problem_id", "severity", "code", "subject", "url", "path", "field", "capture_id")
    earliest = sightings[0]
    row = dict(zip((*names, "listing_id", "message", "first_seen"), earliest, strict=False))
    return row | {
        "severity": min((each[1] for each in sightings), key=GRAVEST_FIRST.index),
        "occurrences": len({each[11] for each in sightings}),
        "last_seen": sightings[-1][10],
    }


def _source_of_persona(persona: str) -> str:
    return persona.rpartition(":")[0] or FIRST_SOURCE


def sum_personas(rows: Rows, ids: Iterable[str]) -> None:
    """Bring the personas called `ids` up to date: who reviewed or has a page, with counts of standing reviews."""
    personas = table("personas")
    for part in in_parts(sorted(set(ids))):
        found: dict[str, dict[str, Any]] = {}
        counts = rows.con.execute(
            "SELECT persona, sum(standing), sum(ships), sum(judged), sum(scores), sum(scored) FROM review_tallies "  # noqa: S608
            f"WHERE persona IN ({marks(part)}) GROUP BY persona",
            part,
        )
        for persona, reviews, ships, judged, scores, scored in counts:
            found[persona] = persona_row(persona) | {
                "review_count": reviews,
                "ship_rate": round(100 * ships / judged, 2) if judged else None,
                "mean_score": round(scores / scored, 2) if scored else None,
            }
        pages = rows.con.execute(
            "SELECT rc.persona, r.body FROM reviewer_captures rc JOIN captures c ON c.capture_id = rc.capture_id "  # noqa: S608
            f"JOIN readings r ON r.reading_id = rc.reading_id WHERE rc.persona IN ({marks(part)}) "
            "ORDER BY rc.persona, c.observed_at, c.captured_at, c.capture_id",
            part,
        )
        for persona, body in pages:
            said = json.loads(body)
            row = found.setdefault(persona, persona_row(persona))
            row.update({name: said[name] for name in ("motto", "bio") if said[name] is not None})
        rows.replace(personas, rows.select(personas, "persona", part), found.values())


def persona_row(persona: str) -> dict[str, Any]:
    """The row of a persona that has reviewed nothing, and of which no page is known."""
    empty = dict.fromkeys(table("personas").column_names)
    name = slug_in(persona).replace("-", " ").title()
    return empty | {"persona": persona, "source": _source_of_persona(persona), "name": name, "review_count": 0}


def sum_reviewer_verdicts(rows: Rows, personas: Iterable[str]) -> None:
    """Bring the verdicts on the pages of `personas` up to date: those of the newest complete capture of each
    page, or of the newest where none is complete.
    """
    for persona in sorted(set(personas)):
        newest: dict[str | None, tuple[str, str]] = {}
        pages = rows.con.execute(
            "SELECT rc.category, rc.capture_id, r.body FROM reviewer_captures rc "
            "JOIN captures c ON c.capture_id = rc.capture_id JOIN readings r ON r.reading_id = rc.reading_id "
            "WHERE rc.persona = ? ORDER BY c.complete, c.observed_at, c.captured_at, c.capture_id",
            (persona,),
        )
        for category, capture, body in pages:
            newest[category] = (capture, body)
        source = _source_of_persona(persona)
        new = [
            {
                "verdict_id": short_hash("verdict", source, persona, category, str(position)),
                "source": source,
                "persona": persona,
                "category": category,
                "position": position,
                "tagline": tagline,
                "quote": quote,
                "capture_id": capture,
            }
            for category, (capture, body) in newest.items()
            for position, (tagline, quote) in enumerate(json.loads(body)["verdicts"], start=1)
        ]
        verdicts = table("reviewer_verdicts")
        rows.replace(verdicts, rows.select(verdicts, "persona", [persona]), new)


def sum_comparisons(rows: Rows, urls: Iterable[str], new_listings: Collection[str], moves: Moves) -> None:
    """Bring the comparisons at `urls` up to date, and those that waited for one of `new_listings`."""
    wanted = {url for url in urls if pair_of(url)}
    waiting = rows.con.execute("SELECT url FROM comparisons WHERE left_listing_id IS NULL OR right_listing_id IS NULL")
    for (url,) in waiting:
        if any(moves.of(each) in new_listings for each in _ends(url)):
            wanted.add(url)
    comparisons = table("comparisons")
    for part in in_parts(sorted(wanted)):
        answers = rows.con.execute(ANSWERS_SQL.format(marks=marks(part)), part)
        new = [_comparison(url, list(group), moves) for url, group in groupby(answers, key=lambda row: row[0])]
        ends = sorted({row[name] for row in new for name in ("left_listing_id", "right_listing_id")})
        known = {row[0] for row in rows.select(table("listings"), "listing_id", ends)}
        for row in new:
            for name in ("left_listing_id", "right_listing_id"):
                row[name] = row[name] if row[name] in known else None
        rows.replace(comparisons, rows.select(comparisons, "url", part), new)


def _ends(url: str) -> Pair:
    """The listing ids of the two sides of the comparison at `url`."""
    pair = pair_of(url) or Pair("", "")
    source = source_of(url)
    return Pair(listing_id(source, pair.left), listing_id(source, pair.right))


def _comparison(url: str, answers: list[tuple[Any, ...]], moves: Moves) -> dict[str, Any]:
    left, right = _ends(url)
    return {
        "comparison_id": f"{left}~{right}",
        "source": source_of(url),
        "url": url,
        "left_listing_id": moves.of(left),
        "right_listing_id": moves.of(right),
        "first_seen": answers[0][1],
        "last_seen": answers[-1][1],
        "http_status": answers[-1][2],
    }
