"""The reviewer scorecard: one row a persona, the left tool's review and then the right one's.

A row with one review only does not say in its text whose it is. Where the elements of the page don't tell either, the
review is kept without a side.

Unlabelled quotes (the short rendering) alternate left, right. That holds only where every persona reviewed both tools:
their number must be even and fit both panels' percentages, else their sides are not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.items import Review
from crawler.pages import labels, slots
from crawler.pages.cells import lone_cell
from crawler.pages.decode import LOST
from crawler.pages.labels import fold
from crawler.pages.sheet import ORNAMENT, CardDraft, Sheet, clip, is_share

MAX_PERSONA = 30
MAX_PERSONA_WORDS = 3
HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6", "dt", "th"))

Rows = list[tuple[int | None, int | None]]


@dataclass(slots=True)
class _Cell:
    """One review as it stands: the blocks it takes up, its score line if any, and the blocks of its quote."""

    score: slots.Score | None = None
    numbers: list[int] = field(default_factory=list)
    quote: list[int] = field(default_factory=list)
    text: str | None = None
    empty: bool = False


@dataclass(slots=True)
class _Row:
    """One persona's row: the block that names it, the persona, and its reviews in order."""

    label: int | None
    persona: str | None
    cells: list[_Cell] = field(default_factory=list)


def persona_of(text: str) -> str | None:
    """The persona that a printed name means: lower case, without "The" and colons, words joined by a hyphen.

    None where that leaves nothing.
    """
    return "-".join(fold(text).replace(":", " ").strip().removeprefix("the ").split()) or None


def read_scorecard(sheet: Sheet, start: int, end: int, left: CardDraft, right: CardDraft) -> tuple[Rows, list[Review]]:
    """Read blocks `start` to `end` into the two drafts: (rows as index pairs, reviews without a side)."""
    start = _skip_header(sheet, start, end, left, right)
    rows = read_rows(sheet, start, end)
    unplaced: list[Review] = []
    if rows and all(row.persona is None for row in rows):
        quotes = [cell for row in rows for cell in row.cells]
        pairs = _pair_quotes(sheet, quotes, left, right, cut=end == len(sheet) and not sheet.whole)
    else:
        pairs = [(row, _sides(sheet, row)) for row in rows]
    result: Rows = []
    for row, cells in pairs:
        if cells is None:
            unplaced.extend(review for cell in row.cells if (review := review_of(sheet, row, cell)))
            sheet.problem(
                "warning",
                "side_of_review_unknown",
                "nothing on the page tells which tool a review is about: "
                + clip(next((cell.text for cell in row.cells if cell.text), None)),
                field="reviews",
            )
            continue
        indexes: list[int | None] = []
        for cell, draft in zip(cells, (left, right), strict=True):
            review = review_of(sheet, row, cell) if cell is not None else None
            indexes.append(len(draft.reviews) if review else None)
            if cell is not None and review is not None:
                draft.add_review(review, **blocks_of(row, cell))
        if indexes != [None, None]:
            result.append((indexes[0], indexes[1]))
    return result, unplaced


def _skip_header(sheet: Sheet, start: int, end: int, left: CardDraft, right: CardDraft) -> int:
    """Step over a header row that names the two tools."""
    names = {fold(str(draft.values.get("name", ""))) for draft in (left, right)}
    words = names | {"reviewer", "reviewers", "persona", "critic"}
    position = start
    while position < min(start + 3, end) and fold(sheet.texts[position]) in words:
        sheet.mark(position)
        position += 1
    return position


def read_rows(sheet: Sheet, start: int, end: int) -> list[_Row]:
    """The rows of a scorecard, labelled or not, from blocks `start` to `end`."""
    reader = _RowReader(sheet, end)
    position = start
    while position < end:
        position = reader.step(position)
    _settle_quotes(sheet, reader.rows, end)
    return reader.rows


