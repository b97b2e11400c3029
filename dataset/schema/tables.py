"""What the dataset is made of: every table, column and view with its one-line description, said once.

The DDL (`dataset.schema.ddl`), Datasette's ``metadata.yml`` and the data dictionary in the docs are all made from
this, so they can't drift apart. Names are the names that people type.
"""

from __future__ import annotations

from crawler.items import CARD_FIELDS
from dataset.schema.agreement import PAIR_TALLIES, PANEL_AGREEMENT, PANEL_TALLIES, PERSONA_AGREEMENT
from dataset.schema.history import (
    CHANGES,
    LATEST_CHANGES,
    RETRACTED_CHANGES,
    VERDICT_FLIPS,
    version_number,
    versions_of,
)
from dataset.schema.labels import LABEL_TABLES
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
    BARE_CARDS,
    DATASET_INFO,
    LISTING_ALIASES,
    LISTING_ANSWERS,
    PROBLEM_SIGHTINGS,
    PROBLEMS,
    READINGS,
    REVIEW_ALIASES,
    REVIEW_TALLIES,
    REVIEWER_CAPTURES,
    REVISITS,
    RUN_COUNTS,
    RUNS,
)

SCHEMA_VERSION = 11
"""Goes up with every change of the tables; a build that meets another version starts from the archive."""

RULES_VERSION = 8
"""Goes up with every change of the rules by which rows are derived from captures."""

