"""Normalises the names of critics: "The Skeptic", "SKEPTIC" and "skeptic" are the same critic."""

from __future__ import annotations

import re

from normalize.fold import folded

MOST_SIGNS = 200
"""No critic has a longer name; what follows is not looked at."""
_ARTICLES = re.compile(r"^(?:the-++(?=\S))++")


def persona_key(name: str) -> str | None:
    """Return the key of the critic called `name`: lower case, without an article, with words joined by hyphens.

    A colon is no part of it: pages print "Builder:", and in ids it stands between site and critic. None where nothing
    is left of the name. Idempotent: the key of a key is that key.
    """
    key = "-".join(re.sub(r"[-_:]", " ", folded(name[:MOST_SIGNS])).split())
    return _ARTICLES.sub("", key) or None
