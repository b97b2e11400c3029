"""Problems, one row per code and subject, from each time that one was met."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from dataset.folding.fold_reviews import Problem
from dataset.ids import problem_id_of

GRAVEST_FIRST = ("error", "warning", "info")

Order = tuple[str, str, str, int]


class Problems:
    """The problems so far. What is told of each is what the earliest meeting says, in the gravest severity of any."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[Order, Problem]] = {}
        self._rest: dict[tuple[str, str], list[Any]] = {}

    def add(self, met_in: str, problems: Iterable[Problem]) -> None:
        """Take in `problems` that were met in the capture, run, file or listing called `met_in`; all of it at once."""
        for position, each in enumerate(problems):
            key = (each.code, each.subject)
            order = (each.seen_at or "", each.capture_id or "", met_in, position)
            known = self._first.get(key)
            if known is None:
                self._first[key] = order, each
                self._rest[key] = [GRAVEST_FIRST.index(each.severity), order[0], 1, met_in]
                continue
            if order < known[0]:
                self._first[key] = order, each
            rest = self._rest[key]
            rest[0] = min(rest[0], GRAVEST_FIRST.index(each.severity))
            rest[1] = max(rest[1], order[0])
            rest[2] += rest[3] != met_in
            rest[3] = met_in

    def rows(self, listings: Container[str]) -> list[dict[str, Any]]:
        """The rows of `problems`; they name only listings that are among `listings`."""
        found = []
        for (code, subject), (_, first) in self._first.items():
            gravest, last_seen, occurrences, _ = self._rest[code, subject]
            row = first._asdict()
            first_seen = row.pop("seen_at")
            about = {} if first.listing_id in listings else {"listing_id": None}
            more = {
                "problem_id": problem_id_of(code, subject),
                "severity": GRAVEST_FIRST[gravest],
                "occurrences": occurrences,
                "first_seen": first_seen,
                "last_seen": last_seen or None,
            }
            found.append({name: _storable(value) for name, value in (row | about | more).items()})
        return found


def _storable(value: Any) -> Any:
    """`value` in a form that a database can hold."""
    return value.encode("utf-8", "replace").decode() or None if isinstance(value, str) else value
