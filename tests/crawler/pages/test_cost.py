# ruff: noqa: E501  (a page a line)
"""What a page may cost is bounded before it reaches the parser, and no real page comes near the bounds.

Each costly page is read in a process of its own that has little memory.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.pages import cost, read_page
from crawler.pages.cost import TooCostlyError, tree_of
from crawler.pages.html import blocks_of_html
from crawler.spiders.site import links_on

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared"
LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
MEGABYTES = 640
"""What reading any page takes at most, the program itself included."""
SECONDS = 2.0

READ = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
from crawler.pages import read_page
body = sys.stdin.buffer.read()
start = time.process_time()
reading = read_page(body, url="https://verdicts.example/compare/a-vs-b", content_type="text/html")
took = time.process_time() - start
print(reading.status, [problem.code for problem in reading.problems], [problem.message for problem in reading.problems][:1])
sys.exit(0 if took < {seconds} else f"it took {{took:.1f}} s")
"""

INTRO = b"<body><p>AI tool comparison</p>"
QUOTES = "<p>82/100</p><p>“</p>".encode()
PAGES: dict[str, Callable[[], bytes]] = {
    "attributes": lambda: b"<p " + b" ".join(b"a%d" % n for n in range(80_000)) + b">",
    "attributes in many elements": lambda: (b"<p " + b" ".join(b"a%d" % n for n in range(250)) + b">") * 3_000,
    "open formatting": lambda: b"".join(b"<p><b a=%d>" % n for n in range(4_000)) + b"<p>x" * 4_000,
    "open formatting out of tables": lambda: b"".join(b"<b a=%d><table><td></b></table>x" % n for n in range(9_000)),
    "open formatting in one block": lambda: b"".join(b"<i a=%d>" % n for n in range(99)) + b"<p>x" * 100_000,
    "open formatting that is closed in comments": lambda: b"<b a=1><i>" + b"<p><u b=1><!--</u>--><svg><style></u></style></svg>" * 9_000,
    "depth": lambda: b"<div>" * 100_000,
    "depth hidden by comments": lambda: b"<div><!--</div>-->" * 100_000,
    "depth hidden by attributes": lambda: b'<div><p a="</div>">' * 100_000,
    "depth hidden by styles in drawings": lambda: b"<svg><p><div><style></div></style></svg>" * 50_000,
    "depth hidden by tables": lambda: b"<div><table><td></div>" * 50_000,
    "depth of ruby": lambda: b"<rt>" * 100_000,
    "depth of groups": lambda: b"<optgroup>" * 100_000,
    "aria-hidden in each other": lambda: b"<span aria-hidden=true>" * 490 + b"x" * 7_000_000,
    "aria-hidden beside each other": lambda: b"<span aria-hidden=true>xy</span>" * 80_000,
    "hidden parts": lambda: b"<div aria-hidden=true>something long that is not in sight at all, really</div>" * 80_000,
    "quotes": lambda: b"<p>Reviewer scorecard</p>" + QUOTES * 24_000,
    "quotes in each other": lambda: b"<q>" * 100_000,
    "headings": lambda: b"<h2>x</h2>" * 49_000,
    "headings in each other": lambda: b"<h2><span>" * 50_000,
    "late content": lambda: b"".join(b'<template id="B:%x"></template><div hidden id="S:%x">x</div>' % (n, n) for n in range(40_000)),
    "lone reviews": lambda: b"<p>Panel ship</p><p>Reviewer scorecard</p><div>" + b"<p>82/100</p><p>words</p>" * 20_000,
    "lone reviews beside blanks": lambda: b"<p>Panel ship</p><p>Reviewer scorecard</p><div><p>" + b"82/100<br>words<br>" * 12_000 + b"</p><p>" + b" " * 4_000_000,
    "inline elements": lambda: b"<p>" + b"longer text here than before <i>y</i> and" * 60_000,
    "comments": lambda: b"<!---->x" * 240_000,
    "drawings": lambda: b"<svg>" * 1_000_000,
    "end tags": lambda: b"</p>" * 249_000,
    "brackets": lambda: b"<" * 8_000_000,
    "half tags": lambda: b"<a" * 4_000_000,
    "names": lambda: b"<h1>" + b" vs ".join([b"a" * 1000] * 1000) + b"</h1>" + b"".join(b"<p>" + b" vs ".join([b"a" * 1000] * n) + b"</p>" for n in range(1, 60)) + b"<p>50%</p><p>Panel ship</p><p>Decision</p>",
    "text": lambda: b"x " * 4_000_000,
}  # fmt: skip


