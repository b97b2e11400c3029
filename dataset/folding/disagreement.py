"""Where comparison cards and tool pages lastingly say different things of a listing. Pure.

What differs by capitals and white space alone (a category in capitals) is a matter of style, and the same thing.
"""

from __future__ import annotations

from typing import Any

from dataset.folding.fold_reviews import Problem, problem_row
from dataset.folding.history import History, Moment
from dataset.ids import fold_space
from dataset.readings.times import MAX_LAG, utc_moment


def since_when(one: History[Any], other: History[Any]) -> Moment | None:
    """Since when the present states of two kinds of page differ; None where they don't, or it may be a matter of lag.

    They surely stood at the same time where the older of the two was made again after the younger was first seen. Where
    the younger is a change, max_lag must have passed since, too.
    """
    if _plain(one.current.value) == _plain(other.current.value):
        return None
    older, younger = sorted((one, other), key=lambda history: history.current.first)
    since, still = younger.current.first, older.current
    if still.known_true_at < since.observed_at or younger.current.last.observed_at < since.observed_at:
        return None
    is_change = len(younger.states) > 1
    if is_change and utc_moment(still.last.observed_at) - utc_moment(since.observed_at) < MAX_LAG:
        return None
    return since


def disagreements(listing: str, compare: dict[str, History[Any]], tool: dict[str, History[Any]]) -> list[Problem]:
    """A problem for each field of `listing` that both kinds of page show, and on which they lastingly differ."""
    found: list[Problem] = []
    for name, there in tool.items():
        here = compare[name]
        since = since_when(here, there)
        if since is None:
            continue
        ours, theirs = _words(here.current.value), _words(there.current.value)
        words = f"comparisons give {name} as {ours}, the tool page as {theirs}"
        found.append(problem_row("pages_disagree", listing, name, since, words))
    return found


def _plain(value: object) -> object:
    return fold_space(value).casefold() if isinstance(value, str) else value


def _words(value: object) -> str:
    text = "" if value is None else str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”" if text else "nothing"