class _RowReader:
    """Reads a scorecard block by block: names of personas, score lines, quotes, dashes in empty cells."""

    def __init__(self, sheet: Sheet, end: int) -> None:
        self.sheet = sheet
        self.end = end
        self.rows: list[_Row] = []

    @property
    def row(self) -> _Row | None:
        """The row that is being read."""
        return self.rows[-1] if self.rows else None

    @property
    def waiting(self) -> _Cell | None:
        """The review whose score was read and whose words come next."""
        cell = self.row.cells[-1] if self.row and self.row.cells else None
        return cell if cell is not None and cell.score is not None and not cell.quote else None

    def step(self, position: int) -> int:
        """Read what stands at `position`; the position to go on from. What is not understood stays unmarked."""
        sheet, text, stop = self.sheet, self.sheet.texts[position], position + 1
        score = slots.score(text)
        if score is not None:
            self.room(1).cells.append(_Cell(score=score, numbers=[position]))
        elif self.is_persona(position, in_quote=self.waiting is not None):
            self.name(position)
        elif self.waiting is not None:
            if len(text) <= ORNAMENT or sheet.blocks[position].is_control:
                return stop
            stop = sheet.prose_end(position, self.prose_limit(position))
            self.waiting.numbers.extend(range(position, stop))
            self.waiting.quote.extend(range(position, stop))
        elif slots.is_dash(text) and self.row is not None and self.row.label is not None and len(self.row.cells) < 2:
            self.row.cells.append(_Cell(numbers=[position], empty=True))
        elif (quote_end := _quote_end(sheet, position, self.end)) is not None:
            stop = quote_end
            numbers = list(range(position, stop))
            self.room(2).cells.append(_Cell(numbers=numbers, quote=numbers))
        else:
            return stop
        sheet.mark(position, stop)
        return stop

    def room(self, unlabelled: int) -> _Row:
        """A row with room for one more review: two a row, `unlabelled` where nothing names the persona."""
        row = self.row
        full = row is None or len(row.cells) >= (2 if row.label is not None or unlabelled == 1 else 1)
        if row is None or full:
            row = _Row(None, None)
            self.rows.append(row)
        return row

    def name(self, position: int) -> None:
        """A row begins with the name of its persona."""
        text = self.sheet.texts[position]
        row = _Row(position, persona_of(text))
        self.rows.append(row)
        if row.persona not in labels.PERSONAS:
            self.sheet.problem(
                "info", "unknown_persona", f"a critic of a name not seen before: {clip(text)!r}", field="persona"
            )

    def prose_limit(self, start: int) -> int:
        """How far the words of a review may go: up to the next score, or the next persona's name."""
        limit = start + 1
        while limit < self.end:
            if slots.score(self.sheet.texts[limit]) is not None or self.is_persona(limit, in_quote=False):
                break
            limit += 1
        return limit

    def is_persona(self, position: int, *, in_quote: bool) -> bool:
        """Whether a block names a persona: a known name, or a short heading, right before a review."""
        texts = self.sheet.texts
        text = texts[position]
        if not ORNAMENT < len(text) <= MAX_PERSONA:
            return False
        following = position + 1
        while following < self.end and len(texts[following]) <= ORNAMENT and not slots.is_dash(texts[following]):
            following += 1
        is_known = persona_of(text) in labels.PERSONAS
        if following >= self.end:
            return is_known
        after = texts[following]
        if slots.score(after) is None and not after.startswith("“") and not slots.is_dash(after):
            return False
        if is_known:
            return True
        if len(text.split()) > MAX_PERSONA_WORDS:
            return False
        if self.sheet.blocks[position].tag in HEADINGS:
            return True
        is_row_full = self.row is None or len(self.row.cells) >= 2
        return is_row_full and not in_quote and not text.endswith((".", "!", "?", "”"))


