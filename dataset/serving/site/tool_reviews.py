"""The reviews on a tool's page: each as it stands, and what it said before, with the words that differ."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from dataset.serving.site.differences import Piece, differences
from dataset.serving.site.reading import rows

MOST_OLD = 20
"""So many former versions of a review are told."""


@dataclass(frozen=True, slots=True)
class Version:
    """A former version of a review; `differences` say what became of its words in the next version."""

    version: int
    valid_from: str
    last_confirmed: str
    valid_to: str | None
    score: int | None
    verdict: str | None
    quote: str
    differences: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A review as of now, with its former versions, the newest first.

    `version_count` counts all versions, the present one with them.
    """

    review_id: str
    listing_id: str
    persona: str | None
    persona_source: str | None
    score: int | None
    verdict: str | None
    quote: str
    first_seen: str
    last_seen: str
    last_changed: str | None
    withdrawn_at: str | None
    version_count: int
    former: tuple[Version, ...]


_COLUMNS = tuple(name for name in Review.__slots__ if name not in ("version_count", "former"))
_REVIEWS = f"""
SELECT {", ".join(_COLUMNS)} FROM reviews WHERE tool_id = ?
 ORDER BY withdrawn_at IS NOT NULL, persona IS NULL, persona, score DESC, review_id"""  # noqa: S608  (our own columns)
_VERSIONS = """
SELECT * FROM (
    SELECT v.review_id, v.version, v.valid_from, v.last_confirmed, v.valid_to, v.score, v.verdict, v.quote,
           row_number() OVER (PARTITION BY v.review_id ORDER BY v.version DESC) AS age
      FROM reviews r JOIN review_versions v ON v.review_id = r.review_id
     WHERE r.tool_id = ?)
 WHERE age <= ? ORDER BY review_id, version DESC"""


def reviews_of(con: sqlite3.Connection, tool_id: str) -> tuple[Review, ...]:
    """The reviews of a tool: those that stand first, then by critic."""
    versions: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows(con, _VERSIONS, (tool_id, MOST_OLD + 1)):
        versions[row.pop("review_id")].append(row)
    return tuple(
        Review(
            **review,
            version_count=_newest(versions[review["review_id"]]),
            former=_former(versions[review["review_id"]]),
        )
        for review in rows(con, _REVIEWS, (tool_id,))
    )


def _newest(versions: list[dict[str, object]]) -> int:
    return int(str(versions[0]["version"])) if versions else 1


def _former(versions: list[dict[str, object]]) -> tuple[Version, ...]:
    found = []
    for next_one, row in pairwise(versions):
        told = {name: row[name] for name in Version.__slots__ if name != "differences"}
        pieces = differences(str(row["quote"]), str(next_one["quote"]))
        found.append(Version(**told, differences=pieces))  # type: ignore[arg-type]
    return tuple(found)
