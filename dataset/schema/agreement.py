"""Tables and views on how far critics agree: sums that a build maintains, and views that compute figures from them.

A verdict counts as 1 (ship) or 0 (skip), so the same sums work for verdicts and scores: the squared difference of two
verdicts is 1 if they differ, which is the nominal metric. Import these tables from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataset.schema.parts import Column, Table, View, count, text

MEASURES = ("score", "verdict")

PAIR_TALLIES = Table(
    "pair_tallies",
    "Sums for two critics, over the listings that both judge",
    (
        text("source", "The site", needed=True),
        text("measure", "What is counted; a verdict as 1 (ship) or 0 (skip)", needed=True, values=MEASURES),
        text("persona_a", "The critic who comes first in plain string order", needed=True),
        text("persona_b", "The other critic", needed=True),
        count("listings", "Listings that both judge", unit="listings", needed=True),
        count("apart", "Sum of the absolute differences", needed=True),
        count("apart_squared", "Sum of the squared differences", needed=True),
        count("total", "Sum of the values of both", needed=True),
        count("squares", "Sum of the squared values of both", needed=True),
    ),
    primary_key=("source", "measure", "persona_a", "persona_b"),
    hidden=True,
    hashed=False,
)

PANEL_TALLIES = Table(
    "panel_tallies",
    "Sums over the listings that are judged by the same number of critics",
    (
        text("source", "The site", needed=True),
        text("measure", "What is counted; a verdict as 1 (ship) or 0 (skip)", needed=True, values=MEASURES),
        count("critics", "Number of critics who judge each of the listings", unit="critics", needed=True),
        count("listings", "Listings with that number of critics", unit="listings", needed=True),
        count("total", "Sum of all values", needed=True),
        count("squares", "Sum of all squared values", needed=True),
        count(
            "within",
            "Sum over the listings of: critics × sum of squared values − square of the sum of values",
            needed=True,
        ),
    ),
    primary_key=("source", "measure", "critics"),
    hidden=True,
    hashed=False,
)


def _alpha(name: str, description: str) -> Column:
    return Column(name, "REAL", description)


PERSONA_AGREEMENT = View(
    "persona_agreement",
    "Agreement of two critics on the listings that both judge, without withdrawn reviews",
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
        count("shared_verdicts", "Current listings on which both have a verdict", unit="listings"),
        count(
            "same_verdicts", "Those on which the verdict is the same; NULL if there are none in common", unit="listings"
        ),
        Column("same_verdict_pct", "REAL", "Share of same_verdicts in shared_verdicts", unit="%"),
        _alpha("verdict_alpha", "Krippendorff's alpha of their verdicts (nominal); NULL if all values are equal"),
        count("shared_scores", "Current listings to which both give a score", unit="listings"),
        Column("mean_score_difference", "REAL", "Mean absolute difference of their scores", unit="points of 100"),
        _alpha("score_alpha", "Krippendorff's alpha of their scores (interval); NULL if all values are equal"),
    ),
)

PANEL_AGREEMENT = View(
    "panel_agreement",
    "Agreement of a site's whole panel: Krippendorff's alpha over all listings that two or more critics judge",
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
        text(
            "metric",
            "How the difference of two values is measured: equal or not (nominal), or squared distance (interval)",
        ),
        count("listings", "Current listings that at least two critics judge (the units)", unit="listings"),
        count("judgements", "Values that can be paired with another one of the same listing", unit="judgements"),
        _alpha(
            "alpha",
            "1: complete agreement; 0: as by chance; below 0: systematic disagreement; NULL if all values are equal",
        ),
    ),
)
