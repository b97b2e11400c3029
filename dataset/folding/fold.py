"""From all sightings of one listing to its rows. Pure: the same set of sightings, the same rows.

A field that a page does not show is no observation; one that it shows empty is the value NULL. Each field is
followed per page kind, and a listing takes the comparison card's value wherever any comparison card showed
the field. Every value names the captures between which it stood (`field_evidence`), every change the two between which
it happened (`changes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.items import CARD_FIELDS
from dataset.folding.changes import change_rows, version_rows
from dataset.folding.conclusions import conclusions, unmapped_category
from dataset.folding.disagreement import disagreements
from dataset.folding.extra_evidence import MOVED, ExtraEvidence
from dataset.folding.fold_reviews import Problem, ReviewRows, fold_reviews, problem_row
from dataset.folding.history import History, Moment, State, is_confirmed, without
from dataset.folding.labels import NO_NAMES, RowNames
from dataset.folding.presence import Presence, presence_of
from dataset.ids import review_id_of
from dataset.readings.states import Sighting, Value, field_histories, order, runs_by_kind

Row = dict[str, Any]

VOTE_TOTALS = {"community_votes": "the votes", "community_ships": "the votes for ship"}
"""Totals of votes, and what to call them. They only grow, so one that falls may be an old copy."""


@dataclass
class ListingRows:
    """The rows that one listing gives, by table; `problems` are contradictions of the source."""

    listing: Row
    reviews: list[Row] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    listing_versions: list[Row] = field(default_factory=list)
    review_versions: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    listing_aliases: list[Row] = field(default_factory=list)
    review_aliases: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def by_table(self, name: str) -> list[Row]:
        """Its rows of the table called `name`."""
        rows: list[Row] = self.evidence if name == "field_evidence" else getattr(self, name)
        return rows


def evidence_row(listing: str, review: str | None, name: str, state: State[Any]) -> Row:
    """The row of field_evidence for `state`."""
    return {
        "evidence_id": f"{review or listing}/{name}",
        "listing_id": listing,
        "review_id": review,
        "field": name,
        "value": None if state.value is None else str(state.value),
        "first_capture_id": state.first.capture_id,
        "last_capture_id": state.last.capture_id,
    }


def _histories(sightings: list[Sighting]) -> tuple[dict[str, History[Value]], dict[str, History[Value]]]:
    """The history of each field that counts, and those on tool pages of fields that comparisons show too."""
    histories: dict[str, History[Value]] = {}
    others: dict[str, History[Value]] = {}
    runs = runs_by_kind((each, each.card) for each in sightings)
    for name in CARD_FIELDS:
        for place, history in enumerate(field_histories(runs, name)):
            (others if place else histories)[name] = history
    return histories, others


def _fell(old: State[Value], new: State[Value]) -> bool:
    """Whether `new` is a lower total of votes than `old`, which nothing confirms: votes are not taken back."""
    if not isinstance(old.value, int) or not isinstance(new.value, int) or new.value >= old.value:
        return False
    return not is_confirmed(old, new)


def _doubt_falling_votes(listing: str, histories: dict[str, History[Value]]) -> list[Problem]:
    """Take states in which a total of votes fell, unconfirmed, out of `histories`; a problem for each such capture."""
    problems: dict[str, Problem] = {}
    for name, words in VOTE_TOTALS.items():
        if name not in histories:
            continue
        histories[name], doubted = without(histories[name], _fell)
        for state in doubted:
            said = f"{words} fell to {state.value}, shown only once"
            problem = problem_row("votes_fell", listing, name, state.first, said)
            problems.setdefault(state.first.capture_id, problem)
    return list(problems.values())


def _share_differs(pct: int, part: int, whole: int) -> bool:
    """Whether `pct` can't be `part` of `whole`, however it was rounded."""
    if whole == 0:
        return pct != 0
    return part > whole or abs(pct - 100 * part / whole) >= 1


def _contradiction(
    code: str, listing: str, states: dict[str, State[Value]], names: tuple[str, ...], words: str
) -> Problem | None:
    """A problem if the values of `names` (percentage, part, rest or whole) stood together and disagree."""
    involved = [states[name] for name in names if name in states and states[name].value is not None]
    if len(involved) < len(names):
        return None
    since = max(state.first for state in involved)
    if since.observed_at > min(state.last.observed_at for state in involved):
        return None  # they never stood at the same time, as far as anyone saw
    pct, part, other = (int(state.value or 0) for state in involved)
    whole = part + other if code == "panel_contradiction" else other
    if not _share_differs(pct, part, whole):
        return None
    return problem_row(
        code,
        listing,
        names[0],
        since,
        words.format(pct=pct, part=part, other=other),
    )


def _listing_aliases(listing: str, sightings: list[Sighting]) -> list[Row]:
    """The card ids that stand for `listing`, each since both the card and the slug had shown that card."""
    rows: list[Row] = []
    for alias in sorted({each.alias for each in sightings if each.alias not in (None, listing)} - {None}):
        bearing = next(each for each in sightings if each.alias == alias)
        named = next(each for each in sightings if each.alias is None and each.card_key == bearing.card_key)
        at = max(bearing.observed_at, named.observed_at)
        rows.append({"alias_id": alias, "listing_id": listing, "reason": "same_card", "at": at})
    return rows


