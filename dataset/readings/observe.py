"""From one record of the archive to the rows that it gives by itself. Pure: no database, no clock.

This is the part of a build that may run in other processes, so what goes in and comes out is plain and
pickles fast. What several captures say together is derived later (`dataset.building.derive`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urljoin

from pydantic_core import from_json, to_json

from crawler.archive import BodyError, StoredRecord, capture_id, decoded_body
from crawler.items import (
    CARD_FIELDS,
    DATA_KINDS,
    Card,
    ComparePage,
    Page,
    PageReading,
    ReviewerPage,
    Side,
    ToolPage,
)
from crawler.urls import canonical_url, kind_of, listing_id, pair_of, parts_of, persona_of, slug_in, source_of
from dataset.folding.fold_reviews import Problem
from dataset.folding.pairing import Pairs, paired_rows, unpaired_because
from dataset.ids import card_key_of, card_listing_id, content_hash
from dataset.readings.bodies import cut_because
from dataset.readings.not_shown import NotShown, not_shown
from dataset.readings.references import Reference, reference_of
from dataset.readings.states import CardReading, ReviewReading
from dataset.readings.times import MAX_LAG, answer_window, utc_moment, utc_text
from normalize.persona_names import persona_key

Reader = Callable[..., PageReading]

OBSERVATION_VERSION = 1
"""Goes up with every change of what is observed of a capture, by whichever parser: caches of others are filled anew."""

BODY_LIMIT = 64 << 20
"""The most bytes that a body may have once its content-encoding is undone."""

READ_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
"""Content types of pages that are read; a record without any is read too."""

REDIRECTS = (301, 302, 303, 307, 308)
CARD_TEXTS = ("name", "tagline", "description")
CAPTURE_KINDS = ("response", "resource", "conversion", "revisit")
LEFT_OVER_LENGTH = 80


class Reading(NamedTuple):
    """What a card or a reviewer page says, as the cache keeps it."""

    reading_id: str
    card_key: str | None
    body: str


class CardSeen(NamedTuple):
    """One card on this capture; `listing_id` is what it is by itself, before any alias."""

    side: str
    listing_id: str
    by_url: bool
    reading: Reading


class ReviewerSeen(NamedTuple):
    """A persona's page on this capture."""

    persona: str
    category: str | None
    reading: Reading


@dataclass(slots=True)
class Observed:
    """All that one capture gives: its row (by column), cards, which of their reviews share a row, a reviewer page,
    problems.

    A revisit gives by itself only what it `refers` to; what it shows follows from that (`dataset.readings.revisits`).
    """

    capture: dict[str, Any]
    refers: Reference | None = None
    cards: list[CardSeen] = field(default_factory=list)
    pairs: Pairs = ()
    reviewer: ReviewerSeen | None = None
    answers: list[NotShown] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def card_reading(card: Card, all_reviews: bool) -> Reading:
    """What `card` says, without the slug: the same card on any page is the same reading.

    `all_reviews` says that no review on the page was left without a side or could not be read: only then does a
    review's absence mean anything.
    """
    # In one order, so that the same card is the same text.
    fields = {
        name: None if (value := getattr(card, name)) == "" else value for name in CARD_FIELDS if name in card.shown
    }
    reviews = [
        [persona_key(review.persona or ""), review.score, review.verdict, review.quote]
        for review in card.reviews
        if review.quote.strip()
    ]
    texts = [fields.get(name) for name in CARD_TEXTS]
    key = card_key_of(*texts) if all(texts) else None  # type: ignore[arg-type]
    body = to_json([fields, reviews, all_reviews])
    return Reading(content_hash(body), key, body.decode())


def card_of(body: str) -> CardReading:
    """The card in the body of a reading."""
    fields, reviews, all_reviews = from_json(body)
    return CardReading(fields, tuple(ReviewReading(*review) for review in reviews), all_reviews)


def _reviewer_reading(page: ReviewerPage) -> Reading:
    verdicts = [[each.tagline, each.quote] for each in page.verdicts if each.tagline and each.quote]
    texts = [page.bio, page.motto, *chain.from_iterable(verdicts)]
    if not all(text is None or isinstance(text, str) for text in texts):
        raise TypeError("a reviewer's page says something that is no text")
    body = to_json({"bio": page.bio or None, "motto": page.motto or None, "verdicts": verdicts})
    return Reading(content_hash(body), None, body.decode())


def _target_of(record: StoredRecord) -> str | None:
    """Where the redirect `record` leads, in canonical form; None where it is none, or leads to no page."""
    if record.http_status not in REDIRECTS:
        return None
    location = next((value for name, value in record.http_headers if name.lower() == "location"), None)
    if location is None:
        return None
    try:
        target = urljoin(record.url or "", location.strip())
    except ValueError:
        return None
    return canonical_url(target) if parts_of(target) else None


