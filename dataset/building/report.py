"""What a build tells of itself, while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from crawler.archive import Stray, TornTail

Progress = Callable[[str, int], None]
"""Told of progress: the stage (read, derive, index, publish), and how many more of its things are done."""


@dataclass
class BuildReport:
    """What a build did. Seconds are per stage; `listings` is how many the dataset holds.

    `rebuilt_because` says why the dataset was made without regard to the one before it; None where that one only lacked
    what is new. `judged_anew` says that the log of judgements is another than at the last build, and
    `cache_refilled_because` why all pages were read again although their readings were kept.
    """

    database: Path
    changed: bool = False
    rebuilt_because: str | None = None
    judged_anew: bool = False
    cache_refilled_because: str | None = None
    captures: int = 0
    repeated: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    listings: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    torn: list[TornTail] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    archive_busy: bool = False
    archive_read_only: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time that the block takes to the stage `name`."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start
