"""Noticing that a site changed: what its pages say now, against what they said in its last good run. Pure.

A monitor is a sentence and a threshold:

- of the last `WINDOW` pages of a kind, at least `LEAST_PARSED` of the share of the last good run can be read;
- a field that at least `USUAL` of the cards used to show is shown by at least `LEAST_FILLED` of that share of them.

The window is short on purpose: a site that changes in mid-crawl is noticed after some dozen pages, however many good
ones came before. A page that says nothing of ours (a consent wall, say) counts as one that can't be read.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.items import Card, ComparePage, PageReading, ReviewerPage

WINDOW = 24
"""How many pages of a kind are looked at together."""

LEAST_PARSED = 0.5
LEAST_FILLED = 0.3
USUAL = 0.5

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
}
"""The labels beside which fields stand, for messages."""


@dataclass(frozen=True)
class Sighting:
    """What one page showed: whether it could be read, and the fields with a value, among `units` cards."""

    url: str
    parsed: bool
    units: int
    fields: Counter[str]


@dataclass
class Tally:
    """The pages of one kind, added up: `pages`, how many were `parsed`, and `fields` shown by how many of `units`."""

    pages: int = 0
    parsed: int = 0
    units: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    def add(self, one: Sighting, times: int = 1) -> None:
        """Count `one` in (or out, with `times` -1)."""
        self.pages += times
        self.parsed += times * one.parsed
        self.units += times * one.units
        for name, count in one.fields.items():
            self.fields[name] += times * count

    def share(self, name: str) -> float:
        """The share of cards that show the field `name`."""
        return self.fields[name] / self.units if self.units else 0.0


def sighting(url: str, reading: PageReading) -> Sighting:
    """What the page at `url` showed, as `reading` says."""
    page = reading.page
    if page is None:
        return Sighting(url, parsed=False, units=0, fields=Counter())
    fields: Counter[str] = Counter()
    if isinstance(page, ReviewerPage):
        fields.update(name for name in ("persona", "motto", "bio", "category", "verdicts") if getattr(page, name))
        return Sighting(url, parsed=True, units=1, fields=fields)
    cards = (page.left, page.right) if isinstance(page, ComparePage) else (page.card,)
    for card in cards:
        fields.update(name for name in CARD_FIELDS if getattr(card, name) is not None)
        fields.update(["reviews"] if card.reviews else [])
        for name in REVIEW_FIELDS:
            fields.update([f"review {name}"] if any(getattr(each, name) is not None for each in card.reviews) else [])
    return Sighting(url, parsed=True, units=len(cards), fields=fields)


class Health:
    """Watches the pages of one crawl. `baseline` are the facts that `as_facts` gave at the end of the last good run."""

    def __init__(self, baseline: Mapping[str, Any] | None = None) -> None:
        self.baseline = {kind: tally for kind, facts in (baseline or {}).items() if (tally := _tally(facts))}
        self.totals: dict[str, Tally] = {}
        self._recent: dict[str, deque[Sighting]] = {}
        self._window: dict[str, Tally] = {}
        self._good: dict[str, str] = {}

    def note(self, url: str, kind: str, reading: PageReading) -> str | None:
        """Take in the page at `url`, asked for as one of `kind`; what changed about the site, None where nothing did.

        The text names what went missing, with an example and the nearest page that is as it was.
        """
        one = sighting(url, reading if reading.kind == kind else reading.model_copy(update={"page": None}))
        recent, window = self._recent.setdefault(kind, deque()), self._window.setdefault(kind, Tally())
        recent.append(one)
        window.add(one)
        self.totals.setdefault(kind, Tally()).add(one)
        if len(recent) > WINDOW:
            window.add(recent.popleft(), -1)
        missing = self._missing(kind, one)
        if one.parsed and missing is None:
            self._good[kind] = url
        if len(recent) < WINDOW:
            return None
        verdict = self._verdict(kind, window, recent)
        if verdict is None and kind not in self.baseline:
            # The first crawl of a site: the rest of it is held against its beginning.
            self.baseline[kind] = Tally(window.pages, window.parsed, window.units, Counter(window.fields))
        return verdict

    def _missing(self, kind: str, one: Sighting) -> str | None:
        """A field that this page, unlike most before, does not show."""
        usual = self.baseline.get(kind)
        if usual is None or not one.units:
            return None
        return next((name for name in sorted(usual.fields) if usual.share(name) > 0.9 and not one.fields[name]), None)

    def _verdict(self, kind: str, window: Tally, recent: deque[Sighting]) -> str | None:
        usual = self.baseline.get(kind)
        before = usual.parsed / usual.pages if usual else 1.0
        now = window.parsed / window.pages
        if now < LEAST_PARSED * before:
            example = next(one.url for one in reversed(recent) if not one.parsed)
            held = f"before, {before:.0%} could" if usual else "at least half of them should"
            return (
                f"of the last {window.pages} {kind} pages only {window.parsed} could be read ({held}); "
                f"for example {example}{self._nearest(kind)}"
            )
        for name in sorted(usual.fields) if usual else ():
            was, is_now = usual.share(name) if usual else 0.0, window.share(name)
            if was >= USUAL and is_now < LEAST_FILLED * was:
                example = next((one.url for one in reversed(recent) if one.parsed and not one.fields[name]), "")
                label = f" (beside the label “{LABELS[name]}”)" if name in LABELS else ""
                return (
                    f"the field {name}{label} is gone from most {kind} pages: {was:.0%} of the cards had it "
                    f"before, {is_now:.0%} of the last {window.units} have it; for example {example}"
                    f"{self._nearest(kind)}"
                )
        return None

    def _nearest(self, kind: str) -> str:
        good = self._good.get(kind)
        return f"; the nearest page that is as it was: {good}" if good else ""

    def as_facts(self) -> dict[str, dict[str, Any]]:
        """What the pages of this crawl showed, for the end record; `baseline` of a later crawl."""
        return {
            kind: {
                "pages": tally.pages,
                "parsed": tally.parsed,
                "units": tally.units,
                "fields": dict(sorted((name, count) for name, count in tally.fields.items() if count)),
            }
            for kind, tally in sorted(self.totals.items())
        }


def _tally(facts: object) -> Tally | None:
    """The tally that an end record gives; None where it gives none that can be used (too few pages, or not numbers)."""
    if not isinstance(facts, Mapping) or not isinstance(facts.get("fields"), Mapping):
        return None
    pages, parsed, units = (facts.get(name) for name in ("pages", "parsed", "units"))
    if not (isinstance(pages, int) and isinstance(parsed, int) and isinstance(units, int)) or pages < WINDOW:
        return None
    fields = Counter({str(name): count for name, count in facts["fields"].items() if isinstance(count, int)})
    return Tally(pages, parsed, units, fields) if parsed else None
