"""Normalises the names of critics: "The Skeptic", "SKEPTIC" and "skeptic" are the same critic."""

from __future__ import annotations

import re

from normalize.fold import folded

_ARTICLE = re.compile(r"^the[ -]+(?=\S)")


def persona_key(name: str) -> str | None:
    """Return the key of the critic called `name`: lower case, without an article, with words joined by hyphens.

    Returns None if nothing is left. Idempotent: the key of a key is the same key.
    """
    key = "-".join(folded(name).replace("-", " ").replace("_", " ").split())
    while (shorter := _ARTICLE.sub("", key)) != key:
        key = shorter
    return key or None
