"""Listings that moved: where a tool page leads for good to another tool page, its slug becomes an alias of that one.

All sightings under the old slug then count for the new listing; what the pages themselves name stays in
``listing_captures.named_id``.

- Where a slug leads is a value with a history like any other: another slug, or itself where its own tool page is shown.
  So the newest redirect wins, and a later tool page of its own ends the alias, but no stale copy of it does.
- That the new slug was not there before the move withdraws nothing.
- Chains are followed to their end. In a circle the oldest redirect counts no longer, with a problem.
- A slug that leads to a listing that stood beside it before has not moved: two listings became one. Their histories
  would not fit together, so they stay apart, and the old one counts as withdrawn, with a problem.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from dataset.folding.extra_evidence import MOVED, ExtraEvidence, Former
from dataset.folding.fold_reviews import Problem, problem_row
from dataset.folding.history import History, Moment, history_of
from dataset.folding.presence import Answer
from dataset.readings.times import MAX_LAG, utc_moment, utc_text
from dataset.tables.rows import in_parts, marks

REDIRECTS_SQL = """
SELECT a.named_id, a.moved_to, c.observed_at, c.captured_at, c.capture_id, a.side, c.made_from, c.url
  FROM answers a JOIN captures c ON c.capture_id = a.capture_id
 WHERE a.answer = 'moved'
"""
OWN_PAGES_SQL = """
SELECT l.named_id, NULL, c.observed_at, c.captured_at, c.capture_id, l.side, c.made_from, c.url
  FROM links l JOIN captures c ON c.capture_id = l.capture_id
 WHERE l.named_id IN ({marks}) AND l.side = 'only' AND l.identified_by = 'url'
"""
BESIDE_SQL = """
WITH life AS (
  SELECT min(c.observed_at) AS first, max(c.made_from) AS last
    FROM links l JOIN captures c ON c.capture_id = l.capture_id
   WHERE l.named_id = ? AND l.identified_by = 'url' AND c.observed_at < ?
)
SELECT EXISTS (
  SELECT 1 FROM life, links l JOIN captures c ON c.capture_id = l.capture_id
   WHERE l.named_id = ? AND l.identified_by = 'url' AND c.made_from >= life.first AND c.observed_at <= life.last
)
"""
"""Whether the one listing was surely shown between two sightings of the other."""

ANSWERS_SQL = """
SELECT a.named_id, c.observed_at, c.captured_at, c.capture_id, a.side, c.made_from, c.url, a.answer
  FROM answers a JOIN captures c ON c.capture_id = a.capture_id
 WHERE a.named_id IN ({marks})
