"""The records: what one page says, and nothing else. The contract between the rooms.

Three things are kept apart for every field of a card: a value, *shown empty* (the slot stands on the
page and says that there is nothing in it: the field is in `shown` and its value is None) and *not shown*
(the field is not in `shown`: the page makes no statement about it).

Records are frozen and know nothing of databases or clocks. A value here is always what the page printed,
folded only where the page chooses from a closed list ("Builder" → ``builder``, "Ship" → ``ship``).
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
"""Page kinds that carry data; every other kind is recognised, archived and ignored."""

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
    """Base of all records: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(Record):
    """What one persona says of one listing. A part that the page does not print is None."""

    persona: Persona | None = None
    score: Percent | None = None
    verdict: Verdict | None = None
    quote: str


class Card(Record):
    """What one page says of one listing.

    `slug` comes from the url as answered, never from the text; `shown` names the fields for which the
    page has a slot, in the order of `CARD_FIELDS`, with ``"reviews"`` last where at least one review could
    be read.
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

    The slugs of the sides are those of the url as answered; `sides_linked` says that links in the cards name the
    tools on the same sides. `rows` gives, for each row of the reviewer scorecard, the indexes of its reviews in
    `left.reviews` and `right.reviews` (None where that side has none). `unplaced` are reviews of which nothing on the
    page tells the side.
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
    """A tool's own page: one card."""

    kind: Literal["tool"] = "tool"
    url: str | None = None
    card: Card
    complete: bool
    stopped_at: str | None = None


class ReviewerVerdict(Record):
    """One entry of a reviewer page: the tool's tagline and what the persona said of it."""

    tagline: str
    quote: str


class ReviewerPage(Record):
    """One persona's page for one category."""

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
    """Something on a page that could not be read for sure, or a contradiction of the page with itself.

    `code` is a short stable name (``label_without_value``), `field` the label or field it is about, `side`
    the card it is about.
    """

    severity: Severity
    code: str
    message: str
    field: str | None = None
    side: Side | None = None


class PageReading(Record):
    """All that was read from one page.

    `kind` is one of `DATA_KINDS` or the name of what was recognised as not ours (``home``, ``category``,
    ``guide``, …; ``unknown`` where nothing was). `page` is None unless the kind is a data kind and the page
    could be read. `leftovers` are the blocks of text that no rule understood, in page order.
    """

    kind: str
    status: ParseStatus
    page: Annotated[Page, Field(discriminator="kind")] | None = None
    problems: tuple[PageProblem, ...] = ()
    leftovers: tuple[str, ...] = ()


class CapturedPage(Record):
    """One page of a crawl, as a feed of it gives it: which capture it is, and what it says.

    `url` is the one that answered, `unchanged` says that the site still shows what the last capture showed.
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
