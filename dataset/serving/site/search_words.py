"""What people type into the search box, as a full-text query that can't fail; and found texts, their hits marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 400
"""So many signs of what was typed are read."""

MOST_WORDS = 16

SHORTEST_BEGINNING = 4
"""A shorter word is not taken for the beginning of others: it would be that of too many."""

OPEN, CLOSE = "\ue000", "\ue001"
"""What stands around a hit between SQLite and us: signs for private use. Pages get `Piece`s, never these."""

_TYPED = re.compile(r'"([^"]*)"|([^\s"]+)')
_WORD = re.compile(r"[^\W_]+")


def full_text(typed: str) -> str | None:
    """The full-text query for what was typed; None where there is no word in it.

    Every word has to be there, words in quotes beside each other. The last word may be the beginning of one, unless it
    is short or stands in quotes. Each is quoted, so that nothing in it is an operator.
    """
    phrases: list[str] = []
    open_end = False
    for quoted, bare in _TYPED.findall(typed[:LONGEST]):
        words = _WORD.findall(quoted or bare)
        if words:
            phrases.append(f'"{" ".join(words)}"')
            open_end = bool(bare) and len(words[-1]) >= SHORTEST_BEGINNING
    if not phrases:
        return None
    return " ".join(phrases[:MOST_WORDS]) + ("*" if open_end and len(phrases) <= MOST_WORDS else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text that was found; `hit` where it is what was looked for."""

    text: str
    hit: bool


def pieces(marked: str | None) -> tuple[Piece, ...]:
    """The pieces of a text in which hits stand between `OPEN` and `CLOSE`."""
    found: list[Piece] = []
    hit = False
    for part in re.split(f"([{OPEN}{CLOSE}])", marked or ""):
        if part in (OPEN, CLOSE):
            hit = part == OPEN
        elif part:
            found.append(Piece(part, hit))
    return tuple(found)
