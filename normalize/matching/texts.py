"""How alike two listings' texts are: the words that both use, without those that the whole field uses.

Counting only telling words keeps "an open-source platform for AI agents" from being like every other such text.
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
"""So much of a text is looked at; no tagline and description are longer."""
SHORT = 12
"""A text with fewer telling words is short: one line, as a tagline is."""
ENOUGH = 0.15
"""The share of the shorter text's telling words that two texts of one tool have in common."""
ENOUGH_SHORT = 0.3
ENOUGH_SURE = 0.06
"""The same where the name is a tool's own (a known family, a version): hardly any other tool bears it."""


class Likeness(NamedTuple):
    """How alike two texts are."""

    similarity: int | None
    """rapidfuzz's token_set_ratio, 0–100; None where a text is missing."""
    shared: tuple[str, ...] = ()
    """Telling words of both, in alphabetical order."""
    shorter: int = 0
    """How many telling words the shorter one has."""


MISSING = Likeness(None)


def telling_words(text: str, name: str = "") -> frozenset[str]:
    """The words of `text` that tell something: not those of `name`, nor of the language or the whole field."""
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
    """How alike two texts (tagline and description in one) are, the words of both `names` left out."""
    left, right, names = left[:MOST_SIGNS], right[:MOST_SIGNS], names[:MOST_SIGNS]
    if not left.strip() or not right.strip():
        return MISSING
    ours, theirs = telling_words(left, names), telling_words(right, names)
    similarity = round(fuzz.token_set_ratio(fold(left), fold(right)))
    return Likeness(similarity, tuple(sorted(ours & theirs)), min(len(ours), len(theirs)))


def agree(found: Likeness, *, sure: bool) -> bool:
    """Whether texts so alike are of one tool; missing text objects to nothing. `sure`: the name is a tool's own."""
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
    """The likeness for a record."""
    return {"similarity": found.similarity, "shared": list(found.shared), "shorter": found.shorter}


def from_json(said: dict[str, Any]) -> Likeness:
    """The likeness that `as_json` wrote."""
    return Likeness(said["similarity"], tuple(said["shared"]), said["shorter"])