"""


@dataclass
class Moves:
    """Where each slug that moved leads in the end, and since when; those that stay apart; problems by listing."""

    present: dict[str, str] = field(default_factory=dict)
    since: dict[str, Moment] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    problems: dict[str, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    formers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reached: dict[str, str] = field(default_factory=dict)
    """Since when a redirect was seen to lead to a slug, for each to which one does."""

    def of(self, named: str) -> str:
        """The present listing behind the slug `named`."""
        return self.present.get(named, named)

    def names_of(self, listing: str) -> list[str]:
        """All slugs whose pages count for `listing`."""
        return [] if listing in self.present else [listing, *self.formers.get(listing, ())]


def _histories(con: sqlite3.Connection) -> dict[str, History[str | None]]:
    """Where each slug that ever led elsewhere leads: another slug, or None for itself."""
    raw = con.execute(REDIRECTS_SQL).fetchall()
    for part in in_parts(sorted({row[0] for row in raw})):
        raw += con.execute(OWN_PAGES_SQL.format(marks=marks(part)), part)
    raw.sort(key=lambda row: str(row[0]))
    return {
        named: history_of((Moment(*when), to) for _, to, *when in group)
        for named, group in groupby(raw, key=lambda row: str(row[0]))
    }


def find_moves(con: sqlite3.Connection) -> Moves:
    """The moves that the captures taken in so far tell."""
    moves = Moves()
    edges: dict[str, str] = {}
    for named, history in _histories(con).items():
        to, first = history.current.value, history.current.first
        if to is None:
            _note_end(moves, named, history)
            continue
        moves.since[named] = first
        [[is_beside]] = con.execute(BESIDE_SQL, (named, first.observed_at, to))
        if is_beside:
            moves.apart.add(named)
            words = f"it leads to {to}, which stood beside it before; both are kept"
            moves.problems[named].append(_doubt("moved_onto_another", named, first, words))
        else:
            edges[named] = to
    for named in sorted(edges):
        _break_circle(moves, edges, named)
    for named, to in edges.items():
        since = moves.since[named].observed_at
        moves.reached[to] = min(since, moves.reached.get(to, since))
        present = _end_of(edges, named)
        moves.present[named] = present
        moves.formers[present].append(named)
    return moves


def _end_of(edges: dict[str, str], named: str) -> str:
    while named in edges:
        named = edges[named]
    return named


def _doubt(code: str, listing: str, moment: Moment, words: str) -> Problem:
    problem = problem_row(code, listing, "listing_id", moment, words)
    return problem._replace(severity="warning")


def _note_end(moves: Moves, named: str, history: History[str | None]) -> None:
    """A slug that stands for itself again: its sightings under the other slug stay there."""
    before = [state.value for state in history.states if state.value is not None]
    if before:
        words = f"it led to {before[-1]} for a time, and stands for itself again"
        moves.problems[named].append(_doubt("move_ended", named, history.current.first, words))


def _break_circle(moves: Moves, edges: dict[str, str], named: str) -> None:
    """Where `named` leads back to itself, take away the oldest redirect of that circle."""
    circle = [named]
    while (to := edges.get(circle[-1])) is not None and to not in circle:
        circle.append(to)
    if to != named:
        return
    oldest = min(circle, key=lambda each: moves.since[each])
    newest = max(moves.since[each] for each in circle)
    del edges[oldest]
    words = f"redirects lead in a circle ({', '.join(sorted(circle))}); the oldest counts no longer"
    moves.problems[oldest].append(_doubt("moves_in_a_circle", oldest, newest, words))


def settle_moves(con: sqlite3.Connection) -> Moves:
    """Decide what moved, and link all sightings under a former slug to the listing that they count for."""
    moves = find_moves(con)
    con.executemany(
        "UPDATE links SET listing_id = ? WHERE named_id = ? AND identified_by = 'url'",
        [(present, named) for named, present in sorted(moves.present.items())],
    )
    return moves


def extra_evidence(con: sqlite3.Connection, listings: Sequence[str], moves: Moves) -> dict[str, ExtraEvidence]:
    """For each of `listings` what its fold needs to know beside its sightings."""
    found: dict[str, ExtraEvidence] = defaultdict(ExtraEvidence)
    for listing in listings:
        for former in moves.names_of(listing)[1:]:
            found[listing].former.append(Former(former, moves.since[former].observed_at))
        if listing in moves.problems:
            found[listing].problems += moves.problems[listing]
    names = sorted({name for listing in listings for name in moves.names_of(listing)})
    raw: dict[str, list[tuple[Moment, str]]] = defaultdict(list)
    for part in in_parts(names):
        for named, *when, answer in con.execute(ANSWERS_SQL.format(marks=marks(part)), part):
            raw[named].append((Moment(*when), answer))
    for named in sorted(raw):
        answers = _of_moved(con, named, raw[named], moves) if named in moves.present else raw[named]
        if named in moves.reached:
            answers = _since_it_began(con, named, answers, moves)
        found[moves.of(named)].answers += [
            Answer(moment, "tool" if moment.side == "only" else "compare", answer != "unread")
            for moment, answer in sorted(answers)
            if answer != MOVED or (named in moves.apart and moment >= moves.since[named])
        ]
    return found


def _of_moved(
    con: sqlite3.Connection, named: str, answers: Iterable[tuple[Moment, str]], moves: Moves
) -> list[tuple[Moment, str]]:
    """Those answers under the old slug `named` that say something of the listing, and are not a part of its move.

    Comparisons vanish with the slug in their address, and the tool page may do so before it leads elsewhere.
    """
    since = moves.since[named]
    [[last_shown]] = con.execute(
        "SELECT max(c.observed_at) FROM links l JOIN captures c ON c.capture_id = l.capture_id "
        "WHERE l.named_id = ? AND l.identified_by = 'url' AND c.observed_at < ?",
        (named, since.observed_at),
    )
    before_move = _earlier(since.observed_at, MAX_LAG)
    return [
        (moment, answer)
        for moment, answer in answers
        if moment.observed_at < (before_move if moment.side == "only" else last_shown or "")
    ]


def _since_it_began(
    con: sqlite3.Connection, named: str, answers: Iterable[tuple[Moment, str]], moves: Moves
) -> list[tuple[Moment, str]]:
    """Those answers under the new slug `named` that are surely no older than the slug itself.

    Before the move its pages were not there, and a cache may go on saying so; the listing stood under its old slug.
    """
    [[first_shown]] = con.execute(
        "SELECT min(c.observed_at) FROM links l JOIN captures c ON c.capture_id = l.capture_id "
        "WHERE l.named_id = ? AND l.identified_by = 'url'",
        (named,),
    )
    began = min(first_shown or moves.reached[named], moves.reached[named])
    return [(moment, answer) for moment, answer in answers if answer == "unread" or moment.made_from >= began]


def _earlier(time: str, by: timedelta) -> str:
    return utc_text(utc_moment(time) - by)
