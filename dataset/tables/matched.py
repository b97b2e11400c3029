"""Which listings are of one tool, settled over all that a dataset holds and all that people judged.

The outcome is a function of the listings (names, texts, first sights), the judgements and the rules, and of nothing
else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataset.folding.fold_reviews import Problem
from dataset.judging.judged import LOG, Judged, moment_of, resolved, united_at
from dataset.tables.decision_rows import judged_row, ruled_row
from dataset.tables.problem_rows import Problems
from dataset.tables.tool_rows import tool_rows
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Judgement, by_pair, standing
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher, Warned, match

Row = dict[str, Any]

OF_LISTING = ("listing_id", "name", "first_seen", "tagline", "description", "category")
"""What matching goes by: these columns of listings. A listing without a name is a tool of its own."""


@dataclass(frozen=True)
class Grouped:
    """The tools: of each listing the tool's id; rows of `tools`, `tool_aliases` and `match_decisions`."""

    tool_of: Mapping[str, str]
    tools: list[Row]
    aliases: list[Row]
    decisions: list[Row]


def group_listings(
    rows: Mapping[str, Row], aliases: Sequence[tuple[str, str, str, str]], judged: Judged, problems: Problems
) -> Grouped:
    """The tools that the listings with these `rows` (by id) are about; what is odd about judgements in `problems`.

    `aliases` are former ids of listings: the former one, the present one, the reason, and since when.
    """
    log = resolved(judged.lines, {former: present for former, present, _, _ in aliases})
    named = {
        each: Listing(*(row[name] for name in OF_LISTING)) for each, row in rows.items() if row["name"] is not None
    }
    matcher = match(named.values(), log)
    tool_of = {each: matcher.tool_of(each) if each in named else birth_id(each) for each in rows}
    said = {each.id: each for each in log}
    odd = [_warning(each, said[each.judgement_id], named) for each in matcher.warnings()]
    odd += [_unknown(each, listing) for each in standing(log) for listing in _sides(each) if listing not in named]
    problems.add(f"file:{LOG}", odd)
    tools, tool_aliases = tool_rows(rows, tool_of, aliases, united_at(log))
    return Grouped(tool_of, tools, tool_aliases, list(_decisions(matcher, named, log)))


def former_ids(con: sqlite3.Connection) -> dict[str, str]:
    """Ids under which listings were known before, each with the present one."""
    return dict(con.execute("SELECT alias_id, listing_id FROM listing_aliases"))


def listings_of(con: sqlite3.Connection) -> dict[str, Listing]:
    """The listings in the dataset `con` that have a name, as matching sees them, by id."""
    sql = f"SELECT {', '.join(OF_LISTING)} FROM listings WHERE name IS NOT NULL ORDER BY listing_id"  # noqa: S608
    return {row[0]: Listing(*row) for row in con.execute(sql)}


def _decisions(matcher: Matcher, listings: Mapping[str, Listing], log: Sequence[Judgement]) -> Iterator[Row]:
    said = {pair: each for pair, each in by_pair(log).items() if listings.keys() >= set(pair)}
    warned = {(each.left, each.right): each.code for each in matcher.warnings()}
    for left, right in {*matcher.pairs(), *said}:
        pair = (listings[left], listings[right])
        if (left, right) in said:
            yield judged_row(*pair, said[left, right], warned.get((left, right)))
        else:
            yield ruled_row(*pair)


def _sides(said: Judgement) -> Iterable[str]:
    return [each for each in (said.left, said.right) if each is not None]


def _warning(warned: Warned, said: Judgement, listings: Mapping[str, Listing]) -> Problem:
    if warned.code == "contradicted":
        code, words = "match_contradicted", "both a YES and a NO stand; the NO counts until one of them is taken back"
    elif warned.code == "refused":
        code, words = (
            "match_refused",
            "a YES can't be followed: a NO, or clashing names, stand between the tools",
        )
    else:
        code, words = "match_name_changed", "a listing is no longer called as when it was judged; look at the two again"
    return Problem(
        "info",
        code,
        f"{warned.left} {warned.right}",
        f"{warned.left} and {warned.right}: {words} (judgement {said.id} by {said.who})",
        path=LOG,
        listing_id=warned.left if warned.left in listings else None,
        seen_at=moment_of(said),
    )


def _unknown(said: Judgement, listing: str) -> Problem:
    words = f"the judgement {said.id} by {said.who} is about {listing}, which no listing with a name is"
    return Problem("info", "match_unknown_listing", f"{said.id} {listing}", words, path=LOG, seen_at=moment_of(said))
