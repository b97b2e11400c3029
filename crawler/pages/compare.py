"""A comparison page: title, two cards side by side, the decision table, the reviewer scorecard.

Names are found by place and proven by the title (``A vs B`` must be the two names with " vs " between them); the title
itself is never split. The sides are those of the url as answered.
"""

from __future__ import annotations

from typing import NamedTuple

from crawler.items import ComparePage, Review
from crawler.pages import labels, slots
from crawler.pages.decision import read_decision
from crawler.pages.labels import fold
from crawler.pages.scorecard import Rows, read_scorecard
from crawler.pages.sheet import CardDraft, Sheet, clip
from crawler.urls import Pair, pair_of, slug_of_path

MAX_CATEGORY = 60
"""A longer text before a name is a paragraph, not a category."""

MOST_PLACES = 60
"""A name stands near the slots of its card; texts farther off are not tried."""

MOST_COPIES = 12
"""More repetitions of a label than any layout has are not sorted out."""


class _Anchors(NamedTuple):
    """Where the parts of the page begin; -1 where a part is not there. `cards_end` ends the two cards."""

    title: int
    panels: list[int]
    decision: int
    scorecard: int
    newsletter: int
    bookmarks: int
    cards_end: int


class _Head(NamedTuple):
    """Where the head of a card begins, its name stands, and its tagline or verdict ends."""

    start: int
    name: int
    end: int


def is_compare(sheet: Sheet) -> bool:
    """Whether the page speaks like a comparison page."""
    return sheet.find(labels.INTRO) >= 0 or (sheet.find(labels.SCORECARD) >= 0 and sheet.find(labels.PANEL_SHIP) >= 0)


def read_compare(sheet: Sheet) -> ComparePage | None:
    """The record of a comparison page; None, with a problem, where its cards can't be told apart."""
    intros = sheet.find_all(labels.INTRO, 0, len(sheet))
    if len(intros) > 1:
        drop_copies(sheet, labels.INTRO, 1)
    for label, most in ((labels.PANEL_SHIP, 2), (labels.DECISION, 1), (labels.SCORECARD, 1)):
        drop_copies(sheet, label, most)
    at = _anchors(sheet)
    if len(at.panels) > 2:
        sheet.problem("error", "more_than_two_cards", f"the page shows {len(at.panels)} cards; a comparison has two")
        return None
    pair, linked = _sides(sheet, at)
    left = CardDraft(sheet, "left", pair.left if pair else None)
    right = CardDraft(sheet, "right", pair.right if pair else None)
    title = _read_intro(sheet, at)
    _read_cards(sheet, at, title, left, right)
    if sheet.whole and len(at.panels) < 2:
        sheet.problem(
            "error",
            "card_unreadable",
            f"label 'Panel ship' stands {len(at.panels)} times on the page, not twice",
        )
        if not left.values and not right.values:
            return None
    if at.decision >= 0:
        end = _first(at.scorecard, at.newsletter, at.bookmarks, len(sheet), after=at.decision)
        read_decision(sheet, at.decision, end, left, right)
    rows: Rows = []
    unplaced: list[Review] = []
    if at.scorecard >= 0:
        sheet.mark(at.scorecard)
        end = _first(at.newsletter, at.bookmarks, len(sheet), after=at.scorecard)
        rows, unplaced = read_scorecard(sheet, at.scorecard + 1, end, left, right)
    read_tail(sheet, at.newsletter, at.bookmarks)
    complete = sheet.whole and len(at.panels) == 2 and max(at.scorecard, at.newsletter) >= 0
    return ComparePage(
        url=sheet.url,
        sides_linked=linked,
        title=title,
        left=left.card(),
        right=right.card(),
        rows=tuple(rows),
        unplaced=tuple(unplaced),
        complete=complete,
        stopped_at=None if sheet.whole else _section(at),
    )


