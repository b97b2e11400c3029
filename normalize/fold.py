"""Folds texts for comparison, so that texts which people read as the same are equal. Stored texts are never folded.

Folding removes differences of case, width, Unicode composition, and of the many kinds of quotes, dashes and spaces.
Characters that distinguish names (``+``, ``#``, ``.``, ``&``) are kept. Folding doesn't consider meaning: "Voice &
Audio" and "Audio" stay different.
"""

from __future__ import annotations

import unicodedata

_QUOTES = dict.fromkeys("‘’‚‛′‹›`´ʼ＇", "'") | dict.fromkeys("“”„‟″«»＂", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_LOST = dict.fromkeys("™®©℠", "")
"""Marks that are not part of a name."""

_TABLE = str.maketrans(_QUOTES | _DASHES | _LOST)
_IGNORED = {"Cf", "Cc", "Cs", "Co"}
"""Unicode categories of invisible characters: joiners, direction marks, control characters."""


def folded(text: str) -> str:
    """Return `text` for comparison: one kind of quote, dash and space, no case, no invisible characters. Idempotent."""
    while (once := _once(text)) != text:
        text = once
    return text


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE).casefold()
    shown = ("" if unicodedata.category(sign) in _IGNORED and not sign.isspace() else sign for sign in plain)
    return " ".join("".join(shown).split())
