"""Canned queries about opinions and prices: what critics and the community think, what tools cost."""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataset.queries.parts import CATEGORY_HELP, ROWS, ROWS_HELP, Query, part_of, query, same_as
from normalize.licences import open_licences

_TYPED = "substr(trim(:words), 1, length(trim(:words)))"
WORDS = f"""'"' || replace(replace({_TYPED}, '"', ' '), ' ', '" "') || '"'"""
"""SQL: ``:words`` as a full-text query. Each word is quoted, so that it can't contain an operator.

(``length`` stops at a NUL, where the full-text parser would stop inside a quoted word.)
"""


def critic(column: str) -> str:
    """Return the SQL condition that `column` is the critic ``:persona``, of any source; an empty one matches all."""
    return (
        f"(trim(:persona) = '' OR {column} = lower(trim(:persona))"
        f" OR substr({column}, instr({column}, ':') + 1) = lower(trim(:persona)))"
    )


def _says_free(column: str) -> str:
    words = ("free", "open source", "open-source")
    return "(" + " OR ".join(f"instr(lower({column}), '{word}') > 0" for word in words) + ")"


OPINIONS: tuple[Query, ...] = (
    query(
        "reviews_by_persona",
        "Reviews by critic and verdict",
        f"""Current reviews, highest score first. If a persona is given, reviews by unknown critics are
        left out. persona: builder, skeptic, founder, futurist, …; verdict: ship or skip; empty for all.
        {ROWS_HELP}""",
        f"""
        SELECT r.persona, l.name, l.category, r.score, r.verdict, r.quote, r.listing_id
          FROM reviews r JOIN listings l ON l.listing_id = r.listing_id
         WHERE r.withdrawn_at IS NULL
           AND {critic("r.persona")}
           AND {same_as("r.verdict", "verdict")}
         ORDER BY r.score DESC NULLS LAST, l.name, r.listing_id, r.persona, r.review_id
         LIMIT {ROWS}
        """,
        "persona",
        "verdict",
        "rows",
    ),
    query(
        "community_against_panel",
        "Where community and panel differ",
        f"""Widest gap first: panel minus community; below 0, the community rates the tool higher. Consider the number
        of votes: a single vote already gives a percentage. min_votes: the minimum number of community votes; empty: 1.
        {ROWS_HELP}""",
        f"""
        SELECT name, panel_ship_pct - community_ship_pct AS gap, panel_ship_pct, community_ship_pct,
               community_votes, panel_verdict, listing_id
          FROM listings
         WHERE community_ship_pct IS NOT NULL AND panel_ship_pct IS NOT NULL
           AND (trim(:min_votes) = '' OR coalesce(community_votes, 0) >= CAST(:min_votes AS INTEGER))
         ORDER BY abs(panel_ship_pct - community_ship_pct) DESC, community_votes DESC, name, listing_id
         LIMIT {ROWS}
        """,
        "min_votes",
        "rows",
    ),
    query(
        "lowest_scores",
        "Lowest scores",
        f"""The current reviews with the lowest scores (0 to 100), lowest first, without reviews that have
        no printed score. at_most: the highest score to show; empty: 100. {CATEGORY_HELP} {ROWS_HELP}""",
        f"""
        SELECT r.score, r.verdict, r.persona, l.name, l.category, r.quote, r.listing_id
          FROM reviews r JOIN listings l ON l.listing_id = r.listing_id
         WHERE r.score IS NOT NULL AND r.withdrawn_at IS NULL
           AND (trim(:at_most) = '' OR r.score <= CAST(:at_most AS INTEGER))
           AND {part_of("l.category", "category")}
         ORDER BY r.score, l.name, r.listing_id, r.persona, r.review_id
         LIMIT {ROWS}
        """,
        "at_most",
        "category",
        "rows",
    ),
    query(
        "free_yet_paid",
        "Prices that contradict their label",
        f"""The site labels each tool Free or Paid, and also prints a price in words. In these listings, the words say
        free and the label says Paid, or the other way round. “Free tier” and “free for research” count as free, so
        read the words. {CATEGORY_HELP} {ROWS_HELP}""",
        f"""
        SELECT name, entry, pricing, category, listing_id
          FROM listings
         WHERE ((lower(entry) = 'paid' AND {_says_free("pricing")})
                OR (lower(entry) = 'free' AND NOT {_says_free("pricing")}))
           AND {part_of("category", "category")}
         ORDER BY entry DESC, name, listing_id
         LIMIT {ROWS}
        """,
        "category",
        "rows",
    ),
    query(
        "cheapest",
        "Cheapest paid tools by category",
        f"""Current listings by category and lowest price. Only prices in one currency and for one period can be
        compared. A price per user is the price for one user. Prices that can't be read with certainty are left out.
        {CATEGORY_HELP} period: month, year, 1M tokens, request, …, or once; empty for month. currency: an ISO code;
        empty for USD. {ROWS_HELP}""",
        f"""
        SELECT category_canonical, price_min, price_currency,
               CASE pricing_model WHEN 'one-off' THEN 'once' ELSE price_period END AS period, name, has_free_tier,
               panel_ship_pct, pricing, listing_id
          FROM listings
         WHERE price_min IS NOT NULL AND pricing_model <> 'free' AND withdrawn_at IS NULL
           AND CASE pricing_model WHEN 'one-off' THEN 'once' ELSE lower(price_period) END
               = CASE trim(:period) WHEN '' THEN 'month' ELSE lower(trim(:period)) END
           AND price_currency = CASE trim(:currency) WHEN '' THEN 'USD' ELSE upper(trim(:currency)) END
           AND {part_of("category_canonical", "category")}
         ORDER BY category_canonical, price_min, name, listing_id
         LIMIT {ROWS}
        """,
        "category",
        "period",
        "currency",
        "rows",
    ),
    query(
        "free_and_open",
        "Free tools under an open licence",
        f"""Current listings that are free according to their price, with their licence. Open licences allow anyone
        to use, change and pass on the work. {CATEGORY_HELP} license: an SPDX id, such as MIT; empty for all open ones.
        {ROWS_HELP}""",
        f"""
        SELECT category_canonical, name, license, panel_verdict, panel_ship_pct, pricing, listing_id
          FROM listings
         WHERE pricing_model = 'free' AND withdrawn_at IS NULL
           AND license IN ({", ".join(f"'{each}'" for each in open_licences())})
           AND (trim(:license) = '' OR lower(license) = lower(trim(:license)))
           AND {part_of("category_canonical", "category")}
         ORDER BY category_canonical, panel_ship_pct DESC NULLS LAST, name, listing_id
         LIMIT {ROWS}
        """,
        "category",
        "license",
        "rows",
    ),
    query(
        "persona_strictness",
        "How strict each critic is",
        """Strictest first: by share of ship verdicts, then by mean score. Only current reviews by known critics
        count, so compare the numbers of reviews first. min_reviews: the minimum number of reviews; empty: 1.""",
        """
        SELECT persona, count(*) AS reviews, count(verdict) AS with_verdict,
               coalesce(sum(verdict = 'ship'), 0) AS ships, coalesce(sum(verdict = 'skip'), 0) AS skips,
               round(100.0 * sum(verdict = 'ship') / count(verdict), 1) AS ship_rate,
               round(avg(score), 1) AS mean_score, min(score) AS lowest, max(score) AS highest
          FROM reviews
         WHERE persona IS NOT NULL AND withdrawn_at IS NULL
         GROUP BY persona
        HAVING trim(:min_reviews) = '' OR count(*) >= CAST(:min_reviews AS INTEGER)
         ORDER BY ship_rate NULLS LAST, mean_score, persona
        """,
        "min_reviews",
    ),
)
"""Verdicts, scores, prices, critics."""


