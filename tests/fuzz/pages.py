"""Broken pages, each made from a seed and a number out of real ones, and what must hold of the reading of any page."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from crawler.pages import read_page
from crawler.pages.cost import TooCostlyError
from crawler.spiders.site import links_on

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
FOLDERS = (
    ROOT / "samples",
    ROOT / "tests/fixtures",
    SHARED / "captures",
    SHARED / "cases/pages",
    SHARED / "cases/hostile",
)
"""Where pages are; those in ../shared only where it is there."""
SECONDS = 2.0

URLS = (
    "https://verdicts.example/compare/amber-vs-bramble",
    "https://verdicts.example/tool/amber",
    "https://verdicts.example/reviewer/skeptic?category=Models",
    "http://[broken",
    None,
)
TYPES = ("text/html", "text/html", "text/plain", "text/html; charset=utf-16", None)
SIGNS = (
    *(b"\0", b"\xff\xfe", b"<", b"</", b"<!--", b"-->", b"<svg>", b"</svg>", b"<table>", b"<select>", b"<template>"),
    *(
        b"<p hidden>",
        b"<span aria-hidden=true>",
        b"<b><p>",
        b'<a href="',
        b"</body></html>",
        b"<!---->",
        b"<plaintext>",
    ),
    *(
        "“",
        "”",
        "—",
        "%",
        "99999999999999999999",
        "82/100 · ship",
        "Panel ship",
        "Builder:",
        ":",
        "\u200b",
        "vs",
        "(",
        "$",
    ),
)


class Page(NamedTuple):
    """A page as it may be sent."""

    body: bytes
    url: str | None
    content_type: str | None


class Late(Exception):  # noqa: N818
    """The alarm went off."""


@cache
def seeds() -> tuple[bytes, ...]:
    """The pages at hand."""
    found = [
        path for folder in FOLDERS for path in sorted(folder.rglob("*")) if path.suffix in (".html", ".txt", ".bin")
    ]
    return tuple(dict.fromkeys(path.read_bytes() for path in found))


def _sign(rng: random.Random) -> bytes:
    sign = rng.choice(SIGNS)
    return sign if isinstance(sign, bytes) else sign.encode()


def flip(rng: random.Random, body: bytes) -> bytes:
    """Some bytes are others."""
    broken = bytearray(body)
    for _ in range(rng.randint(1, 50)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def insert(rng: random.Random, body: bytes) -> bytes:
    """Something stands in it that means something."""
    for _ in range(rng.randint(1, 10)):
        at = rng.randrange(len(body))
        body = body[:at] + _sign(rng) + body[at:]
    return body


def repeat(rng: random.Random, body: bytes) -> bytes:
    """A part of it, or a sign, stands in it very often."""
    start = rng.randrange(len(body))
    part = _sign(rng) if rng.random() < 0.5 else body[start : start + rng.randint(1, 60)]
    at = rng.choice((start, len(body)))
    return body[:at] + part * (rng.choice((50, 500, 20_000, 100_000)) // max(1, len(part))) + body[at:]


def cut(rng: random.Random, body: bytes) -> bytes:
    """A part of it is missing."""
    start, end = sorted((rng.randrange(len(body)), rng.randrange(len(body))))
    return rng.choice((body[:end], body[start:], body[:start] + body[end:]))


def shuffle(rng: random.Random, body: bytes) -> bytes:
    """Its tags stand in another order."""
    parts = re.split(rb"(<[^>]*+>|\n)", body)
    tags = [index for index, part in enumerate(parts) if part.startswith((b"<", b"\n"))]
    chosen = rng.sample(tags, min(len(tags), rng.randint(2, 60)))
    for index, other in zip(chosen, rng.sample(chosen, len(chosen)), strict=True):
        parts[index], parts[other] = parts[other], parts[index]
    return b"".join(parts)


def number(rng: random.Random, body: bytes) -> bytes:
    """A number is beyond all sense, or none."""
    places = [each.span() for each in re.finditer(rb"\d++", body)]
    if not places:
        return body
    start, end = rng.choice(places)
    return body[:start] + rng.choice((b"", b"9" * 19, b"9" * 30, b"9" * 5_000, b"-1", "٣".encode())) + body[end:]


def splice(rng: random.Random, body: bytes) -> bytes:
    """The end of another page follows its beginning."""
    other = rng.choice(seeds())
    return body[: rng.randrange(len(body))] + other[rng.randrange(len(other)) :]


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (flip, insert, repeat, cut, shuffle, number, splice)


def page_of(seed: str, count: int) -> Page:
    """The page with the number `count` of those that `seed` gives."""
    rng = random.Random(f"{seed} {count}")
    body = rng.choice(seeds())
    for _ in range(rng.randint(1, 3)):
        body = rng.choice(CHANGES)(rng, body) or b" "
    return Page(body, rng.choice(URLS), rng.choice(TYPES))


def values(record: Any) -> Iterator[Any]:
    """All values in a record."""
    if isinstance(record, dict):
        for each in record.values():
            yield from values(each)
    elif isinstance(record, list | tuple):
        for each in record:
            yield from values(each)
    else:
        yield record


def _ring(*_: object) -> None:
    raise Late


def failure_of(page: Page) -> str | None:
    """What must not happen, and does where `page` is read; None where all is as it must be."""
    before = signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        reading = read_page(page.body, url=page.url, content_type=page.content_type)
        with contextlib.suppress(TooCostlyError):
            links_on(page.body)
    except Late:
        return f"it took more than {SECONDS} s"
    except Exception as error:  # noqa: BLE001
        return repr(error)[:200]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    for problem in reading.problems:
        if problem.code == "reader_failed":
            return problem.message[:300]
    if reading.page is None:
        return None if reading.problems or reading.status == "ignored" else "neither a record nor a problem"
    with sqlite3.connect(":memory:") as con:
        for value in values(reading.page.model_dump()):
            try:
                con.execute("SELECT ?", (value,))
            except (OverflowError, sqlite3.Error, UnicodeError) as error:
                return f"SQLite can't store {str(value)[:60]!r}: {error!r}"
    return None
