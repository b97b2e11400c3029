"""A listing as matching sees it."""

from __future__ import annotations

from typing import NamedTuple


class Listing(NamedTuple):
    """What a site calls a tool, with the time at which it was first seen."""

    listing_id: str
    name: str
    first_seen: str = ""
    """ISO 8601, UTC: texts in the order of times."""
    tagline: str | None = None
    description: str | None = None
    category: str | None = None

    @property
    def text(self) -> str:
        """Tagline and description in one; empty where both are missing."""
        return "\n".join(part for part in (self.tagline, self.description) if part)

    @property
    def order(self) -> tuple[str, str]:
        """Listings are ordered by this: the earliest first, then by id."""
        return self.first_seen, self.listing_id
