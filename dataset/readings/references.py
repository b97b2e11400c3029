"""What a revisit says of the content that it found unchanged. Pure: no database, no clock.

A crawl writes the sha256 of that content, and where and when it was captured. Files of other makers may leave
parts out, or state a digest of another kind, which can't be compared with what the archive knows.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from crawler.archive import StoredRecord
from dataset.readings.times import utc_moment, utc_text

UNCHANGED = (None, 200, 304)
"""The statuses of an answer that shows known content again. (Some records come without the head of the answer.)"""

_CLIP = 120


class Reference(NamedTuple):
    """The content that a revisit refers to; each part is None where the record doesn't state it (or not for sure)."""

    sha256: str | None
    digest: str | None
    refers_to_at: str | None
    refers_to_url: str | None


def sha256_of(digest: str | None) -> str | None:
    """The sha256 in a WARC digest as 64 hex digits, be it written so or in base32; None for any other digest."""
    name, _, text = (digest or "").strip().partition(":")
    if name.lower().replace("-", "") != "sha256":
        return None
    if re.fullmatch(r"[0-9a-fA-F]{64}", text, re.ASCII):
        return text.lower()
    try:
        found = base64.b32decode(text.upper().rstrip("=") + "====")
    except (binascii.Error, ValueError):
        return None
    return found.hex() if len(found) == 32 else None


def _moment(text: str | None) -> str | None:
    try:
        return None if text is None else utc_text(utc_moment(text))
    except (ValueError, OverflowError):
        return None


def reference_of(record: StoredRecord) -> Reference | None:
    """What the revisit `record` refers to; None where its answer says something else than “unchanged”."""
    if record.http_status not in UNCHANGED:
        return None
    return Reference(
        sha256_of(record.refers_to_digest),
        (record.refers_to_digest or "")[:_CLIP] or None,
        _moment(record.refers_to_at),
        (record.refers_to_url or "")[:_CLIP] or None,
    )
