"""Which quotes are one review, and what each review says now. Pure functions over a listing's sightings.

Within a listing a review is known by its quote (white space folded) and by its printed persona: two quotes
that pages label with the same persona are one review, edited; an unlabelled quote takes the label that the
same quote bears elsewhere. Two cases are left apart, with a problem: a quote that pages label with different
personas goes by its newest label, and a persona that one page gives two quotes of one listing joins nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crawler.urls import listing_id as id_at_source
from dataset.ids import fold_space, review_id_of
from dataset.states import ReviewReading, Sighting, State, order, preferred_state

Row = dict[str, Any]

PARTS = ("persona", "score", "verdict", "quote")
"""The parts of a review that pages show."""


class Problem(NamedTuple):
    """One sighting of a problem, as `problem_sightings` keeps it (`problem_id` follows from the rest)."""

    severity: str
    code: str
    subject: str
    message: str
    url: str | None = None
    path: str | None = None
    field: str | None = None
    capture_id: str | None = None
    listing_id: str | None = None
    seen_at: str | None = None


def problem_row(code: str, listing: str, name: str, sighting: Sighting, message: str) -> Problem:
    """A contradiction of the source about the field `name` of `listing`, first shown by `sighting`."""
    return Problem(
        "info",
        code,
        f"{listing} {name}",
        f"{listing}: {message}",
        url=sighting.url,
        field=name,
        capture_id=sighting.capture_id,
        listing_id=listing,
        seen_at=sighting.observed_at,
    )


class Mention(NamedTuple):
    """One review on one sighting; `key` is its quote with white space folded."""

    sighting: Sighting
    position: int
    key: str
    review: ReviewReading


@dataclass
class ReviewRows:
    """The reviews of one listing: rows, former ids, states for the evidence, and problems."""

    listing: str
    reviews: list[Row] = field(default_factory=list)
    aliases: list[Row] = field(default_factory=list)
    states: list[tuple[str, str, State[Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def id_of(self, quote: str) -> str:
        """The id of the review that `quote` belongs to."""
        return self.ids[fold_space(quote)]


def _merge(first: ReviewReading, second: ReviewReading) -> ReviewReading:
    """Two copies of one review on one card: what the first doesn't show, the second may."""
    return ReviewReading(
        first.persona if first.persona is not None else second.persona,
        first.score if first.score is not None else second.score,
        first.verdict if first.verdict is not None else second.verdict,
        first.quote,
    )


def _mentions(sightings: list[Sighting]) -> list[list[Mention]]:
    """The mentions on each sighting, in order; a quote that stands twice on one card counts once."""
    keys: dict[str, str] = {}
    mentions: list[list[Mention]] = []
    for sighting in sightings:
        on_card: dict[str, Mention] = {}
        for review in sighting.card.reviews:
            key = keys.get(review.quote)
            if key is None:
                key = keys[review.quote] = fold_space(review.quote)
            before = on_card.get(key)
            if before is None:
                on_card[key] = Mention(sighting, len(on_card) + 1, key, review)
            else:
                on_card[key] = before._replace(review=_merge(before.review, review))
        mentions.append(list(on_card.values()))
    return mentions


def _labels(by_quote: dict[str, list[Mention]], rows: ReviewRows) -> dict[str, str]:
    """The persona of each quote that any page labels: the newest label, with a problem if there are two."""
    labels: dict[str, str] = {}
    for key, mentions in by_quote.items():
        newest: str | None = None
        seen: dict[str, Sighting] = {}
        for mention in mentions:
            if mention.review.persona is not None:
                newest = mention.review.persona
                seen.setdefault(newest, mention.sighting)
        if newest is None:
            continue
        labels[key] = newest
        if len(seen) > 1:
            since = max(seen.values(), key=order)
            named = ", ".join(sorted(seen))
            words = f"pages give one review to different personas ({named}): “{key[:60]}”"
            problem = problem_row("persona_contradiction", rows.listing, "persona", since, words)
            rows.problems.append(problem._replace(subject=f"{rows.listing} {review_id_of(rows.listing, key)}"))
    return labels


def _shared_labels(per_sighting: list[list[Mention]], labels: dict[str, str], rows: ReviewRows) -> set[str]:
    """Personas to which one page gives two different quotes of this listing: they can't join quotes."""
    shared: dict[str, Sighting] = {}
    for mentions in per_sighting:
        on_page: set[str] = set()
        for mention in mentions:
            persona = labels.get(mention.key)
            if persona is None:
                continue
            if persona in on_page:
                shared.setdefault(persona, mention.sighting)
            on_page.add(persona)
    for persona, since in sorted(shared.items()):
        words = f"one page shows two reviews by {persona}; each is kept as a review of its own"
        problem = problem_row("persona_twice", rows.listing, "persona", since, words)
        rows.problems.append(problem._replace(subject=f"{rows.listing} {persona}"))
    return set(shared)


