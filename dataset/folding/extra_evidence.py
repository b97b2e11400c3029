"""What the history of a listing rests on beside the pages that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from dataset.folding.fold_reviews import Problem
from dataset.folding.presence import Answer

MOVED = "moved"
"""The answer of a tool page that leads for good to another tool page, and the reason of the alias that follows."""


class Former(NamedTuple):
    """A slug under which a listing stood before: the old id, and since when it leads to the present one."""

    listing: str
    at: str


@dataclass
class ExtraEvidence:
    """Answers of pages that do not show the listing, its former slugs, and doubts about its moves."""

    answers: list[Answer] = field(default_factory=list)
    former: list[Former] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