def read_apart(body: bytes) -> str:
    """What `read_page` says of `body`, in a process with little memory."""
    code = READ.format(limit=MEGABYTES << 20, seconds=SECONDS)
    done = subprocess.run(
        [sys.executable, "-c", code], input=body, capture_output=True, timeout=60, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    return done.stdout.decode()


@pytest.mark.parametrize("name", PAGES if LONG else random.Random("cost").sample(sorted(PAGES), 8))
def test_a_costly_page_is_read_or_refused_in_time(name: str) -> None:
    said = read_apart(INTRO + PAGES[name]())
    assert "reader_failed" not in said


@pytest.mark.parametrize(
    ("page", "named"),
    [
        (b"x" * (cost.MAX_BYTES + 1), "bytes"),
        (b"<br>" * (cost.MAX_TAGS + 1), "tags"),
        (b"<div>" * 501, "within each other"),
        (b"<div>" * 400 + b"<br>" * 10_000, "summed up"),
        (b"<p " + b" ".join(b"a%d" % n for n in range(257)) + b">", "attributes in one element"),
        (b"".join(b"<i a=%d>" % n for n in range(101)), "formatting elements"),
        (b"".join(b"<i a=%d>" % n for n in range(90)) + b"<p>x" * 3_000, "copies"),
    ],
)
def test_what_is_too_much_is_named_and_nothing_else_is_affected(page: bytes, named: str) -> None:
    reading = read_page(INTRO + page, url="https://verdicts.example/compare/a-vs-b", content_type="text/html")
    assert (reading.status, [problem.code for problem in reading.problems]) == ("failed", ["too_costly"])
    assert named in reading.problems[0].message
    with pytest.raises(TooCostlyError, match=named):
        links_on(INTRO + page)


def real_pages() -> list[Path]:
    """Every page at hand that was not made to be costly."""
    folders = (
        ROOT / "samples",
        ROOT / "tests/fixtures",
        SHARED / "cases/pages",
        SHARED / "cases/files",
        SHARED / "captures",
    )
    return [path for folder in folders for path in sorted(folder.rglob("*.htm*"))]


def test_real_pages_are_far_from_the_bounds() -> None:
    """Twenty times as far, but for depth and attributes (ten times): the largest site has pages of other sizes."""
    most = dict.fromkeys(("tags", "attributes", "copies", "steps"), 0)
    deepest = 0
    for path in real_pages():
        scan = cost._Scan(path.read_bytes())
        scan.run()
        assert len(scan.open) <= 3, path  # all that was opened was closed: nothing adds up
        assert len(scan.formatting) <= 1, path
        most = {name: max(value, getattr(scan, name)) for name, value in most.items()}
        deepest = max(deepest, scan.deepest)
    assert most["tags"] > 100
    assert most["tags"] * 20 < cost.MAX_TAGS
    assert most["attributes"] * 20 < cost.MAX_ATTRIBUTES_IN_ALL
    assert most["copies"] * 20 < cost.MAX_COPIES
    assert most["steps"] * 20 < cost.MAX_STEPS
    assert deepest * 10 < cost.MAX_DEPTH


@pytest.mark.parametrize("path", real_pages(), ids=lambda path: path.name)
def test_what_is_left_out_changes_no_text(path: Path) -> None:
    """The parser is spared scripts and drawings; what is shown stays as it is."""
    html = path.read_bytes()
    spared = tree_of(html).body
    whole = LexborHTMLParser(html)
    whole.strip_tags(["script", "style", "svg", "math", "title", "iframe", "select", "noframes", "xmp", "noembed"])
    assert spared is not None
    assert whole.body is not None
    assert spared.text() == whole.body.text()


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<textarea><b>code</b></textarea><p>x", ["<b>code</b>", "x"]),
        ("<svg><title>t</title><p>y</p></svg><p>x", ["x"]),
        ("<svg><path/><p>shown by browsers</p><p>x", ["shown by browsers", "x"]),
        ("<svg/><p>x", ["x"]),
        ("<svg><svg></svg><text>t</text></svg><p>x", ["x"]),
        ("<script>if (a<b) '</div>'</script><p>x", ["x"]),
        ("<select><option>a</select><p>x", ["x"]),
        ("<p>a<!-- <p>no</p> -->b</p>", ["ab"]),
        ("<p>a<?php <b ?>b</p>", ["ab"]),
        ("<p>1 < 2</p>", ["1 < 2"]),
        ("<p>x</p><plaintext><p>y", ["x"]),
        ("<p>x</p><p title='unfinished", ["x"]),
    ],
)
def test_what_is_left_out(html: str, texts: list[str]) -> None:
    assert [block.text for block in blocks_of_html(f"<body>{html}".encode()).blocks] == texts
