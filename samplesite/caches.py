"""Lagging caches in front of the site, which serve copies of pages that were made some time ago.

The time of a copy is a pure function of the seed and the site's time, so a test can compute which truth a page shows.
The log records the cache and the time of the copy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samplesite.series import OPENING
from samplesite.words import dice

OPTIONS = {"max_lag_seconds", "declares_age", "rewrites_date", "path"}


@dataclass(frozen=True)
class Cache:
    """A cache: the maximum age of its copies, and what it declares about their age."""

    number: int
    max_lag: int
    declares_age: bool
    rewrites_date: bool
    path: re.Pattern[str]

    @classmethod
    def of(cls, number: int, said: Mapping[str, Any]) -> Cache:
        """Make a cache from a description by the control interface. Raises ValueError."""
        if unknown := set(said) - OPTIONS:
            raise ValueError(f"a cache has no {sorted(unknown)[0]!r}; known: {', '.join(sorted(OPTIONS))}")
        lag = int(said.get("max_lag_seconds", 3600))
        if lag < 2:
            raise ValueError("max_lag_seconds must be at least 2")
        rewrites = bool(said.get("rewrites_date", False))
        # robots.txt and sitemaps come from the origin unless a cache is configured to serve them.
        path = re.compile(said.get("path", r"/(?!robots\.txt|sitemap)"))
        return cls(number, lag, bool(said.get("declares_age", not rewrites)), rewrites, path)

    def copied(self, seed: int, path: str, moment: int) -> int:
        """Return when the cache's copy of `path` at `moment` was made: at most `max_lag` earlier.

        Time is divided into slots of half the lag, with one refresh at a random moment in each.
        """
        slot = max(1, self.max_lag // 2)
        number = moment // slot
        for each in (number, number - 1):
            refreshed = each * slot + dice(seed, "cache", self.number, path, each).randrange(slot)
            if refreshed <= moment:
                return max(OPENING, refreshed)
        raise AssertionError("the slot before has passed")


class Caches:
    """The caches in front of the site; they answer requests for a path in turn, or in an order given by the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.said: list[Any] = []
        self._caches: list[Cache] = []
        self._by_turns = True
        self._asked: dict[str, int] = {}

    def set(self, said: object) -> None:
        """Replace the caches with a list, or with a list and a way to choose between them. Raises ValueError."""
        choose = "alternate"
        if isinstance(said, Mapping):
            choose, said = said.get("choose", "alternate"), said.get("caches", [])
        if choose not in ("alternate", "seed") or not isinstance(said, list):
            raise ValueError('give a list of caches, or {"caches": [...], "choose": "alternate" or "seed"}')
        self._caches = [Cache.of(number, each) for number, each in enumerate(said)]
        self.said = said
        self._by_turns = choose == "alternate"
        self._asked.clear()

    def pick(self, path: str) -> Cache | None:
        """Return the cache that answers the next request for `path`; None means the site itself."""
        caches = [each for each in self._caches if each.path.match(path)]
        if not caches:
            return None
        asked = self._asked[path] = self._asked.get(path, -1) + 1
        if self._by_turns:
            return caches[asked % len(caches)]
        return dice(self._seed, "pick", path, asked).choice(caches)
