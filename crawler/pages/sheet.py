"""The working sheet of one page: its blocks, which of them were understood, and what was wrong.

Every grammar reads from a sheet and marks what it understood. What stays unmarked is left over, and reported: a new
block on the site is noticed the first day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.items import CARD_FIELDS, Card, PageProblem, Review, Severity, Side
from crawler.pages.blocks import Block
from crawler.pages.cost import Work
from crawler.pages.decode import LOST
from crawler.pages.labels import ALL, SHORT, fold
from crawler.pages.trace import active

ORNAMENT = 2
"""A block of at most this many signs (an initial, an emoji, a bullet) is decoration where nothing needs it."""


class Sheet:
    """The blocks of one page while they are read.

    The texts of the page's navigation and footer stand apart in `furniture`. `whole` says that nothing was cut off
    the end of the page. Where it is false the last block may be a part of a longer one: it is set aside in `torn` and
    never read, unless it is a label.
    """

    def __init__(self, blocks: Sequence[Block], *, url: str | None, whole: bool, furniture: Sequence[str] = ()) -> None:
        self.url = url
        self.whole = whole
        self.furniture = list(furniture)
        self.blocks = list(blocks)
        self.torn: str | None = None
        if not whole and self.blocks and fold(self.blocks[-1].text) not in ALL:
            self.torn = self.blocks.pop().text
        self.texts = [block.text for block in self.blocks]
        self.folded = [fold(text) if len(text) <= SHORT else "" for text in self.texts]
        self.used = bytearray(len(self.blocks))
        self.problems: list[PageProblem] = []
        self.trace = active()
        self.work = Work()
        self.children: dict[int, list[LexborNode]] = {}

    def __len__(self) -> int:
        return len(self.blocks)

    def find(self, label: str, start: int = 0, end: int | None = None) -> int:
        """The first block from `start` up to `end` that is `label`; -1 where none is."""
        try:
            return self.folded.index(label, start, len(self) if end is None else end)
        except ValueError:
            return -1

    def find_all(self, label: str, start: int, end: int) -> list[int]:
        """All blocks from `start` up to `end` that are `label`."""
        if label not in self.folded:
            return []
        return [number for number in range(start, end) if self.folded[number] == label]

    def drop(self, start: int, end: int) -> None:
        """Take blocks from `start` up to `end` off the sheet: they are a copy of others."""
        for column in (self.blocks, self.texts, self.folded, self.used):
            del column[start:end]

    def split(self, number: int, at: int) -> None:
        """Part a block in two before its sign `at`."""
        whole = self.blocks[number]
        parts = [Block(text.strip(), whole.node) for text in (whole.text[:at], whole.text[at:])]
        self.blocks[number : number + 1] = parts
        self.texts[number : number + 1] = [part.text for part in parts]
        self.folded[number : number + 1] = [fold(part.text) if len(part.text) <= SHORT else "" for part in parts]
        self.used[number : number + 1] = b"\0\0"

    def mark(self, start: int, end: int | None = None) -> None:
        """Blocks from `start` up to `end` (one block where `end` is not given) were understood."""
        for number in range(start, start + 1 if end is None else end):
            self.used[number] = 1

    def take(self, number: int) -> str:
        """The text of a block, which is thereby understood."""
        self.used[number] = 1
        return self.texts[number]

    def prose_end(self, start: int, end: int) -> int:
        """Where the prose that begins at `start` ends: in HTML its paragraphs stand side by side, and are no links.

        That is `start` itself where a link or a button stands there.
        """
        if start >= end or self.blocks[start].is_control:
            return start
        holder = self.blocks[start].holder
        stop = start + 1
        while stop < end and self.blocks[stop].holder == holder and not self.blocks[stop].is_control:
            stop += 1
        return stop

    def paragraphs(self, start: int, end: int) -> str | None:
        """The text from `start` up to `end`, paragraphs parted by an empty line; None where there is none."""
        self.mark(start, end)
        return "\n\n".join(self.texts[start:end]) or None

    def problem(
        self,
        severity: Severity,
        code: str,
        message: str,
        *,
        field: str | None = None,
        side: Side | None = None,
    ) -> None:
        """Note that something could not be read for sure."""
        self.problems.append(PageProblem(severity=severity, code=code, message=message, field=field, side=side))

    def no_value(self, field: str, label: str, side: Side | None = None, beside: str | None = None) -> None:
        """Note a label that stands on the page with nothing usable beside it."""
        found = f"beside it stands {clip(beside)!r}" if beside else "nothing stands beside it"
        self.problem(
            "warning",
            "label_without_value",
            f"label {label!r} has no usable value: {found}",
            field=field,
            side=side,
        )

    def leftovers(self) -> list[str]:
        """The texts that nothing understood, in page order; ornaments don't count."""
        return [
            block.text
            for number, block in enumerate(self.blocks)
            if not self.used[number] and len(block.text) > ORNAMENT
        ]

    def node(self, number: int) -> LexborNode | None:
        """The element that holds a block, None in text."""
        return self.blocks[number].node


