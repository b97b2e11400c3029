"""Counts over all reviews, kept up with every listing that is folded: nothing is counted again that did not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dataset.schema.tables import Table, table
from dataset.tables.rows import Rows

COUNTED = ("reviews", "standing", "ships", "judged", "scores", "scored")
NOBODY = ""
"""Stands for no persona in the key of `review_tallies`, which may not be NULL."""


class Tallies:
    """What a build adds to the counts of reviews, and takes away from them."""

    def __init__(self) -> None:
        self._more: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * len(COUNTED))

    def take(self, listings: Iterable[Sequence[Any]], reviews: Iterable[Sequence[Any]], sign: int) -> None:
        """Count `reviews` of `listings` (all columns, in order), or with `sign` -1 take them away."""
        of_listing, of_review = places("listings"), places("reviews")
        known = {row[of_listing["listing_id"]]: row for row in listings}
        for review in reviews:
            listing = known[review[of_review["listing_id"]]]
            persona, how = review[of_review["persona"]] or NOBODY, review[of_review["persona_source"]] or NOBODY
            stands = review[of_review["withdrawn_at"]] is None and listing[of_listing["withdrawn_at"]] is None
            verdict, score = review[of_review["verdict"]], review[of_review["score"]]
            more = (1, stands, stands and verdict == "ship", stands and verdict is not None)
            scored = (score if stands and score is not None else 0, stands and score is not None)
            counts = self._more[listing[of_listing["source"]], persona, how]
            for place, each in enumerate((*more, *scored)):
                counts[place] += sign * each

    def write(self, rows: Rows) -> set[str]:
        """Bring `review_tallies` up to date. Gives the personas whose counts changed."""
        changed = add_up(rows, table("review_tallies"), self._more)
        return {persona for _, persona, _ in changed if persona != NOBODY}


def add_up(rows: Rows, kind: Table, more: Mapping[tuple[Any, ...], Sequence[int]]) -> list[tuple[Any, ...]]:
    """Add `more` to the sums that `kind` holds by its primary key. Gives the keys whose sums changed.

    A row whose sums are all 0 goes.
    """
    width = len(kind.primary_key)
    where = " AND ".join(f"{name} = ?" for name in kind.primary_key)
    sql = f"SELECT {', '.join(kind.column_names)} FROM {kind.name} WHERE {where}"  # noqa: S608  (our own names)
    changed = {key: counts for key, counts in more.items() if any(counts)}
    old = {key: row for key in sorted(changed) for row in rows.con.execute(sql, key)}
    new = []
    for key, counts in changed.items():
        before = old[key][width:] if key in old else [0] * len(counts)
        sums = [one + other for one, other in zip(before, counts, strict=True)]
        if any(sums):
            new.append(dict(zip(kind.column_names, (*key, *sums), strict=True)))
    rows.replace(kind, old.values(), new)
    return list(changed)


def places(name: str) -> Mapping[str, int]:
    """The place of each column in the rows of the table called `name`."""
    return {column: place for place, column in enumerate(table(name).column_names)}
