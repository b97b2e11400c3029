"""How far critics agree: the sums that a build keeps up, and the views that make figures of them.

A verdict counts as 1 (ship) or 0 (skip), so that for verdicts and for scores the same sums serve: the squared
difference of two verdicts is 1 where they differ, which is the nominal difference. Part of `dataset.schema.tables`,
which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import Column, Table, View, count, text

MEASURES = ("score", "verdict")

PAIR_TALLIES = Table(
    "pair_tallies",
    "Of two critics, the sums over the listings that both judge",
    (
        text("source", "The site", needed=True),
        text("measure", "What is counted; a verdict as 1 (ship) or 0 (skip)", needed=True, values=MEASURES),
        text("persona_a", "The critic that comes first in plain string order", needed=True),
        text("persona_b", "The other critic", needed=True),
        count("listings", "Listings that both judge", unit="listings", needed=True),
        count("apart", "The sum of how far the two are apart", needed=True),
        count("apart_squared", "The sum of the squares of how far the two are apart", needed=True),
        count("total", "The sum of the values of both", needed=True),
        count("squares", "The sum of the squares of the values of both", needed=True),
    ),
    primary_key=("source", "measure", "persona_a", "persona_b"),
    hidden=True,
    hashed=False,
)

PANEL_TALLIES = Table(
    "panel_tallies",
    "The sums over the listings that equally many critics judge",
    (
        text("source", "The site", needed=True),
        text("measure", "What is counted; a verdict as 1 (ship) or 0 (skip)", needed=True, values=MEASURES),
        count("critics", "How many critics judge each of the listings", unit="critics", needed=True),
        count("listings", "Listings that so many judge", unit="listings", needed=True),
        count("total", "The sum of all values", needed=True),
        count("squares", "The sum of the squares of all values", needed=True),
        count("within", "Over listings, the sum of critics times the squares, less the sum squared", needed=True),
    ),
    primary_key=("source", "measure", "critics"),
    hidden=True,
    hashed=False,
)


def _alpha(name: str, description: str) -> Column:
    return Column(name, "REAL", description)


PERSONA_AGREEMENT = View(
    "persona_agreement",
    "How far two critics agree on the listings that both judge; withdrawn reviews don't count",
    """\
WITH pairs AS (
  SELECT source, measure, persona_a, persona_b, listings, apart, apart_squared,
         2 * listings * squares - total * total AS spread
    FROM pair_tallies),
figures AS (
  SELECT *, CASE WHEN spread > 0 THEN round(1 - (2 * listings - 1.0) * apart_squared / spread, 4) END AS alpha
    FROM pairs),
known AS (SELECT DISTINCT source, persona_a, persona_b FROM pairs)
SELECT k.source, k.persona_a, k.persona_b, coalesce(v.listings, 0) AS shared_verdicts,
       v.listings - v.apart AS same_verdicts,
       round(100.0 * (v.listings - v.apart) / v.listings, 1) AS same_verdict_pct, v.alpha AS verdict_alpha,
       coalesce(s.listings, 0) AS shared_scores, round(1.0 * s.apart / s.listings, 2) AS mean_score_difference,
       s.alpha AS score_alpha
  FROM known k
  LEFT JOIN figures v ON v.source = k.source AND v.measure = 'verdict' AND v.persona_a = k.persona_a
        AND v.persona_b = k.persona_b
  LEFT JOIN figures s ON s.source = k.source AND s.measure = 'score' AND s.persona_a = k.persona_a
        AND s.persona_b = k.persona_b
 ORDER BY k.source, k.persona_a, k.persona_b""",
    (
        text("source", "The site"),
        text("persona_a", "A critic", ref="personas.persona"),
        text("persona_b", "Another critic", ref="personas.persona"),
        count("shared_verdicts", "Standing listings on which both have a verdict", unit="listings"),
        count("same_verdicts", "Those on which it is the same; NULL without any", unit="listings"),
        Column("same_verdict_pct", "REAL", "Share of same_verdicts in shared_verdicts", unit="%"),
        _alpha("verdict_alpha", "Krippendorff's alpha of their verdicts (nominal); NULL where nothing differs"),
        count("shared_scores", "Standing listings to which both give a score", unit="listings"),
        Column("mean_score_difference", "REAL", "How far their scores are apart in the mean", unit="points of 100"),
        _alpha("score_alpha", "Krippendorff's alpha of their scores (interval); NULL where nothing differs"),
    ),
)

PANEL_AGREEMENT = View(
    "panel_agreement",
    "How far the critics of a site agree as a panel: Krippendorff's alpha over all listings that two or more judge",
    """\
WITH sums AS (
  SELECT source, measure, sum(listings) AS listings, sum(critics * listings) AS judgements,
         sum(1.0 * within / (critics - 1)) AS observed, sum(total) AS total, sum(squares) AS squares
    FROM panel_tallies
   GROUP BY source, measure)
SELECT source, measure, CASE measure WHEN 'verdict' THEN 'nominal' ELSE 'interval' END AS metric, listings, judgements,
       CASE WHEN judgements * squares > total * total
            THEN round(1 - (judgements - 1) * observed / (judgements * squares - total * total), 4) END AS alpha
  FROM sums
 ORDER BY source, measure""",
    (
        text("source", "The site"),
        text("measure", "What is compared", values=MEASURES),
        text("metric", "How two values differ: by name (nominal), or by the square of their distance (interval)"),
        count("listings", "Standing listings that at least two critics judge (the units)", unit="listings"),
        count("judgements", "Values that can be paired with another one of the same listing", unit="judgements"),
        _alpha("alpha", "1: full agreement; 0: as by chance; below 0: against each other. NULL where nothing differs"),
    ),
)