class _Places:
    """What complete captures tell of presence: where quotes stood in the latest, and when each was taken."""

    def __init__(self, per_sighting: list[list[Mention]]) -> None:
        self.positions: dict[str, int] = {}
        self.complete_at: dict[str, list[str]] = defaultdict(list)
        for mentions in per_sighting:
            if mentions and mentions[0].sighting.complete and mentions[0].sighting.card.all_reviews:
                self.positions = {mention.key: mention.position for mention in mentions}
                self.complete_at[mentions[0].sighting.kind].append(mentions[0].sighting.observed_at)

    def withdrawn_at(self, last: Sighting) -> str | None:
        """When a complete page like `last`, the last sighting of a review, was first made without it."""
        times = self.complete_at[last.kind]
        after = bisect_right(times, last.observed_at)
        return times[after] if after < len(times) else None


def _aliases(review: str, listing: str, mentions: list[Mention]) -> list[Row]:
    """The ids that the review's later quotes would have had by themselves."""
    labelled: dict[str, str] = {}
    for mention in mentions:
        if mention.review.persona is not None:
            labelled.setdefault(mention.key, mention.sighting.observed_at)
    first = mentions[0].key
    return [
        {
            "alias_id": review_id_of(listing, key),
            "review_id": review,
            "reason": "same_persona",
            "at": max(labelled[first], labelled[key]),
        }
        for key in dict.fromkeys(mention.key for mention in mentions)
        if key != first
    ]


def fold_reviews(listing: str, source: str, tool_id: str, sightings: list[Sighting]) -> ReviewRows:
    """The reviews of `listing` after all its `sightings`, which must be in order."""
    rows = ReviewRows(listing)
    per_sighting = _mentions(sightings)
    by_quote: dict[str, list[Mention]] = defaultdict(list)
    for mentions in per_sighting:
        for mention in mentions:
            by_quote[mention.key].append(mention)
    labels = _labels(by_quote, rows)
    apart = _shared_labels(per_sighting, labels, rows)
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mentions in per_sighting:
        for mention in mentions:
            persona = labels.get(mention.key)
            joined = persona is not None and persona not in apart
            groups[("persona", str(persona)) if joined else ("quote", mention.key)].append(mention)
    places = _Places(per_sighting)
    for mentions in groups.values():
        _fold_review(rows, mentions, labels.get(mentions[0].key), places, (source, tool_id))
    return rows


def _states(mentions: list[Mention], persona: str | None, source: str) -> dict[str, State[Any]]:
    """The current state of each part of one review that any page shows."""
    states: dict[str, State[Any]] = {}
    labelled = [(each.sighting, persona) for each in mentions if persona and each.review.persona == persona]
    scores = [(each.sighting, each.review.score) for each in mentions if each.review.score is not None]
    verdicts = [(each.sighting, each.review.verdict) for each in mentions if each.review.verdict is not None]
    quotes = [(each.sighting, each.key) for each in mentions]
    for name, seen in (("persona", labelled), ("score", scores), ("verdict", verdicts), ("quote", quotes)):
        state: State[Any] | None = preferred_state(seen)
        if state is not None:
            states[name] = state
    if persona is not None:
        states["persona"] = states["persona"]._replace(value=id_at_source(source, persona))
    # Quotes are compared with their white space folded, and shown as the newest page prints them.
    quote = states["quote"]
    printed = next(each.review.quote for each in mentions if each.key == quote.value and each.sighting is quote.last)
    states["quote"] = quote._replace(value=printed)
    return states


def _fold_review(
    rows: ReviewRows, mentions: list[Mention], persona: str | None, places: _Places, ids: tuple[str, str]
) -> None:
    source, tool_id = ids
    review = review_id_of(rows.listing, mentions[0].key)
    rows.ids.update((mention.key, review) for mention in mentions)
    rows.aliases += _aliases(review, rows.listing, mentions)
    states = _states(mentions, persona, source)
    values: Row = {name: states[name].value if name in states else None for name in PARTS}
    changes = [state.first.observed_at for state in states.values() if state.changed]
    last = mentions[-1].sighting
    newest_first = dict.fromkeys(each.key for each in reversed(mentions))
    rows.reviews.append(
        {
            "review_id": review,
            "listing_id": rows.listing,
            "tool_id": tool_id,
            **values,
            "persona_source": None if persona is None else "labelled",
            "persona_confidence": None,
            "position": next((places.positions[key] for key in newest_first if key in places.positions), None),
            "first_seen": mentions[0].sighting.observed_at,
            "last_seen": last.observed_at,
            "last_changed": max(changes, default=None),
            "withdrawn_at": places.withdrawn_at(last),
        }
    )
    rows.states += [(review, name, state) for name, state in states.items()]
