"""Lagging caches in front of the site: a page comes from a copy that was made some time ago.

When each cache made its copy of a path is a pure function of the seed and the site's time, so a test can work out which
truth a page shows: the log names the cache and the time of the copy.
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
    """One cache: how old its copies may get, and what it says about it."""

    number: int
    max_lag: int
    declares_age: bool
    rewrites_date: bool
    path: re.Pattern[str]

    @classmethod
    def of(cls, number: int, said: Mapping[str, Any]) -> Cache:
        """A cache as control describes it. Raises ValueError."""
        if unknown := set(said) - OPTIONS:
            raise ValueError(f"a cache has no {sorted(unknown)[0]!r}; known: {', '.join(sorted(OPTIONS))}")
        lag = int(said.get("max_lag_seconds", 3600))
        if lag < 2:
            raise ValueError("max_lag_seconds must be at least 2")
        rewrites = bool(said.get("rewrites_date", False))
        # Robots and sitemaps come from the origin unless a cache is told to take them.
        path = re.compile(said.get("path", r"/(?!robots\.txt|sitemap)"))
        return cls(number, lag, bool(said.get("declares_age", not rewrites)), rewrites, path)

    def copied(self, seed: int, path: str, moment: int) -> int:
        """When the copy of `path` was made that the cache holds at `moment`: at most `max_lag` before.

        Time is cut into slots of half the lag, with one refresh in each at a moment that the dice choose.
        """
        slot = max(1, self.max_lag // 2)
        number = moment // slot
        for each in (number, number - 1):
            refreshed = each * slot + dice(seed, "cache", self.number, path, each).randrange(slot)
            if refreshed <= moment:
                return max(OPENING, refreshed)
        raise AssertionError("the slot before has passed")


class Caches:
    """The caches in front of the site; requests for one path go to them in turns, or as the seed has it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.said: list[Any] = []
        self._caches: list[Cache] = []
        self._by_turns = True
        self._asked: dict[str, int] = {}

    def set(self, said: object) -> None:
        """Replace the caches by what control says: a list, or that list with a way to choose. Raises ValueError."""
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
        """The cache that answers the next request for `path`, None where the site itself does."""
        caches = [each for each in self._caches if each.path.match(path)]
        if not caches:
            return None
        asked = self._asked[path] = self._asked.get(path, -1) + 1
        if self._by_turns:
            return caches[asked % len(caches)]
        return dice(self._seed, "pick", path, asked).choice(caches)
