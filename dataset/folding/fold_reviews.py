"""Which quotes are one review, and what each review says now. Pure functions over a listing's sightings.

Within a listing a review is known by its quote (white space folded) and by its persona: two quotes of one persona are
one review, edited. An unlabelled quote takes the label that the same quote bears elsewhere, else the one that rows of
scorecards give it (`dataset.folding.labels`). Two cases are left apart, with a problem: a quote that pages label with
different personas goes by its newest label, and a persona that one page gives two quotes of one listing joins nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from crawler.urls import listing_id as id_at_source
from dataset.folding.changes import change_rows, version_rows
from dataset.folding.history import History, Moment, State, history_of, history_of_runs
from dataset.folding.labels import NO_NAMES, Named, RowNames, name_quotes
from dataset.ids import fold_space, review_id_of
from dataset.readings.states import PAGE_KINDS, CardReading, ReviewReading, Sighting, runs_by_kind

Row = dict[str, Any]

PARTS = ("persona", "score", "verdict", "quote")
"""The parts of a review that pages show."""

SHIPS_FROM = 50
SKIPS_BELOW = 75
"""A critic who says ship at less than half of 100, or skip at three quarters, contradicts themselves."""


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


def problem_row(code: str, listing: str, name: str, moment: Moment, message: str) -> Problem:
    """A contradiction of the source about the field `name` of `listing`, first shown at `moment`."""
    return Problem(
        "info",
        code,
        f"{listing} {name}",
        f"{listing}: {message}",
        url=moment.page if "://" in moment.page else None,
        field=name,
        capture_id=moment.capture_id,
        listing_id=listing,
        seen_at=moment.observed_at,
    )


Pages = dict[tuple[str, ...], Sighting]
"""The quotes that stand together on pages, each time with the first page that shows just these: most show the same."""


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
    versions: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
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


def _on_card(card: CardReading) -> list[tuple[int, str, ReviewReading]]:
    """Place, key and reading of each review on `card`; a quote that stands twice on it counts once."""
    found: dict[str, tuple[int, str, ReviewReading]] = {}
    for review in card.reviews:
        key = fold_space(review.quote)
        before = found.get(key)
        if before is None:
            found[key] = (len(found) + 1, key, review)
        else:
            found[key] = (before[0], key, _merge(before[2], review))
    return list(found.values())


def _mentions(sightings: list[Sighting]) -> list[list[Mention]]:
    """The mentions on each sighting, in order."""
    cards: dict[int, list[tuple[int, str, ReviewReading]]] = {}
    for sighting in sightings:
        if id(sighting.card) not in cards:
            cards[id(sighting.card)] = _on_card(sighting.card)
    return [[Mention(sighting, *each) for each in cards[id(sighting.card)]] for sighting in sightings]


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
            since = max(each.moment for each in seen.values())
            named = ", ".join(sorted(seen))
            words = f"pages give one review to different personas ({named}): “{key[:60]}”"
            problem = problem_row("persona_contradiction", rows.listing, "persona", since, words)
            rows.problems.append(problem._replace(subject=f"{rows.listing} {review_id_of(rows.listing, key)}"))
    return labels


def _shared_labels(pages: Pages, labels: dict[str, str], rows: ReviewRows) -> set[str]:
    """Personas to which one page gives two different quotes of this listing: they can't join quotes."""
    shared: dict[str, Sighting] = {}
    for keys, sighting in pages.items():
        on_page: set[str] = set()
        for key in keys:
            persona = labels.get(key)
            if persona is None:
                continue
            if persona in on_page:
                shared.setdefault(persona, sighting)
            on_page.add(persona)
    for persona, since in sorted(shared.items()):
        words = f"one page shows two reviews by {persona}; each is kept as a review of its own"
        problem = problem_row("persona_twice", rows.listing, "persona", since.moment, words)
        rows.problems.append(problem._replace(subject=f"{rows.listing} {persona}"))
    return set(shared)


