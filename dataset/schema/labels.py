"""Internal tables for aligning critics' names across pages: which quotes share rows and are linked.

They are only used by the build. A quote is identified by the id that a review with just this quote would have. Import
them from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataset.schema.parts import Table, text

PAIRED_CAPTURES = Table(
    "paired_captures",
    "Captures of scorecards without names, whose rows show which reviews are by the same critic",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("pairs", "Positions of the left and the right review of each row, from 0 (JSON)", needed=True),
    ),
    primary_key=("capture_id",),
    hidden=True,
    hashed=False,
)

ROW_PAIRS = Table(
    "row_pairs",
    "Pairs of quotes, for two listings, that share a row of a scorecard without names",
    (
        text("left_listing_id", "The listing that comes first in plain string order", needed=True),
        text("right_listing_id", "The other listing", needed=True),
        text("left_review_id", "The quote for that listing", needed=True),
        text("right_review_id", "The quote for the other listing", needed=True),
    ),
    primary_key=("left_listing_id", "right_listing_id", "left_review_id", "right_review_id"),
    indexes=(("right_listing_id",),),
    hidden=True,
    hashed=False,
)

ROW_EDITS = Table(
    "row_edits",
    "Pairs of quotes for one listing that appeared in rows next to the same quote for another listing",
    (
        text("listing_id", "The listing", needed=True),
        text("review_id", "One quote", needed=True),
        text("other_id", "The other quote", needed=True),
    ),
    primary_key=("listing_id", "review_id", "other_id"),
    hidden=True,
    hashed=False,
)

QUOTE_LABELS = Table(
    "quote_labels",
    "Critics' names that some page prints next to a quote",
    (
        text("review_id", "The quote", needed=True),
        text("persona", "The critic, as printed", needed=True),
        text("listing_id", "The listing that is reviewed", needed=True),
    ),
    primary_key=("review_id", "persona"),
    indexes=(("listing_id",),),
    hidden=True,
    hashed=False,
)

QUOTE_COMPONENTS = Table(
    "quote_components",
    "Quotes that share rows with others, and the component of linked quotes that they belong to",
    (
        text("review_id", "The quote", needed=True),
        text("listing_id", "The listing that is reviewed", needed=True),
        text("component", "The smallest review_id of all linked quotes", needed=True),
    ),
    primary_key=("review_id",),
    indexes=(("listing_id",), ("component",)),
    hidden=True,
    hashed=False,
)

COMPONENT_LABELS = Table(
    "component_labels",
    "Critics' names that some page prints next to a quote of a component",
    (
        text("component", "The component", needed=True),
        text("persona", "The critic, as printed", needed=True),
    ),
    primary_key=("component", "persona"),
    hidden=True,
    hashed=False,
)

LABEL_TABLES = (PAIRED_CAPTURES, ROW_PAIRS, ROW_EDITS, QUOTE_LABELS, QUOTE_COMPONENTS, COMPONENT_LABELS)
