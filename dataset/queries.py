"""The canned queries: questions that people ask the dataset, ready to run in Datasette.

Each one orders its rows, and takes its parameters as Datasette gives them: text, and empty where nothing was
typed, which means *all* (or a default that the description names). Whatever is typed is only ever a value.
"""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from dataset.schema import table
from normalize.licences import open_licences


@dataclass(frozen=True)
class Query:
    """One canned query; `params` in the order in which the form asks for them."""

    name: str
    title: str
    description: str
    sql: str
    params: tuple[str, ...] = ()

    def as_metadata(self) -> dict[str, Any]:
        """The query as Datasette's metadata wants it."""
        entry: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "sql": self.sql,
            "hide_sql": True,
        }
        if self.params:
            entry["params"] = list(self.params)
        return entry


def _query(name: str, title: str, description: str, sql: str, *params: str) -> Query:
    return Query(name, title, " ".join(description.split()), dedent(sql).strip(), params)


def chosen_listing(alias: str) -> str:
    """SQL: the row `alias` of `listings` is one that ``:listing`` asks for.

    An id names exactly one; anything else is looked for in the names, whatever their case.
    """
    return (
        f"(trim(:listing) = '' OR {alias}.listing_id = trim(:listing)"
        f" OR (instr(lower({alias}.name), lower(trim(:listing))) > 0"
        " AND NOT EXISTS (SELECT 1 FROM listings x WHERE x.listing_id = trim(:listing))))"
    )


def part_of(column: str, param: str) -> str:
    """SQL: what was typed as `param` stands in `column`, whatever the case; nothing typed fits all."""
    return f"(trim(:{param}) = '' OR instr(lower({column}), lower(trim(:{param}))) > 0)"


def same_as(column: str, param: str) -> str:
    """SQL: `column` is the (lower-case) word typed as `param`; nothing typed fits all."""
    return f"(trim(:{param}) = '' OR {column} = lower(trim(:{param})))"


def critic(column: str) -> str:
    """SQL: `column` is the persona typed as ``:persona``, of whichever source; nothing typed fits all."""
    return (
        f"(trim(:persona) = '' OR {column} = lower(trim(:persona))"
        f" OR substr({column}, instr({column}, ':') + 1) = lower(trim(:persona)))"
    )


def chosen_tool(alias: str) -> str:
    """SQL: the row `alias` of `tools` is one that ``:tool`` asks for.

    An id or slug, also a former one or that of a listing, names exactly one; anything else is looked for in the names
    of listings, whatever their case.
    """
    by_id = (
        "SELECT x.tool_id FROM tools x WHERE x.tool_id = trim(:tool)"
        " UNION SELECT x.tool_id FROM tools x WHERE x.slug = trim(:tool)"
        " UNION SELECT x.tool_id FROM tool_aliases x WHERE x.alias_id = trim(:tool)"
    )
    return (
        f"(trim(:tool) = '' OR {alias}.tool_id IN ({by_id})"
        f" OR (NOT EXISTS ({by_id}) AND {alias}.tool_id IN"
        " (SELECT x.tool_id FROM listings x WHERE instr(lower(x.name), lower(trim(:tool))) > 0)))"
    )


def number_typed(param: str, otherwise: int) -> str:
    """SQL: the whole number above 0 typed as `param`; `otherwise` where none is."""
    typed = f"CAST(trim(:{param}) AS INTEGER)"
    return f"CASE WHEN {typed} > 0 THEN {typed} ELSE {otherwise} END"


_TYPED = "substr(trim(:words), 1, length(trim(:words)))"
WORDS = f"""'"' || replace(replace({_TYPED}, '"', ' '), ' ', '" "') || '"'"""
"""SQL: ``:words`` as a full-text query. Each word stands in quotes, so that nothing in it is an operator.

(``length`` ends at a NUL, where the full-text parser would stop in the middle of a quoted word.)
"""

_CARD = ", ".join(
    f"'{name}', l.{name}" for name in table("listings").column_names if name not in {"listing_id", "name"}
)