def drop_copies(sheet: Sheet, label: str, most: int) -> None:
    """Remove repeated runs of blocks around `label` until it stands at most `most` times, as far as they repeat.

    A run counts as a copy only where it repeats, block for block, all that stands between the two labels.
    """
    while most < len(at := sheet.find_all(label, 0, len(sheet))) <= MOST_COPIES:
        for first, second in ((a, b) for i, a in enumerate(at) for b in at[i + 1 :]):
            step = second - first
            low = first
            while low > 0 and sheet.texts[low - 1] == sheet.texts[low - 1 + step] and first - low < step:
                low -= 1
            high = first
            while high + step < len(sheet) and sheet.texts[high] == sheet.texts[high + step]:
                high += 1
            if high - low >= step:
                sheet.drop(low + step, low + 2 * step)
                break
        else:
            return


def _sides(sheet: Sheet, at: _Anchors) -> tuple[Pair | None, bool]:
    """The slugs of the two sides, from the url that answered, and whether links in the cards confirm them.

    None, with a problem, where the url does not tell, or the links name the other tool than the url does.
    """
    pair = pair_of(sheet.url)
    if pair is None:
        if sheet.url is not None:
            sheet.problem("warning", "sides_unknown", "the url does not tell which tool is on which side")
        return None, False
    left, right = _linked(sheet, at, pair)
    agree = (pair.left in left) + (pair.right in right)
    differ = (pair.right in left) + (pair.left in right)
    if differ > agree:
        sheet.problem("warning", "sides_unknown", "the links in the cards name the other tool than the url does")
        return None, False
    return pair, agree > differ


def _linked(sheet: Sheet, at: _Anchors, pair: Pair) -> tuple[set[str], set[str]]:
    """The tools of the pair that the links in the left and in the right card name."""
    if len(at.panels) != 2:
        return set(), set()
    middle = sheet.find(labels.ENTRY, at.panels[0], at.panels[1])
    spans = (range(at.title + 1, at.panels[0] + 1), range(max(middle, at.panels[0]) + 1, at.panels[1] + 1))
    found: list[set[str]] = []
    for span in spans:
        slugs = (slug_of_path(link) for n in span[-MOST_PLACES:] if (link := sheet.blocks[n].link))
        found.append({slug for slug in slugs if slug in pair})
    return found[0], found[1]


def _first(*positions: int, after: int) -> int:
    return min(position for position in positions if position > after)


def _anchors(sheet: Sheet) -> _Anchors:
    intro = sheet.find(labels.INTRO)
    if intro >= 0:
        title = intro + 1 if intro + 1 < len(sheet) else -1
    else:
        title = next((n for n, block in enumerate(sheet.blocks) if block.tag == "h1"), -1)
    start = max(title, intro) + 1
    scorecard = sheet.find(labels.SCORECARD, start)
    limit = scorecard if scorecard >= 0 else len(sheet)
    panels = sheet.find_all(labels.PANEL_SHIP, start, limit)
    decision = sheet.find(labels.DECISION, (panels[-1] if panels else start - 1) + 1, limit)
    newsletter = sheet.find(labels.NEWSLETTER, max(scorecard, decision, start - 1, *panels[-1:]) + 1)
    bookmarks = sheet.find(labels.BOOKMARKS, max(newsletter, scorecard, start - 1) + 1)
    ends = [n for n in (decision, scorecard, newsletter, bookmarks, len(sheet)) if n >= start]
    return _Anchors(title, panels, decision, scorecard, newsletter, bookmarks, min(ends))


def _section(at: _Anchors) -> str:
    """The part of the page in which it ends."""
    parts = (("bookmarks", at.bookmarks), ("newsletter", at.newsletter), ("reviews", at.scorecard))
    for name, position in (*parts, ("decision", at.decision)):
        if position >= 0:
            return name
    if at.title < 0:
        return "title"
    return "right" if at.panels else "left"


def _read_intro(sheet: Sheet, at: _Anchors) -> str | None:
    intro = sheet.find(labels.INTRO)
    if at.title >= 0:
        _mark_crumbs(sheet, intro if intro >= 0 else at.title, fold(sheet.texts[at.title]))
    if intro >= 0:
        sheet.mark(intro)
    if at.title < 0:
        return None
    if at.title + 1 < at.cards_end and sheet.texts[at.title + 1].endswith((".", "?")):
        sheet.mark(at.title + 1)
    return sheet.take(at.title)


