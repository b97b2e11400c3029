"""A reviewer page: who a persona is, and what it said of the tools of one category."""

from __future__ import annotations

import re
from typing import NamedTuple

from crawler.items import ReviewerPage, ReviewerVerdict
from crawler.pages import labels, slots
from crawler.pages.compare import read_tail
from crawler.pages.decode import LOST
from crawler.pages.scorecard import persona_of
from crawler.pages.sheet import Sheet, clip
from crawler.urls import persona_of as persona_of_url

_COUNTS = re.compile(r"\(\s*+(?P<tools>\d++) tools?, (?P<shipped>\d++) shipped\s*+\)", re.IGNORECASE)
_BULLET = re.compile(r"\A(?:[-•*]\s*+)?[+\-−–]\s*+(?=\S)")


def is_reviewer(sheet: Sheet) -> bool:
    """Whether the page speaks like a reviewer page."""
    return sheet.find(labels.EXCITED) >= 0 or sheet.find(labels.TIRED) >= 0


def read_reviewer(sheet: Sheet) -> ReviewerPage:
    """The record of a reviewer page."""
    excited = sheet.find(labels.EXCITED)
    tired = sheet.find(labels.TIRED, max(excited, 0))
    heading, heading_end, found = _find_heading(sheet, max(excited, tired, 0))
    newsletter = sheet.find(labels.NEWSLETTER, max(excited, tired, heading, 0))
    browse = sheet.find(labels.BROWSE, max(excited, tired, heading, 0))
    end = min((n for n in (newsletter, browse) if n >= 0), default=len(sheet))
    profile_end = min(n for n in (excited, tired, heading, end) if n >= 0)
    persona, motto, bio = _read_profile(sheet, profile_end)
    likes = _read_list(sheet, excited, min(n for n in (tired, heading, end) if n > excited))
    dislikes = _read_list(sheet, tired, min(n for n in (heading, end) if n > tired))
    verdicts = _read_verdicts(sheet, heading_end, end) if heading >= 0 else []
    if heading < 0 and sheet.whole:
        sheet.no_value("verdicts", "verdicts")
    if browse >= 0:
        sheet.mark(browse)
    read_tail(sheet, newsletter, -1)
    tools = _count(sheet, "tools", found.tools if found else None)
    shipped = _count(sheet, "shipped", found.shipped if found else None)
    if tools is not None and len(verdicts) != tools and sheet.whole:
        sheet.problem(
            "info",
            "contradiction",
            f"the heading counts {tools} tools, the page shows {len(verdicts)}",
            field="tools",
        )
    sections = (
        ("newsletter", newsletter),
        ("verdicts", heading),
        ("tired_of", tired),
        ("excited_about", excited),
    )
    return ReviewerPage(
        url=sheet.url,
        persona=persona,
        motto=motto,
        bio=bio,
        excited_about=tuple(likes),
        tired_of=tuple(dislikes),
        category=found.category if found else None,
        tools=tools,
        shipped=shipped,
        verdicts=tuple(verdicts),
        complete=sheet.whole and heading >= 0,
        stopped_at=None if sheet.whole else next((name for name, n in sections if n >= 0), "profile"),
    )


class _Heading(NamedTuple):
    """What the heading of the verdicts says: the category, how many tools, and how many of them were shipped."""

    category: str
    tools: str
    shipped: str

    @classmethod
    def read(cls, text: str) -> _Heading | None:
        """``Developer Tools verdicts (3 tools, 1 shipped)``; None for anything else."""
        before, bracket, after = text.rpartition("(")
        counts = _COUNTS.fullmatch(bracket + after)
        words = before.rstrip()
        category = words[: -len("verdicts")]
        if counts is None or not words.lower().endswith("verdicts") or category == category.rstrip():
            return None
        return cls(category.strip(), counts["tools"], counts["shipped"]) if category.strip() else None


def _find_heading(sheet: Sheet, start: int) -> tuple[int, int, _Heading | None]:
    """The heading of the verdicts, in one block or in as few as it takes: (first block, end, what it says)."""
    for length in (1, 2, 3, 4):
        for number in range(start, len(sheet) - length + 1):
            if "verdicts" in sheet.folded[number] or length > 1:
                heading = _Heading.read(" ".join(sheet.texts[number : number + length]))
                if heading:
                    sheet.mark(number, number + length)
                    return number, number + length, heading
    return -1, -1, None


def _count(sheet: Sheet, field: str, digits: str | None) -> int | None:
    """A number in the heading; None, with a problem, where it is beyond all sense."""
    value = slots.count(digits) if digits is not None else None
    if value is None and digits is not None:
        sheet.no_value(field, "verdicts", None, digits)
    return value


def _read_profile(sheet: Sheet, end: int) -> tuple[str | None, str | None, str | None]:
    """Persona, motto and bio from the blocks above the lists."""
    motto_at = next((n for n in range(end) if slots.unquoted(sheet.texts[n])), None)
    motto = None
    if motto_at is not None:
        motto = _sure(sheet, "motto", slots.unquoted(sheet.take(motto_at)))
    named = persona_of_url(sheet.url)
    places = [n for n in range(end) if sheet.folded[n].startswith("the ") and len(sheet.texts[n].split()) <= 4]
    name_at = next((n for n in places if persona_of(sheet.texts[n]) == named), places[-1] if places else None)
    persona = persona_of(sheet.take(name_at)) if name_at is not None else None
    if named is not None and persona is not None and named != persona:
        sheet.problem(
            "warning", "title_mismatch", f"the url names {clip(named)!r}, the page {clip(persona)!r}", field="persona"
        )
        persona = None
    start = (motto_at if motto_at is not None else name_at if name_at is not None else -1) + 1
    whole = end < len(sheet) or sheet.whole
    bio = _sure(sheet, "bio", sheet.paragraphs(start, end)) if whole and end > start else None
    return persona, motto, bio


def _read_list(sheet: Sheet, start: int, end: int) -> list[str]:
    """The items of a list below its label, without their plus or minus sign."""
    if start < 0:
        return []
    sheet.mark(start, end)
    items = [_BULLET.sub("", text, count=1).strip() for text in sheet.texts[start + 1 : end]]
    items = [item for item in items if item not in ("+", "-", "−", "–", "•")]
    return [item for item in items if _sure(sheet, "list", item)]


def _read_verdicts(sheet: Sheet, start: int, end: int) -> list[ReviewerVerdict]:
    """Taglines, each with the quote below it."""
    verdicts: list[ReviewerVerdict] = []
    for number in range(start + 1, end):
        quote = slots.unquoted(sheet.texts[number])
        if quote is None or sheet.used[number - 1]:
            continue
        tagline = sheet.take(number - 1)
        sheet.mark(number)
        if _sure(sheet, "tagline", tagline) and _sure(sheet, "quote", quote):
            verdicts.append(ReviewerVerdict(tagline=tagline, quote=quote))
    return verdicts


def _sure(sheet: Sheet, field: str, text: str | None) -> str | None:
    """`text`, or None with a problem where it holds signs that could not be decoded."""
    if text is None or LOST not in text:
        return text
    sheet.problem(
        "warning",
        "undecodable_text",
        f"{field} holds signs that could not be decoded: {clip(text)!r}",
        field=field,
    )
    return None
