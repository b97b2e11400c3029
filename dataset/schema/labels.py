"""Tables by which names of critics flow from page to page: which quotes share rows, and what hangs together.

All serve the build alone. Quotes are known by the id that a review of them alone would have. Part of
`dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import Table, text

PAIRED_CAPTURES = Table(
    "paired_captures",
    "Captures of scorecards that name nobody, and whose rows tell which reviews are one critic's",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("pairs", "Places of the left and the right review of each row, from 0 (JSON)", needed=True),
    ),
    primary_key=("capture_id",),
    hidden=True,
    hashed=False,
)

ROW_PAIRS = Table(
    "row_pairs",
    "Two quotes, of two listings, that share a row of an unlabelled scorecard",
    (
        text("left_listing_id", "The listing that comes first in plain string order", needed=True),
        text("right_listing_id", "The other one", needed=True),
        text("left_review_id", "Its quote", needed=True),
        text("right_review_id", "The other's quote", needed=True),
    ),
    primary_key=("left_listing_id", "right_listing_id", "left_review_id", "right_review_id"),
    indexes=(("right_listing_id",),),
    hidden=True,
    hashed=False,
)

ROW_EDITS = Table(
    "row_edits",
    "Two quotes of one listing that stood in rows beside the same quote of another listing",
    (
        text("listing_id", "The listing", needed=True),
        text("review_id", "The one quote", needed=True),
        text("other_id", "The other quote", needed=True),
    ),
    primary_key=("listing_id", "review_id", "other_id"),
    hidden=True,
    hashed=False,
)

QUOTE_LABELS = Table(
    "quote_labels",
    "A critic's name that some page prints beside a quote",
    (
        text("review_id", "The quote", needed=True),
        text("persona", "The critic, as printed", needed=True),
        text("listing_id", "The listing it judges", needed=True),
    ),
    primary_key=("review_id", "persona"),
    indexes=(("listing_id",),),
    hidden=True,
    hashed=False,
)

QUOTE_COMPONENTS = Table(
    "quote_components",
    "A quote that shares rows with others, and all that hangs together with it",
    (
        text("review_id", "The quote", needed=True),
        text("listing_id", "The listing it judges", needed=True),
        text("component", "The least review_id of all that hang together", needed=True),
    ),
    primary_key=("review_id",),
    indexes=(("listing_id",), ("component",)),
    hidden=True,
    hashed=False,
)

COMPONENT_LABELS = Table(
    "component_labels",
    "A critic's name that some page prints beside a quote of a component",
    (
        text("component", "The component", needed=True),
        text("persona", "The critic, as printed", needed=True),
    ),
    primary_key=("component", "persona"),
    hidden=True,
    hashed=False,
)

LABEL_TABLES = (PAIRED_CAPTURES, ROW_PAIRS, ROW_EDITS, QUOTE_LABELS, QUOTE_COMPONENTS, COMPONENT_LABELS)
