"""Bytes → what the page says. Pure: no files, no network, no clock; the same bytes give the same reading.

`read_page` is the only door. It decodes the bytes (`decode`), turns HTML or text into blocks (`html`, `blocks`), finds
out which kind of page it is by the labels it shows, and lets the grammar of that kind read them (`compare`, `tool`,
`reviewer`). It never raises: whatever is wrong with a page is said in its reading.

A page of another site (`crawler.sites`) is read by that site's reader, which may come through `read_by` with grammars
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from crawler import sites
from crawler.items import DATA_KINDS, Page, PageProblem, PageReading, Severity
from crawler.pages import labels
from crawler.pages.blocks import blocks_of_text
from crawler.pages.compare import is_compare, read_compare
from crawler.pages.cost import MAX_BYTES, TooCostlyError, check
from crawler.pages.decode import LOST, decode
from crawler.pages.html import Shown, blocks_of_html, is_closed
from crawler.pages.labels import fold
from crawler.pages.reviewer import is_reviewer, read_reviewer
from crawler.pages.sheet import Sheet, clip
from crawler.pages.tool import is_tool, read_tool
from crawler.pages.trace import active
from crawler.urls import kind_of, site_of

PARSER_VERSION = "2"
"""Raised whenever a change of this package may read a page otherwise than before."""

MAX_TEXTS = 50_000
"""Separate texts on one page. The longest real pages have some hundreds."""

MAX_LINES = 200_000
"""Lines of a text rendering, blank ones included."""

MAX_LEFTOVERS = 40

Grammar = tuple[str, Callable[[Sheet], bool], Callable[[Sheet], Page | None]]
"""A kind of page that can be read: its name, how it is recognised, and what reads it."""

GRAMMARS: tuple[Grammar, ...] = (
    ("compare", is_compare, read_compare),
    ("tool", is_tool, read_tool),
    ("reviewer", is_reviewer, read_reviewer),
)
"""The kinds of page that are read where no other site has a say. Tried from the top."""

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_MARKUP = re.compile(r"\s*+(?:<!--.*?-->\s*+)*+<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL)


def parser_version() -> str:
    """What reads pages now: this package, and the sites that are loaded. Raises `crawler.sites.SiteError`."""
    return PARSER_VERSION + sites.version()


def read_page(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """Read one page.

    `body` is the page as the server sent it, without transfer or content encoding; `url` is the url that answered,
    after redirects (None where it is not known); `content_type` is the value of the HTTP header, with or without a
    charset. Never raises.
    """
    site = site_of(url)
    try:
        if site is None:
            return read_by(GRAMMARS, body, url=url, content_type=content_type)
        return site.read(body, url=url, content_type=content_type)
    except MemoryError:
        raise
    except Exception as error:  # one page never ends a build or a crawl
        reader = "the reader" if site is None else f"the reader of the site {site.name}"
        return _failed(kind_of(url) or "unknown", "reader_failed", f"{reader} stopped at it: {clip(repr(error), 200)}")


def read_by(grammars: Sequence[Grammar], body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """Read one page by `grammars`, tried from the top; the rest is as in `read_page`."""
    named = kind_of(url)
    media = (content_type or "").split(";")[0].strip().lower()
    is_data = named in DATA_KINDS or named is None
    if not is_data or (media and media not in (*_HTML_TYPES, "text/plain")):
        return PageReading(kind=named or "file", status="ignored")
    kind = named or "unknown"
    if not body.strip():
        return _failed(kind, "empty_page", "the page is empty", "warning")
    try:
        return _read_text(grammars, body, url=url, content_type=content_type, named=named)
    except TooCostlyError as error:
        return _failed(kind, "too_costly", f"the page can't be read: {error}")


def _read_text(
    grammars: Sequence[Grammar], body: bytes, *, url: str | None, content_type: str | None, named: str | None
) -> PageReading:
    """Read the page, which may have data for us. Raises `TooCostlyError`."""
    check("bytes", len(body), MAX_BYTES)
    media = (content_type or "").split(";")[0].strip().lower()
    decoded = decode(body, content_type)
    problems = []
    if decoded.complaint:
        problems.append(PageProblem(severity="info", code="bad_charset", message=f"the page {decoded.complaint}"))
    if decoded.text.count(LOST) > max(20, len(decoded.text) // 10):
        return _failed(named or "unknown", "not_text", "the page is not text, or its character set can't be told")
    if media in _HTML_TYPES or (not media and _MARKUP.match(decoded.text) is not None):
        shown = blocks_of_html(decoded.utf8)
        whole = is_closed(decoded.utf8)
    else:
        check("lines", decoded.text.count("\n") + decoded.text.count("\r"), MAX_LINES)
        shown = Shown(blocks_of_text(decoded.text), [], [])
        whole = _ends_whole([fold(block.text) for block in shown.blocks])
    check("separate texts", len(shown.blocks), MAX_TEXTS)
    if (trace := active()) is not None:
        trace.blocks = list(shown.blocks)
    sheet = Sheet(shown.blocks, url=url, whole=whole, furniture=shown.furniture)
    sheet.problems.extend(problems)
    return _read(grammars, sheet, named, shown.unseen)


def _ends_whole(lines: list[str]) -> bool:
    """Whether a text rendering ends as whole ones do: with the newsletter (short) or the bookmarks (full).

    A tool page goes on after the newsletter, and nothing is known to end it.
    """
    if not lines or labels.TAKE in lines:
        return False
    if lines[-1] == labels.BOOKMARKS_END:
        return True
    return lines[-1].endswith(labels.NEWSLETTER_ENDS) and labels.DECISION not in lines


def _read(grammars: Sequence[Grammar], sheet: Sheet, named: str | None, unseen: list[str]) -> PageReading:
    """Read a sheet by the grammar of the kind that its labels show, which must be the kind that its url names."""
    for kind, is_kind, read in grammars:
        if not is_kind(sheet):
            continue
        if named not in (None, kind):
            return _failed(
                named or "unknown",
                "wrong_kind",
                f"the url names a {named} page, the page is a {kind} page",
                "warning",
                sheet,
            )
        page: Page | None = read(sheet)
        if page is None:
            return PageReading(kind=kind, status="failed", problems=tuple(sheet.problems))
        if page.stopped_at is not None:
            sheet.problem("warning", "page_cut", f"the page is cut off; it stops in: {page.stopped_at}")
        return PageReading(
            kind=kind,
            status="ok" if page.complete else "incomplete",
            page=page,
            problems=tuple(dict.fromkeys(sheet.problems)),
            leftovers=tuple(dict.fromkeys([*sheet.leftovers(), *unseen]))[:MAX_LEFTOVERS],
        )
    begins = clip(" / ".join(sheet.texts[:3]), 90)
    message = f"the page shows none of the labels of a known kind; it begins: {begins!r}"
    return _failed("unknown", "not_recognised", message, "warning", sheet)


def _failed(
    kind: str, code: str, message: str, severity: Severity = "error", sheet: Sheet | None = None
) -> PageReading:
    problem = PageProblem(severity=severity, code=code, message=message)
    before = tuple(sheet.problems) if sheet is not None else ()
    return PageReading(kind=kind, status="failed", problems=(*before, problem))
