"""What an answer says of the listings that its url names and that it does not show. Pure: no database, no clock.

Absence has kinds: the page is gone, the tool page has moved to another slug, or the page was asked for and could not be
read. Only what the url names is known of such an answer, so this is kept apart from sightings of cards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from crawler.urls import listing_id, pair_of, slug_of, source_of

GONE = (404, 410)
"""HTTP statuses that say something of the page itself (and not of the server's bad day) without showing it."""

FOR_GOOD = (301, 308)
"""HTTP statuses of redirects that are meant to stay."""


class NotShown(NamedTuple):
    """A listing that a page is about and does not show: gone, moved (for good, to `moved_to`), or unread."""

    side: str
    named_id: str
    answer: str
    moved_to: str | None = None


def listings_named(url: str | None) -> list[tuple[str, str]]:
    """The listings that `url`, as it answered, is about: side and id of each."""
    source = source_of(url)
    pair = pair_of(url)
    if pair is not None:
        return [("left", listing_id(source, pair.left)), ("right", listing_id(source, pair.right))]
    slug = slug_of(url)
    return [("only", listing_id(source, slug))] if slug is not None else []


def not_shown(capture: Mapping[str, Any], shown: Collection[str]) -> list[NotShown]:
    """What the answer of `capture` says of the listings that its url names, but for the sides that it has `shown`.

    Nothing where the answer is “unchanged”, or leads elsewhere for now, or to another site.
    """
    url, status = capture["answered_url"], capture["http_status"]
    named = [(side, listing) for side, listing in listings_named(url) if side not in shown]
    if status in GONE:
        return [NotShown(side, listing, "gone") for side, listing in named]
    if status in FOR_GOOD and len(named) == 1:
        return _moved(url, capture["redirects_to"], *named[0])
    if status is not None and 300 <= status < 400:
        return []
    return [NotShown(side, listing, "unread") for side, listing in named]


def _moved(url: str, to: str | None, side: str, listing: str) -> list[NotShown]:
    """A tool page that leads to another tool page of the same site."""
    there = listings_named(to) if to is not None and source_of(to) == source_of(url) else []
    if len(there) != 1 or there[0][0] != side or there[0][1] == listing:
        return []
    return [NotShown(side, listing, "moved", there[0][1])]
