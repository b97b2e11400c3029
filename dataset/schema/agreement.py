"""How far critics agree: two tables that a build works out by one SQL statement each.

A verdict counts as 1 (ship) or 0 (skip), so that for verdicts and for scores the same sums serve: the squared
difference of two verdicts is 1 where they differ, which is the nominal difference. Only standing reviews of standing
listings count. A critic with several standing reviews of one listing is left out there: it can't be known which one
holds. Part of `dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import Column, Table, count, text

MEASURES = ("score", "verdict")

_JUDGED = """\
WITH sure AS MATERIALIZED (
  SELECT l.source, r.listing_id, r.persona, max(r.score) AS score, max(r.verdict = 'ship') AS verdict
    FROM reviews r JOIN listings l ON l.listing_id = r.listing_id
   WHERE r.persona IS NOT NULL AND r.withdrawn_at IS NULL AND l.withdrawn_at IS NULL
   GROUP BY r.listing_id, r.persona HAVING count(*) = 1),
judged AS MATERIALIZED (
  SELECT source, 'score' AS measure, listing_id, persona, score AS value FROM sure WHERE score IS NOT NULL
  UNION ALL
  SELECT source, 'verdict', listing_id, persona, verdict FROM sure WHERE verdict IS NOT NULL),
"""

_FIGURES = {
    "persona_agreement": """\
pairs AS (
  SELECT a.source, a.measure, a.persona AS persona_a, b.persona AS persona_b, count(*) AS listings,
         sum(abs(a.value - b.value)) AS apart, sum((a.value - b.value) * (a.value - b.value)) AS apart_squared,
         2 * count(*) * sum(a.value * a.value + b.value * b.value)
           - sum(a.value + b.value) * sum(a.value + b.value) AS spread
    FROM judged a JOIN judged b ON b.listing_id = a.listing_id AND b.measure = a.measure AND a.persona < b.persona
   GROUP BY a.source, a.measure, a.persona, b.persona),
figures AS MATERIALIZED (
  SELECT *, CASE WHEN spread > 0 THEN round(1 - (2 * listings - 1.0) * apart_squared / spread, 4) END AS alpha
    FROM pairs),
known AS (SELECT DISTINCT source, persona_a, persona_b FROM figures)
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
    "panel_agreement": """\
panels AS (
  SELECT source, measure, count(*) AS critics, sum(value) AS total, sum(value * value) AS squares
    FROM judged GROUP BY source, measure, listing_id HAVING count(*) > 1),
sums AS (
  SELECT source, measure, count(*) AS listings, sum(critics) AS judgements, sum(total) AS total,
         sum(squares) AS squares, sum(1.0 * (critics * squares - total * total) / (critics - 1)) AS observed
    FROM panels GROUP BY source, measure)
SELECT source, measure, CASE measure WHEN 'verdict' THEN 'nominal' ELSE 'interval' END AS metric, listings, judgements,
       CASE WHEN judgements * squares > total * total
            THEN round(1 - (judgements - 1) * observed / (judgements * squares - total * total), 4) END AS alpha
  FROM sums
 ORDER BY source, measure""",
}

AGREEMENT_SQL = {name: _JUDGED + sql for name, sql in _FIGURES.items()}
"""How the tables of agreement are worked out from reviews and listings."""


def _alpha(name: str, description: str) -> Column:
    return Column(name, "REAL", description)


PERSONA_AGREEMENT = Table(
    "persona_agreement",
    "Agreement of two critics on the listings that both judge, without withdrawn reviews",
    (
        text("source", "The site", needed=True),
        text(
            "persona_a", "A critic, the one that comes first in plain string order", ref="personas.persona", needed=True
        ),
        text("persona_b", "Another critic", ref="personas.persona", needed=True),
        count("shared_verdicts", "Standing listings on which both have a verdict", unit="listings"),
        count("same_verdicts", "Those on which it is the same; NULL without any", unit="listings"),
        Column("same_verdict_pct", "REAL", "Share of same_verdicts in shared_verdicts", unit="%"),
        _alpha("verdict_alpha", "Krippendorff's alpha of their verdicts (nominal); NULL if all values are equal"),
        count("shared_scores", "Current listings to which both give a score", unit="listings"),
        Column("mean_score_difference", "REAL", "Mean absolute difference of their scores", unit="points of 100"),
        _alpha("score_alpha", "Krippendorff's alpha of their scores (interval); NULL if all values are equal"),
    ),
    primary_key=("source", "persona_a", "persona_b"),
    indexes=(("persona_a",), ("persona_b",)),
)

PANEL_AGREEMENT = Table(
    "panel_agreement",
    "How far the critics of a site agree as a panel: Krippendorff's alpha over all listings that two or more judge",
    (
        text("source", "The site", needed=True),
        text("measure", "What is compared", values=MEASURES, needed=True),
        text("metric", "How two values differ: by name (nominal), or by the square of their distance (interval)"),
        count("listings", "Standing listings that at least two critics judge (the units)", unit="listings"),
        count("judgements", "Values that can be paired with another one of the same listing", unit="judgements"),
        _alpha(
            "alpha",
            "1: complete agreement; 0: as by chance; below 0: systematic disagreement; NULL if all values are equal",
        ),
    ),
    primary_key=("source", "measure"),
)
