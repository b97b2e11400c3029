"""What of a text tells who wrote it: its words, pairs of words, and the parts of words. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from normalize.fold import stream_safe

MOST_SIGNS = 10_000
"""So much of a text is looked at; a longer one is no review."""

PARTS = (3, 4)
"""How many signs the parts of words have; the blanks around a word count."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")


def words_of(text: str) -> list[str]:
    """The words and signs of `text` in order, in small letters; every number is ``0``, as numbers are the tool's."""
    plain = unicodedata.normalize("NFKC", stream_safe(text[:MOST_SIGNS])).casefold()
    return ["0" if word.isdigit() else word for word in _TOKEN.findall(plain)]


def word_feature(word: str) -> str:
    """The feature that stands for one word."""
    return f"w {word}"


def features_of(text: str) -> list[str]:
    """The features of `text`, as often as they occur: words and pairs of them (``w …``), parts of words (``p …``)."""
    words = words_of(text)
    found = [word_feature(word) for word in words]
    found += [f"w {one} {other}" for one, other in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for size in PARTS:
            found += [f"p {padded[start : start + size]}" for start in range(len(padded) - size + 1)]
    return found
