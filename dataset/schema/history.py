"""Tables of history: versions of listings and reviews, changes, and views of them.

Import them from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataset.schema.parts import Column, Table, View, count, flag, text, time

CHANGE_KINDS = (
    *("verdict_flip", "score", "panel", "votes", "pricing", "category", "text"),
    *("review_added", "review_withdrawn", "listing_withdrawn", "listing_returned"),
)

VALID_FROM = "When this state was first seen (observed_at of its first observation)"
LAST_CONFIRMED = "When this state was last seen; from then until valid_to it is the last known state"
VALID_TO = "valid_from of the next version, or when the withdrawal was first seen; NULL for the current version"


_LOOKED_UP = (("listing_id",), ("persona", "verdict", "valid_from", "valid_to", "listing_id"))
"""Indexes of versions; the one by critic covers the query of a critic's verdicts over time."""


def versions_of(name: str, description: str, key: str, columns: tuple[Column, ...]) -> Table:
    """Return a table of versions; in each version, `columns` keep their values."""
    names = [column.name for column in columns]
    return Table(
        name,
        description,
        (
            *columns,
            time("valid_from", VALID_FROM, needed=True),
            time("last_confirmed", LAST_CONFIRMED, needed=True),
            time("valid_to", VALID_TO),
        ),
        primary_key=(key, "version"),
        indexes=(
            ("valid_from",),
            *(columns for columns in _LOOKED_UP if columns[0] != key and columns[0] in names),
        ),
        sort_desc="valid_from",
    )


CHANGES = Table(
    "changes",
    "Changes: transitions of one field from one state to the next, and the captures between which they happened",
    (
        text("change_id", "Hash of listing, review, field, old, new and after_capture_id", needed=True),
        text("kind", "Kind of change", needed=True, values=CHANGE_KINDS),
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        text("persona", "The critic, if the change is in a review and the critic is known", ref="personas.persona"),
        text("field", "The column of listings or reviews; presence for what appears or disappears", needed=True),
        text("old_value", "The old value, as text; NULL if the page showed it as empty"),
        text("new_value", "The new value, as text; NULL if the page shows it as empty"),
        time(
            "seen_before", "The change happened after this time: the old value was certainly still there", needed=True
        ),
        time("seen_after", "The change happened before this time: the new value was seen", needed=True),
        flag(
            "confirmed",
            "1 if a second response shows the new value, and one of the two was certainly generated after the old "
            "value was first seen; 0: the order is uncertain",
            needed=True,
        ),
        text("review_id", "The review, if the change is in one", ref="reviews.review_id"),
        text("tool_id", "The tool behind the listing", ref="tools.tool_id", needed=True),
        text("before_capture_id", "The last capture that shows the old value", ref="captures.capture_id", needed=True),
        text("after_capture_id", "The first capture that shows the new value", ref="captures.capture_id", needed=True),
    ),
    primary_key=("change_id",),
    indexes=(
        ("listing_id",),
        ("review_id",),
        ("tool_id",),
        ("kind", "seen_after"),
        ("seen_after",),
        ("confirmed", "seen_after"),
        ("persona", "seen_after"),
        ("before_capture_id",),
        ("after_capture_id",),
    ),
    facets=("kind", "confirmed", "persona"),
    sort_desc="seen_after",
)

_NAMED = (
    text("name", "Name of the tool, as printed on the card"),
    text("persona", "The critic; NULL for the panel as a whole", ref="personas.persona"),
    text("old_value", "The old value"),
    text("new_value", "The new value"),
    time("seen_before", "The change happened after this time"),
    time("seen_after", "The change happened before this time"),
    flag("confirmed", "1 if the order of the two values is certain"),
    text("listing_id", "The listing", ref="listings.listing_id"),
    text("change_id", "The change", ref="changes.change_id"),
)
_SELECT = (
    "l.name, c.persona, c.old_value, c.new_value, c.seen_before, c.seen_after, c.confirmed, c.listing_id, c.change_id\n"
    "  FROM changes c\n  JOIN listings l ON l.listing_id = c.listing_id"
)

VERDICT_FLIPS = View(
    "verdict_flips",
    "Changed verdicts, of the panel or of one critic, newest first",
    f"SELECT {_SELECT}\n WHERE c.kind = 'verdict_flip'\n ORDER BY c.seen_after DESC, c.change_id",  # noqa: S608
    _NAMED,
)

LATEST_CHANGES = View(
    "latest_changes",
    "All changes, newest first",
    f"SELECT c.kind, c.field, {_SELECT}\n ORDER BY c.seen_after DESC, c.change_id",  # noqa: S608
    (
        text("kind", "Kind of change", values=CHANGE_KINDS),
        text("field", "The column of listings or reviews"),
        *_NAMED,
    ),
)


def version_number(what: str) -> Column:
    """Return the column with the number of a version."""
    return count("version", f"Number of this version of the {what}, from 1", needed=True)
