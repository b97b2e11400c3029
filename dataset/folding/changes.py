"""From the histories of a listing's or a review's values to the rows of its versions and changes. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from dataset.folding.history import Change, History, Moment, State, boundaries
from dataset.ids import short_hash

Row = dict[str, Any]

PRESENCE = "presence"
"""The field of a change that brings or takes a whole review or listing."""

KINDS = {
    "panel_verdict": "verdict_flip",
    "verdict": "verdict_flip",
    "score": "score",
    "panel_ship_pct": "panel",
    "panel_ships": "panel",
    "panel_skips": "panel",
    "community_ship_pct": "votes",
    "community_ships": "votes",
    "community_votes": "votes",
    "pricing": "pricing",
    "entry": "pricing",
    "category": "category",
}
"""The kind of change that a field's change is; any other field is text."""


def kind_of_change(field: str, review: str | None, new: object) -> str:
    """The kind of a change of `field`, of a listing or of the review `review`, to `new`."""
    if field == PRESENCE:
        if review is not None:
            return "review_added" if new else "review_withdrawn"
        return "listing_returned" if new else "listing_withdrawn"
    return KINDS.get(field, "text")


def change_rows(  # noqa: PLR0913
    listing: str,
    tool_id: str,
    histories: Mapping[str, History[Any]],
    *,
    review: str | None = None,
    persona: str | None = None,
    presence: History[bool] | None = None,
) -> list[Row]:
    """The rows of `changes` that `histories` (by field) and `presence` give for a listing, or one of its reviews."""
    fields = dict(histories) | ({PRESENCE: presence} if presence is not None else {})
    return [
        _change_row(name, change, {"listing_id": listing, "tool_id": tool_id, "review_id": review, "persona": persona})
        for name, history in fields.items()
        for change in history.changes()
    ]


def _change_row(name: str, change: Change[Any], about: Row) -> Row:
    old, new = _as_text(name, change.old.value), _as_text(name, change.new.value)
    after = change.new.first.capture_id
    return {
        "change_id": short_hash("change", about["listing_id"], about["review_id"], name, old, new, after),
        **about,
        "field": name,
        "kind": kind_of_change(name, about["review_id"], change.new.value),
        "old_value": old,
        "new_value": new,
        "seen_before": change.seen_before,
        "seen_after": change.seen_after,
        "before_capture_id": _surest(change.old).capture_id,
        "after_capture_id": after,
        "confirmed": int(change.confirmed),
    }


def _as_text(name: str, value: object) -> str | None:
    if name == PRESENCE:
        return "present" if value else "absent"
    return None if value is None else str(value)


def _surest(state: State[Any]) -> Moment:
    """The observation that shows `state` to have been so the longest."""
    return max(state.moments, key=lambda moment: (moment.made_from, moment))


def version_rows(
    about: Row,
    histories: Mapping[str, History[Any]],
    columns: Sequence[str],
    presence: History[bool] | None = None,
    needed: str | None = None,
) -> list[Row]:
    """The rows of versions: each stretch of time in which all of `histories` keep their state.

    `about` are columns that stay the same. While `presence` says that the thing is not there, there is no version, nor
    before the column `needed` is known. (A tool page may show a score before any comparison shows the quote.)
    """
    all_histories = [*histories.values(), *([presence] if presence is not None else [])]
    starts = boundaries(all_histories)
    seen = sorted({moment.observed_at for each in all_histories for state in each.states for moment in state.moments})
    rows: list[Row] = []
    for start, end in zip_longest(starts, starts[1:]):
        if presence is not None:
            there = presence.at(start)
            if there is not None and not there.value:
                continue
        standing = {name: histories[name].at(start) if name in histories else None for name in columns}
        if not any(standing.values()) or (needed is not None and standing[needed] is None):
            continue
        rows.append(
            {
                **about,
                "version": len(rows) + 1,
                **{name: None if state is None else state.value for name, state in standing.items()},
                "valid_from": start,
                "last_confirmed": seen[bisect_left(seen, end) - 1] if end is not None else seen[-1],
                "valid_to": end,
            }
        )
    return rows
