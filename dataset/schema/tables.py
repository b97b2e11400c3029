"""Describes every table, column and view of the dataset, once.

The DDL (`dataset.schema.ddl`), Datasette's ``metadata.yml`` and the data dictionary in the docs are generated from
these descriptions, so they can't drift apart.
"""

from __future__ import annotations

from crawler.items import CARD_FIELDS
from dataset.schema.agreement import PANEL_AGREEMENT, PERSONA_AGREEMENT
from dataset.schema.history import (
    CHANGES,
    LATEST_CHANGES,
    VERDICT_FLIPS,
    version_number,
    versions_of,
)
from dataset.schema.parts import (
    FIRST_SEEN,
    LAST_SEEN,
    Column,
    Table,
    View,
    count,
    flag,
    percent,
    real,
    text,
    time,
    whole,
)
from dataset.schema.tools import MATCH_DECISIONS, PANEL_DISAGREEMENT, TOOL_ALIASES, TOOLS
from dataset.schema.upkeep import (
    ARCHIVE_FILES,
    DATASET_INFO,
    LISTING_ALIASES,
    PROBLEMS,
    REVIEW_ALIASES,
    RUNS,
)

SCHEMA_VERSION = 11
"""Goes up with every change of the tables; a dataset of another version is made anew."""

RULES_VERSION = 8
"""Raise it with every change to the rules that derive rows from captures."""

LISTINGS = Table(
    "listings",
    "Listings in their current state: a listing is a tool as one site presents it, with one slug and one card",
    (
        text(
            "listing_id",
            "The slug; <source>:<slug> for all sources but the first; ~<hash> if the slug is unknown",
            needed=True,
        ),
        text("name", "Name of the tool, as printed on the card"),
        text("category", "The site's category, as printed; not a controlled vocabulary"),
        text("panel_verdict", "The panel's verdict", values=("ship", "mixed", "skip")),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        count("panel_ships", "Number of critics who say ship, as printed", unit="critics"),
        count("panel_skips", "Number of critics who say skip, as printed", unit="critics"),
        percent("community_ship_pct", "Share of community votes for ship, as printed; NULL if there are no votes"),
        count("community_ships", "Number of community votes for ship, as printed", unit="votes"),
        count("community_votes", "Number of community votes, as printed", unit="votes"),
        text("entry", "The site's entry label (Free or Paid); unreliable: use `pricing`"),
        text("pricing", "The price, in the site's words"),
        text("tagline", "The line below the name"),
        text("best_for", "Who the tool is best for, in the site's words"),
        text("description", "The paragraph that describes the tool"),
        text("website", "The tool's own website, as printed on the tool page"),
        text("reviewed_on", "Date of the review, as printed on the tool page (YYYY-MM-DD)"),
        time("first_seen", FIRST_SEEN, needed=True),
        time("last_seen", LAST_SEEN, needed=True),
        time("last_changed", "When the latest change of a field was first seen; NULL if no field has changed"),
        time("withdrawn_at", "When the site was first seen not to list it any more; NULL if it is still listed"),
        text(
            "category_canonical", "The canonical name for this `category`; as printed if the mapping doesn't contain it"
        ),
        text(
            "pricing_model",
            "The pricing model, derived from `pricing`; NULL if it names several, or none with certainty",
            values=("free", "usage", "subscription", "one-off", "private"),
        ),
        flag(
            "has_free_tier",
            "1 if `pricing` says that the tool can be used for free; 0 if it was understood and says no such thing",
        ),
        real("price_min", "The lowest amount above 0 in `pricing`", unit="price_currency"),
        text("price_currency", "Currency of price_min (ISO 4217)"),
        text(
            "price_period",
            "What price_min pays for (month, year, 1M tokens, request, …); NULL if paid once or not stated",
        ),
        text("license", "The licence named in `pricing` (SPDX id)"),
        flag("complete", "1 if at least one complete page shows it", needed=True),
        text("source", "The site that lists the tool", needed=True),
        text("url", "Its own page on the site, if one was captured"),
        text("tool_id", "The real tool behind the listing", ref="tools.tool_id", needed=True),
    ),
    primary_key=("listing_id",),
    indexes=(
        ("tool_id",),
        ("source",),
        ("category", "panel_verdict", "panel_ship_pct"),
        ("category_canonical", "pricing_model"),
        ("panel_verdict",),
        ("last_seen",),
        ("name", "listing_id"),
    ),
    facets=("category_canonical", "panel_verdict", "pricing_model", "license"),
    sort="name",
    label="name",
    search=("name", "tagline", "description"),
)