def _quote_end(sheet: Sheet, start: int, end: int) -> int | None:
    """Where the quote that opens with “ at `start` ends; None where none opens or closes, or another opens before."""
    if not sheet.texts[start].startswith("“"):
        return None
    for position in range(start, end):
        text = sheet.texts[position]
        if position > start and text.startswith("“"):
            return None
        if text.endswith("”"):
            return position + 1
    return None


def _settle_quotes(sheet: Sheet, rows: list[_Row], end: int) -> None:
    """Give each review its words; a quote at which the page ends may go on, so it is not taken.

    Unlabelled quotes stand in “ ”, which are the page's. Beside a score they are the page's only where every review
    has them: a critic's own words may begin and end with a quotation.
    """
    cells = [cell for row in rows for cell in row.cells]
    scored = ["\n\n".join(sheet.texts[n] for n in cell.quote) for cell in cells if cell.score and cell.quote]
    wrapped = all(_is_wrapped(text) for text in scored)
    for cell in cells:
        if not cell.quote:
            if cell.score is not None and (sheet.whole or end < len(sheet)):
                sheet.no_value("quote", sheet.texts[cell.numbers[0]])
            continue
        text = "\n\n".join(sheet.texts[number] for number in cell.quote)
        closed = cell.score is None
        if not sheet.whole and cell.quote[-1] == len(sheet) - 1 and not closed:
            continue
        cell.text = slots.unquoted(text) if closed or wrapped else text


def _is_wrapped(text: str) -> bool:
    """Whether the first “ of `text` is closed by its last sign, and not before."""
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "“") - (sign == "”")
        if depth <= 0:
            return sign == "”" and position == len(text) - 1
    return False


def review_of(sheet: Sheet, row: _Row, cell: _Cell) -> Review | None:
    """The record of one review; None where its words were not read for sure."""
    if cell.text is None:
        return None
    if LOST in cell.text:
        sheet.problem(
            "warning",
            "undecodable_text",
            f"a review holds signs that could not be decoded: {clip(cell.text)!r}",
            field="quote",
        )
        return None
    score = cell.score
    return Review(
        persona=row.persona,
        score=score.score if score else None,
        verdict=score.verdict if score else None,
        quote=cell.text,
    )


def blocks_of(row: _Row, cell: _Cell) -> dict[str, list[int]]:
    """The blocks that the parts of a review stand in."""
    line = cell.numbers[:1] if cell.score is not None else []
    return {"persona": [] if row.label is None else [row.label], "score": line, "verdict": line, "quote": cell.quote}


def _sides(sheet: Sheet, row: _Row) -> tuple[_Cell | None, _Cell | None] | None:
    """The left and the right review of a row; None where a lone one's side is not told."""
    if len(row.cells) == 2:
        return row.cells[0], row.cells[1]
    if not row.cells:
        return None, None
    cell = row.cells[0]
    if cell.text is None:
        return None, None
    place = lone_cell(sheet, cell.numbers, row.label)
    if place is None:
        return None
    return (cell, None) if place == 0 else (None, cell)


def _pair_quotes(
    sheet: Sheet, quotes: list[_Cell], left: CardDraft, right: CardDraft, *, cut: bool
) -> list[tuple[_Row, tuple[_Cell | None, _Cell | None] | None]]:
    """Pair unlabelled quotes, which alternate left, right, where their number lets them."""
    if not cut and not _fits(len(quotes), left, right):
        rows = []
        for cell in quotes:
            row = _Row(None, None, [cell])
            rows.append((row, _sides(sheet, row)))
        return rows
    return [
        (_Row(None, None), (quotes[n], quotes[n + 1] if n + 1 < len(quotes) else None))
        for n in range(0, len(quotes), 2)
    ]


def _fits(count: int, left: CardDraft, right: CardDraft) -> bool:
    """Whether `count` quotes can be two panels of equal size with the percentages that the cards show."""
    if count % 2:
        return False
    size = count // 2
    shares = (draft.values.get("panel_ship_pct") for draft in (left, right))
    return all(share is None or any(is_share(share, ships, size) for ships in range(size + 1)) for share in shares)
