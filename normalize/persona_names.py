"""Names of critics folded: "The Skeptic", "SKEPTIC" and "skeptic" are one critic."""

from __future__ import annotations

import re

from normalize.fold import folded

MOST_SIGNS = 200
"""No critic has a longer name; what follows is not looked at."""
_ARTICLES = re.compile(r"^(?:the-++(?=\S))++")


def persona_key(name: str) -> str | None:
    """The word by which the critic called `name` is known: lower case, no article, parts joined by a hyphen.

    None where nothing is left of the name. Idempotent: the key of a key is that key.
    """
    key = "-".join(folded(name[:MOST_SIGNS]).replace("-", " ").replace("_", " ").split())
    return _ARTICLES.sub("", key) or None
