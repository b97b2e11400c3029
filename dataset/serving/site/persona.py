"""The page of a critic: who it is, how it judges, with whom it agrees, and where it stands alone.

All figures are of standing reviews whose critic a page names.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from dataset.serving.site.charts import Stretch
from dataset.serving.site.links import persona_path
from dataset.serving.site.page import Asked, MissingError, Near, Page
from dataset.serving.site.personas import Known, known_by_persona
from dataset.serving.site.reading import each, row, rows

BIN = 10
"""Scores are counted in steps of so many points; 100 belongs to the last step."""

MOST_CONTRARIAN = 10
OTHERS = 2
"""A verdict is held against the panel where at least so many others gave a score."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How many scores lie from `low` to `high`, both included, by the verdict that came with them."""

    low: int
    high: int
    ship: int
    skip: int
    unsaid: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.ship + self.skip + self.unsaid


@dataclass(frozen=True, slots=True)
class Month:
    """The critic's verdicts that stood at the end of a month (YYYY-MM), as far as is known."""

    month: str
    ships: int
    verdicts: int
    ship_pct: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far another critic agrees with this one; the columns are those of the view `persona_agreement`."""

    persona: str
    shared_verdicts: int
    same_verdicts: int | None
    same_verdict_pct: float | None
    verdict_alpha: float | None
    shared_scores: int
    mean_score_difference: float | None
    score_alpha: float | None


@dataclass(frozen=True, slots=True)
class Contrarian:
    """A verdict far from what the others say: their mean score, how many they are, and how far this one is from it."""

    review_id: str
    listing_id: str
    slug: str
    name: str | None
    score: int
    verdict: str | None
    quote: str
    others_mean: float
    others: int
    apart: float


@dataclass(frozen=True, slots=True)
class PersonaPage:
    """All that is told of a critic."""

    persona: str
    source: str
    name: str | None
    motto: str | None
    bio: str | None
    review_count: int
    ship_rate: float | None
    mean_score: float | None
    known: Known
    scores: tuple[Bin, ...]
    months: tuple[Month, ...]
    agreement: tuple[Agreement, ...]
    contrarian: tuple[Contrarian, ...]

    @property
    def steps(self) -> tuple[Stretch, ...]:
        """The months as the steps of a line: from the beginning of each to the beginning of the next one told."""
        starts = [f"{one.month}-01T00:00:00Z" for one in self.months]
        ends = [*starts[1:], _after(self.months[-1].month)] if self.months else []
        return tuple(
            Stretch(start, end, end, one.ship_pct) for start, end, one in zip(starts, ends, self.months, strict=True)
        )


def _after(month: str) -> str:
    """The beginning of the month after `month`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}-01T00:00:00Z"


_STANDING = """r.persona = :persona AND r.withdrawn_at IS NULL
   AND r.listing_id NOT IN (SELECT listing_id FROM listings WHERE withdrawn_at IS NOT NULL)"""
"""Indexes hold all of it, but the few listings that are withdrawn: these are looked up beforehand, not one by one."""

_SCORES = f"""
SELECT min(r.score / {BIN}, {100 // BIN - 1}) AS bin, coalesce(r.verdict, '') AS verdict, count(*) AS count
  FROM reviews r
 WHERE {_STANDING} AND r.score IS NOT NULL
 GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  (our own conditions)
_STEPS = """
WITH gone AS MATERIALIZED (SELECT listing_id, withdrawn_at FROM listings WHERE withdrawn_at IS NOT NULL),
stretches AS MATERIALIZED (
  SELECT v.verdict = 'ship' AS ship, substr(v.valid_from, 1, 7) AS since,
         substr(coalesce(v.valid_to, (SELECT g.withdrawn_at FROM gone g WHERE g.listing_id = v.listing_id)), 1, 7)
         AS until
    FROM review_versions v
   WHERE v.persona = :persona AND v.verdict IS NOT NULL)