class CardDraft:
    """The fields of one card while they are read."""

    def __init__(self, sheet: Sheet, side: Side, slug: str | None) -> None:
        self.sheet = sheet
        self.side: Side = side
        self.slug = slug
        self.values: dict[str, Any] = {}
        self.reviews: list[Review] = []
        self.doubted: set[str] = set()

    def put(self, field: str, value: str | int | None, *at: int) -> None:
        """The page shows `field`, with `value` or (None) empty; it was read from the blocks `at`.

        A text with signs that could not be decoded is not taken; two statements that differ are both doubted.
        """
        if isinstance(value, str) and LOST in value:
            self.sheet.problem(
                "warning",
                "undecodable_text",
                f"{field} holds signs that could not be decoded: {clip(value)!r}",
                field=field,
                side=self.side,
            )
            return
        if field in self.doubted:
            return
        if field in self.values and self.values[field] != value:
            self.sheet.problem(
                "warning",
                "page_contradicts_itself",
                f"{field} stands on the page as {clip(repr(self.values[field]))} and as {clip(repr(value))}",
                field=field,
                side=self.side,
            )
            del self.values[field]
            self.doubted.add(field)
            if self.sheet.trace is not None:
                self.sheet.trace.drop(self.side, field)
            return
        self.values[field] = value
        if self.sheet.trace is not None:
            self.sheet.trace.put(self.side, field, [self.sheet.blocks[number] for number in at])

    def add_review(self, review: Review, **at: Sequence[int]) -> None:
        """Add a review of this card, its parts read from the blocks `at`."""
        self.reviews.append(review)
        if self.sheet.trace is not None:
            parts = {part: [self.sheet.blocks[number] for number in numbers] for part, numbers in at.items()}
            self.sheet.trace.add_review(self.side, parts)

    def _compare(self, share: str, part: str, wholes: tuple[str, ...]) -> None:
        percent, count = self.values.get(share), self.values.get(part)
        totals = [self.values.get(name) for name in wholes]
        total = sum(value or 0 for value in totals)
        if percent is None or count is None or None in totals or not total:
            return
        if not is_share(percent, count, total):
            self.sheet.problem(
                "info",
                "contradiction",
                f"{share} is {percent}, but {part} is {count} of {total}",
                field=share,
                side=self.side,
            )

    def card(self) -> Card:
        """The record. Counts that can't be the percentage beside them are noted; neither is mended."""
        self._compare("panel_ship_pct", "panel_ships", ("panel_ships", "panel_skips"))
        self._compare("community_ship_pct", "community_ships", ("community_votes",))
        shown = [field for field in CARD_FIELDS if field in self.values]
        if self.reviews:
            shown.append("reviews")
        values: Mapping[str, Any] = self.values
        return Card(slug=self.slug, reviews=tuple(self.reviews), shown=tuple(shown), **values)


def is_share(percent: int, part: int, whole: int) -> bool:
    """Whether `percent` is `part` of `whole`, rounded in either direction."""
    return abs(100 * part - percent * whole) < whole


def clip(text: str | None, length: int = 60) -> str:
    """`text` short enough for a message."""
    text = text or ""
    return text if len(text) <= length else text[: length - 1] + "…"
