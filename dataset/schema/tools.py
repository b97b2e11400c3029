"""Tables of tools: which listings belong to one tool, why, and former ids; a view of tools with differing verdicts.

Import them from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataset.schema.parts import FIRST_SEEN, LAST_SEEN, Column, Table, View, count, percent, text, time

TOOLS = Table(
    "tools",
    "Real tools in their current state; each has one or more listings",
    (
        text("tool_id", "Hash of its earliest listing's id", needed=True),
        text("slug", "Name of the tool in URLs: the id of its earliest listing", needed=True),
        text("name", "Name, as printed by its earliest listing"),
        text("category", "Category, as printed by its earliest listing"),
        text(
            "category_canonical", "The canonical name for this `category`; as printed if the mapping doesn't contain it"
        ),
        text("tagline", "The line below the name, as printed by its earliest listing"),
        text("vendor", "The maker, if the names or texts of its listings leave no doubt"),
        count("listing_count", "Number of its listings", unit="listings", needed=True),
        percent("panel_ship_pct_min", "Lowest panel percentage among its listings, including withdrawn ones"),
        percent("panel_ship_pct_max", "Highest panel percentage among its listings, including withdrawn ones"),
        time("first_seen", FIRST_SEEN, needed=True),
        time("last_seen", LAST_SEEN, needed=True),
    ),
    primary_key=("tool_id",),
    unique=(("slug",),),
    indexes=(("category_canonical",), ("panel_ship_pct_max",), ("name", "tool_id")),
    facets=("category_canonical", "listing_count"),
    sort="name",
    label="name",
    search=("name", "tagline", "category"),
)

MATCH_DECISIONS = Table(
    "match_decisions",
    "Decisions on whether two listings belong to one tool, by whom, and why",
    (
        text("left_listing_id", "One listing (with the smaller id)", ref="listings.listing_id", needed=True),
        text("right_listing_id", "The other listing", ref="listings.listing_id", needed=True),
        text(
            "decision",
            "merge: they are one tool; review: a person should decide; apart: two tools whose names share a core",
            needed=True,
            values=("merge", "review", "apart"),
        ),
        text("sentence", "The decision and its reasons, in words", needed=True),
        text("rule", "The rule that decided, or a person's answer (yes, no, unsure)", needed=True),
        percent("text_similarity", "Similarity of their texts; NULL if one has no text", unit="of 100"),
        text("decided_by", "`rules`, or the person who answered", needed=True),
        time("at", "When the later of the two listings was first seen, or when the person answered", needed=True),
        text(
            "reasons",
            "All reasons: the names and their parts, what agrees and what clashes (JSON)",
            needed=True,
        ),
    ),
    primary_key=("left_listing_id", "right_listing_id"),
    indexes=(("right_listing_id",), ("decision", "rule"), ("at",)),
    facets=("decision", "rule", "decided_by"),
    sort_desc="at",
)

TOOL_ALIASES = Table(
    "tool_aliases",
    "Ids and slugs that lead to a tool: former ones, and those of its other listings",
    (
        text("alias_id", "The former id or slug", needed=True),
        text("kind", "Whether it is an id or a slug", needed=True, values=("id", "slug")),
        text("tool_id", "The current id of the tool", ref="tools.tool_id", needed=True),
        text(
            "reason",
            "same_tool: its listing belongs to this tool; otherwise the reason given in listing_aliases",
            needed=True,
        ),
        time("at", "When its listing was first seen, a person united them, or its listing got another id", needed=True),
    ),
    primary_key=("alias_id", "kind"),
    indexes=(("tool_id",),),
    facets=("kind", "reason"),
)

PANEL_DISAGREEMENT = View(
    "panel_disagreement",
    "One tool, judged otherwise under another listing: by how far the panel's percentages differ, the widest first",
    """\
SELECT t.name AS tool, l.name, l.panel_ship_pct, l.panel_verdict, t.panel_ship_pct_max - t.panel_ship_pct_min AS spread,
       l.last_seen, l.withdrawn_at, l.listing_id, t.tool_id
  FROM tools t
  JOIN listings l ON l.tool_id = t.tool_id
 WHERE (l.panel_ship_pct IS NOT NULL OR l.panel_verdict IS NOT NULL)
   AND (t.panel_ship_pct_min < t.panel_ship_pct_max
        OR (SELECT count(DISTINCT o.panel_verdict) FROM listings o WHERE o.tool_id = t.tool_id) > 1)
 ORDER BY coalesce(t.panel_ship_pct_max - t.panel_ship_pct_min, 0) DESC, t.tool_id, l.first_seen, l.listing_id""",
    (
        text("tool", "The tool's name"),
        text("name", "Name of the tool, as printed on the card"),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        text("panel_verdict", "The panel's verdict", values=("ship", "mixed", "skip")),
        Column(
            "spread",
            "INTEGER",
            "Highest minus lowest panel percentage among the listings of the tool",
            unit="percentage points",
        ),
        time("last_seen", LAST_SEEN),
        time("withdrawn_at", "When the site was first seen not to list it any more; NULL if it is still listed"),
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("tool_id", "The tool", ref="tools.tool_id"),
    ),
)