def _mark_crumbs(sheet: Sheet, end: int, title: str) -> None:
    """Mark the breadcrumb ``Compare/A vs B`` above block `end`, glued or in parts."""
    for start in range(max(0, end - 3), end):
        if "".join(fold(text) for text in sheet.texts[start:end]).replace("/", "") == "compare" + title.replace(
            "/", ""
        ):
            sheet.mark(start, end)


def _read_cards(sheet: Sheet, at: _Anchors, title: str | None, left: CardDraft, right: CardDraft) -> None:
    """Read the two cards: slots first, then the names by place and title, then what lies between."""
    start = at.title + 1
    left_stats = _Stats.read(sheet, at.panels[0], start, at.cards_end, left) if at.panels else None
    right_stats = None
    if left_stats and len(at.panels) > 1:
        right_stats = _Stats.read(sheet, at.panels[1], left_stats.end, at.cards_end, right)
    left_window = range(start, left_stats.head_end if left_stats else at.cards_end)
    right_from = left_stats.end if left_stats else at.cards_end
    right_window = range(right_from, right_stats.head_end if right_stats else at.cards_end)
    names = _names(sheet, title, left_window, right_window, left_stats is not None, right_stats is not None)
    left_head = _read_head(sheet, names[0], left_window, left, closed=left_stats is not None)
    right_head = _read_head(sheet, names[1], right_window, right, closed=right_stats is not None)
    for draft, head, stats in ((left, left_head, left_stats), (right, right_head, right_stats)):
        if head is None and stats is not None and title is not None:
            sheet.problem(
                "warning",
                "title_mismatch",
                f"no text in the {draft.side} card is the name that the title {clip(title)!r} gives it",
                field="name",
                side=draft.side,
            )
    if left_stats and right_head:
        _read_description(sheet, left_stats.end, right_head.start, left)
    if right_stats and (at.cards_end < len(sheet) or sheet.whole):
        _read_description(sheet, right_stats.end, at.cards_end, right)
    elif right_stats:
        sheet.mark(right_stats.end, at.cards_end)


class _Stats(NamedTuple):
    """The labelled slots of a card: where its head ends, and where the slots end."""

    head_end: int
    end: int

    @classmethod
    def read(cls, sheet: Sheet, panel: int, start: int, limit: int, draft: CardDraft) -> _Stats:
        """Read ``NN%`` *Panel ship*, ``NN%`` *Community*, ``Free`` *Entry*; each value stands before its label."""
        sheet.mark(panel)
        head_end = panel
        before = sheet.texts[panel - 1] if panel > start else None
        share = slots.percent(before) if before is not None else None
        if share is not None:
            draft.put("panel_ship_pct", share, panel - 1)
            head_end = panel - 1
            sheet.mark(head_end)
        else:
            if before is not None and (before[:1].isdigit() or "%" in before or slots.is_dash(before)):
                head_end = panel - 1
                sheet.mark(head_end)
            else:
                before = None
            if before is None or not slots.is_dash(before):
                sheet.no_value("panel_ship_pct", "Panel ship", draft.side, before)
        end = cls._community(sheet, panel + 1, limit, draft)
        return cls(head_end, cls._entry(sheet, end, limit, draft))

    @staticmethod
    def _community(sheet: Sheet, start: int, limit: int, draft: CardDraft) -> int:
        label = sheet.find(labels.COMMUNITY, start, min(start + 2, limit))
        if label < 0:
            return start
        sheet.mark(start, label + 1)
        if label > start and not slots.is_dash(sheet.texts[start]):
            share = slots.percent(sheet.texts[start])
            if share is None:
                sheet.no_value("community_ship_pct", "Community", draft.side, sheet.texts[start])
            else:
                draft.put("community_ship_pct", share, start)
        return label + 1

    @staticmethod
    def _entry(sheet: Sheet, start: int, limit: int, draft: CardDraft) -> int:
        label = sheet.find(labels.ENTRY, start, min(start + 2, limit))
        if label < 0:
            return start
        sheet.mark(start, label + 1)
        if label == start:
            sheet.no_value("entry", "Entry", draft.side)
        elif not slots.is_dash(sheet.texts[start]):
            draft.put("entry", sheet.texts[start], start)
        return label + 1