class _Observer:
    """The reading of one capture, step by step."""

    def __init__(self, record: StoredRecord, parser_version: str) -> None:
        self.record = record
        self.parser_version = parser_version
        self.source = source_of(record.url)
        self.url = canonical_url(record.url) if record.url else None
        window = answer_window(utc_moment(record.captured_at), record.http_headers, max_lag=MAX_LAG)
        self.id = capture_id(record.url, record.captured_at, record.sha256)
        self.observed_at = utc_text(window.observed_at)
        capture = {
            "capture_id": self.id,
            "source": self.source,
            "url": self.url,
            "answered_url": record.url,
            "kind": kind_of(record.url) or "unknown",
            "captured_at": record.captured_at,
            "made_from": utc_text(window.made_from),
            "observed_at": self.observed_at,
            "content_type": record.content_type or None,
            "http_status": record.http_status,
            "redirects_to": _target_of(record),
            "revisit_of": None,
            "sha256": record.sha256,
            "bytes": record.size,
            "warc_file": record.file,
            "warc_offset": record.offset,
            "run_id": record.run_id or None,
            "parser_version": None,
            "parse_status": "ignored",
            "complete": None,
        }
        self.seen = Observed(capture)
        for header in window.problems:
            self.problem("warning", header.code, header.message, about=header.field)

    @property
    def subject(self) -> str:
        """What this capture is called in messages: its url, else the bytes themselves."""
        return self.url or f"sha256:{self.record.sha256}"

    def problem(
        self, severity: str, code: str, message: str, *, about: str | None = None, subject: str | None = None
    ) -> None:
        """Take down a problem; its subject is the page (and what on it it is `about`), if not given."""
        words = message or code.replace("_", " ")
        self.seen.problems.append(
            Problem(
                severity,
                code,
                subject or " ".join(part for part in (self.subject, about) if part),
                words if self.url and self.url in words else f"{self.subject}: {words}",
                url=self.url,
                field=about,
                capture_id=self.id,
                seen_at=self.observed_at,
            )
        )

    def observe(self, payload: bytes, read: Reader) -> Observed:
        record, capture = self.record, self.seen.capture
        if record.kind == "revisit":
            self.seen.refers = reference_of(record)
            return self.seen
        if record.http_status not in (None, 200):
            return self.seen
        media = (record.content_type or "").partition(";")[0].strip().lower()
        if media and media not in READ_TYPES:
            if capture["kind"] in (*DATA_KINDS, "unknown"):
                message = f"it is {media[:80]}, not a page that can be read; it is kept in the archive"
                self.problem("warning", "not_a_page", message)
            return self.seen
        body, is_cut = self._body(payload)
        if body is None:
            capture["parse_status"] = "failed"
            return self.seen
        reading = read(body, url=record.url, content_type=record.content_type)
        capture["kind"] = reading.kind
        capture["parse_status"] = reading.status
        capture["parser_version"] = self.parser_version
        if reading.page is not None:
            capture["complete"] = int(reading.page.complete and not is_cut)
            if is_cut:
                capture["parse_status"] = "incomplete"
            lost = any(each.field in ("reviews", "quote") for each in reading.problems)
            self._page(reading.page, all_reviews=not lost)
            if isinstance(reading.page, ComparePage) and not is_cut:
                self._pairs(reading.page)
        for each in reading.problems:
            about = " ".join(part for part in (each.side, each.field) if part) or None
            self.problem(each.severity, each.code, each.message, about=about)
            named = self._listing_on(each.side or "only")
            self.seen.problems[-1] = self.seen.problems[-1]._replace(field=each.field, listing_id=named)
        for text in reading.leftovers:
            self._left_over(reading.kind, text)
        if reading.kind == "unknown" and not any(each.severity != "info" for each in reading.problems):
            self.problem("warning", "unknown_page", "nothing on it is known; is it a page of another site?")
        return self.seen

    def _body(self, payload: bytes) -> tuple[bytes | None, bool]:
        """The body to be read (None where there is none), and whether its end is missing."""
        cut = cut_because(self.record, payload)
        if cut is not None:
            self.problem("warning", "body_cut", f"the end of the answer is missing: {cut}")
        try:
            return decoded_body(self.record, payload, limit=BODY_LIMIT), cut is not None
        except BodyError as error:
            if cut is None or error.code != "torn_body":  # a compressed body that was cut off is torn, of course
                self.problem("error", error.code, error.message)
            return (None if error.code == "too_big" else error.partial or None), True

    def _listing_on(self, side: str) -> str | None:
        """The listing on `side`, where the url names it."""
        return next((card.listing_id for card in self.seen.cards if card.side == side and card.by_url), None)

    def _left_over(self, kind: str, text: str) -> None:
        folded = " ".join(text.split())
        cut = folded if len(folded) <= LEFT_OVER_LENGTH else folded[:LEFT_OVER_LENGTH] + "…"
        self.problem("info", "left_over", f"no rule knows this block: “{cut}”", subject=f"{kind} {cut}")

    def _page(self, page: Page, *, all_reviews: bool) -> None:
        if isinstance(page, ComparePage):
            all_reviews = all_reviews and not page.unplaced
            left, right = self._sides(page)
            self._card("left", left, all_reviews)
            self._card("right", right, all_reviews)
            for review in page.unplaced:
                cut = " ".join(review.quote.split())[:LEFT_OVER_LENGTH]
                message = f"nothing tells on which side this review stands: “{cut}”"
                self.problem("warning", "review_without_side", message, subject=f"{self.subject} {cut}")
        elif isinstance(page, ToolPage):
            self._card("only", page.card, all_reviews)
        else:
            self._reviewer(page)

    def _pairs(self, page: ComparePage) -> None:
        """Take down which reviews share a row that names nobody, or why they don't pair up."""
        self.seen.pairs = paired_rows(page)
        why = unpaired_because(page)
        if why is not None and page.complete:
            message = f"its reviews name no critics and don't pair up ({why}), so no names are carried over from them"
            self.problem("info", "rows_not_paired", message, about="reviews")

    def _sides(self, page: ComparePage) -> tuple[Card, Card]:
        """The two cards; without slugs where the url gives the pair in reverse and no link confirms its sides.

        A card without a slug is known by its texts where exactly one slug ever showed them, which confirms it too.
        """
        pair = pair_of(self.record.url)
        if pair is None or pair.left <= pair.right or page.sides_linked:
            return page.left, page.right
        message = "the url gives the pair in reverse, and no link on the page confirms which tool is on which side"
        self.problem("warning", "sides_unconfirmed", message)
        left, right = (card.model_copy(update={"slug": None}) for card in (page.left, page.right))
        return left, right

    def _card(self, side: Side, card: Card, all_reviews: bool) -> None:
        if not card.shown:
            return
        reading = card_reading(card, all_reviews)
        if card.slug is not None:
            self.seen.cards.append(CardSeen(side, listing_id(self.source, card.slug), by_url=True, reading=reading))
        elif reading.card_key is not None:
            listing = card_listing_id(self.source, reading.card_key)
            self.seen.cards.append(CardSeen(side, listing, by_url=False, reading=reading))
        else:
            missing = [name for name in CARD_TEXTS if not getattr(card, name)]
            message = (
                f"the {side} card has no slug, and without {' and '.join(missing)} nothing tells which "
                "listing it is; import it with its url"
            )
            self.problem("warning", "card_without_identity", message, about=side)

    def _reviewer(self, page: ReviewerPage) -> None:
        persona = persona_key(page.persona or persona_of(self.record.url) or "")
        if not persona:
            self.problem("warning", "reviewer_without_persona", "nothing on the page tells whose it is")
            return
        persona_id = listing_id(self.source, persona)
        self.seen.reviewer = ReviewerSeen(persona_id, page.category or None, _reviewer_reading(page))


