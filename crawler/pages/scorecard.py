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
from crawler.pages.sheet import CardDraft, Sheet, clip, is_share

MAX_PERSONA = 30
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


def persona_of(text: str) -> str:
    """The persona that a printed name means: lower case, without "The", words joined by a hyphen."""
    return "-".join(fold(text).removeprefix("the ").split())


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
            if review:
                draft.add_review(review)
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
    rows: list[_Row] = []
    row: _Row | None = None
    position = start
    while position < end:
        text = sheet.texts[position]
        score = slots.score(text)
        if score is not None:
            row = _open_row(rows, row)
            row.cells.append(_Cell(score=score, numbers=[position]))
            sheet.mark(position)
        elif _is_persona(sheet, position, end, row):
            row = _Row(position, persona_of(text))
            rows.append(row)
            sheet.mark(position)
            if row.persona not in labels.PERSONAS:
                sheet.problem(
                    "info",
                    "unknown_persona",
                    f"a critic of a name not seen before: {clip(text)!r}",
                    field="persona",
                )
        elif slots.is_dash(text) and row is not None and row.label is not None and len(row.cells) < 2:
            row.cells.append(_Cell(numbers=[position], empty=True))
            sheet.mark(position)
        elif text.startswith("“") and not (row and row.cells and row.cells[-1].score and not row.cells[-1].quote):
            stop = _quote_end(sheet, position, end)
            if stop is not None:
                if row is None or row.label is None or len(row.cells) >= 2:
                    row = _Row(None, None)
                    rows.append(row)
                row.cells.append(_Cell(numbers=list(range(position, stop)), quote=list(range(position, stop))))
                sheet.mark(position, stop)
                position = stop
                continue
        elif row is not None and row.cells and row.cells[-1].score is not None and not row.cells[-1].quote:
            if len(text) > 2:
                stop = sheet.prose_end(position, _prose_limit(sheet, position, end, row))
                row.cells[-1].quote.extend(range(position, stop))
                row.cells[-1].numbers.extend(range(position, stop))
                sheet.mark(position, stop)
                position = max(stop, position + 1)
                continue
        position += 1
    _settle_quotes(sheet, rows, end)
    return rows


def _prose_limit(sheet: Sheet, start: int, end: int, row: _Row) -> int:
    """How far the words of a review may go: up to the next score, or the next persona's name."""
    row.cells[-1].quote.append(start)
    limit = start + 1
    while limit < end and slots.score(sheet.texts[limit]) is None and not _is_persona(sheet, limit, end, row):
        limit += 1
    row.cells[-1].quote.clear()
    return limit


def _open_row(rows: list[_Row], row: _Row | None) -> _Row:
    """The row that a score line belongs to: the present one, or a new one without a name where that is full."""
    if row is None or len(row.cells) >= 2:
        row = _Row(None, None)
        rows.append(row)
    return row


def _is_persona(sheet: Sheet, position: int, end: int, row: _Row | None) -> bool:
    """Whether a block names a persona: a known name, or a short heading, right before a review."""
    text = sheet.texts[position]
    if len(text) > MAX_PERSONA or len(text) <= 2:
        return False
    following = position + 1
    while following < end and len(sheet.texts[following]) <= 2 and not slots.is_dash(sheet.texts[following]):
        following += 1
    if following >= end:
        return persona_of(text) in labels.PERSONAS
    next_text = sheet.texts[following]
    opens_review = slots.score(next_text) is not None or next_text.startswith("“") or slots.is_dash(next_text)
    if not opens_review:
        return False
    if persona_of(text) in labels.PERSONAS:
        return True
    words = text.split()
    if sheet.blocks[position].tag in HEADINGS and len(words) <= 3:
        return True
    in_quote = row is not None and row.cells and row.cells[-1].score is not None and not row.cells[-1].quote
    full = row is None or len(row.cells) >= 2
    return full and not in_quote and len(words) <= 3 and not text.endswith((".", "!", "?", "”"))


def _quote_end(sheet: Sheet, start: int, end: int) -> int | None:
    """Where a quote that opens with “ closes; None where it never does, or another opens before."""
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
