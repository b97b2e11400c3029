"""What the new captures of a build touched: what has to be worked out anew, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Touched:
    """What the new captures of a build touched, and how many there were.

    `revisits` are new captures that refer to the content of others; `content_urls` the pages of which new captures
    brought content that others may refer to. `cards` are listings and what new captures say of them; `paired` new
    captures whose scorecards tell which reviews share a row; `moved` the listings between which sightings moved;
    `matched` listings that came, went, or have another name, text or first sight than before; `tools` the tools of all
    that were folded.

    A build may take in captures once more that the published dataset has read already. These are not counted: what is
    beyond `read_before`, which says how far that has read each archive file, is news to people.
    """

    read_before: Mapping[str, int] = field(default_factory=dict)

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
    matched: set[str] = field(default_factory=set)
    tools: set[str] = field(default_factory=set)
    captures: int = 0
    repeated: int = 0
    statuses: Counter[str] = field(default_factory=Counter)

    def is_news(self, capture: Mapping[str, Any]) -> bool:
        """Whether `capture`, given as its row, is none that the published dataset has read."""
        place: int = capture["warc_offset"]
        return place >= self.read_before.get(capture["warc_file"], 0)
