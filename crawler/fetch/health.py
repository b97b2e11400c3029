"""Noticing that a site changed: what its pages say now, against what they said in its last good run. Pure.

A monitor is a sentence and a threshold:

- of the last `WINDOW` pages of a kind, at least `LEAST_PARSED` of the share of the last good run can be read;
- a field that at least `USUAL` of the cards used to show is shown by at least `LEAST_FILLED` of that share of them.

Cards of one tool count once, however many pages show it: a site lists all comparisons of a tool in a row, and that one
tool must not pass for half of the site. Rarer fields are not watched: what some tools lack looks like what is gone.

The window is short on purpose: a site that changes in mid-crawl is noticed after some dozen pages, however many good
ones came before. A page that says nothing of ours (a consent wall, say) counts as one that can't be read.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from crawler.items import Card, ComparePage, PageReading, ReviewerPage

WINDOW = 24
"""How many pages of a kind are looked at together."""

LEAST_PARSED = 0.5
LEAST_FILLED = 0.3
USUAL = 0.8

CARD_FIELDS = tuple(name for name in Card.model_fields if name not in ("slug", "shown", "reviews"))
REVIEW_FIELDS = ("persona", "score", "verdict")
LABELS = {
    "panel_ship_pct": "Panel ship",
    "panel_verdict": "Panel verdict",
    "panel_ships": "Panel verdict",
    "panel_skips": "Panel verdict",
    "community_ship_pct": "Community",
    "community_ships": "Community",
    "community_votes": "Community",
    "entry": "Entry",
    "pricing": "Pricing",
    "best_for": "Best for",
    "category": "Category",
    "reviews": "Reviewer scorecard",
    **{f"review {name}": "Reviewer scorecard" for name in REVIEW_FIELDS},
}
"""The labels beside which fields stand, for messages."""


@dataclass(frozen=True)
class Sighting:
    """What one page showed: whether it could be read, and if not, why; for each tool on it the fields with a value.

    A reviewer, and a card of which the url does not tell the tool, count as one of their own.
    """

    url: str
    parsed: bool
    cards: Mapping[str, frozenset[str]] = field(default_factory=dict)
    why: str = ""

    @property
    def on_all(self) -> frozenset[str]:
        """The fields that each card on the page shows."""
        return frozenset.intersection(*self.cards.values()) if self.cards else frozenset()


@dataclass
class Tally:
    """The pages of one kind, added up: `pages`, how many were `parsed`, and `fields` shown by how many of `units`."""

    pages: int = 0
    parsed: int = 0
    units: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    _counted: set[str] = field(default_factory=set, repr=False)

    def add(self, one: Sighting) -> None:
        """Count `one` in; of each tool the first card that comes."""
        self.pages += 1
        self.parsed += one.parsed
        for about, fields in one.cards.items():
            if about not in self._counted:
                self._counted.add(about)
                self.units += 1
                self.fields.update(fields)

    def share(self, name: str) -> float:
        """The share of cards that show the field `name`."""
        return self.fields[name] / self.units if self.units else 0.0

    def usual(self) -> list[str]:
        """The fields that are watched; whole reviews before their parts."""
        names = (name for name in self.fields if self.share(name) >= USUAL)
        return sorted(names, key=lambda name: (name.startswith("review "), name))


def sighting(url: str, kind: str, reading: PageReading) -> Sighting:
    """What the page at `url`, asked for as one of `kind`, showed, as `reading` says."""
    page = reading.page
    if page is None or reading.kind != kind:
        return Sighting(url, parsed=False, why=reading.problems[-1].message if reading.problems else "")
    if isinstance(page, ReviewerPage):
        names = (name for name in ("persona", "motto", "bio", "category", "verdicts") if getattr(page, name))
        return Sighting(url, parsed=True, cards={url: frozenset(names)})
    cards = (page.left, page.right) if isinstance(page, ComparePage) else (page.card,)
    shown = {card.slug or f"{url} {side}": frozenset(_fields_of(card)) for side, card in enumerate(cards)}
    return Sighting(url, parsed=True, cards=shown)


def _fields_of(card: Card) -> Iterable[str]:
    yield from (name for name in CARD_FIELDS if getattr(card, name) is not None)
    if card.reviews:
        yield "reviews"
    for name in REVIEW_FIELDS:
        if any(getattr(each, name) is not None for each in card.reviews):
            yield f"review {name}"


class Health:
    """Watches the pages of one crawl. `baseline` are the facts that `as_facts` gave at the end of the last good run."""

    def __init__(self, baseline: Mapping[str, Any] | None = None) -> None:
        given = baseline if isinstance(baseline, Mapping) else {}
        self.baseline = {kind: tally for kind, facts in given.items() if (tally := _tally(facts))}
        self._usual = {kind: tally.usual() for kind, tally in self.baseline.items()}
        self.totals: dict[str, Tally] = {}
        self._recent: dict[str, deque[Sighting]] = {}
        self._last: dict[tuple[str, str], str] = {}

    def note(self, url: str, kind: str, reading: PageReading) -> str | None:
        """Take in the page at `url`, asked for as one of `kind`; what changed about the site, None where nothing did.

        The text names what went missing, with an example and the nearest page that is as it was.
        """
        one = sighting(url, kind, reading)
        recent = self._recent.setdefault(kind, deque(maxlen=WINDOW))
        recent.append(one)
        self.totals.setdefault(kind, Tally()).add(one)
        if one.parsed:
            self._last[kind, ""] = url
        self._last.update(((kind, name), url) for name in one.on_all)
        if len(recent) < WINDOW:
            return None
        if self.totals[kind].pages > WINDOW and one.parsed and one.on_all.issuperset(self._usual.get(kind, ())):
            return None  # the better for this page
        window = Tally()
        for each in reversed(recent):  # of each tool the newest card
            window.add(each)
        verdict = self._verdict(kind, window, recent)
        if verdict is None and kind not in self.baseline:
            # The first crawl of a site: the rest of it is held against its beginning.
            self.baseline[kind], self._usual[kind] = window, window.usual()
        return verdict

    def _verdict(self, kind: str, window: Tally, recent: deque[Sighting]) -> str | None:
        usual = self.baseline.get(kind)
        before = usual.parsed / usual.pages if usual else 1.0
        if window.parsed / window.pages < LEAST_PARSED * before:
            example = next(one for one in reversed(recent) if not one.parsed)
            held = f"before, {before:.0%} could" if usual else "at least half of them should"
            why = f" ({example.why})" if example.why else ""
            return (
                f"of the last {window.pages} {kind} pages only {window.parsed} could be read ({held}); "
                f"for example {example.url}{why}{self._nearest(kind)}"
            )
        for name in self._usual.get(kind, ()):
            was, is_now = usual.share(name) if usual else 0.0, window.share(name)
            if is_now < LEAST_FILLED * was:
                missing = next(one.url for one in reversed(recent) if one.parsed and name not in one.on_all)
                label = f" (beside the label “{LABELS[name]}”)" if name in LABELS else ""
                return (
                    f"the field {name}{label} is gone from most {kind} pages: {was:.0%} of the cards had it "
                    f"before, {is_now:.0%} of the last {window.units} have it; for example {missing}"
                    f"{self._nearest(kind, name)}"
                )
        return None

    def _nearest(self, kind: str, name: str = "") -> str:
        """The last page of this crawl on which nothing lacks the field `name`, or that could be read."""
        good = self._last.get((kind, name))
        return f"; the nearest page that is as it was: {good}" if good else ""

    def as_facts(self) -> dict[str, dict[str, Any]]:
        """What the pages of this crawl showed, for the end record; `baseline` of a later crawl."""
        return {
            kind: {
                "pages": tally.pages,
                "parsed": tally.parsed,
                "units": tally.units,
                "fields": dict(sorted(tally.fields.items())),
            }
            for kind, tally in sorted(self.totals.items())
        }


def newest_of(runs: Iterable[object]) -> dict[str, Any]:
    """The facts to hold a crawl against, from those that runs gave, newest first: for each kind the first of use.

    A run may have asked for some kinds only, or for a few pages.
    """
    found: dict[str, Any] = {}
    for facts in runs:
        for kind, each in facts.items() if isinstance(facts, Mapping) else ():
            if kind not in found and _tally(each):
                found[kind] = each
    return found


def _tally(facts: object) -> Tally | None:
    """The tally that an end record gives; None where it gives none that can be used (too few pages, or not numbers)."""
    if not isinstance(facts, Mapping) or not isinstance(facts.get("fields"), Mapping):
        return None
    pages, parsed, units = (facts.get(name) for name in ("pages", "parsed", "units"))
    if not (_is_count(pages) and _is_count(parsed) and _is_count(units)) or not WINDOW <= pages >= parsed > 0:
        return None
    counts = {str(name): count for name, count in facts["fields"].items() if _is_count(count) and count <= units}
    return Tally(pages, parsed, units, Counter(counts))


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0
