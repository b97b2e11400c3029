"""Tables of history: versions of listings and reviews, changes, and the views on them.

Part of `dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import Column, Table, View, count, flag, text, time

CHANGE_KINDS = (
    *("verdict_flip", "score", "panel", "votes", "pricing", "category", "text"),
    *("review_added", "review_withdrawn", "listing_withdrawn", "listing_returned"),
)

VALID_FROM = "When it was first seen so (observed_at of its first observation)"
LAST_CONFIRMED = "When it was last seen so; from then to valid_to it is the last known state"
VALID_TO = "valid_from of the next version, or when it was first seen withdrawn; NULL while it stands"


_LOOKED_UP = (("listing_id",), ("persona", "verdict", "valid_from", "valid_to", "listing_id"))
"""How versions are looked up; by critic, with all that the verdicts of a critic over time are made of."""


def versions_of(name: str, description: str, key: str, columns: tuple[Column, ...]) -> Table:
    """A table of versions: `columns` keep their values for each stretch of time."""
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
    "A change: one field passing from one state to the next, and the captures between which it did",
    (
        text("change_id", "Hash of listing, review, field, old, new and after_capture_id", needed=True),
        text("kind", "What kind of change it is", needed=True, values=CHANGE_KINDS),
        text("listing_id", "The listing", ref="listings.listing_id", needed=True),
        text("persona", "The critic, where it is a review's and known", ref="personas.persona"),
        text("field", "The column of listings or reviews; presence for what comes or goes", needed=True),
        text("old_value", "The value before, as text; NULL where the page showed the slot empty"),
        text("new_value", "The value after, as text; NULL where the page shows the slot empty"),
        time("seen_before", "The change came after this: the old value was surely still so", needed=True),
        time("seen_after", "The change came before this: the new value was seen", needed=True),
        flag(
            "confirmed",
            "1 where a second answer shows the new value and one was made after the old was first seen; 0: the order "
            "is not known for sure",
            needed=True,
        ),
        text("review_id", "The review, where it is a review's", ref="reviews.review_id"),
        text("tool_id", "The tool behind the listing", ref="tools.tool_id", needed=True),
        text(
            "before_capture_id", "The capture that shows the old value latest", ref="captures.capture_id", needed=True
        ),
        text("after_capture_id", "The capture that shows the new value first", ref="captures.capture_id", needed=True),
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
    text("name", "The name that the listing's card prints"),
    text("persona", "The critic; NULL for the panel as a whole", ref="personas.persona"),
    text("old_value", "The value before"),
    text("new_value", "The value after"),
    time("seen_before", "The change came after this"),
    time("seen_after", "The change came before this"),
    flag("confirmed", "1 where the order of the two values is known for sure"),
    text("listing_id", "The listing", ref="listings.listing_id"),
    text("change_id", "The change", ref="changes.change_id"),
)
_SELECT = (
    "l.name, c.persona, c.old_value, c.new_value, c.seen_before, c.seen_after, c.confirmed, c.listing_id, c.change_id\n"
    "  FROM changes c\n  JOIN listings l ON l.listing_id = c.listing_id"
)

VERDICT_FLIPS = View(
    "verdict_flips",
    "Verdicts that changed, of the panel or of one critic, the newest first",
    f"SELECT {_SELECT}\n WHERE c.kind = 'verdict_flip'\n ORDER BY c.seen_after DESC, c.change_id",  # noqa: S608
    _NAMED,
)

LATEST_CHANGES = View(
    "latest_changes",
    "All changes, the newest first",
    f"SELECT c.kind, c.field, {_SELECT}\n ORDER BY c.seen_after DESC, c.change_id",  # noqa: S608
    (
        text("kind", "What kind of change it is", values=CHANGE_KINDS),
        text("field", "The column of listings or reviews"),
        *_NAMED,
    ),
)


def version_number(what: str) -> Column:
    """The number of a version."""
    return count("version", f"Which version of the {what} it is, from 1", needed=True)
