"""Changes as pages tell them: what changed, of which listing of which tool, between which two captures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A change; `slug` and `name` are its tool's slug and its listing's name."""

    change_id: str
    kind: str
    listing_id: str
    slug: str
    name: str | None
    review_id: str | None
    persona: str | None
    field: str
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    confirmed: int
    before_capture_id: str
    after_capture_id: str


CHANGE_COLUMNS = ", ".join({"slug": "t.slug", "name": "l.name"}.get(name, f"c.{name}") for name in Change.__slots__)
"""SQL: the columns of `Change`, of ``changes c``, ``listings l`` and ``tools t``."""
