"""Ids: short hashes of what a row is about. The same thing has the same id in every build, everywhere."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import blake2b

from crawler.urls import listing_id

SHORT = 8
"""Bytes of a short hash (16 hex digits)."""


def short_hash(*parts: str | None) -> str:
    """A short hash of `parts`, which are kept apart: ("ab", "c") and ("a", "bc") differ."""
    return blake2b(json.dumps(parts).encode(), digest_size=SHORT).hexdigest()


def content_hash(body: bytes) -> str:
    """A hash of a text in UTF-8 that is long enough to stand for it (32 hex digits)."""
    return blake2b(body, digest_size=16).hexdigest()


@lru_cache(maxsize=16_384)
def fold_space(quote: str) -> str:
    """`quote` with every run of white space as one blank: the form in which quotes are compared."""
    return " ".join(quote.split())


@lru_cache(maxsize=16_384)
def review_id_of(listing: str, quote: str) -> str:
    """The id of the review of `listing` that was first seen with `quote`."""
    return short_hash("review", listing, fold_space(quote))


def card_key_of(name: str, tagline: str, description: str) -> str:
    """What a card is known by where no slug is: a hash of its three texts, white space folded."""
    return short_hash("card", fold_space(name), fold_space(tagline), fold_space(description))


def card_listing_id(source: str, card_key: str) -> str:
    """The listing id of a card that is known by its texts alone."""
    return listing_id(source, f"~{card_key}")


def problem_id_of(code: str, subject: str) -> str:
    """The id of the problem that `code` is about `subject`."""
    return short_hash("problem", code, subject)
