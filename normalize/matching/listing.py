"""A listing, as far as matching needs it."""

from __future__ import annotations

from typing import NamedTuple


class Listing(NamedTuple):
    """A tool as one site presents it, with the time when it was first seen."""

    listing_id: str
    name: str
    first_seen: str = ""
    """ISO 8601 in UTC, so texts sort like times."""
    tagline: str | None = None
    description: str | None = None
    category: str | None = None

    @property
    def text(self) -> str:
        """Return tagline and description as one text; empty if both are missing."""
        return "\n".join(part for part in (self.tagline, self.description) if part)

    @property
    def order(self) -> tuple[str, str]:
        """The sort key of listings: the earliest first, then by id."""
        return self.first_seen, self.listing_id
