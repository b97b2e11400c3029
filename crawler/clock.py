"""The clock that runs go by where nobody gives another."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present time, UTC."""
    return datetime.now(UTC)