class _Places:
    """What complete captures tell of presence: where quotes stood in the latest, and what each of them showed."""

    def __init__(self, per_sighting: list[tuple[Sighting, list[Mention]]]) -> None:
        latest: list[Mention] = []
        shown: dict[int, frozenset[str]] = {}
        self.complete: dict[str, list[tuple[Moment, frozenset[str]]]] = defaultdict(list)
        for sighting, mentions in per_sighting:
            if mentions and sighting.complete and sighting.card.all_reviews:
                latest = mentions
                key = id(sighting.card)
                if key not in shown:
                    shown[key] = frozenset(mention.key for mention in mentions)
                self.complete[sighting.kind].append((sighting.moment, shown[key]))
        self.positions = {mention.key: mention.position for mention in latest}

    def presence(self, mentions: list[Mention]) -> History[bool]:
        """Whether the review of `mentions` was there: on comparison pages, if it ever stood on one, else on tool pages.

        That a review is not there only a complete page can tell; that it is, any page that shows it.
        """
        kinds = {mention.sighting.kind for mention in mentions}
        kind = next(each for each in PAGE_KINDS if each in kinds)
        own = {mention.key for mention in mentions}
        there = list(dict.fromkeys(mention.sighting.moment for mention in mentions if mention.sighting.kind == kind))
        gone = [(moment, False) for moment, keys in self.complete[kind] if keys.isdisjoint(own)]
        if not gone:
            return History([State(True, there)])
        return history_of([*((moment, True) for moment in there), *gone])


def _aliases(review: str, listing: str, mentions: list[Mention], reason: str) -> list[Row]:
    """The ids that the review's later quotes would have had by themselves.

    Each stands since both quotes were seen, with their labels where pages print them.
    """
    keys = dict.fromkeys(mention.key for mention in mentions)
    if len(keys) == 1:
        return []
    known: dict[str, str] = {}
    for mention in (*(each for each in mentions if each.review.persona is not None), *mentions):
        known.setdefault(mention.key, mention.sighting.observed_at)
    first = mentions[0].key
    return [
        {
            "alias_id": review_id_of(listing, key),
            "review_id": review,
            "reason": reason,
            "at": max(known[first], known[key]),
        }
        for key in keys
        if key != first
    ]


def _named(pages: Pages, printed: dict[str, str], names: RowNames, rows: ReviewRows) -> Named:
    """All that tells whose the quotes are, with a problem for each that rows of scorecards leave in doubt."""
    named = name_quotes(rows.listing, list(pages), printed, names)
    first: dict[str, Sighting] = {}
    for keys, sighting in pages.items() if named.doubts else ():
        for key in keys:
            first.setdefault(key, sighting)
    for key, why in sorted(named.doubts.items()):
        words = f"{why}; they are not taken: “{key[:60]}”"
        problem = problem_row("rows_disagree", rows.listing, "persona", first[key].moment, words)
        subject = f"{rows.listing} {review_id_of(rows.listing, key)}"
        rows.problems.append(problem._replace(severity="warning", subject=subject))
    return named


def _score_contradiction(rows: ReviewRows, mentions: list[Mention], values: Row) -> None:
    """A problem if one page gives a review its present score and verdict, and these can't both be meant."""
    score, verdict = values["score"], values["verdict"]
    if score is None or not (score < SHIPS_FROM if verdict == "ship" else verdict == "skip" and score >= SKIPS_BELOW):
        return
    shown = next((each for each in mentions if (each.review.score, each.review.verdict) == (score, verdict)), None)
    if shown is not None:
        words = f"a review says {verdict} at {score} of 100: “{shown.key[:60]}”"
        problem = problem_row("score_contradiction", rows.listing, "score", shown.sighting.moment, words)
        rows.problems.append(problem._replace(subject=f"{rows.listing} {values['review_id']}"))