REVIEWS = Table(
    "reviews",
    "Reviews in their current state: what one critic says about one listing",
    (
        text("review_id", "Hash of the listing and of the first known quote of the review", needed=True),
        text("listing_id", "The listing that is reviewed", ref="listings.listing_id", needed=True),
        text("persona", "The critic; NULL if unknown", ref="personas.persona"),
        percent("score", "The score, as printed", unit="of 100"),
        text("verdict", "The critic's verdict, as printed", values=("ship", "skip")),
        text("quote", "The review's text", needed=True),
        time("first_seen", FIRST_SEEN, needed=True),
        time("last_seen", LAST_SEEN, needed=True),
        time(
            "last_changed", "When the latest change of score, verdict or quote was first seen; NULL if none has changed"
        ),
        time(
            "withdrawn_at",
            "Time of the first complete capture of the same kind of page that lacks it, after the last that showed it",
        ),
        count("position", "Its position in the latest complete capture, from 1; NULL if that one doesn't show it"),
        text(
            "persona_source",
            "How the critic is known: printed next to the review, or through scorecard rows",
            values=("labelled", "aligned"),
        ),
        text("tool_id", "The tool that is reviewed", ref="tools.tool_id", needed=True),
    ),
    primary_key=("review_id",),
    indexes=(
        # Covering indexes for figures about listings and critics: SQLite need not read the reviews themselves.
        ("listing_id", "persona", "score", "withdrawn_at"),
        ("tool_id",),
        ("persona", "persona_source", "withdrawn_at", "verdict", "score", "listing_id"),
        ("score",),
        # Counted by facets.
        ("verdict",),
        ("persona_source",),
    ),
    facets=("persona", "verdict", "persona_source"),
    sort_desc="score",
    search=("quote",),
)

PERSONAS = Table(
    "personas",
    "The critics on the panel (personas)",
    (
        text(
            "persona", "Name of the critic in lower case; <source>:<persona> for all sources but the first", needed=True
        ),
        text("source", "The site of the critic", needed=True),
        text("name", "Name for display"),
        text("motto", "The motto on the critic's own page"),
        text("bio", "The paragraph about the critic on the critic's own page"),
        count(
            "review_count",
            "Number of current reviews of current listings by this critic",
            unit="reviews",
            needed=True,
        ),
        Column(
            "ship_rate",
            "REAL",
            "Share of ship among the critic's current reviews with a verdict",
            unit="%",
            check="ship_rate BETWEEN 0 AND 100",
        ),
        Column(
            "mean_score",
            "REAL",
            "Mean score of the critic's current reviews",
            unit="of 100",
            check="mean_score BETWEEN 0 AND 100",
        ),
    ),
    primary_key=("persona",),
    indexes=(("source",),),
    sort_desc="review_count",
    label="persona",
)

COMPARISONS = Table(
    "comparisons",
    "Comparison pages, each about one pair of listings",
    (
        text("comparison_id", "left~right, in plain string order", needed=True),
        text("source", "The site", needed=True),
        text("url", "URL of the page, in canonical form", needed=True),
        text("left_listing_id", "The listing on the left; NULL if no capture shows it", ref="listings.listing_id"),
        text("right_listing_id", "The listing on the right; NULL if no capture shows it", ref="listings.listing_id"),
        time("first_seen", "Time of the first response of the page", needed=True),
        time("last_seen", "Time of the latest response of the page, including 404, 410 and redirects", needed=True),
        whole(
            "http_status",
            "HTTP status of the latest response (200 for a 304 to known content); NULL for a file without a status",
        ),
    ),
    primary_key=("comparison_id",),
    indexes=(("left_listing_id",), ("right_listing_id",), ("source",), ("url",)),
    facets=("http_status",),
    sort_desc="last_seen",
)

