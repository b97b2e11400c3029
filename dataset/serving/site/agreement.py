"""The page of agreement: how far the critics agree with each other, and the panel with the community."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.page import Asked, Page
from dataset.serving.site.reading import each, row, rows

STEP = 10
"""Shares are counted together in steps of so many percentage points."""

MOST_GAPS = 20


@dataclass(frozen=True, slots=True)
class Panel:
    """How far a whole panel agrees: a row of the view `panel_agreement`."""

    source: str
    measure: str
    metric: str
    listings: int
    judgements: int
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two critics agree: a row of the view `persona_agreement`."""

    source: str
    persona_a: str
    persona_b: str
    shared_verdicts: int
    same_verdicts: int | None
    same_verdict_pct: float | None
    verdict_alpha: float | None
    shared_scores: int
    mean_score_difference: float | None
    score_alpha: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Listings whose panel and community shares both lie near (within half a step of) these."""

    panel: int
    community: int
    listings: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A listing on which panel and community differ: a row of the view `vote_gap`, with its tool."""

    listing_id: str
    slug: str
    name: str | None
    panel_ship_pct: int
    community_ship_pct: int
    community_votes: int | None
    gap: int


@dataclass(frozen=True, slots=True)
class Community:
    """The panel against the community, over the standing listings that have both shares."""

    listings: int
    mean_gap: float | None
    panel_kinder: int
    community_kinder: int
    cells: tuple[Cell, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """All that the page of agreement shows; `critics` are the critics of each source that have a pair."""

    panels: tuple[Panel, ...]
    critics: dict[str, tuple[str, ...]]
    pairs: tuple[Pair, ...]
    community: Community


_BOTH = "panel_ship_pct IS NOT NULL AND community_ship_pct IS NOT NULL AND withdrawn_at IS NULL"
_SUMS = f"""
SELECT count(*) AS listings, round(avg(panel_ship_pct - community_ship_pct), 1) AS mean_gap,
       coalesce(sum(panel_ship_pct > community_ship_pct), 0) AS panel_kinder,
       coalesce(sum(panel_ship_pct < community_ship_pct), 0) AS community_kinder
  FROM listings WHERE {_BOTH}"""  # noqa: S608  (our own condition)
_CELLS = f"""
SELECT (panel_ship_pct + {STEP // 2}) / {STEP} * {STEP} AS panel,
       (community_ship_pct + {STEP // 2}) / {STEP} * {STEP} AS community, count(*) AS listings
  FROM listings WHERE {_BOTH} GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  (our own condition)
_GAPS = f"""
SELECT l.listing_id, t.slug, l.name, l.panel_ship_pct, l.community_ship_pct, l.community_votes,
       l.panel_ship_pct - l.community_ship_pct AS gap
  FROM listings l JOIN tools t ON t.tool_id = l.tool_id
 WHERE {_BOTH} AND l.panel_ship_pct <> l.community_ship_pct
 ORDER BY abs(gap) DESC, l.community_votes DESC, l.listing_id LIMIT {MOST_GAPS}"""  # noqa: S608  (our own condition)


def agreement_page(con: sqlite3.Connection, _: Asked) -> AgreementPage:
    """The page of agreement."""
    pairs = each(Pair, con, "SELECT * FROM persona_agreement")
    critics: dict[str, set[str]] = {}
    for pair in pairs:
        critics.setdefault(pair.source, set()).update((pair.persona_a, pair.persona_b))
    sums = row(con, _SUMS) or {}
    return AgreementPage(
        panels=each(Panel, con, "SELECT * FROM panel_agreement"),
        critics={source: tuple(sorted(names)) for source, names in sorted(critics.items())},
        pairs=pairs,
        community=Community(
            **sums, cells=tuple(Cell(**cell) for cell in rows(con, _CELLS)), gaps=each(Gap, con, _GAPS)
        ),
    )


AGREEMENT = Page("agreement", r"/agreement", agreement_page, "site/agreement.html", costly=True)
