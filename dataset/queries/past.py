"""Canned queries about the past: the state at a given time."""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataset.queries.parts import LISTING_HELP, ROWS, ROWS_HELP, Query, chosen_listing, query
from dataset.schema.tables import table

_VERSION = ", ".join(
    f"v.{name}"
    for name in table("listing_versions").column_names
    if name not in {"listing_id", "version", "valid_from", "last_confirmed", "valid_to"}
)

AS_OF_HELP = """as_of: a time in UTC (2026-03-31, which means the end of that day, or 2026-03-31T12:00:00Z); empty for
the latest state. last_known is 1 if this is only the last known state: nothing shows that it still applied at that
time."""

AS_OF = """CASE WHEN trim(:as_of) = '' THEN '9999-12-31T23:59:59Z'
                 WHEN trim(:as_of) GLOB '????-??-??' THEN date(trim(:as_of)) || 'T23:59:59Z'
                 ELSE strftime('%Y-%m-%dT%H:%M:%SZ', trim(:as_of)) END"""
"""SQL: the parameter ``:as_of`` as a time. A day means its end; an empty parameter means the latest state.

Any other text gives NULL, and so no rows.
"""


PAST: tuple[Query, ...] = (
    query(
        "listings_as_of",
        "Listings as they were",
        f"""The state of listings at a given time, by the time when their pages were generated, not imported. A listing
        that was not known yet, or was withdrawn, has no row. {LISTING_HELP} {AS_OF_HELP} {ROWS_HELP}""",
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
    query(
        "reviews_as_of",
        "Reviews as they were",
        f"""The reviews that were current at a given time, by the time when their pages were generated, not imported.
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
"""The state at a given time."""