REVIEWER_VERDICTS = Table(
    "reviewer_verdicts",
    "Verdicts on a critic's own page; that page identifies a tool only by its tagline",
    (
        text("verdict_id", "Hash of source, persona, category and position", needed=True),
        text("source", "The site", needed=True),
        text("persona", "The critic", ref="personas.persona", needed=True),
        text("category", "The category of the page; NULL if it names none"),
        count("position", "Position on the page, from 1", needed=True),
        text("tagline", "The tool's tagline, as printed there", needed=True),
        text("quote", "What the critic says about the tool there", needed=True),
        text("capture_id", "The capture it was read from", ref="captures.capture_id", needed=True),
    ),
    primary_key=("verdict_id",),
    indexes=(("persona",), ("capture_id",), ("tagline",)),
    facets=("persona", "category"),
    sort="verdict_id",
)

CAPTURES = Table(
    "captures",
    "Captures: responses or files, each stored byte for byte in the archive with its time",
    (
        text("capture_id", "Hash of url, captured_at and sha256", needed=True),
        text("source", "The site", needed=True),
        text("url", "URL of the page, in canonical form; NULL for a file without a URL"),
        text("answered_url", "The unchanged URL that answered (after redirects)"),
        text("kind", "Kind of page (compare, tool, reviewer, or another kind)", needed=True),
        time("captured_at", "When it was fetched or saved", needed=True),
        time("made_from", "The response was generated at this time or later", needed=True),
        time("observed_at", "The response was generated at this time or earlier; history uses this time", needed=True),
        text("content_type", "Content type, as the server sent it"),
        whole("http_status", "HTTP status; NULL for a file"),
        text("redirects_to", "Target of a redirect, in canonical form; NULL for other responses"),
        text(
            "revisit_of",
            "The capture whose content it found unchanged; NULL for a capture with content of its own",
            ref="captures.capture_id",
        ),
        text("sha256", "SHA-256 of the stored bytes", needed=True),
        count("bytes", "Size of the stored bytes", unit="bytes", needed=True),
        text("warc_file", "The archive file that contains it", needed=True),
        count("warc_offset", "Offset of its record in that file", unit="bytes", needed=True),
        text("run_id", "The crawl or import that added it", ref="runs.run_id"),
        text("parser_version", "Version of the parser that read it; NULL if nothing was parsed"),
        text(
            "parse_status",
            "Result of parsing (ignored: not a page with data, or not parsed)",
            needed=True,
            values=("ok", "incomplete", "failed", "ignored"),
        ),
        flag("complete", "1 if the page was read to its end; NULL if it contains no data"),
    ),
    primary_key=("capture_id",),
    indexes=(
        ("url", "sha256"),
        ("run_id",),
        ("observed_at",),
        # Covers the query that counts pages.
        ("captured_at", "kind", "parse_status", "bytes", "url"),
        ("kind", "parse_status"),
        ("revisit_of",),
        ("source",),
    ),
    facets=("kind", "parse_status", "source"),
    sort_desc="captured_at",
    local_columns=("run_id", "warc_file", "warc_offset"),
)

LISTING_CAPTURES = Table(
    "listing_captures",
    "Which captures show which listings",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("side", "Position on the page", needed=True, values=("left", "right", "only")),
        text("listing_id", "The listing shown", ref="listings.listing_id", needed=True),
        text(
            "identified_by",
            "What identified the listing: the slug in the URL, or the card",
            needed=True,
            values=("url", "card"),
        ),
        text(
            "named_id",
            "The id that follows from this capture alone; differs from listing_id if the listing moved",
            needed=True,
        ),
    ),
    primary_key=("capture_id", "side"),
    indexes=(("listing_id",), ("named_id", "listing_id")),
    facets=("side", "identified_by"),
)