def observe(record: StoredRecord, payload: bytes, read: Reader, parser_version: str) -> Observed:
    """What the capture `record` with the stored bytes `payload` gives. `read` is `crawler.pages.read_page`.

    Whatever is wrong with the bytes becomes a problem in the result, never an error; so does whatever goes wrong in
    reading them, for one capture must not stop a build.
    """
    try:
        seen = _Observer(record, parser_version).observe(payload, read)
        if seen.refers is None:
            seen.answers = not_shown(seen.capture, {card.side for card in seen.cards if card.by_url})
        _assert_storable(seen)
    except MemoryError:
        return not_observed(record, parser_version, "too_costly", "there is not enough memory to read it")
    except Exception as error:  # noqa: BLE001  (the net: see above)
        said = f"{type(error).__name__}: {error}"[:200].encode("utf-8", "backslashreplace").decode()
        return not_observed(
            record, parser_version, "reader_failed", f"what reads it failed ({said}); please report this"
        )
    return seen


def not_observed(record: StoredRecord, parser_version: str, code: str, message: str) -> Observed:
    """The capture `record` where it could not be read: a ``failed`` one, with the problem `code`."""
    try:
        observer = _Observer(record, parser_version)
    except Exception:  # noqa: BLE001  (its headers, or its url, are what could not be read)
        observer = _Observer(replace(record, url=None, http_headers=()), parser_version)
    observer.seen.capture |= {"parse_status": "failed", "parser_version": parser_version}
    observer.problem("error", code, message)
    return observer.seen


def _assert_storable(seen: Observed) -> None:
    """Raise `ValueError` where a text can't be stored: half a character pair, or an id or a name that is empty."""
    if seen.reviewer is not None and not slug_in(seen.reviewer.persona):
        raise ValueError("a critic has no name")
    if not all(slug_in(card.listing_id) for card in seen.cards):
        raise ValueError("a card has an empty slug")
    texts = [card.listing_id for card in seen.cards]
    texts += [text for each in seen.problems for text in each if isinstance(text, str)]
    if seen.reviewer is not None:
        texts += [seen.reviewer.persona, seen.reviewer.category or ""]
    texts += [value for value in seen.capture.values() if isinstance(value, str)]
    "".join(texts).encode()