_VERSION = ", ".join(
    f"v.{name}"
    for name in table("listing_versions").column_names
    if name not in {"listing_id", "version", "valid_from", "last_confirmed", "valid_to"}
)

AS_OF = """CASE WHEN trim(:as_of) = '' THEN '9999-12-31T23:59:59Z'
                 WHEN trim(:as_of) GLOB '????-??-??' THEN date(trim(:as_of)) || 'T23:59:59Z'
                 ELSE strftime('%Y-%m-%dT%H:%M:%SZ', trim(:as_of)) END"""
"""SQL: the moment typed as ``:as_of``: a day alone is its end, nothing typed the latest that is known.

What is no time gives NULL, and so no rows.
"""


def _says_free(column: str) -> str:
    words = ("free", "open source", "open-source")
    return "(" + " OR ".join(f"instr(lower({column}), '{word}') > 0" for word in words) + ")"


TOOL_HELP = "tool: its id, its slug, one that it had before, or a part of a name; empty for all."
LISTING_HELP = "listing: its id, or a part of its name; empty for all."
AS_OF_HELP = """as_of: a time in UTC (2026-03-31, which means the end of that day, or 2026-03-31T12:00:00Z); empty for
the latest known. last_known is 1 where nothing shows that it was still so at that time: it is the last known state
until then."""
CATEGORY_HELP = "category: a part of its name; empty for all."

ROWS_HELP = "rows: how many at most; empty for 50."
ROWS = number_typed("rows", 50)
"""SQL: how many rows are wanted; unless told, as many as a table shows on a page."""

DAYS = f"min({number_typed('days', 7)}, 100000)"
"""SQL: how many days are wanted, no more than SQLite can take off a date."""