def _former_slugs(listing: str, beyond: ExtraEvidence) -> list[Row]:
    return [{"alias_id": each.listing, "listing_id": listing, "reason": MOVED, "at": each.at} for each in beyond.former]


def _moved_reviews(listing: str, sightings: list[Sighting], reviews: ReviewRows, beyond: ExtraEvidence) -> list[Row]:
    """Former ids of reviews that were seen on cards without a slug before it was known, or under a former slug."""
    aliases = _listing_aliases(listing, sightings) + _former_slugs(listing, beyond)
    known = {each["alias_id"]: each for each in aliases}
    rows: dict[str, Row] = {}
    for sighting in sightings:
        alias = known.get(sighting.alias or sighting.former or "")
        if alias is None:
            continue
        for review in sighting.card.reviews:
            former = review_id_of(alias["alias_id"], review.quote)
            at = max(alias["at"], sighting.observed_at)
            row = {"alias_id": former, "review_id": reviews.id_of(review.quote), "reason": alias["reason"], "at": at}
            rows.setdefault(former, row)
    return list(rows.values())


def _once(aliases: list[Row]) -> list[Row]:
    """`aliases`, of each id the last one."""
    return list({row["alias_id"]: row for row in aliases}.values())


def _edges(presence: Presence) -> History[bool]:
    """Only where presence begins and ends: other sightings confirm a version by the fields that they show."""
    states = presence.history.states
    return History([State(state.value, [state.first]) for state in states])


def _disputed_problem(listing: str, since: Moment) -> Problem:
    words = "its tool page is gone while comparisons go on showing it"
    return problem_row("pages_disagree", listing, "presence", since, words)


def _rivals_problem(listing: str, rivals: Sequence[str], first: Moment) -> Problem:
    named = ", ".join(sorted(rivals))
    problem = problem_row(
        "card_of_several_slugs",
        listing,
        "listing_id",
        first,
        f"its card is shown under several slugs: {named}",
    )
    return problem._replace(severity="warning")


def fold_listing(
    listing: str,
    source: str,
    sightings: Iterable[Sighting],
    rivals: Sequence[str] = (),
    beyond: ExtraEvidence | None = None,
    names: RowNames = NO_NAMES,
    *,
    tool_id: str,
) -> ListingRows:
    """The rows of `listing`, of the tool `tool_id`, after all its `sightings`, in any order. There must be one.

    `rivals` are the listings between which a card without a slug could not be decided, if there are several; `beyond`
    is what else is known of it, `names` what rows of scorecards tell of its quotes.
    """
    seen = sorted(sightings, key=order)
    beyond = beyond or ExtraEvidence()
    presence = presence_of(seen, beyond.answers)
    histories, on_tool_pages = _histories(seen)
    doubts = disagreements(listing, histories, on_tool_pages) + _doubt_falling_votes(listing, histories)
    states = {name: history.current for name, history in histories.items()}
    changed = [history.current.first.observed_at for history in histories.values() if len(history.states) > 1]
    tool_pages = [each.url for each in seen if each.kind == "tool" and each.url is not None]
    values: Row = {name: states[name].value if name in states else None for name in CARD_FIELDS}
    row: Row = {
        "listing_id": listing,
        "source": source,
        "tool_id": tool_id,
        "url": tool_pages[-1] if tool_pages else None,
        **values,
        **conclusions(values),
        "first_seen": seen[0].observed_at,
        "last_seen": seen[-1].observed_at,
        "last_changed": max(changed, default=None),
        "withdrawn_at": presence.withdrawn_at,
        "complete": int(any(each.complete for each in seen)),
    }
    reviews = fold_reviews(listing, source, tool_id, seen, names)
    evidence = [evidence_row(listing, None, name, state) for name, state in states.items()]
    evidence += [evidence_row(listing, *each) for each in reviews.states]
    contradictions = (
        _contradiction(
            "panel_contradiction",
            listing,
            states,
            ("panel_ship_pct", "panel_ships", "panel_skips"),
            "the panel stands at {pct}% while {part} critics say ship and {other} skip",
        ),
        _contradiction(
            "community_contradiction",
            listing,
            states,
            ("community_ship_pct", "community_ships", "community_votes"),
            "the community stands at {pct}% while {part} of {other} votes are for ship",
        ),
    )
    problems = [each for each in contradictions if each is not None] + doubts + reviews.problems + beyond.problems
    if "category" in states:
        problems += unmapped_category(listing, states["category"])
    if presence.disputed is not None:
        problems.append(_disputed_problem(listing, presence.disputed))
    if len(rivals) > 1:
        problems.append(_rivals_problem(listing, rivals, seen[0].moment))
    return ListingRows(
        listing=row,
        reviews=reviews.reviews,
        evidence=evidence,
        listing_versions=version_rows({"listing_id": listing}, histories, CARD_FIELDS, _edges(presence)),
        review_versions=reviews.versions,
        changes=change_rows(listing, tool_id, histories, presence=presence.history) + reviews.changes,
        listing_aliases=_listing_aliases(listing, seen) + _former_slugs(listing, beyond),
        review_aliases=_once(reviews.aliases + _moved_reviews(listing, seen, reviews, beyond)),
        problems=problems,
    )
