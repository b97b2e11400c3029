"""What the new captures of a build touched: what has to be worked out anew, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Touched:
    """What the new captures of a build touched, and how many there were.

    `revisits` are new captures that refer to the content of others; `content_urls` the pages of which new captures
    brought content that others may refer to. `cards` are listings and what new captures say of them; `paired` new
    captures whose scorecards tell which reviews share a row; `moved` the listings between which sightings moved.
    """

    listings: set[str] = field(default_factory=set)
    card_keys: set[tuple[str, str]] = field(default_factory=set)
    personas: set[str] = field(default_factory=set)
    comparison_urls: set[str] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    revisits: set[str] = field(default_factory=set)
    content_urls: set[str] = field(default_factory=set)
    cards: set[tuple[str, str]] = field(default_factory=set)
    paired: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    captures: int = 0
    repeated: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