WORDS_AND_CATEGORIES: tuple[Query, ...] = (
    query(
        "quotes_with",
        "Quotes with a word",
        f"""Reviews whose quote contains all the words, in any order, case and grammatical form. Punctuation counts
        as spaces. words: empty for all. {ROWS_HELP}""",
        f"""
        SELECT l.name, r.persona, r.score, r.verdict, r.quote, r.withdrawn_at, r.listing_id
          FROM listings l CROSS JOIN reviews r ON r.listing_id = l.listing_id
         WHERE trim(:words) = ''
            OR r.rowid IN (SELECT rowid FROM reviews_fts WHERE reviews_fts MATCH {WORDS})
         ORDER BY l.name, r.listing_id, r.persona, r.review_id
         LIMIT {ROWS}
        """,
        "words",
        "rows",
    ),
    query(
        "categories",
        "Categories and the panel's opinion of them",
        f"""The site's own category names, as printed. Several names can mean the same category. {CATEGORY_HELP}
        {ROWS_HELP}""",
        f"""
        SELECT category, count(*) AS listings, round(avg(panel_ship_pct), 1) AS panel_ship_pct,
               coalesce(sum(panel_verdict = 'ship'), 0) AS ship,
               coalesce(sum(panel_verdict = 'mixed'), 0) AS mixed,
               coalesce(sum(panel_verdict = 'skip'), 0) AS skip
          FROM listings
         WHERE {part_of("category", "category")}
         GROUP BY category
         ORDER BY listings DESC, category
         LIMIT {ROWS}
        """,
        "category",
        "rows",
    ),
)
"""Words in quotes, and overviews of categories."""
