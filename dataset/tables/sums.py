"""Rows that sum up many others: personas, reviewer verdicts, comparisons."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from itertools import groupby
from typing import Any

from crawler.urls import FIRST_SOURCE, Pair, listing_id, pair_of, slug_in, source_of
from dataset.ids import short_hash
from dataset.readings.not_shown import GONE
from dataset.readings.observe import REDIRECTS
from dataset.schema.tables import table
from dataset.tables.inputs import REVIEWER_PAGES
from dataset.tables.moves import Moves

Row = dict[str, Any]

ANSWERS_SQL = f"""
SELECT url, observed_at, CASE WHEN revisit_of IS NOT NULL AND http_status = 304 THEN 200 ELSE http_status END
  FROM captures
 WHERE url IS NOT NULL AND kind = 'compare'
   AND (parse_status IN ('ok', 'incomplete') OR http_status IN {GONE} OR http_status = 304 AND revisit_of IS NULL
        OR http_status IN {REDIRECTS} AND redirects_to IS NOT url)
 ORDER BY url, observed_at, captured_at, capture_id
"""  # noqa: S608
"""What each comparison page answered. A redirect to another spelling of the same page says nothing of it."""

REVIEWS_SQL = """
SELECT r.persona, sum(standing), sum(standing AND verdict = 'ship'), sum(standing AND verdict IS NOT NULL),
       sum(iif(standing, score, 0)), sum(standing AND score IS NOT NULL)
  FROM (SELECT persona, verdict, score, r.withdrawn_at IS NULL AND l.withdrawn_at IS NULL AS standing
          FROM reviews r JOIN listings l ON l.listing_id = r.listing_id WHERE persona IS NOT NULL) r
 GROUP BY r.persona
"""


def persona_rows(con: sqlite3.Connection) -> list[Row]:
    """The rows of personas: who reviewed or has a page, with counts of standing reviews."""
    found: dict[str, Row] = {}
    for persona, reviews, ships, judged, scores, scored in con.execute(REVIEWS_SQL):
        found[persona] = _persona(persona) | {
            "review_count": reviews,
            "ship_rate": round(100 * ships / judged, 2) if judged else None,
            "mean_score": round(scores / scored, 2) if scored else None,
        }
    for persona, _, _, _, body in con.execute(REVIEWER_PAGES):
        said = json.loads(body)
        row = found.setdefault(persona, _persona(persona))
        row.update({name: said[name] for name in ("motto", "bio") if said[name] is not None})
    return list(found.values())


def _persona(persona: str) -> Row:
    """The row of a persona that has reviewed nothing, and of which no page is known."""
    empty = dict.fromkeys(table("personas").column_names)
    name = slug_in(persona).replace("-", " ").title()
    return empty | {"persona": persona, "source": _source_of_persona(persona), "name": name, "review_count": 0}


def _source_of_persona(persona: str) -> str:
    return persona.rpartition(":")[0] or FIRST_SOURCE


def reviewer_verdict_rows(con: sqlite3.Connection) -> list[Row]:
    """The verdicts on the pages of personas: those of the newest complete capture of each page, or of the newest where
    none is complete.
    """
    newest: dict[tuple[str, str | None], tuple[int, str, str]] = {}
    for persona, category, capture, complete, body in con.execute(REVIEWER_PAGES):
        known = newest.get((persona, category))
        if known is None or (complete or 0) >= known[0]:
            newest[persona, category] = (complete or 0, capture, body)
    return [
        {
            "verdict_id": short_hash("verdict", _source_of_persona(persona), persona, category, str(position)),
            "source": _source_of_persona(persona),
            "persona": persona,
            "category": category,
            "position": position,
            "tagline": tagline,
            "quote": quote,
            "capture_id": capture,
        }
        for (persona, category), (_, capture, body) in newest.items()
        for position, (tagline, quote) in enumerate(json.loads(body)["verdicts"], start=1)
    ]


def comparison_rows(con: sqlite3.Connection, listings: Collection[str], moves: Moves) -> list[Row]:
    """The rows of comparisons; a side is NULL where it is none of `listings`."""
    found = []
    for url, group in groupby(con.execute(ANSWERS_SQL), key=lambda row: str(row[0])):
        pair = pair_of(url)
        if pair is not None:
            row = _comparison(url, pair, list(group), moves)
            ends = {name: row[name] for name in ("left_listing_id", "right_listing_id")}
            found.append(row | {name: end if end in listings else None for name, end in ends.items()})
    return found


def _comparison(url: str, pair: Pair, answers: list[tuple[Any, ...]], moves: Moves) -> Row:
    source = source_of(url)
    left, right = listing_id(source, pair.left), listing_id(source, pair.right)
    return {
        "comparison_id": f"{left}~{right}",
        "source": source,
        "url": url,
        "left_listing_id": moves.of(left),
        "right_listing_id": moves.of(right),
        "first_seen": answers[0][1],
        "last_seen": answers[-1][1],
        "http_status": answers[-1][2],
    }