LISTINGS = Table(
    "listings",
    "A listing, as of now: what a site calls a tool, one slug and one card",
    (
        text(
            "listing_id",
            "The slug; <source>:<slug> beyond the first source; ~<hash> without a slug",
            needed=True,
        ),
        text("name", "The name that the card prints"),
        text("category", "The site's category, as printed; not a controlled list"),
        text("panel_verdict", "The panel's verdict", values=("ship", "mixed", "skip")),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        count("panel_ships", "Critics who say ship, as printed", unit="critics"),
        count("panel_skips", "Critics who say skip, as printed", unit="critics"),
        percent("community_ship_pct", "Share of community votes for ship, as printed; NULL without votes"),
        count("community_ships", "Community votes for ship, as printed", unit="votes"),
        count("community_votes", "All community votes, as printed", unit="votes"),
        text("entry", "The site's entry label (Free or Paid); unreliable, `pricing` says more"),
        text("pricing", "The site's words on the price"),
        text("tagline", "The line under the name"),
        text("best_for", "The site's words on whom it suits"),
        text("description", "The paragraph that describes it"),
        text("website", "The tool's own site, as printed on the tool page"),
        text("reviewed_on", "Day of the review, as printed on the tool page (YYYY-MM-DD)"),
        time("first_seen", FIRST_SEEN, needed=True),
        time("last_seen", LAST_SEEN, needed=True),
        time("last_changed", "When a field was first seen to differ from before; NULL if none ever did"),
        time("withdrawn_at", "When the site was first seen to list it no longer; NULL while it stands"),
        text("category_canonical", "What `category` is called where sites spell it in many ways; else as printed"),
        text(
            "pricing_model",
            "What kind of price it is, concluded from `pricing`; NULL where it says several or none for sure",
            values=("free", "usage", "subscription", "one-off", "private"),
        ),
        flag(
            "has_free_tier",
            "1 where `pricing` says that it can be used without paying; 0 where it was read and names no such way",
        ),
        real("price_min", "The lowest amount above 0 that `pricing` names", unit="price_currency"),
        text("price_currency", "Currency of price_min (ISO 4217)"),
        text(
            "price_period",
            "What price_min pays for (month, year, 1M tokens, request, …); NULL where paid once, or unsaid",
        ),
        text("license", "Licence that `pricing` names (SPDX id)"),
        flag("complete", "1 where at least one complete page shows it", needed=True),
        text("source", "The site that lists it", needed=True),
        text("url", "Its own page on the site, where one was captured"),
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
    "One review, as of now: what one persona says of one listing",
    (
        text("review_id", "Hash of the listing and the review's first quote", needed=True),
        text("listing_id", "The listing it judges", ref="listings.listing_id", needed=True),
        text("persona", "The critic; NULL where nothing tells", ref="personas.persona"),
        percent("score", "The score given, as printed", unit="of 100"),
        text("verdict", "The critic's verdict, as printed", values=("ship", "skip")),
        text("quote", "The review's text", needed=True),
        time("first_seen", FIRST_SEEN, needed=True),
        time("last_seen", LAST_SEEN, needed=True),
        time("last_changed", "When score, verdict or quote was first seen to differ; NULL if none ever did"),
        time("withdrawn_at", "First complete capture of its page kind, after its last sighting, that lacks it"),
        count("position", "Its place in the latest complete capture, from 1; NULL where it isn't in that one"),
        text(
            "persona_source",
            "How the persona is known: printed, or through the scorecard row",
            values=("labelled", "aligned"),
        ),
        text("tool_id", "The tool it judges", ref="tools.tool_id", needed=True),
    ),
    primary_key=("review_id",),
    indexes=(
        # All that figures on listings and on critics are made of, so that they need not read the reviews themselves.
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
    "A persona: one of the critics on the panel",
    (
        text("persona", "Its name in lower case; <source>:<persona> beyond the first source", needed=True),
        text("source", "The site whose critic it is", needed=True),
        text("name", "Its name for display"),
        text("motto", "The motto on its own page"),
        text("bio", "The paragraph about it on its own page"),
        count(
            "review_count",
            "Standing reviews of standing listings that are its own",
            unit="reviews",
            needed=True,
        ),
        Column(
            "ship_rate",
            "REAL",
            "Share of ship among its standing reviews with a verdict",
            unit="%",
            check="ship_rate BETWEEN 0 AND 100",
        ),
        Column(
            "mean_score",
            "REAL",
            "Mean of the scores of its standing reviews",
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
    "A comparison page: one pair of listings",
    (
        text("comparison_id", "left~right, in plain string order", needed=True),
        text("source", "The site", needed=True),
        text("url", "The page, in canonical form", needed=True),
        text("left_listing_id", "The left listing; NULL where no capture shows it", ref="listings.listing_id"),
        text("right_listing_id", "The right listing; NULL where no capture shows it", ref="listings.listing_id"),
        time("first_seen", "When the page first answered", needed=True),
        time("last_seen", "When the page last answered, be it with 404, 410 or a redirect", needed=True),
        whole(
            "http_status",
            "HTTP status of its latest answer (200 where that was a 304 to known content); NULL for a file without one",
        ),
    ),
    primary_key=("comparison_id",),
    indexes=(("left_listing_id",), ("right_listing_id",), ("source",), ("url",)),
    facets=("http_status",),
    sort_desc="last_seen",
)

REVIEWER_VERDICTS = Table(
    "reviewer_verdicts",
    "What a persona's own page says, tool by tool; the page names a tool by its tagline alone",
    (
        text("verdict_id", "Hash of source, persona, category and position", needed=True),
        text("source", "The site", needed=True),
        text("persona", "The critic", ref="personas.persona", needed=True),
        text("category", "The category of the page; NULL where it names none"),
        count("position", "Place on the page, from 1", needed=True),
        text("tagline", "The tool's tagline, as printed there", needed=True),
        text("quote", "What the critic says of it there", needed=True),
        text("capture_id", "The capture it was read from", ref="captures.capture_id", needed=True),
    ),
    primary_key=("verdict_id",),
    indexes=(("persona",), ("capture_id",), ("tagline",)),
    facets=("persona", "category"),
    sort="verdict_id",
)

CAPTURES = Table(
    "captures",
    "A capture: one stored response or file, at one instant, byte for byte in the archive",
    (
        text("capture_id", "Hash of url, captured_at and sha256", needed=True),
        text("source", "The site", needed=True),
        text("url", "The page, in canonical form; NULL where a file came without one"),
        text("answered_url", "The url that answered, as it was (after redirects)"),
        text("kind", "What kind of page it is (compare, tool, reviewer, or what else it is)", needed=True),
        time("captured_at", "When it was fetched or saved", needed=True),
        time("made_from", "The answer was made at this time or later", needed=True),
        time("observed_at", "The answer was made at this time or earlier; history goes by it", needed=True),
        text("content_type", "Content type, as given"),
        whole("http_status", "HTTP status; NULL for a file"),
        text("redirects_to", "Where a redirect leads, in canonical form; NULL for other answers"),
        text(
            "revisit_of",
            "The capture whose content it found unchanged, and so shows again; NULL for one with content of its own",
            ref="captures.capture_id",
        ),
        text("sha256", "SHA-256 of the stored bytes", needed=True),
        count("bytes", "Size of the stored bytes", unit="bytes", needed=True),
        text("warc_file", "The archive file that holds it", needed=True),
        count("warc_offset", "Where its record starts in that file", unit="bytes", needed=True),
        text("run_id", "The crawl or import that brought it", ref="runs.run_id"),
        text("parser_version", "Version of the parser that read it; NULL where nothing was parsed"),
        text(
            "parse_status",
            "How the reading went (ignored: not a page of data, or not parsed)",
            needed=True,
            values=("ok", "incomplete", "failed", "ignored"),
        ),
        flag("complete", "1 where the page was read to its end; NULL where it holds no data"),
    ),
    primary_key=("capture_id",),
    indexes=(
        ("url", "sha256"),
        ("run_id",),
        ("observed_at",),
        # With all that pages are counted by.
        ("captured_at", "kind", "parse_status", "bytes", "url"),
        ("kind", "parse_status"),
        ("revisit_of",),
        ("source",),
    ),
    facets=("kind", "parse_status", "source"),
    sort_desc="captured_at",
    unhashed=("run_id", "warc_file", "warc_offset"),
)

LISTING_CAPTURES = Table(
    "listing_captures",
    "Which capture shows which listing",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("side", "Where on the page", needed=True, values=("left", "right", "only")),
        text("listing_id", "The listing shown", ref="listings.listing_id", needed=True),
        text("identified_by", "Known by the url's slug, or by the card", needed=True, values=("url", "card")),
        text(
            "named_id", "The id that the capture by itself gives it: another one, where the listing moved", needed=True
        ),
        text("reading_id", "What the card says there", ref="readings.reading_id", needed=True),
    ),
    primary_key=("capture_id", "side"),
    indexes=(("listing_id",), ("named_id", "listing_id"), ("reading_id",)),
    facets=("side", "identified_by"),
)

FIELD_EVIDENCE = Table(
    "field_evidence",
    "Where each current value stands: the first and the last capture that show it",
    (
        text("evidence_id", "listing_id/field, or review_id/field", needed=True),
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        text("review_id", "The review, where the value is a review's", ref="reviews.review_id"),
        text("field", "The column of listings or reviews", needed=True),
        text("value", "The value, as text; NULL where the page shows the slot empty"),
        text("first_capture_id", "First capture that shows it", ref="captures.capture_id", needed=True),
        text("last_capture_id", "Last capture that shows it", ref="captures.capture_id", needed=True),
    ),
    primary_key=("evidence_id",),
    indexes=(("listing_id",), ("review_id",), ("first_capture_id",), ("last_capture_id",)),
    facets=("field",),
)

LISTING_VERSIONS = versions_of(
    "listing_versions",
    "A version of a listing: a stretch of time in which all its fields keep their value",
    "listing_id",
    (
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        version_number("listing"),
        *(column for column in LISTINGS.columns if column.name in CARD_FIELDS),
    ),
)

REVIEW_VERSIONS = versions_of(
    "review_versions",
    "A version of a review: a stretch of time in which score, verdict and quote keep their value",
    "review_id",
    (
        text("review_id", "The review", ref="reviews.review_id", needed=True),
        version_number("review"),
        text("listing_id", "The listing it judges", ref="listings.listing_id", needed=True),
        text("persona", "The critic; NULL where no page tells", ref="personas.persona"),
        percent("score", "The score given, as printed", unit="of 100"),
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
    FIELD_EVIDENCE,
    CAPTURES,
    LISTING_CAPTURES,
    RUNS,
    PROBLEMS,
    RETRACTED_CHANGES,
    MATCH_DECISIONS,
    TOOL_ALIASES,
    LISTING_ALIASES,
    REVIEW_ALIASES,
    DATASET_INFO,
    READINGS,
    REVIEWER_CAPTURES,
    REVISITS,
    LISTING_ANSWERS,
    RUN_COUNTS,
    PROBLEM_SIGHTINGS,
    *LABEL_TABLES,
    BARE_CARDS,
    REVIEW_TALLIES,
    PAIR_TALLIES,
    PANEL_TALLIES,
    ARCHIVE_FILES,
)
"""All tables, those for people first."""

VOTE_GAP = View(
    "vote_gap",
    "Panel against community: listings with community votes, by how far the two differ",
    """\
SELECT listing_id, name, panel_ship_pct, community_ship_pct, community_votes,
       panel_ship_pct - community_ship_pct AS gap
  FROM listings
 WHERE panel_ship_pct IS NOT NULL AND community_ship_pct IS NOT NULL
 ORDER BY abs(panel_ship_pct - community_ship_pct) DESC, community_votes DESC, listing_id""",
    (
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("name", "The name that the card prints"),
        percent("panel_ship_pct", "Share of the panel that says ship, as printed"),
        percent("community_ship_pct", "Share of community votes for ship, as printed"),
        count("community_votes", "All community votes, as printed", unit="votes"),
        Column("gap", "INTEGER", "Panel minus community", unit="percentage points"),
    ),
)

VIEWS: tuple[View, ...] = (
    VERDICT_FLIPS,
    LATEST_CHANGES,
    PERSONA_AGREEMENT,
    PANEL_AGREEMENT,
    PANEL_DISAGREEMENT,
    VOTE_GAP,
)
"""All views."""

_BY_NAME = {each.name: each for each in TABLES}


def table(name: str) -> Table:
    """The table called `name`. Raises KeyError where there is none."""
    return _BY_NAME[name]


__all__ = ["RULES_VERSION", "SCHEMA_VERSION", "TABLES", "VIEWS", "Column", "Table", "View", "table"]
