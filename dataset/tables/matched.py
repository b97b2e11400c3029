"""Which listings are of one tool, settled over all that a dataset holds and all that people judged.

The outcome is a function of the listings (names, texts, first sights), the judgements and the rules, and of nothing
else: so it matters neither in which order nor in how many builds they came. The matcher is asked only where one of
these is another than before; else only the tools of listings that were folded are brought up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from dataset.folding.fold_reviews import Problem
from dataset.judging.judged import APPLIED, LOG, Judged, digest_of, moment_of, resolved, united_at
from dataset.schema.tables import table
from dataset.tables.decision_rows import BY_RULES, judged_row, ruled_row
from dataset.tables.refold import problem_sighting_rows
from dataset.tables.rows import Rows, in_parts
from dataset.tables.tool_rows import write_tools
from dataset.tables.touched import Touched
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Judgement, by_pair, standing
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher, Warned, match

LISTINGS_SQL = """
SELECT listing_id, name, first_seen, tagline, description, category FROM listings
 WHERE name IS NOT NULL ORDER BY listing_id
"""
"""What matching goes by. A listing without a name is a tool of its own."""

DECIDED_SQL = "SELECT left_listing_id, right_listing_id, decided_by FROM match_decisions"

OF_A_LISTING = ("listings", "reviews", "changes")
"""Tables whose rows name the tool of their listing."""

BATCH = 300
"""Of how many listings the rows are brought up to date at a time."""

MET_IN = f"file:{LOG}"


def settle_tools(rows: Rows, touched: Touched, judged: Judged) -> dict[str, str]:
    """Bring tools, the tool ids of listings, decisions and what is odd about judgements up to date.

    `touched` says what may be otherwise than before. Gives what `dataset_info` says of the judgements.
    """
    log = resolved(judged.lines, former_ids(rows.con))
    united = united_at(log)
    facts = judged.facts() | ({APPLIED: digest_of(log)} if judged.lines else {})
    known = dict(rows.con.execute("SELECT key, value FROM dataset_info WHERE key = ?", (APPLIED,)))
    if touched.matched or known.get(APPLIED) != facts.get(APPLIED):
        listings = listings_of(rows.con)
        matcher = match(listings.values(), log)
        touched.tools |= _regroup(rows, matcher, listings) | _judged_tools(rows, united)
        _write_decisions(rows, matcher, listings, log, touched.matched)
        touched.problems |= _write_problems(rows, matcher.warnings(), listings, log)
    write_tools(rows, touched.tools, united)
    return facts


def former_ids(con: sqlite3.Connection) -> dict[str, str]:
    """Ids under which listings were known before, each with the present one."""
    return dict(con.execute("SELECT alias_id, listing_id FROM listing_aliases"))


def listings_of(con: sqlite3.Connection) -> dict[str, Listing]:
    """The listings in the dataset `con` that have a name, as matching sees them, by id."""
    return {row[0]: Listing(*row) for row in con.execute(LISTINGS_SQL)}


def _judged_tools(rows: Rows, united: Iterable[tuple[str, str]]) -> set[str]:
    """The tools of listings that people judged by the last build, or unite now: their aliases tell when they did."""
    pairs = {(left, right) for left, right, who in rows.con.execute(DECIDED_SQL) if who != BY_RULES}
    judged = sorted({listing for pair in pairs.union(united) for listing in pair})
    place = table("listings").column_names.index("tool_id")
    return {row[place] for row in rows.select(table("listings"), "listing_id", judged)}


def _regroup(rows: Rows, matcher: Matcher, listings: Mapping[str, Listing]) -> set[str]:
    """Give each listing the id of its tool. Gives the ids of tools that listings left or came to."""
    moved: dict[str, str] = {}
    tools: set[str] = set()
    for listing, before in rows.con.execute("SELECT listing_id, tool_id FROM listings"):
        tool = matcher.tool_of(listing) if listing in listings else birth_id(listing)
        if tool != before:
            moved[listing] = tool
            tools |= {before, tool}
    for part in in_parts(sorted(moved), BATCH):
        for name in OF_A_LISTING:
            kind = table(name)
            old = rows.select(kind, "listing_id", part)
            as_dicts = (dict(zip(kind.column_names, row, strict=True)) for row in old)
            rows.replace(kind, old, [row | {"tool_id": moved[row["listing_id"]]} for row in as_dicts])
    return tools


def _write_decisions(
    rows: Rows, matcher: Matcher, listings: Mapping[str, Listing], log: Sequence[Judgement], changed: set[str]
) -> None:
    """Bring match_decisions up to date. What the rules say of two listings that did not change is still so."""
    kind = table("match_decisions")
    said = {pair: each for pair, each in by_pair(log).items() if listings.keys() >= set(pair)}
    warned = {(each.left, each.right): each.code for each in matcher.warnings()}
    wanted = {*matcher.pairs(), *said}
    by = {(left, right): who for left, right, who in rows.con.execute(DECIDED_SQL)}
    anew = {pair for pair in wanted if pair in said or by.get(pair) != BY_RULES or not changed.isdisjoint(pair)}
    gone = by.keys() - wanted
    lefts = sorted({left for left, _ in (anew & by.keys()) | gone})
    old = [row for row in rows.select(kind, "left_listing_id", lefts) if row[:2] in anew or row[:2] in gone]
    new = []
    for left, right in sorted(anew):
        pair = (listings[left], listings[right])
        if (left, right) in said:
            new.append(judged_row(*pair, said[left, right], warned.get((left, right))))
        else:
            new.append(ruled_row(*pair))
    rows.replace(kind, old, new)


def _write_problems(
    rows: Rows, warnings: Iterable[Warned], listings: Mapping[str, Listing], log: Sequence[Judgement]
) -> set[str]:
    """Bring what is odd about judgements up to date. Gives the ids of the problems that may have changed."""
    sightings = table("problem_sightings")
    said = {each.id: each for each in log}
    found = [_warning(each, said[each.judgement_id], listings) for each in warnings]
    found += [_unknown(each, listing) for each in standing(log) for listing in _sides(each) if listing not in listings]
    old = rows.select(sightings, "met_in", [MET_IN])
    new = problem_sighting_rows(MET_IN, found)
    rows.replace(sightings, old, new)
    return {row[0] for row in old} | {row["problem_id"] for row in new}


def _sides(said: Judgement) -> list[str]:
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
