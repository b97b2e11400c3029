"""No input makes the reader raise or hang: bytes of no sense, broken pages, lying headers, depth and size.

Each case is made from its number, so a failure can be made again. VERDICTLOG_TEST_LONG=1 runs ten times as many.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from functools import cache
from itertools import product

import pytest

from crawler.items import PageReading
from crawler.pages import read_page
from samples import make
from tests.rendering import CONTENT_TYPES, SHAPES, render

TIMES = 10 if os.environ.get("VERDICTLOG_TEST_LONG") == "1" else 1
SECONDS = 5.0
"""More than any page of sane size may take on a busy machine."""

URLS = (
    "https://verdicts.example/compare/a-vs-b",
    "https://verdicts.example/compare/a-vs-b-vs-c",
    "https://verdicts.example/tool/a",
    "https://verdicts.example/reviewer/builder?category=Models",
    "https://verdicts.example/",
    "https://verdicts.example/guides/x",
    "http://[broken",
    "not a url",
    "",
    None,
)
TYPES = (
    "text/html",
    "text/html; charset=utf-8",
    "text/plain",
    "text/plain; charset=utf-16",
    "text/html; charset=utf-16le",
    "text/html; charset=no-such-thing",
    'text/html; charset="',
    "text/html; charset=utf-7",
    "text/html;;;charset=\x00",
    "application/xhtml+xml",
    "image/png",
    ";",
    "",
    None,
)

SIGNS: tuple[bytes, ...] = (
    *(b"\0", b"\xff\xfe", b"\xef\xbf\xbd", b"<", b"</", b"<!--", b"&#x110000;", b"\xe2\x80\x8f", b"<svg>"),
    *(b"<table>", b"</body></html>", b"<template>", b"<plaintext>", b"\r", b"\x1b[31m", b"<p hidden>"),
    *(b"Panel ship", b"\nDecision\n", b"101%", b"999/100 \xc2\xb7 ship", b"99999999999999999999%"),
)

Mutation = Callable[[random.Random, bytes], bytes]


@cache
def pages() -> tuple[bytes, ...]:
    """One sample of each kind in each shape."""
    compare = make.comparison(make.FERNWAY, make.GATEPOST, later=False)
    records = (compare, make.tool_page(make.FERNWAY), make.reviewer_page())
    return tuple(render(record, shape) for record in records for shape in SHAPES)


def read(body: bytes, url: str | None, content_type: str | None) -> PageReading:
    start = time.process_time()
    reading = read_page(body, url=url, content_type=content_type)
    assert isinstance(reading, PageReading)
    assert time.process_time() - start < SECONDS
    assert reading.page is None or reading.status in ("ok", "incomplete")
    assert PageReading.model_validate_json(reading.model_dump_json()) == reading
    return reading


def noise(rng: random.Random, body: bytes) -> bytes:
    return rng.randbytes(rng.randint(0, 3000))


def cut(rng: random.Random, body: bytes) -> bytes:
    start, end = sorted((rng.randrange(len(body)), rng.randrange(len(body))))
    return rng.choice((body[:end], body[start:], body[start:end], body[:start] + body[end:]))


def shuffle_tags(rng: random.Random, body: bytes) -> bytes:
    parts = re.split(rb"(<[^>]*>|\n)", body)
    tags = [index for index, part in enumerate(parts) if part.startswith((b"<", b"\n"))]
    chosen = rng.sample(tags, min(len(tags), rng.randint(2, 60)))
    for index, other in zip(chosen, rng.sample(chosen, len(chosen)), strict=True):
        parts[index], parts[other] = parts[other], parts[index]
    return b"".join(parts)


def drop_and_double(rng: random.Random, body: bytes) -> bytes:
    parts = re.split(rb"(<[^>]*>|\n)", body)
    return b"".join(part * rng.choices((0, 1, 2), (1, 12, 1))[0] for part in parts)


def shuffle_blocks(rng: random.Random, body: bytes) -> bytes:
    lines = re.split(rb"(?<=>)(?=<)|(?<=\n)", body)
    rng.shuffle(lines)
    return b"".join(lines)


def flip_bytes(rng: random.Random, body: bytes) -> bytes:
    broken = bytearray(body)
    for _ in range(rng.randint(1, 200)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def insert_signs(rng: random.Random, body: bytes) -> bytes:
    for _ in range(rng.randint(1, 20)):
        at = rng.randrange(len(body))
        body = body[:at] + rng.choice(SIGNS) + body[at:]
    return body


def splice(rng: random.Random, body: bytes) -> bytes:
    other = rng.choice(pages())
    return body[: rng.randrange(len(body))] + other[rng.randrange(len(other)) :]


def recode(rng: random.Random, body: bytes) -> bytes:
    codec = rng.choice(("utf-16", "utf-16-be", "utf-32", "cp1252", "utf-7", "shift_jis", "koi8-r"))
    return body.decode("utf-8", "replace").encode(codec, "replace")


MUTATIONS: tuple[Mutation, ...] = (
    noise,
    cut,
    shuffle_tags,
    drop_and_double,
    shuffle_blocks,
    flip_bytes,
    insert_signs,
    splice,
    recode,
)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_broken_pages(mutate: Mutation) -> None:
    for number in range(350 * TIMES):
        rng = random.Random(f"{mutate.__name__}{number}")
        body = rng.choice(pages())
        for _ in range(rng.randint(1, 2)):
            body = mutate(rng, body) or b" "
        read(body, rng.choice(URLS), rng.choice(TYPES))


@pytest.mark.parametrize("content_type", TYPES)
def test_any_content_type_and_url(content_type: str | None) -> None:
    for body in (*pages(), b"", b"\0", b"<", b"\xff"):
        for url in URLS:
            read(body, url, content_type)


@pytest.mark.parametrize("tag", ["div", "span", "b", "table", "ul><li", "a", "template", "svg", "select", "p hidden"])
@pytest.mark.parametrize("depth", [500, 100_000])
def test_deep_nesting(tag: str, depth: int) -> None:
    name = tag.split(" ", maxsplit=1)[0]
    inner = b"<p>AI tool comparison</p><p>50%</p><p>Panel ship</p>"
    close = "".join(f"</{part}>" for part in reversed(name.split("><"))).encode()
    for end in (close * depth, b""):
        body = b"<!DOCTYPE html><html><body>" + f"<{tag}>".encode() * depth + inner + end
        start = time.process_time()
        reading = read_page(body, url=URLS[0], content_type="text/html")
        assert isinstance(reading, PageReading)
        assert time.process_time() - start < 20


def test_deep_nesting_around_a_page_is_told() -> None:
    page = render(make.comparison(make.FERNWAY, make.GATEPOST, later=False), "semantic")
    depth = 100_000
    body = page.replace(b"<main", b"<div>" * depth + b"<main").replace(b"</main>", b"</main>" + b"</div>" * depth)
    reading = read_page(body, url=URLS[0], content_type="text/html")
    assert reading.page is not None or reading.problems


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", None])
def test_a_page_of_60_megabytes_is_refused_in_words(content_type: str | None) -> None:
    page = render(make.comparison(make.FERNWAY, make.GATEPOST, later=False), "semantic")
    body = page.replace(b"</main>", b"<p>word</p>" * 5_600_000 + b"</main>")
    assert len(body) > 60_000_000
    start = time.process_time()
    reading = read_page(body, url=URLS[0], content_type=content_type)
    assert time.process_time() - start < SECONDS
    assert reading.status == "failed"
    assert [problem.code for problem in reading.problems] == ["too_costly"]


LABELS = (
    "Panel ship",
    "Community",
    "50%\nPanel ship",
    "Decision\nCategory",
    "Builder",
    "82/100 · ship",
    "“quote”",
    "“",
    "The reviews",
    "- +",
    "A vs B vs ",
    "Models verdicts(",
    "<",
)
HEADS = ("AI tool comparison\nA vs B\n", "The Panel's Take\n", "The Skeptic\nGets excited about\n", "")
JOINTS = ("\n", " ", "</p><p>")
WAYS = tuple(product(HEADS, JOINTS, ("text/plain", "text/html"), (URLS[0], None)))


@pytest.mark.parametrize("number", range(len(LABELS)), ids=LABELS)
def test_a_label_repeated_without_end(number: int) -> None:
    """What searches backwards for copies and anchors must not take square time."""
    label = LABELS[number]
    for head, joint, content_type, url in WAYS if TIMES > 1 else WAYS[number % 5 :: 5]:
        body = head + (label + joint) * (40_000 // len(label))
        read(body.encode(), url, content_type)


def test_equal_bytes_give_equal_readings() -> None:
    for body in pages():
        readings = {read(body, URLS[0], CONTENT_TYPES["semantic"]).model_dump_json() for _ in range(3)}
        assert len(readings) == 1
