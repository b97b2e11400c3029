"""Folds texts for comparison, so that texts which people read as the same are equal. Stored texts are never folded.

Folding removes differences of case, width, Unicode composition, and of the many kinds of quotes, dashes and spaces.
Characters that distinguish names (``+``, ``#``, ``.``, ``&``) are kept. Folding doesn't consider meaning: "Voice &
Audio" and "Audio" stay different.
"""

from __future__ import annotations

import re
import unicodedata

_QUOTES = dict.fromkeys("‘’‚‛′‹›`´ʼ＇", "'") | dict.fromkeys("“”„‟″«»＂", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_LOST = dict.fromkeys("™®©℠", "")
"""Marks that are not part of a name."""

_TABLE = str.maketrans(_QUOTES | _DASHES | _LOST)
_IGNORED = {"Cf", "Cc", "Cs", "Co"}
"""Unicode categories of invisible characters: joiners, direction marks, control characters."""


_RUN = re.compile(r"[^\w\x00-\x7f]{31}")
"""Marks are no letters: where no such run is, there are not too many on one letter."""
_MOST_MARKS = 30
_JOINER = "\u034f"


def stream_safe(text: str) -> str:
    """`text` with at most 30 combining marks on one letter, as Unicode's stream-safe format has it (UAX 15).

    To put marks in their order takes time with the square of their number.
    """
    if text.isascii() or not _RUN.search(text):
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > _MOST_MARKS:
            kept.append(_JOINER)
            marks = 1
        kept.append(sign)
    return "".join(kept)


def folded(text: str) -> str:
    """Return `text` for comparison: one kind of quote, dash and space, no case, no invisible characters. Idempotent."""
    while (once := _once(text)) != text:
        text = once
    return text


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", stream_safe(text.translate(_TABLE))).translate(_TABLE).casefold()
    if not plain.isprintable():
        unseen = (sign for sign in set(plain) if unicodedata.category(sign) in _IGNORED and not sign.isspace())
        plain = plain.translate(dict.fromkeys(map(ord, unseen)))
    return " ".join(plain.split())
