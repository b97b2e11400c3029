"""The text of an archived page as it was captured, and which of its words were read as which value.

Bounded, whatever a page holds: `MOST_BYTES` of a body are read, `MOST_LINES` lines and `MOST_SIGNS` signs of its text
are shown, and of a long line its beginning. What is left out is counted.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.pages.blocks import blocks_of_text
from crawler.pages.cost import MAX_BYTES, TooCostlyError
from crawler.pages.decode import decode
from crawler.pages.html import blocks_of_html
from dataset.asking.evidence import ArchiveError, Read, RereadPage, change_read

MOST_BYTES = MAX_BYTES
MOST_LINES = 3_000
MOST_SIGNS = 300_000
LONGEST_LINE = 20_000

NOT_HERE = (
    "This server has the dataset, but not the archive that it was built from: the words can't be shown here. "
    "Whoever has the archive finds them by file, offset and digest."
)
UNREADABLE = "The record can't be read from the archive: it is gone or damaged. `verdictlog verify` tells more."
TOO_LARGE = "The page is too large to be shown. Its bytes can be downloaded."
NO_VALUES = "No value of a listing or of a review is read from this page."
NO_TEXT = "The page holds no text that could be shown. Its bytes can be downloaded."


@dataclass(frozen=True, slots=True)
class Label:
    """What a line was read as: a field of the listing on a side, or with `review` of that review there, from 1."""

    side: str
    field: str
    review: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page's text: its number on the page, from 1; `cut` signs of it are left out."""

    number: int
    text: str
    cut: int
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was read; `lines` are the numbers of the lines shown that it was read from, `why` says why none."""

    listing_id: str | None
    side: str
    review: int | None
    field: str
    value: str | None
    lines: tuple[int, ...]
    why: str | None


@dataclass(frozen=True, slots=True)
class Captured:
    """What an archived page shows.

    `there` says whether its record could be read; `why` says what is wrong or missing, if anything. `left_out` lines
    are not shown.
    """

    there: bool
    digest_is_right: bool | None
    why: str | None
    lines: tuple[Line, ...] = ()
    left_out: int = 0
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class PointedAt:
    """The numbers of the lines that show a change; `why` says why there are none, or what is doubtful."""

    lines: tuple[int, ...]
    why: str | None


def has_archive(folder: Path | None, file: str) -> bool:
    """Whether the archive beside the dataset in `folder` has `file`."""
    return folder is not None and (folder / "archive" / file).is_file()


def captured(con: sqlite3.Connection, folder: Path | None, row: Any, content: Any) -> Captured:
    """The text of the capture `row`, whose bytes are those of the capture `content`, and what was read from it."""
    if folder is None or not has_archive(folder, content["warc_file"]):
        return Captured(there=False, digest_is_right=None, why=NOT_HERE)
    if content["bytes"] > MOST_BYTES:
        return Captured(there=True, digest_is_right=None, why=TOO_LARGE)
    try:
        page = RereadPage(con, folder, row)
    except ArchiveError:
        return Captured(there=False, digest_is_right=None, why=UNREADABLE)
    texts = [block.text for block in page.trace.blocks] or _plain(page.body, page.content_type)
    reads = page.values()
    lines = _lines(texts, reads)
    shown = {line.number for line in lines}
    values = tuple(
        Value(
            listing_id=read.listing_id,
            side=read.side,
            review=read.review,
            field=read.field,
            value=read.value,
            lines=tuple(words.block for words in read.words or () if words.block in shown),
            why=read.why,
        )
        for read in reads
    )
    return Captured(
        there=True,
        digest_is_right=page.digest_is_right,
        why=page.why or (NO_TEXT if not texts else NO_VALUES if not reads else None),
        lines=lines,
        left_out=len(texts) - len(lines),
        values=values,
    )


def lines_of_change(con: sqlite3.Connection, folder: Path | None, change_id: str, capture_id: str) -> PointedAt:
    """What a capture shows of a change, where it is one of the two between which it happened."""
    if folder is None:
        return PointedAt((), NOT_HERE)
    try:
        found = change_read(con, folder, change_id)
    except ArchiveError:
        return PointedAt((), UNREADABLE)
    sides = [] if found is None else [each for each in (found.before, found.after) if each.capture_id == capture_id]
    lines = sorted({words.block for side in sides for value in side.values for words in value.words or ()})
    return PointedAt(tuple(lines), next((side.why for side in sides if side.why), None))


def _plain(body: bytes | None, content_type: str | None) -> list[str]:
    """The lines of a page that no grammar read."""
    media = (content_type or "").split(";")[0].strip().lower()
    if not body or len(body) > MOST_BYTES or not (media.startswith("text/") or media.endswith(("json", "xml"))):
        return []
    decoded = decode(body, content_type)
    try:
        found = blocks_of_html(decoded.utf8).blocks if "html" in media else blocks_of_text(decoded.text)
    except TooCostlyError:
        return []
    return [block.text for block in found]


def _lines(texts: Sequence[str], reads: Sequence[Read]) -> tuple[Line, ...]:
    labels: defaultdict[int, list[Label]] = defaultdict(list)
    for read in reads:
        for words in read.words or ():
            labels[words.block].append(Label(read.side, read.field, read.review))
    lines: list[Line] = []
    signs = 0
    for number, text in enumerate(texts[:MOST_LINES], start=1):
        kept = text[:LONGEST_LINE]
        signs += len(kept)
        if signs > MOST_SIGNS:
            break
        lines.append(Line(number, kept, len(text) - len(kept), tuple(dict.fromkeys(labels[number]))))
    return tuple(lines)