SELECT month, sum(ships) AS ships, sum(verdicts) AS verdicts
  FROM (SELECT since AS month, sum(ship) AS ships, count(*) AS verdicts FROM stretches GROUP BY 1
         UNION ALL
        SELECT until, -sum(ship), -count(*) FROM stretches WHERE until IS NOT NULL GROUP BY 1)
 GROUP BY month ORDER BY month"""
"""A verdict stands until the next version, or until its listing is withdrawn."""

_AGREEMENT = """
SELECT CASE WHEN persona_a = :persona THEN persona_b ELSE persona_a END AS persona, shared_verdicts, same_verdicts,
       same_verdict_pct, verdict_alpha, shared_scores, mean_score_difference, score_alpha
  FROM persona_agreement
 WHERE :persona IN (persona_a, persona_b)
 ORDER BY same_verdict_pct DESC NULLS LAST, 1"""
_CONTRARIAN = f"""
WITH far AS MATERIALIZED (
  SELECT r.rowid AS id, avg(o.score) AS others_mean, count(*) AS others, abs(r.score - avg(o.score)) AS apart
    FROM reviews r
    JOIN reviews o ON o.listing_id = r.listing_id AND o.rowid <> r.rowid AND o.score IS NOT NULL
         AND o.withdrawn_at IS NULL
   WHERE {_STANDING} AND r.score IS NOT NULL
   GROUP BY r.rowid HAVING count(*) >= {OTHERS} AND apart > 0),
farthest AS (
  SELECT * FROM far
   WHERE apart >= coalesce((SELECT apart FROM far ORDER BY apart DESC LIMIT 1 OFFSET {MOST_CONTRARIAN - 1}), 0))
SELECT r.review_id, r.listing_id, t.slug, l.name, r.score, r.verdict, r.quote, round(f.others_mean, 1) AS others_mean,
       f.others, round(f.apart, 1) AS apart
  FROM farthest f
 CROSS JOIN reviews r ON r.rowid = f.id
  JOIN listings l ON l.listing_id = r.listing_id
  JOIN tools t ON t.tool_id = r.tool_id
 ORDER BY f.apart DESC, r.review_id LIMIT {MOST_CONTRARIAN}"""  # noqa: S608  (our own conditions)


def persona_page(con: sqlite3.Connection, asked: Asked) -> PersonaPage:
    """The page of a critic. Raises `MissingError`, with all critics of a small panel as near ones."""
    persona = asked.parts["persona"]
    facts = row(
        con,
        "SELECT persona, source, name, motto, bio, review_count, ship_rate, mean_score FROM personas WHERE persona = ?",
        (persona,),
    )
    if facts is None:
        some = rows(con, "SELECT persona, name FROM personas ORDER BY review_count DESC, persona LIMIT 12")
        near = [Near(persona_path(one["persona"]), one["name"] or one["persona"]) for one in some]
        raise MissingError("No critic has this name in its address.", near)
    about = {"persona": persona}
    return PersonaPage(
        **facts,
        known=known_by_persona(con).get(persona, Known(0, 0)),
        scores=_bins(con, about),
        months=_months(con, about),
        agreement=each(Agreement, con, _AGREEMENT, about),
        contrarian=each(Contrarian, con, _CONTRARIAN, about),
    )


def _bins(con: sqlite3.Connection, about: dict[str, str]) -> tuple[Bin, ...]:
    counts: Counter[tuple[int, str]] = Counter()
    for found in rows(con, _SCORES, about):
        counts[found["bin"], found["verdict"]] = found["count"]
    if not counts:
        return ()
    last = 100 // BIN - 1
    return tuple(
        Bin(BIN * at, 100 if at == last else BIN * at + BIN - 1, counts[at, "ship"], counts[at, "skip"], counts[at, ""])
        for at in range(last + 1)
    )


def _months(con: sqlite3.Connection, about: dict[str, str]) -> tuple[Month, ...]:
    """The months in which anything came or went; between two of them nothing did."""
    found = []
    ships = verdicts = 0
    for step in rows(con, _STEPS, about):
        ships, verdicts = ships + step["ships"], verdicts + step["verdicts"]
        share = round(100 * ships / verdicts, 1) if verdicts else None
        found.append(Month(step["month"], ships, verdicts, share))
    return tuple(found)


PERSONA = Page("persona", r"/persona/(?P<persona>[^/]+)", persona_page, "site/persona.html", costly=True)
