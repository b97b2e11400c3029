"""Word-level differences of two texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

MOST_WORDS = 3000
"""Longer texts are told whole, the one after the other."""

UNLIKE = 0.3
"""Texts that have a smaller share of their words in common are told whole: pieces of them would not be readable."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that both texts have (`same`), only the old one (`removed`), or only the new one (`added`)."""

    what: Literal["same", "removed", "added"]
    text: str


@lru_cache(maxsize=4096)
def differences(old: str, new: str) -> tuple[Piece, ...]:
    """What became of `old` in `new`, piece by piece, in reading order; white space counts as one space."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    before, after = old.split(), new.split()
    whole = [Piece("removed", " ".join(before)), Piece("added", " ".join(after))]
    if max(len(before), len(after)) > MOST_WORDS or Indel.normalized_similarity(before, after) < UNLIKE:
        return tuple(piece for piece in whole if piece.text)
    pieces: list[Piece] = []
    for step in Indel.opcodes(before, after):
        old_words, new_words = before[step.src_start : step.src_end], after[step.dest_start : step.dest_end]
        if step.tag == "insert":
            pieces.append(Piece("added", " ".join(new_words)))
            continue
        piece = Piece("same" if step.tag == "equal" else "removed", " ".join(old_words))
        # What is gone comes before what stands in its place.
        after_added = piece.what == "removed" and pieces and pieces[-1].what == "added"
        pieces.insert(len(pieces) - 1 if after_added else len(pieces), piece)
    return tuple(pieces)
