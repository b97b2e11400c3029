"""A tool page: one card, its panel's counts, and its reviews."""

from __future__ import annotations

import re

from crawler.items import ToolPage
from crawler.pages import labels, slots
from crawler.pages.compare import read_tail
from crawler.pages.labels import fold
from crawler.pages.scorecard import blocks_of, read_rows, review_of
from crawler.pages.sheet import CardDraft, Sheet
from crawler.urls import slug_of

_PRICE = re.compile(r"price (?P<price>\S.*)", re.IGNORECASE)
_PRICE_GLUED = re.compile(r"Price(?=[A-Z0-9$€£])(?P<price>.+)")
_REVIEWED = re.compile(r"reviewed\s*+(?P<date>\d{4}-\d\d-\d\d)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_VERDICT = re.compile(r"verdict\s*+[—–:-]\s*+(?P<verdict>ship|mixed|skip)", re.IGNORECASE)
_VISIT = re.compile(r"visit\s++(?P<host>[a-z0-9-]++(?:\.[a-z0-9-]++)++)(?:\s*+[↗→])?", re.IGNORECASE)
_SHARED = re.compile(
    r"(?P<name>.+) verdict: (?P<verdict>ship|mixed|skip)\b[^a-z0-9]*+(?P<rest>.*+)", re.IGNORECASE | re.DOTALL
)
_SHARED_COUNTS = re.compile(
    r"(?P<counts>\d+ ships? [·•|,] \d+ skips?) from the expert panel\s*+(?P<rest>.*+)", re.IGNORECASE
)
_COMPARE = re.compile(r"compare .+ with others", re.IGNORECASE)
_CRUMBS = re.compile(r"reviews\s*+/\s*+(?P<rest>\S.*+)", re.IGNORECASE)


def is_tool(sheet: Sheet) -> bool:
    """Whether the page speaks like a tool page."""
    return sheet.find(labels.TAKE) >= 0


def read_tool(sheet: Sheet) -> ToolPage | None:
    """The record of a tool page; None, with a problem, where it shows no card that can be read."""
    _split_glued(sheet)
    take = sheet.find(labels.TAKE)
    slug = slug_of(sheet.url)
    if slug is None and sheet.url is not None:
        sheet.problem("warning", "sides_unknown", "the url does not tell which tool the page is about")
    draft = CardDraft(sheet, "only", slug)
    share = sheet.find(labels.SHARE, take + 1)
    newsletter = sheet.find(labels.NEWSLETTER, take + 1)
    badge = sheet.find(labels.BADGE, max(take, share, newsletter) + 1)
    reviews = sheet.find(labels.REVIEWS, max(take, share, newsletter, badge) + 1)
    shared_name = _read_share(sheet, share, _next(sheet, share, newsletter, badge, reviews), draft)
    _read_head(sheet, take, draft, shared_name)
    sheet.mark(take)
    _read_take(sheet, take + 1, _next(sheet, take, share, newsletter, badge, reviews), draft)
    read_tail(sheet, newsletter, -1)
    for number in range(max(newsletter, 0), len(sheet)):
        if _COMPARE.fullmatch(sheet.texts[number]):
            sheet.mark(number)
    if badge >= 0:
        sheet.mark(badge, _next(sheet, badge, reviews, newsletter))
    if reviews >= 0:
        sheet.mark(reviews)
        end = _next(sheet, reviews, newsletter, badge)
        for row in read_rows(sheet, reviews + 1, end):
            for cell in row.cells:
                if review := review_of(sheet, row, cell):
                    draft.add_review(review, **blocks_of(row, cell))
    if sheet.whole and "name" not in draft.values:
        sheet.problem("error", "card_unreadable", 'no name stands above "The Panel\'s Take"', field="name", side="only")
        return None
    parts = (("reviews", reviews), ("badge", badge), ("newsletter", newsletter), ("share", share))
    last = max(((position, name) for name, position in parts if position >= 0), default=(take, "description"))
    return ToolPage(
        url=sheet.url,
        card=draft.card(),
        complete=sheet.whole and reviews >= 0,
        stopped_at=None if sheet.whole else last[1],
    )


def _next(sheet: Sheet, after: int, *positions: int) -> int:
    """The first of `positions` that comes after `after`; the end of the page where none does."""
    return min((position for position in positions if position > after >= 0), default=len(sheet))


def _split_glued(sheet: Sheet) -> None:
    """In text the reviews' heading is glued to the end of the badge's code."""
    for number, text in enumerate(sheet.texts):
        if text.startswith("<") and fold(text[-len(labels.REVIEWS) :]) == labels.REVIEWS:
            sheet.split(number, len(text) - len(labels.REVIEWS))
            return


def _read_share(sheet: Sheet, start: int, end: int, draft: CardDraft) -> str | None:
    """Read the block to share: ``X verdict: SHIP``, ``3 ships · 1 skip from the expert panel``. The name, if given."""
    if start < 0:
        return None
    sheet.mark(start)
    name = None
    for number in range(start + 1, end):
        text = sheet.texts[number]
        if name is None and (match := _SHARED.fullmatch(text)):
            name = match["name"]
            verdict = slots.verdict(match["verdict"])
            if verdict:
                draft.put("panel_verdict", verdict, number)
            sheet.mark(number)
            text = match["rest"]
        if match := _SHARED_COUNTS.fullmatch(text):
            counts = slots.counts(match["counts"])
            if counts:
                draft.put("panel_ships", counts[0], number)
                draft.put("panel_skips", counts[1], number)
            sheet.mark(number)
        elif fold(text).startswith("full review:"):
            sheet.mark(number)
    return name


def _read_head(sheet: Sheet, take: int, draft: CardDraft, shared_name: str | None) -> None:
    """Read what stands above the panel's take: the slots from the end upwards, then tagline and name."""
    end = _read_slots(sheet, 0, take, draft)
    name = _find_name(sheet, 0, end, shared_name)
    if name is None:
        return
    draft.put("name", sheet.take(name), name)
    if end - name == 2:
        draft.put("tagline", sheet.take(name + 1), name + 1)
    elif end - name > 2:
        sheet.problem(
            "warning",
            "card_unreadable",
            f"{end - name - 1} texts stand below the name, so the tagline is not known",
            field="tagline",
            side="only",
        )
    if name > 0 and len(sheet.texts[name - 1]) <= 2:
        sheet.mark(name - 1)
        name -= 1
    _read_crumbs(sheet, name, draft)


def _read_slots(sheet: Sheet, start: int, end: int, draft: CardDraft) -> int:
    """Read the labelled slots that stand right above block `end`, in any order; the block where they begin."""
    position = end
    while position > start:
        for first in range(position - 1, max(start, position - 4) - 1, -1):
            if _read_slot(sheet.texts[first:position], draft, range(first, position)):
                sheet.mark(first, position)
                position = first
                break
        else:
            label = sheet.folded[position - 1].rstrip(" —–:-")
            if label not in (labels.PRICE, labels.REVIEWED, labels.VERDICT):
                return position
            position -= 1
            sheet.no_value(_SLOT_FIELD[label], sheet.take(position), "only")
    return position


_SLOT_FIELD = {labels.PRICE: "pricing", labels.REVIEWED: "reviewed_on", labels.VERDICT: "panel_verdict"}


def _read_slot(texts: list[str], draft: CardDraft, at: range) -> bool:
    """Read one labelled slot, label and value together (in one block or several, `at`); whether it is one."""
    text = " ".join(texts)
    parted = len(texts) > 1 and fold(texts[0]) == labels.PRICE
    if match := _VISIT.fullmatch(text):
        draft.put("website", match["host"], *at)
    elif counts := slots.counts(text):
        draft.put("panel_ships", counts[0], *at)
        draft.put("panel_skips", counts[1], *at)
    elif match := _VERDICT.fullmatch(text):
        draft.put("panel_verdict", slots.verdict(match["verdict"]), *at)
    elif match := (_PRICE if parted else _PRICE_GLUED).fullmatch(text) or _REVIEWED.fullmatch(text):
        price, found = match.groupdict().get("price"), match.groupdict().get("date")
        if price is not None and not parted:
            before, word, after = price.rpartition("Reviewed")
            if word and _DAY.fullmatch(after.strip()):
                price, found = before, after.strip()
        if price and not slots.is_dash(price):
            draft.put("pricing", price.strip(), *at)
        if found:
            date = slots.date(found)
            if date:
                draft.put("reviewed_on", date, *at)
            else:
                draft.sheet.no_value("reviewed_on", "Reviewed", "only", found)
    else:
        return False
    return True


def _find_name(sheet: Sheet, start: int, end: int, shared_name: str | None) -> int | None:
    """Where the name stands: as the block to share gives it, else as the main heading, else by its place."""
    if shared_name is not None:
        wanted = fold(shared_name)
        places = [n for n in range(start, end) if fold(sheet.texts[n]) == wanted]
        if places:
            return places[-1] if end - places[-1] <= 2 or len(places) == 1 else places[0]
        sheet.problem(
            "warning",
            "title_mismatch",
            "no text above the panel's take is the name in the block to share",
            field="name",
            side="only",
        )
        return None
    headings = [n for n in range(start, end) if sheet.blocks[n].tag == "h1"]
    if headings:
        return headings[0]
    return end - 2 if end - 2 >= start else (end - 1 if end - 1 >= start else None)


def _read_crumbs(sheet: Sheet, end: int, draft: CardDraft) -> None:
    """Read the breadcrumb ``Reviews/CATEGORY/Name`` above block `end` or in the page's header, glued or in parts."""
    name = str(draft.values.get("name", ""))
    for texts in (sheet.texts[:end], sheet.furniture):
        for start in (n for n, text in enumerate(texts) if fold(text).startswith("reviews")):
            for stop in range(start + 1, min(len(texts), start + 5) + 1):
                parts = (part.strip(" /") for part in texts[start:stop])
                match = _CRUMBS.fullmatch("/".join(part for part in parts if part not in ("", "›", "»", ">")))
                if match is None or not fold(match["rest"]).endswith("/" + fold(name)):
                    continue
                if texts is not sheet.furniture:
                    sheet.mark(start, stop)
                category = match["rest"][: -len(name) - 1].strip(" /")
                if category:
                    at = () if texts is sheet.furniture else range(start, stop)
                    draft.put("category", category, *at)
                return


def _read_take(sheet: Sheet, start: int, end: int, draft: CardDraft) -> None:
    """Read the description; at the end of a page it may go on, so it is not taken."""
    if end == len(sheet) and not sheet.whole:
        sheet.mark(start, end)
        return
    stop = sheet.prose_end(start, end)
    if stop > start:
        draft.put("description", sheet.paragraphs(start, stop), *range(start, stop))