def _names(
    sheet: Sheet, title: str | None, left: range, right: range, left_closed: bool, right_closed: bool
) -> tuple[int | None, int | None]:
    """Where the two names stand: the places at which names belong, proven by the title.

    `left` and `right` are the blocks among which each name stands; a card is closed where its slots follow, so that
    the name's place counts from its end.
    """
    left_places = _places(sheet, left, closed=left_closed)
    right_places = _places(sheet, right, closed=right_closed)
    if title is None:
        return (left_places[0] if left_closed and left_places else None), (
            right_places[0] if right_closed and right_places else None
        )
    whole = fold(title)
    begins = [n for n in left_places[:MOST_PLACES] if whole.startswith(fold(sheet.texts[n]) + " vs ")]
    ends = [n for n in right_places[:MOST_PLACES] if whole.endswith(" vs " + fold(sheet.texts[n]))]
    for first in begins:
        for second in ends:
            if f"{fold(sheet.texts[first])} vs {fold(sheet.texts[second])}" == whole:
                return first, second
    if begins and not right_closed:
        return begins[0], None
    if begins and ends:
        return None, None
    return (begins[0] if len(begins) == 1 else None), (ends[0] if len(ends) == 1 else None)


def _places(sheet: Sheet, window: range, *, closed: bool) -> list[int]:
    """The places where a name may stand, likeliest first."""
    if not closed:
        return list(window)
    end = window.stop
    if end - 1 in window and slots.verdict(sheet.texts[end - 1]):
        end -= 1
    usual = [n for n in (end - 2, end - 1) if n in window]
    return usual + [n for n in reversed(window) if n not in usual]


def _read_head(sheet: Sheet, name: int | None, window: range, draft: CardDraft, *, closed: bool) -> _Head | None:
    """Read category, name, tagline and verdict around the name; None where the name's place is not known."""
    if name is None:
        return None
    draft.put("name", sheet.take(name), name)
    start = name
    if name - 1 in window and _is_category(sheet.texts[name - 1]):
        start = name - 1
        draft.put("category", sheet.take(start), start)
    if start - 1 in window and len(sheet.texts[start - 1]) <= 2:
        start -= 1
        sheet.mark(start)
    end = window.stop
    if not closed:
        end = min(end, name + 3)
        tagline = sheet.texts[name + 1] if name + 1 < end else None
        if tagline is None or slots.verdict(tagline) or slots.percent(tagline) is not None:
            return _Head(start, name, name + 1)
    if end - 1 > name and (verdict := slots.verdict(sheet.texts[end - 1])):
        draft.put("panel_verdict", verdict, end - 1)
        end -= 1
        sheet.mark(end)
    elif not closed:
        end = min(end, name + 2)
    between = end - name - 1
    if between == 1:
        draft.put("tagline", sheet.take(name + 1), name + 1)
    elif between > 1:
        sheet.problem(
            "warning",
            "card_unreadable",
            f"{between} texts stand between the name and the panel's share, so which is the tagline is not known",
            field="tagline",
            side=draft.side,
        )
    return _Head(start, name, end)


def _is_category(text: str) -> bool:
    is_word = len(text) >= 2 and any(sign.isalnum() for sign in text)
    return is_word and len(text) <= MAX_CATEGORY and not text.endswith((".", "!", "?"))


def _read_description(sheet: Sheet, start: int, end: int, draft: CardDraft) -> None:
    stop = sheet.prose_end(start, end)
    if stop > start:
        draft.put("description", sheet.paragraphs(start, stop), *range(start, stop))


def read_tail(sheet: Sheet, newsletter: int, bookmarks: int) -> None:
    """Mark the newsletter and bookmarks blocks, which carry no data."""
    if newsletter >= 0:
        sheet.mark(newsletter)
        position = newsletter + 1
        if position < len(sheet) and sheet.folded[position] in labels.NEWSLETTER_LINES:
            sheet.mark(position)
            if position + 1 < len(sheet) and fold(sheet.texts[position + 1]).endswith(labels.NEWSLETTER_ENDS):
                sheet.mark(position + 1)
    if bookmarks >= 0:
        for number in range(bookmarks, len(sheet)):
            if sheet.folded[number] in (labels.BOOKMARKS, *labels.BOOKMARKS_LINES, labels.BOOKMARKS_END):
                sheet.mark(number)
