"""Tables of tools: which listings are of one tool, why, and the ids that tools had before; the view on their spread.

Part of `dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import FIRST_SEEN, LAST_SEEN, Column, Table, View, count, percent, text, time

TOOLS = Table(
    "tools",
    "A real tool, as of now, with all the listings that are about it",
    (
        text("tool_id", "Hash of its earliest listing's id", needed=True),
        text("slug", "Its name in urls: the id of its earliest listing", needed=True),
        text("name", "Its name, as its earliest listing prints it"),
        text("category", "Its category, as its earliest listing prints it"),
        text("category_canonical", "What `category` is called where sites spell it in many ways; else as printed"),
        text("tagline", "The line under its name, as its earliest listing prints it"),
        text("vendor", "Who makes it, where the names or texts of its listings leave no doubt"),
        count("listing_count", "How many listings are about it", unit="listings", needed=True),
        percent("panel_ship_pct_min", "The lowest panel percentage among its listings, withdrawn ones included"),
        percent("panel_ship_pct_max", "The highest panel percentage among its listings, withdrawn ones included"),
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
    "Two listings, whether they are of one tool, who decided so, and why",
    (
        text("left_listing_id", "The one listing (the lesser id)", ref="listings.listing_id", needed=True),
        text("right_listing_id", "The other listing", ref="listings.listing_id", needed=True),
        text(
            "decision",
            "merge: they are one tool; review: a person should look; apart: they are two, though they share a core",
            needed=True,
            values=("merge", "review", "apart"),
        ),
        text("sentence", "The decision and what it rests on, in words", needed=True),
        text("rule", "What decided: a rule, or a person's answer (yes, no, unsure)", needed=True),
        percent("text_similarity", "How alike their texts are; NULL where one has none", unit="of 100"),
        text("decided_by", "`rules`, or the person who answered", needed=True),
        time("at", "When the later of the two was first seen, or when the person answered", needed=True),
        text(
            "reasons",
            "All that the decision rests on: names and their parts, what agrees or clashes (JSON)",
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
    "An id or a slug under which a tool was or may have been known before",
    (
        text("alias_id", "The former id or slug", needed=True),
        text("kind", "Which of the two it is", needed=True, values=("id", "slug")),
        text("tool_id", "The present id", ref="tools.tool_id", needed=True),
        text(
            "reason",
            "same_tool: its listing is of this tool; else why that listing's id stands for another (listing_aliases)",
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
        text("name", "The name that the listing's card prints"),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        text("panel_verdict", "The panel's verdict", values=("ship", "mixed", "skip")),
        Column("spread", "INTEGER", "Highest minus lowest percentage of the tool", unit="percentage points"),
        time("last_seen", LAST_SEEN),
        time("withdrawn_at", "When the site was first seen to list it no longer; NULL while it stands"),
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("tool_id", "The tool", ref="tools.tool_id"),
    ),
)
