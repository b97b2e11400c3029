"""How long matching takes, beside a rival that only compares texts: a process of its own, which prints lines of JSON.

``python -m bench.matching_speed NAMES`` times, over made-up names: a full run (names read, blocked, judged, made into
tools with their ids), then one thousand listings more; and in the same run rapidfuzz's cdist within the same blocks.
All times are CPU times of one core.
"""

from __future__ import annotations

import gc
import resource
import sys
from time import process_time

from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from bench.apart import say
from bench.made_names import made_names
from normalize.matching.blocking import core_keys
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher
from normalize.matching.names import NameReader

MORE = 1_000
LARGEST_MATRIX = 20_000
"""cdist gets greater blocks in slices of so many rows."""


def tell(what: str, value: float) -> None:
    """Print one measured value."""
    say(what=what, value=value)


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_ours(names: list[str]) -> None:
    """The full run, and a thousand more."""
    listings = [Listing(f"s{number}", name, "2026-11-01T00:00:00Z") for number, name in enumerate(names)]
    before = peak()
    gc.collect()
    gc.freeze()
    start = process_time()
    matcher = Matcher()
    matcher.update(listings[:-MORE])
    tools = sum(1 for each in listings[:-MORE] if matcher.members(each.listing_id)[0] == each.listing_id)
    tell("full", process_time() - start)
    start = process_time()
    matcher.update(listings[-MORE:])
    tell("more", process_time() - start)
    start = process_time()
    matcher.update(listings)
    tell("same", process_time() - start)
    tell("tools", tools)
    tell("listings_memory", before)
    tell("peak", peak())
    for what, value in matcher.counts.items():
        tell(what, value)


def time_cdist(names: list[str]) -> None:
    """Cdist in the blocks of names that share core and line."""
    reader = NameReader()
    blocks: dict[str, list[str]] = {}
    for name in names:
        for key in core_keys(reader.read(name)):
            blocks.setdefault(key, []).append(name)
    shared = [block for block in blocks.values() if len(block) > 1]
    del blocks
    tell("cdist_pairs", sum(len(block) * (len(block) - 1) // 2 for block in shared))
    start = process_time()
    for block in shared:
        for first in range(0, len(block), LARGEST_MATRIX):
            cdist(block[first : first + LARGEST_MATRIX], block, scorer=fuzz.token_set_ratio, workers=1)
    tell("cdist", process_time() - start)


def main(count: int) -> None:
    """Time all of them over so many names and a thousand more."""
    names = list(made_names(count + MORE))
    tell("distinct", len(set(names)))
    time_ours(names)
    gc.unfreeze()
    gc.collect()
    time_cdist(names)


if __name__ == "__main__":
    main(int(sys.argv[1]))
