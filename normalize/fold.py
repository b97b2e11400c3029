"""Texts folded for comparison: equal where people would read the same. What is stored is never folded.

Folding makes one of case, width, composed and single signs, the many quotes, dashes and spaces. Signs that tell names
apart (``+``, ``#``, ``.``, ``&``) stay. It says nothing about meaning: "Voice & Audio" and "Audio" stay two.
"""

from __future__ import annotations

import unicodedata

_QUOTES = dict.fromkeys("‘’‚‛′‹›`´ʼ＇", "'") | dict.fromkeys("“”„‟″«»＂", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_LOST = dict.fromkeys("™®©℠", "")
"""Marks that say nothing of what a thing is called."""

_TABLE = str.maketrans(_QUOTES | _DASHES | _LOST)
_IGNORED = {"Cf", "Cc", "Cs", "Co"}
"""Categories of signs without a look of their own: joiners, marks of direction, control signs."""


def folded(text: str) -> str:
    """`text` as it is compared: one kind of quote, dash and blank, no case, no invisible signs. Idempotent."""
    while (once := _once(text)) != text:
        text = once
    return text


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE).casefold()
    shown = ("" if unicodedata.category(sign) in _IGNORED and not sign.isspace() else sign for sign in plain)
    return " ".join("".join(shown).split())