QUERIES: tuple[Query, ...] = (
    _query(
        "listing",
        "All that is known of a listing",
        f"""One row per known field of the card, then one per review. What is not here was not shown, or could
        not be read for sure. At most 40 listings at once, and three where none is asked for. {LISTING_HELP}""",
        f"""
        WITH chosen AS (SELECT * FROM listings l WHERE {chosen_listing("l")}
                         ORDER BY listing_id LIMIT CASE trim(:listing) WHEN '' THEN 3 ELSE 40 END)
        SELECT name, field, value, listing_id
          FROM (SELECT l.listing_id, l.name, 1 AS part, f.id AS place, f.key AS field, f.value AS value
                  FROM chosen l, json_each(json_object({_CARD})) f
                 WHERE f.value IS NOT NULL
                 UNION ALL
                SELECT l.listing_id, l.name, 2, coalesce(r.position, 999),
                       'review by ' || coalesce(r.persona, 'an unnamed critic'),
                       coalesce(r.score || '/100 · ', '') || coalesce(r.verdict || ' · ', '') || r.quote
                  FROM chosen l JOIN reviews r ON r.listing_id = l.listing_id)
         ORDER BY listing_id, part, place, field, value
        """,
        "listing",
    ),
    _query(
        "evidence",
        "Where a listing's values were read",
        f"""Each present value with the captures that showed it first and last: address and time.
        Several pages can show the same value; these are the earliest and the latest. {LISTING_HELP} field: a
        column of listings or reviews; empty for all. {ROWS_HELP}""",
        f"""
        SELECT l.name, e.field, e.value, a.captured_at AS first_shown_at, a.url AS first_shown_by,
               z.captured_at AS last_shown_at, z.url AS last_shown_by,
               e.first_capture_id, e.last_capture_id, e.review_id, e.listing_id
          FROM listings l
         CROSS JOIN field_evidence e ON e.listing_id = l.listing_id
          LEFT JOIN captures a ON a.capture_id = e.first_capture_id
          LEFT JOIN captures z ON z.capture_id = e.last_capture_id
         WHERE {chosen_listing("l")}
           AND {same_as("e.field", "field")}
         ORDER BY l.listing_id, e.review_id IS NOT NULL, e.review_id, e.field
         LIMIT {ROWS}
        """,
        "listing",
        "field",
        "rows",
    ),
    _query(
        "comparisons_of",
        "All comparisons of a listing",
        f"""The comparison pages on which a listing stands, with the listing on the other side.
        {LISTING_HELP} {ROWS_HELP}""",
        f"""
        SELECT l.name, l.panel_ship_pct, o.name AS compared_with, o.panel_ship_pct AS their_panel_ship_pct,
               c.url, c.last_seen, l.listing_id, o.listing_id AS other_listing_id
          FROM listings l
         CROSS JOIN comparisons c ON c.left_listing_id = l.listing_id OR c.right_listing_id = l.listing_id
          LEFT JOIN listings o
            ON o.listing_id
               = CASE c.left_listing_id WHEN l.listing_id THEN c.right_listing_id ELSE c.left_listing_id END
         WHERE {chosen_listing("l")}
         ORDER BY l.name, l.listing_id, o.name, o.listing_id, c.url
         LIMIT {ROWS}
        """,
        "listing",
        "rows",
    ),
    _query(
        "reviews_by_persona",
        "Reviews by critic and verdict",
        f"""Standing reviews, highest score first. One whose page names no critic is left out when a persona is
        asked for. persona: builder, skeptic, founder, futurist, …; verdict: ship or skip; empty for all.
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
    _query(
        "community_against_panel",
        "Where community and panel differ",
        f"""Widest gap first: panel minus community, so below 0 the community is kinder. Mind the votes: a
        single vote makes a whole percentage. min_votes: the least number of community votes; empty: 1. {ROWS_HELP}""",
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
    _query(
        "lowest_scores",
        "Lowest scores",
        f"""The standing reviews with the lowest scores (0 to 100), lowest first; those without a
        printed score are left out. at_most: the highest score to show; empty: 100. {CATEGORY_HELP} {ROWS_HELP}""",
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
    _query(
        "free_yet_paid",
        "Prices that contradict their label",
        f"""The site labels each tool Free or Paid, and also prints a price in words. Here the words say free
        while the label says Paid, or the other way round. “Free tier” and “free for research” count as free:
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
    _query(
        "cheapest",
        "Cheapest paid tools by category",
        f"""Standing listings by category and the lowest price that their words name. Prices compare only in one
        currency and for one period; a price per user is that of one user. What can't be read for sure is left out.
        {CATEGORY_HELP} period: month, year, 1M tokens, request, …, or once; empty for month. currency: its ISO code;
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
    _query(
        "free_and_open",
        "Free tools under an open licence",
        f"""Standing listings whose price says that they are free, and under which licence. Open licences let anyone
        use, change and pass on the work. {CATEGORY_HELP} license: an SPDX id, such as MIT; empty for all open ones.
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
    _query(
        "persona_strictness",
        "How strict each critic is",
        """Strictest first: by share of ship verdicts, then by mean score. Only standing reviews whose page
        names the critic count, so compare the numbers of reviews first. min_reviews: the least number of
        reviews; empty: 1.""",
        """
        SELECT persona, count(*) AS reviews, count(verdict) AS with_verdict,
               coalesce(sum(verdict = 'ship'), 0) AS ships, coalesce(sum(verdict = 'skip'), 0) AS skips,
               round(100.0 * sum(verdict = 'ship') / count(verdict), 1) AS ship_rate,
               round(avg(score), 1) AS mean_score, min(score) AS lowest, max(score) AS highest
          FROM reviews
         WHERE persona IS NOT NULL AND persona_source IS NOT 'inferred' AND withdrawn_at IS NULL
         GROUP BY persona
        HAVING trim(:min_reviews) = '' OR count(*) >= CAST(:min_reviews AS INTEGER)
         ORDER BY ship_rate NULLS LAST, mean_score, persona
        """,
        "min_reviews",
    ),
    _query(
        "same_name",
        "One name, several listings",
        f"""Names that stand under more than one slug: often the same tool listed again with other numbers
        (then tool_id is equal), sometimes two tools. name: a part of it; empty for all. {ROWS_HELP}""",
        f"""
        SELECT l.name, l.category, l.panel_ship_pct, l.entry, l.pricing, l.tagline, l.last_seen, l.listing_id,
               l.tool_id
          FROM listings l
         WHERE l.rowid IN (
               SELECT x.rowid FROM listings x
                WHERE lower(x.name) IN (
                      SELECT lower(name) FROM listings WHERE {part_of("name", "name")}
                       GROUP BY lower(name) HAVING count(*) > 1))
         ORDER BY lower(l.name), l.listing_id
         LIMIT {ROWS}
        """,
        "name",
        "rows",
    ),
    _query(
        "listings_of_tool",
        "All listings of a tool",
        f"""What a site lists as several, and is one tool: each listing with its own verdict, price and address, the
        earliest first. {TOOL_HELP} several: 1 leaves out tools of one listing; empty for all tools. {ROWS_HELP}""",
        f"""
        SELECT t.name AS tool, l.name, l.panel_verdict, l.panel_ship_pct, l.community_ship_pct, l.pricing, l.url,
               l.first_seen, l.last_seen, l.withdrawn_at, l.listing_id, t.tool_id
          FROM tools t CROSS JOIN listings l ON l.tool_id = t.tool_id
         WHERE {chosen_tool("t")}
           AND (trim(:several) IN ('', '0') OR t.listing_count > 1)
         ORDER BY t.name, t.tool_id, l.first_seen, l.listing_id
         LIMIT {ROWS}
        """,
        "tool",
        "several",
        "rows",
    ),
    _query(
        "why_one_tool",
        "Why listings are one tool",
        f"""The decisions on pairs of listings of one tool, in words. Two listings may also be one tool through a third
        one. {TOOL_HELP} {ROWS_HELP}""",
        f"""
        SELECT t.name AS tool, d.sentence, d.decision, d.rule, d.decided_by, d.text_similarity, d.at,
               d.left_listing_id, d.right_listing_id, t.tool_id
          FROM tools t
         CROSS JOIN listings l ON l.tool_id = t.tool_id
         CROSS JOIN listings r ON r.tool_id = t.tool_id
         CROSS JOIN match_decisions d ON d.left_listing_id = l.listing_id AND d.right_listing_id = r.listing_id
         WHERE {chosen_tool("t")}
         ORDER BY t.name, t.tool_id, d.decision = 'merge' DESC, d.left_listing_id, d.right_listing_id
         LIMIT {ROWS}
        """,
        "tool",
        "rows",
    ),
    _query(
        "match_log",
        "Decisions on which listings are one tool",
        f"""Every pair that was looked at, in words, the newest first. {LISTING_HELP} decision: merge, review (a person
        should look) or apart; by: rules, or a person; empty for all. {ROWS_HELP}""",
        f"""
        WITH meant AS MATERIALIZED (SELECT l.listing_id FROM listings l WHERE {chosen_listing("l")})
        SELECT d.at, d.decision, d.sentence, d.rule, d.decided_by, l.tool_id = r.tool_id AS one_tool,
               d.left_listing_id, d.right_listing_id
          FROM match_decisions d
          JOIN listings l ON l.listing_id = d.left_listing_id
          JOIN listings r ON r.listing_id = d.right_listing_id
         WHERE (trim(:listing) = '' OR d.rowid IN (
                SELECT rowid FROM match_decisions WHERE left_listing_id IN (SELECT listing_id FROM meant)
                 UNION ALL
                SELECT rowid FROM match_decisions WHERE right_listing_id IN (SELECT listing_id FROM meant)))
           AND {same_as("d.decision", "decision")}
           AND (trim(:by) = '' OR lower(d.decided_by) = lower(trim(:by)))
         ORDER BY d.at DESC, d.left_listing_id, d.right_listing_id
         LIMIT {ROWS}
        """,
        "listing",
        "decision",
        "by",
        "rows",
    ),
    _query(
        "quotes_with",
        "Quotes with a word",
        f"""Reviews whose quote has all the words typed, in any order, case and grammatical form; signs count
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
    _query(
        "categories",
        "Categories and what the panel thinks of them",
        f"""The site's own category names, as printed: several can mean the same. {CATEGORY_HELP} {ROWS_HELP}""",
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
    _query(
        "pages_per_day",
        "Pages read per day",
        """How many captures of each kind there are for each day (UTC), newest day first. kind: compare, tool,
        reviewer, …; empty for all. days: how many days, back from the newest capture; empty for 7.""",
        f"""
        SELECT substr(captured_at, 1, 10) AS day, kind, count(*) AS pages, count(DISTINCT url) AS addresses,
               sum(parse_status = 'ok') AS read_well,
               sum(parse_status IN ('incomplete', 'failed')) AS not_well, sum(bytes) AS bytes
          FROM captures
         WHERE {same_as("kind", "kind")}
           AND captured_at >= (SELECT date(max(captured_at), '1 day', -{DAYS} || ' days') FROM captures)
         GROUP BY day, kind
         ORDER BY day DESC, kind
        """,
        "kind",
        "days",
    ),
    _query(
        "newest_captures",
        "Newest captures",
        f"""The captures made last, newest first, with where each lies in the archive. kind: compare, tool,
        reviewer, …; empty for all. {ROWS_HELP}""",
        f"""
        SELECT captured_at, kind, url, http_status, parse_status, bytes, warc_file, warc_offset, capture_id
          FROM captures
         WHERE {same_as("kind", "kind")}
         ORDER BY captured_at DESC, capture_id
         LIMIT {ROWS}
        """,
        "kind",
        "rows",
    ),
    _query(
        "open_problems",
        "Open problems",
        f"""What could not be read or reconciled, worst first. An error means that data is lost or a person
        must act; a warning, that a value is empty or doubted; info, that the source contradicts itself.
        severity, code: as in the table; empty for all. {ROWS_HELP}""",
        f"""
        SELECT severity, code, message, field, url, path, occurrences, first_seen, listing_id, capture_id
          FROM problems
         WHERE {same_as("severity", "severity")}
           AND {same_as("code", "code")}
         ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, code, url, problem_id
         LIMIT {ROWS}
        """,
        "severity",
        "code",
        "rows",
    ),
    _query(
        "listings_as_of",
        "Listings as they were",
        f"""The listings as they were at a time, by when their pages were made, not by when they were imported. One that
        was not known yet, or was gone, has no row. {LISTING_HELP} {AS_OF_HELP} {ROWS_HELP}""",
        f"""
        WITH moment(at) AS (SELECT {AS_OF})
        SELECT {_VERSION},
               v.valid_from, v.last_confirmed, v.valid_to,
               (SELECT at FROM moment) > v.last_confirmed AND trim(:as_of) <> '' AS last_known, v.listing_id
          FROM listings l
         CROSS JOIN listing_versions v
            ON v.listing_id = l.listing_id AND v.valid_from <= (SELECT at FROM moment)
           AND (v.valid_to IS NULL OR v.valid_to > (SELECT at FROM moment))
         WHERE {chosen_listing("l")}
         ORDER BY l.name, v.listing_id
         LIMIT {ROWS}
        """,
        "listing",
        "as_of",
        "rows",
    ),
    _query(
        "reviews_as_of",
        "Reviews as they were",
        f"""The reviews that stood at a time, by when their pages were made, not by when they were imported.
        {LISTING_HELP} {AS_OF_HELP} {ROWS_HELP}""",
        f"""
        WITH moment(at) AS (SELECT {AS_OF})
        SELECT l.name, v.persona, v.score, v.verdict, v.quote, v.valid_from, v.last_confirmed, v.valid_to,
               (SELECT at FROM moment) > v.last_confirmed AND trim(:as_of) <> '' AS last_known,
               v.review_id, v.listing_id
          FROM listings l
         CROSS JOIN review_versions v
            ON v.listing_id = l.listing_id AND v.valid_from <= (SELECT at FROM moment)
           AND (v.valid_to IS NULL OR v.valid_to > (SELECT at FROM moment))
         WHERE {chosen_listing("l")}
         ORDER BY l.name, v.listing_id, v.persona IS NULL, v.persona, v.review_id
         LIMIT {ROWS}
        """,
        "listing",
        "as_of",
        "rows",
    ),
)
