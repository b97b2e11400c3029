"""Pages cut off anywhere: what is read is what the whole page says, never more and never otherwise.

Text is cut at every end of a line, HTML at every line and tag end, both at many bytes (with
VERDICTLOG_TEST_LONG=1 at every byte). The pages are the captures, where they are at hand, and the sample pages, which
cover every shape.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from crawler.items import Card, ComparePage, Page, ReviewerPage, ToolPage
from crawler.pages import read_page
from samples import make
from tests.captured import MODELS, body_of, entries, expected_of, needs_captures
from tests.rendering import CONTENT_TYPES, TEXT_SHAPES, project, render
from tests.rendering.labels import BOOKMARKS, FOOTER
from tests.rendering.text import lines_of

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
CUTS = 60
"""So many cuts at bytes are tried of each page in the short run."""


class Case(NamedTuple):
    """One page: its bytes, what the whole of it says, and where what people see of it ends."""

    body: bytes
    content_type: str
    whole: Page
    visible_end: int


def captured() -> dict[str, Case]:
    cases = {}
    for entry in entries():
        body = body_of(entry["file"])
        expected = expected_of(entry["file"])
        if expected["kind"] == "compare":
            expected["rows"] = [[index, index] for index in range(4)]
        whole = MODELS[expected["kind"]].model_validate(expected)
        cases[entry["file"]] = Case(body, entry["content_type"], whole, len(body))
    return cases


def rendered() -> dict[str, Case]:
    cases = {}
    for stem, page, shape, _ in make.pages():
        body = render(page, shape)
        if shape in TEXT_SHAPES:
            end = len(body)
        else:
            last = BOOKMARKS[-1] if shape == "streamed" else FOOTER[-1]
            end = body.rindex(last.encode()) + len(last.encode())
        cases[f"{stem}:{shape}"] = Case(body, CONTENT_TYPES[shape], project(page, shape), end)
    return cases


CASES = captured() | rendered()
TEXTS = sorted(name for name, case in CASES.items() if case.content_type == "text/plain")
HTML = sorted(set(CASES) - set(TEXTS))


def cards_of(page: Page) -> dict[str, Card]:
    if isinstance(page, ComparePage):
        return {"left": page.left, "right": page.right}
    return {"card": page.card} if isinstance(page, ToolPage) else {}


def wrong_in(cut: Page, whole: Page) -> list[str]:
    """What a cut page says that the whole page does not."""
    wrong = []
    if type(cut) is not type(whole):
        return [f"a {cut.kind} page, not a {whole.kind} page"]
    for name, card in cards_of(whole).items():
        part = cards_of(cut)[name]
        for field in part.shown:
            if field not in card.shown:
                wrong.append(f"{name}.{field}: shown on the cut page only")
            elif field != "reviews" and getattr(part, field) != getattr(card, field):
                wrong.append(f"{name}.{field}: {getattr(part, field)!r}")
        wrong += [f"{name}: {review!r}" for review in part.reviews if review not in card.reviews]
        wrong += [f"{name}.slug: {part.slug!r}"] if part.slug != card.slug else []
    if isinstance(cut, ComparePage) and isinstance(whole, ComparePage):
        said = {*whole.left.reviews, *whole.right.reviews, *whole.unplaced}
        wrong += [f"unplaced: {review!r}" for review in cut.unplaced if review not in said]
        wrong += [f"row {row}" for row in rows_in_words(cut) if row not in rows_in_words(whole)]
        wrong += [f"title: {cut.title!r}"] if cut.title not in (None, whole.title) else []
    if isinstance(cut, ReviewerPage) and isinstance(whole, ReviewerPage):
        for field in ("persona", "motto", "bio", "category", "tools", "shipped"):
            if getattr(cut, field) not in (None, getattr(whole, field)):
                wrong.append(f"{field}: {getattr(cut, field)!r}")
        for field in ("excited_about", "tired_of", "verdicts"):
            part_of = getattr(cut, field)
            if part_of != getattr(whole, field)[: len(part_of)]:
                wrong.append(f"{field}: {part_of!r}")
    return wrong


def rows_in_words(page: ComparePage) -> list[tuple[str, str]]:
    """The rows that have both reviews, by their words."""
    left, right = page.left.reviews, page.right.reviews
    return [(left[a].quote, right[b].quote) for a, b in page.rows if a is not None and b is not None]


def read_cut(case: Case, at: int) -> Page | None:
    """Read the first `at` bytes and check all that must hold of any cut."""
    reading = read_page(case.body[:at], url=case.whole.url, content_type=case.content_type)
    page = reading.page
    if page is None:
        assert reading.status in ("failed", "ignored")
        return None
    assert wrong_in(page, case.whole) == [], case.body[:at][-120:]
    if at < case.visible_end:
        assert not page.complete, case.body[:at][-120:]
        assert page.stopped_at is not None
        assert reading.status == "incomplete"
        assert any(problem.code == "page_cut" for problem in reading.problems)
    return page


def get(page: Page, path: str) -> Any:
    head, _, rest = path.partition(".")
    value = getattr(page, head)
    if not rest:
        return value
    return value[int(rest)] if isinstance(value, tuple) else getattr(value, rest)


def settled_before(page: Page, count: int, *, short: bool) -> list[str]:
    """The fields that a reader of the first `count` lines must know.

    The last line may be torn, and the line before it settles what it says. Only a review may go on in the torn line,
    as far as a reader of the text can tell, so it wants one more.
    """
    lines = lines_of(page, short=short)
    settled = [path for line in lines[: max(0, count - 1)] for path in line.settles]
    torn = {path for line in lines[max(0, count - 2) : count - 1] for path in line.settles}
    return [path for path in settled if not (path in torn and path.startswith("rows."))]


def missing_from(cut: Page | None, whole: Page, paths: Iterable[str]) -> list[str]:
    """The settled fields that the cut page does not give."""
    missing = []
    for path in paths:
        if path.startswith("rows.") and isinstance(whole, ComparePage):
            words = rows_in_words(whole)
            known = isinstance(cut, ComparePage) and words[int(path[5:])] in rows_in_words(cut)
        elif path.startswith("verdicts."):
            known = isinstance(cut, ReviewerPage) and len(cut.verdicts) > int(path[9:])
        else:
            known = cut is not None and get(cut, path) == get(whole, path)
        if not known:
            missing.append(path)
    return missing


@pytest.mark.parametrize("name", TEXTS)
def test_text_cut_at_each_line_gives_what_the_lines_before_say(name: str) -> None:
    case = CASES[name]
    text = case.body.decode()
    short = not text.startswith(("Compare/", "Reviews/"))
    lines = text.split("\n")
    seen = 0
    for count in range(1, len(lines)):
        at = len("\n".join(lines[:count]).encode())
        cut = read_cut(case, at)
        seen += bool(lines[count - 1])
        settled = settled_before(case.whole, seen, short=short)
        assert missing_from(cut, case.whole, settled) == [], lines[count - 1]


def byte_cuts(case: Case) -> Iterable[int]:
    if LONG:
        return range(len(case.body))
    step = max(1, len(case.body) // CUTS)
    return range(1, len(case.body), step)


@pytest.mark.parametrize("name", sorted(CASES))
def test_cut_at_bytes_says_nothing_else(name: str) -> None:
    case = CASES[name]
    for at in byte_cuts(case):
        read_cut(case, at)


def known_in(page: Page | None) -> set[str]:
    """What a page gives, as words that can be compared."""
    if page is None:
        return set()
    if isinstance(page, ReviewerPage):
        lists = [*page.excited_about, *page.tired_of, *(verdict.quote for verdict in page.verdicts)]
        return {text for text in (page.persona, page.motto, page.bio, page.category, *lists) if text}
    known = set()
    for name, card in cards_of(page).items():
        known |= {f"{name}.{field}" for field in card.shown if field != "reviews"}
        known |= {review.quote for review in card.reviews}
    if isinstance(page, ComparePage):
        known |= {review.quote for review in page.unplaced}
    return known


@pytest.mark.parametrize("name", sorted(CASES))
def test_more_of_a_page_never_says_less(name: str) -> None:
    case = CASES[name]
    sign = b"\n" if name in TEXTS else b">"
    ends = [at + 1 for at in range(len(case.body)) if case.body[at : at + 1] == sign]
    step = 1 if LONG or name in TEXTS else max(1, len(ends) // CUTS)
    before: set[str] = set()
    for at in ends[::step]:
        known = known_in(read_cut(case, at))
        assert before <= known, case.body[:at][-120:]
        before = known


@pytest.mark.parametrize("name", HTML)
def test_html_cut_behind_its_data_gives_all_of_it(name: str) -> None:
    case = CASES[name]
    marker = b"in your inbox" if isinstance(case.whole, (ComparePage, ReviewerPage)) else FOOTER[-1].encode()
    cut = read_cut(case, case.body.rindex(marker) + len(marker))
    assert known_in(cut) == known_in(case.whole)


@needs_captures
def test_the_whole_captures_are_at_hand_or_said_to_be_missing() -> None:
    assert sum(name.endswith(".txt") for name in CASES) == 10
