"""Checks the form of what a site sent, before it is sent back, followed, or written where it could do harm. Pure.

A site may send anything. What goes out again, as an address that is asked for or as a validator in a header, passes
through here first; what doesn't have the form that it should have is not used.
"""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin

from w3lib.url import safe_url_string

from crawler.settings import URLLENGTH_LIMIT
from crawler.urls import parts_of

LONGEST_VALIDATOR = 256
"""Characters of an ETag or a date. Honest ones have less than a hundred."""

LONGEST_EXCERPT = 200

_PRINTABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)


def validator(value: str | None) -> str | None:
    """`value`, an ``ETag`` or ``Last-Modified``, where it can be sent back as it came; None where it can't."""
    if value is None or len(value) > LONGEST_VALIDATOR or not _PRINTABLE.fullmatch(value):
        return None
    return value


def target(base: str, link: str) -> str | None:
    """The address that `link` on the page `base` leads to, without fragment, in the form in which it is asked for.

    None where it is no http address, or a longer one than is asked for, or has a name or password in it.
    """
    if len(link) > 2 * URLLENGTH_LIMIT:
        return None
    try:
        url = safe_url_string(urldefrag(urljoin(base, link.strip()))[0])
    except ValueError:
        return None
    parts = parts_of(url)
    return url if parts is not None and "@" not in parts.netloc and len(url) <= URLLENGTH_LIMIT else None


def excerpt(received: bytes | str, longest: int = LONGEST_EXCERPT) -> str:
    """The beginning of what was received, in printable ASCII, for a message."""
    text = received[:longest] if isinstance(received, str) else received[:longest].decode("latin-1")
    shown = text.encode("unicode_escape").decode("ascii")
    return shown[:longest] + ("…" if len(received) > longest or len(shown) > longest else "")
