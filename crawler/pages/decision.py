"""The decision table: five labelled rows, each with a value for the left tool and one for the right."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.pages import labels, slots
from crawler.pages.cells import group_by_cell, in_row, lone_cell
from crawler.pages.labels import fold
from crawler.pages.sheet import CardDraft, Sheet, clip

_FIELD = {
    labels.ROW_PANEL: "panel_verdict",
    labels.ROW_COMMUNITY: "community_ship_pct",
    labels.ROW_PRICING: "pricing",
    labels.ROW_BEST_FOR: "best_for",
    labels.ROW_CATEGORY: "category",
}


MOST_IN_ROW = 40
"""Texts in one row; where more stand between two labels, it is no row of the table."""


def read_decision(sheet: Sheet, start: int, end: int, left: CardDraft, right: CardDraft) -> None:
    """Read the table whose heading is block `start`, up to block `end`, into the two drafts."""
    sheet.mark(start)
    position = start + 1
    names = [fold(str(draft.values.get("name", ""))) for draft in (left, right)]
    for number in range(position, min(position + 2, end)):
        if fold(sheet.texts[number]) in names:
            sheet.mark(number)
            position = number + 1
    seen: set[str] = set()
    while position < end:
        label = sheet.folded[position]
        if label not in labels.ROWS or label in seen:
            position += 1
            continue
        seen.add(label)
        stop = _row_end(sheet, position, end, seen)
        cut_here = stop == len(sheet) and not sheet.whole
        _read_row(sheet, position, stop, (left, right), cut_here=cut_here)
        position = stop


def _row_end(sheet: Sheet, label: int, end: int, seen: set[str]) -> int:
    """Where the row of `label` ends: after two values if a row or the end follows, else at the next row's label."""
    stops: list[int] = [label + 3, *range(label + 1, end)]
    for stop in stops:
        if stop == end or (stop < end and sheet.folded[stop] in labels.ROWS and sheet.folded[stop] not in seen):
            return stop
    return end


def _read_row(sheet: Sheet, label: int, end: int, drafts: tuple[CardDraft, CardDraft], *, cut_here: bool) -> None:
    name = sheet.folded[label]
    sheet.mark(label)
    numbers = list(range(label + 1, end))
    cells: Sequence[list[int]] = [[number] for number in numbers]
    if len(numbers) > MOST_IN_ROW:
        cells = []
    elif len(numbers) > 2:
        numbers = in_row(sheet, label, numbers)
        cells = [[number] for number in numbers] if len(numbers) == 2 else group_by_cell(sheet, numbers)
    if len(numbers) == 1:
        if cut_here:
            cells = [numbers, []]
        else:
            place = lone_cell(sheet, numbers, label)
            cells = [] if place is None else [numbers, []] if place == 0 else [[], numbers]
    if len(cells) != 2:
        if not (cut_here and not numbers):
            beside = " | ".join(sheet.texts[label + 1 : end])
            sheet.no_value(_FIELD[name], sheet.texts[label], None, beside)
        return
    for draft, cell in zip(drafts, cells, strict=True):
        if cell:
            sheet.mark(cell[0], cell[-1] + 1)
            _put(name, sheet.texts[label], " ".join(sheet.texts[number] for number in cell), draft, cell)


def _put(row: str, label: str, text: str, draft: CardDraft, at: Sequence[int]) -> None:
    """Read one value of the table, which stands in the blocks `at`, into its draft."""
    if slots.is_dash(text):
        return
    if row == labels.ROW_PANEL:
        panel = slots.panel(text)
        verdict = panel.verdict if panel else slots.verdict(text)
        if verdict is None:
            draft.sheet.no_value("panel_verdict", label, draft.side, text)
            return
        draft.put("panel_verdict", verdict, *at)
        if panel:
            draft.put("panel_ships", panel.ships, *at)
            draft.put("panel_skips", panel.skips, *at)
    elif row == labels.ROW_COMMUNITY:
        votes = slots.votes(text)
        if votes is None:
            draft.sheet.no_value("community_ship_pct", label, draft.side, text)
            return
        draft.put("community_ship_pct", votes.percent, *at)
        draft.put("community_ships", votes.ships, *at)
        draft.put("community_votes", votes.votes, *at)
    elif row == labels.ROW_CATEGORY:
        category = draft.values.get("category")
        if category is not None and fold(str(category)) == fold(text):
            return
        if category is None:
            draft.put("category", text, *at)
            return
        draft.sheet.problem(
            "info",
            "contradiction",
            f"the card says {clip(str(category))!r}, the decision table {clip(text)!r}",
            field="category",
            side=draft.side,
        )
    else:
        draft.put(_FIELD[row], text, *at)
