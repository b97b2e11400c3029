"""How long it takes to read a page, against the time that lxml takes to parse the same bytes.

The floor is told by two contestants that do less than any reader can: parsing alone, and parsing with a bare walk
over every node that looks at nothing but what kind of node it is.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from time import perf_counter, process_time

import lxml.html  # type: ignore[import-untyped]
from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.clock import FEWEST_ROUNDS, Task, interleaved
from bench.pages import CONTENT_TYPE, MadePage, facts_of, made_page, payload_page, usual_page
from bench.results import Group, ratios
from bench.texts import made_tool
from crawler.pages import read_page

REFERENCE = "lxml.etree parse"
READER = "read_page to a record"
FLOOR = "floor: lexbor parse"
WALK = "floor: parse, bare walk"
GOAL = 2.0
FRESH_A_TURN = 10
FIRST_FRESH = 10_000_000


def parse_lxml(body: bytes) -> object:
    """Parse as the reference does."""
    return etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))


def parse_lxml_html(body: bytes) -> object:
    """Parse into the elements of lxml.html, which have more methods and take longer to make."""
    return lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding="utf-8"))


def visit_every_node(body: bytes) -> int:
    """Parse with lexbor, visit every node of the body, and look only at its kind; says how many there are."""
    found = 0
    node: LexborNode | None = LexborHTMLParser(body).body
    above: list[LexborNode] = []
    while True:
        while node is not None:
            found += node.tag_id >= 0
            above.append(node)
            node = node.first_child
        last = above.pop()
        if not above:
            return found
        node = last.next


def read(page: MadePage) -> object:
    """Read `page` as a build does."""
    return read_page(page.body, url=page.url, content_type=CONTENT_TYPE)


def _measure(name: str, title: str, page: MadePage, seconds: float) -> Group:
    contestants: dict[str, Task] = {
        REFERENCE: partial(parse_lxml, page.body),
        READER: partial(read, page),
        "lxml.html parse": partial(parse_lxml_html, page.body),
        FLOOR: partial(LexborHTMLParser, page.body),
        WALK: partial(visit_every_node, page.body),
    }
    found = interleaved(contestants, seconds)
    size, elements, share = facts_of(page.body)
    about = f"{size / 1e3:.0f} KB, {elements} elements, {share:.0%} script"
    return Group(name, title, about, ratios(found, REFERENCE, {READER: GOAL}))


def bench_page(seconds: float) -> Group:
    """One usual comparison page."""
    return _measure("page", "a comparison page", usual_page(), seconds)


def bench_fresh(seconds: float) -> Group:
    """Pages that were never seen before: no text of theirs can stand in a cache."""
    title = "fresh pages"
    numbers = count(FIRST_FRESH)
    tasks = {REFERENCE: lambda page: parse_lxml(page.body), READER: read}
    best = dict.fromkeys(tasks, float("inf"))
    start = perf_counter()
    turns = 0
    while turns < FEWEST_ROUNDS or perf_counter() - start < seconds:
        pages = [made_page(made_tool(next(numbers)), made_tool(next(numbers))) for _ in range(FRESH_A_TURN)]
        for name, task in tasks.items():
            begin = process_time()
            for page in pages:
                task(page)
            best[name] = min(best[name], (process_time() - begin) / FRESH_A_TURN)
        turns += 1
    about = f"like the one above, {FRESH_A_TURN} new ones a turn"
    return Group("fresh", title, about, ratios(best, REFERENCE, {READER: GOAL}))


def bench_payload(seconds: float) -> Group:
    """One that is mostly script."""
    return _measure("payload", "a page of mostly payload", payload_page(), seconds)
