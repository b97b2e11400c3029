"""Signs that steer: what a page may hold and no output may obey."""

from __future__ import annotations

import unicodedata

_KEPT = "\n\t"
_STEERING = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def steers(sign: str) -> bool:
    """Whether a sign steers a terminal or turns the reading direction, rather than being read."""
    return sign not in _KEPT and unicodedata.category(sign) in _STEERING


def visible(text: object) -> str:
    """`text` with every control sign, also those that turn the reading direction, made visible."""
    text = str(text)
    if text.replace("\n", "").replace("\t", "").isprintable():  # as nearly all are: no sign of it steers
        return text
    return "".join(f"\\u{ord(sign):04x}" if steers(sign) else sign for sign in text)