FIELD_EVIDENCE = Table(
    "field_evidence",
    "Evidence for each current value: the first and the last capture that show it",
    (
        text("evidence_id", "listing_id/field or review_id/field", needed=True),
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        text("review_id", "The review, if the value belongs to one", ref="reviews.review_id"),
        text("field", "The column of listings or reviews", needed=True),
        text("value", "The value, as text; NULL if the page shows it as empty"),
        text("first_capture_id", "First capture that shows it", ref="captures.capture_id", needed=True),
        text("last_capture_id", "Last capture that shows it", ref="captures.capture_id", needed=True),
    ),
    primary_key=("evidence_id",),
    indexes=(("listing_id",), ("review_id",), ("first_capture_id",), ("last_capture_id",)),
    facets=("field",),
)

LISTING_VERSIONS = versions_of(
    "listing_versions",
    "Versions of listings: periods in which all fields keep their values",
    "listing_id",
    (
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        version_number("listing"),
        *(column for column in LISTINGS.columns if column.name in CARD_FIELDS),
    ),
)

REVIEW_VERSIONS = versions_of(
    "review_versions",
    "Versions of reviews: periods in which score, verdict and quote keep their values",
    "review_id",
    (
        text("review_id", "The review", ref="reviews.review_id", needed=True),
        version_number("review"),
        text("listing_id", "The listing that is reviewed", ref="listings.listing_id", needed=True),
        text("persona", "The critic; NULL if unknown", ref="personas.persona"),
        percent("score", "The score, as printed", unit="of 100"),
        text("verdict", "The critic's verdict, as printed", values=("ship", "skip")),
        text("quote", "The review's text", needed=True),
    ),
)

TABLES: tuple[Table, ...] = (
    TOOLS,
    LISTINGS,
    REVIEWS,
    PERSONAS,
    COMPARISONS,
    CHANGES,
    LISTING_VERSIONS,
    REVIEW_VERSIONS,
    REVIEWER_VERDICTS,
    PERSONA_AGREEMENT,
    PANEL_AGREEMENT,
    FIELD_EVIDENCE,
    CAPTURES,
    LISTING_CAPTURES,
    RUNS,
    PROBLEMS,
    MATCH_DECISIONS,
    TOOL_ALIASES,
    LISTING_ALIASES,
    REVIEW_ALIASES,
    DATASET_INFO,
    ARCHIVE_FILES,
)
"""All tables; those meant for users come first."""

VOTE_GAP = View(
    "vote_gap",
    "Listings by the gap between panel and community, the widest gap first",
    """\
SELECT listing_id, name, panel_ship_pct, community_ship_pct, community_votes,
       panel_ship_pct - community_ship_pct AS gap
  FROM listings
 WHERE panel_ship_pct IS NOT NULL AND community_ship_pct IS NOT NULL
 ORDER BY abs(panel_ship_pct - community_ship_pct) DESC, community_votes DESC, listing_id""",
    (
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("name", "Name of the tool, as printed on the card"),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        percent("community_ship_pct", "Share of community votes for ship, as printed"),
        count("community_votes", "Number of community votes, as printed", unit="votes"),
        Column("gap", "INTEGER", "Panel minus community", unit="percentage points"),
    ),
)

VIEWS: tuple[View, ...] = (
    VERDICT_FLIPS,
    LATEST_CHANGES,
    PANEL_DISAGREEMENT,
    VOTE_GAP,
)
"""All views."""

_BY_NAME = {each.name: each for each in TABLES}


def table(name: str) -> Table:
    """Return the table called `name`; raise KeyError if it doesn't exist."""
    return _BY_NAME[name]


__all__ = ["RULES_VERSION", "SCHEMA_VERSION", "TABLES", "VIEWS", "Column", "Table", "View", "table"]