def fold_reviews(
    listing: str, source: str, tool_id: str, sightings: list[Sighting], names: RowNames = NO_NAMES
) -> ReviewRows:
    """The reviews of `listing` after all its `sightings`, which must be in order.

    `names` is what rows of scorecards tell of its quotes.
    """
    rows = ReviewRows(listing)
    per_sighting = _mentions(sightings)
    pages: Pages = {}
    for sighting, mentions in zip(sightings, per_sighting, strict=True):
        pages.setdefault(tuple([mention.key for mention in mentions]), sighting)
    by_quote: dict[str, list[Mention]] = defaultdict(list)
    for mentions in per_sighting:
        for mention in mentions:
            by_quote[mention.key].append(mention)
    named = _named(pages, _labels(by_quote, rows), names, rows)
    labels = named.personas
    apart = _shared_labels(pages, labels, rows)
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mentions in per_sighting:
        for mention in mentions:
            persona = labels.get(mention.key)
            joined = persona is not None and persona not in apart
            group = ("persona", str(persona)) if joined else ("quote", named.groups.get(mention.key, mention.key))
            groups[group].append(mention)
    places = _Places(list(zip(sightings, per_sighting, strict=True)))
    for mentions in groups.values():
        _fold_review(rows, mentions, labels.get(mentions[0].key), places, (source, tool_id))
    return rows


def _histories(mentions: list[Mention]) -> dict[str, History[Any]]:
    """The history of each part of one review that any page shows, on the kind of page that counts first of those.

    Of a quote it is the key, for white space is no part of it.
    """
    runs = runs_by_kind((each.sighting, each.review) for each in mentions)
    parts: tuple[tuple[str, Callable[[ReviewReading], Any]], ...] = (
        ("score", attrgetter("score")),
        ("verdict", attrgetter("verdict")),
        ("quote", lambda review: fold_space(review.quote)),
    )
    histories: dict[str, History[Any]] = {}
    for name, part in parts:
        for of_kind in runs:
            shown = [(moments, value) for moments, review in of_kind if (value := part(review)) is not None]
            if shown:
                histories[name] = history_of_runs(shown)
                break
    return histories


def _labelled(mentions: list[Mention], persona: str) -> State[str]:
    """Where the label that counts was printed."""
    state = State(persona)
    for each in mentions:
        if each.review.persona == persona:
            state.add(each.sighting.moment)
    return state


def _as_printed(histories: dict[str, History[Any]], mentions: list[Mention]) -> dict[str, History[Any]]:
    """`histories` with each quote as the page that showed it last prints it."""

    def printed(state: State[str]) -> str:
        last = state.last
        return next(m.review.quote for m in reversed(mentions) if m.sighting.moment is last and m.key == state.value)

    quotes = History([State(printed(state), state.moments) for state in histories["quote"].states])
    return histories | {"quote": quotes}


def _fold_review(
    rows: ReviewRows, mentions: list[Mention], persona: str | None, places: _Places, ids: tuple[str, str]
) -> None:
    source, tool_id = ids
    review = review_id_of(rows.listing, mentions[0].key)
    rows.ids.update((mention.key, review) for mention in mentions)
    rows.aliases += _aliases(review, rows.listing, mentions, "same_row" if persona is None else "same_persona")
    histories = _as_printed(_histories(mentions), mentions)
    states: dict[str, State[Any]] = {name: history.current for name, history in histories.items()}
    named = None
    if persona is not None:
        named = id_at_source(source, persona)
        labelled = _labelled(mentions, persona)
        if labelled.moments:
            states["persona"] = State(named, labelled.moments)
    presence = places.presence(mentions)
    values: Row = {name: states[name].value if name in states else None for name in PARTS}
    values |= {"review_id": review, "persona": named}
    _score_contradiction(rows, mentions, values)
    changed = [each.current.first.observed_at for each in histories.values() if len(each.states) > 1]
    newest_first = dict.fromkeys(each.key for each in reversed(mentions))
    rows.reviews.append(
        {
            **values,
            "listing_id": rows.listing,
            "tool_id": tool_id,
            "persona_source": None if persona is None else "labelled" if "persona" in states else "aligned",
            "position": next((places.positions[key] for key in newest_first if key in places.positions), None),
            "first_seen": mentions[0].sighting.observed_at,
            "last_seen": mentions[-1].sighting.observed_at,
            "last_changed": max(changed, default=None),
            "withdrawn_at": None if presence.current.value else presence.current.first.observed_at,
        }
    )
    rows.states += [(review, name, state) for name, state in states.items()]
    fixed = {"review_id": review, "listing_id": rows.listing, "persona": named}
    rows.versions += version_rows(fixed, histories, ("score", "verdict", "quote"), presence, "quote")
    rows.changes += change_rows(rows.listing, tool_id, histories, review=review, persona=named, presence=presence)
