"""Compares the texts of two listings by the distinctive words that both use.

Words that the whole field uses don't count; otherwise, "an open-source platform for AI agents" would be similar to
every other such text.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from normalize.matching.tokens import fold
from normalize.matching.vocabulary import vocabulary

_WORD = re.compile(r"[^\W_]+(?:[.+#'’-][^\W_]+)*(?:\+\+|#)?")
_PARTS = re.compile(r"[^\W_]+")
MOST_SIGNS = 10_000
"""The number of characters of a text that are considered; no tagline and description are longer."""
SHORT = 12
"""A text with fewer distinctive words is short: one line, like a tagline."""
ENOUGH = 0.15
"""The share of the shorter text's distinctive words that two texts of one tool have in common."""
ENOUGH_SHORT = 0.3
ENOUGH_SURE = 0.06
"""The same for a distinctive name (a known family, a version), which hardly any other tool has."""


class Likeness(NamedTuple):
    """The similarity of two texts."""

    similarity: int | None
    """rapidfuzz's token_set_ratio, 0–100; None if a text is missing."""
    shared: tuple[str, ...] = ()
    """The distinctive words that both have, in alphabetical order."""
    shorter: int = 0
    """The number of distinctive words in the shorter text."""


MISSING = Likeness(None)


def telling_words(text: str, name: str = "") -> frozenset[str]:
    """Return the distinctive words of `text`: not those of `name`, of the language or of the whole field."""
    words = vocabulary()
    apart = set(_PARTS.findall(fold(name)))
    found = set()
    for word in _WORD.findall(fold(text)):
        bare = word.removesuffix("'s").removesuffix("’s")
        if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss"):
            bare = bare[:-1]
        if bare not in words.stop and word not in words.stop and bare not in words.field and word not in words.field:
            found.add(bare)
    return frozenset(word for word in found if word not in apart and not apart.issuperset(_PARTS.findall(word)))


def likeness(left: str, right: str, names: str) -> Likeness:
    """Return the similarity of two texts (tagline and description together), ignoring the words of both `names`."""
    left, right, names = left[:MOST_SIGNS], right[:MOST_SIGNS], names[:MOST_SIGNS]
    if not left.strip() or not right.strip():
        return MISSING
    ours, theirs = telling_words(left, names), telling_words(right, names)
    similarity = round(fuzz.token_set_ratio(fold(left), fold(right)))
    return Likeness(similarity, tuple(sorted(ours & theirs)), min(len(ours), len(theirs)))


def agree(found: Likeness, *, sure: bool) -> bool:
    """Return whether the texts may be of one tool; a missing text never objects. `sure`: the name is distinctive."""
    if found.similarity is None or found.similarity == 100:
        return True
    shared = len(found.shared)
    if not found.shorter:
        return False
    share = shared / found.shorter
    if sure:
        return shared >= 1 if found.shorter < SHORT else shared >= 2 and share >= ENOUGH_SURE
    if found.shorter < SHORT:
        return shared >= 2 and share >= ENOUGH_SHORT
    return shared >= 3 and share >= ENOUGH


def as_json(found: Likeness) -> dict[str, Any]:
    """Return the similarity for a record."""
    return {"similarity": found.similarity, "shared": list(found.shared), "shorter": found.shorter}


def from_json(said: dict[str, Any]) -> Likeness:
    """Read the similarity that `as_json` wrote."""
    return Likeness(said["similarity"], tuple(said["shared"]), said["shorter"])
