"""Canned queries about listings: what is known about them, and which of them belong to one tool."""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataset.queries.parts import LISTING_HELP, ROWS, ROWS_HELP, Query, chosen_listing, part_of, query, same_as
from dataset.schema.tables import table

TOOL_HELP = "tool: its id or slug, a former id or slug, or a part of a name; empty for all."

_CARD = ", ".join(
    f"'{name}', l.{name}" for name in table("listings").column_names if name not in {"listing_id", "name"}
)


def chosen_tool(alias: str) -> str:
    """Return the SQL condition that the row `alias` of `tools` matches ``:tool``.

    An id or slug, including a former one or that of a listing, identifies exactly one tool. Any other text is searched
    for in the names of listings, ignoring case.
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


LISTINGS: tuple[Query, ...] = (
    query(
        "listing",
        "Everything known about a listing",
        f"""One row per known field of the card, then one per review. Missing fields were not shown, or could
        not be read with certainty. At most 40 listings at once, or three if the parameter is empty. {LISTING_HELP}""",
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
    query(
        "evidence",
        "Evidence for the values of a listing",
        f"""Each current value with the URLs and times of the first and the last capture that show it.
        Other captures in between may show the same value. {LISTING_HELP} field: a
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
    query(
        "comparisons_of",
        "All comparisons of a listing",
        f"""The comparison pages that contain a listing, with the listing on the other side.
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
)
"""What is known about a listing, and its evidence."""


TOOLS: tuple[Query, ...] = (
    query(
        "same_name",
        "One name, several listings",
        f"""Names that several slugs share: often the same tool, listed again with other figures
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
    query(
        "listings_of_tool",
        "All listings of a tool",
        f"""The listings that belong to one tool, each with its own verdict, price and URL, the
        earliest first. {TOOL_HELP} several: 1 leaves out tools with one listing; empty for all tools. {ROWS_HELP}""",
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
    query(
        "why_one_tool",
        "Why listings are one tool",
        f"""The decisions on pairs of listings of one tool, in words. Two listings can also belong to one tool through a
        third one. {TOOL_HELP} {ROWS_HELP}""",
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
    query(
        "match_log",
        "Decisions on which listings are one tool",
        f"""Every pair that was considered, in words, newest first. {LISTING_HELP} decision: merge, review (a person
        should decide) or apart; by: rules, or a person; empty for all. {ROWS_HELP}""",
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
)
"""Which listings belong to one tool, and why."""
