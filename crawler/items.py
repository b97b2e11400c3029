"""Defines the records of what one page says: the interface between parsing and the dataset.

For every field of a card, there are three cases: a value; *shown empty* (the page has a place for the field and shows
that it is empty: the field is in `shown` and its value is None); and *not shown* (the field is not in `shown`: the page
says nothing about it).

Records are frozen and independent of databases and clocks. A value is always what the page printed, and only normalised
if the page uses a fixed set of values ("Builder" → ``builder``, "Ship" → ``ship``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
"""A number of things; no larger than what SQLite can store."""
Persona = Annotated[str, Field(pattern=r"[^\s:_-]")]
"""The name of a critic: it has more than blanks and punctuation."""
Verdict = Literal["ship", "skip"]
PanelVerdict = Literal["ship", "mixed", "skip"]
Side = Literal["left", "right", "only"]
Severity = Literal["error", "warning", "info"]
ParseStatus = Literal["ok", "incomplete", "failed", "ignored"]

DATA_KINDS = ("compare", "tool", "reviewer")
"""Page kinds that contain data; all other kinds are recognised, archived and ignored."""

CARD_FIELDS = (
    "name",
    "category",
    "tagline",
    "description",
    "panel_verdict",
    "panel_ship_pct",
    "panel_ships",
    "panel_skips",
    "community_ship_pct",
    "community_ships",
    "community_votes",
    "entry",
    "pricing",
    "best_for",
    "reviewed_on",
    "website",
)
"""The fields of a card that a page can show, in the order in which `Card.shown` lists them."""


class Record(BaseModel):
    """The base class of records: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(Record):
    """What one critic says about one listing. Parts that the page doesn't print are None."""

    persona: Persona | None = None
    score: Percent | None = None
    verdict: Verdict | None = None
    quote: str


class Card(Record):
    """What one page says about one listing.

    `slug` comes from the URL that answered, never from the text. `shown` lists the fields that the page has a place
    for, in the order of `CARD_FIELDS`, with ``"reviews"`` last if at least one review could be read.
    """

    slug: str | None = None
    name: str | None = None
    category: str | None = None
    tagline: str | None = None
    description: str | None = None
    panel_verdict: PanelVerdict | None = None
    panel_ship_pct: Percent | None = None
    panel_ships: Count | None = None
    panel_skips: Count | None = None
    community_ship_pct: Percent | None = None
    community_ships: Count | None = None
    community_votes: Count | None = None
    entry: str | None = None
    pricing: str | None = None
    best_for: str | None = None
    reviewed_on: str | None = None
    website: str | None = None
    reviews: tuple[Review, ...] = ()
    shown: tuple[str, ...] = ()


class ComparePage(Record):
    """A comparison page: two cards side by side.

    The slugs of the sides are those of the URL that answered; `sides_linked` means that links in the cards confirm the
    sides. `rows` gives, for each row of the reviewer scorecard, the indexes of its reviews in `left.reviews` and
    `right.reviews` (None if that side has none). `unplaced` are reviews whose side the page doesn't reveal.
    """

    kind: Literal["compare"] = "compare"
    url: str | None = None
    title: str | None = None
    left: Card
    right: Card
    sides_linked: bool = False
    rows: tuple[tuple[int | None, int | None], ...] = ()
    unplaced: tuple[Review, ...] = ()
    complete: bool
    stopped_at: str | None = None


class ToolPage(Record):
    """The page of a tool: one card."""

    kind: Literal["tool"] = "tool"
    url: str | None = None
    card: Card
    complete: bool
    stopped_at: str | None = None


class ReviewerVerdict(Record):
    """An entry of a reviewer page: the tool's tagline and what the critic says about it."""

    tagline: str
    quote: str


class ReviewerPage(Record):
    """The page of one critic for one category."""

    kind: Literal["reviewer"] = "reviewer"
    url: str | None = None
    persona: Persona | None = None
    motto: str | None = None
    bio: str | None = None
    excited_about: tuple[str, ...] = ()
    tired_of: tuple[str, ...] = ()
    category: str | None = None
    tools: Count | None = None
    shipped: Count | None = None
    verdicts: tuple[ReviewerVerdict, ...] = ()
    complete: bool
    stopped_at: str | None = None


Page = ComparePage | ToolPage | ReviewerPage


class PageProblem(Record):
    """Something on a page that could not be read with certainty, or a contradiction within the page.

    `code` is a short, stable name (``label_without_value``), `field` is the label or field concerned, and `side` the
    card concerned.
    """

    severity: Severity
    code: str
    message: str
    field: str | None = None
    side: Side | None = None


class PageReading(Record):
    """The result of reading one page.

    `kind` is one of `DATA_KINDS`, or the name of a kind without data (``home``, ``category``, ``guide``, …), or
    ``unknown``. `page` is None unless the kind has data and the page could be read. `leftovers` are the blocks of text
    that no rule understood, in page order.
    """

    kind: str
    status: ParseStatus
    page: Annotated[Page, Field(discriminator="kind")] | None = None
    problems: tuple[PageProblem, ...] = ()
    leftovers: tuple[str, ...] = ()


class CapturedPage(Record):
    """A page in the output feed of a crawl: the capture, and what the page says.

    `url` is the one that answered; `unchanged` means that the site still shows what the last capture showed.
    """

    capture_id: str
    url: str
    captured_at: str
    http_status: int
    unchanged: bool
    kind: str
    status: ParseStatus
    page: Annotated[Page, Field(discriminator="kind")] | None = None
    problems: tuple[PageProblem, ...] = ()
