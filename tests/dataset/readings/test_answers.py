"""What each kind of answer of a site becomes: a page's status, nothing, or a problem; never data it doesn't hold."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import NewRecord, StoredRecord
from crawler.pages import read_page
from dataset.readings.bodies import cut_because
from dataset.readings.observe import observe
from tests.dataset.captures import SITE, Capture, Data, Storable, answered, built, card, compared, day, read_json
from tests.dataset.crawls import HTTP, codes, revisit

URL = f"{SITE}/compare/alder-vs-birch"
ALDER = card("alder", name="Alder")
PAGE = answered(compared(ALDER, card("birch", name="Birch"), 1))


@dataclass(frozen=True)
class Answer:
    """An answer with these bytes as its body."""

    url: str
    captured_at: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def record(self) -> NewRecord:
        headers = {"Content-Type": "text/html"} | self.headers
        head = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        block = "\r\n".join(head).encode() + self.body
        return NewRecord("response", self.url, self.captured_at, f"{HTTP}response", block)


def without(status: int, at: float, url: str = URL, **headers: str) -> Capture:
    """An answer without a body."""
    return answered(Capture(url, day(at), None), status, **headers)


def comparison(data: Data) -> dict[str, Any]:
    return data.row("SELECT first_seen, last_seen, http_status FROM comparisons")


@pytest.mark.parametrize("status", [404, 410, 301, 302, 303, 307, 308])
def test_a_page_that_is_gone_or_moved_has_that_status(tmp_path: Path, status: int) -> None:
    data = built(tmp_path, PAGE, without(status, 9, location="/compare/alder-vs-cedar"))
    assert comparison(data) == {"first_seen": day(1), "last_seen": day(9), "http_status": status}
    assert data.row("SELECT parse_status, redirects_to FROM captures WHERE captured_at = ?", day(9)) == {
        "parse_status": "ignored",
        "redirects_to": None if status in (404, 410) else f"{SITE}/compare/alder-vs-cedar",
    }
    assert codes(data) == []
    data.add([revisit(PAGE, day(12))])
    data.build()
    assert comparison(data) == {"first_seen": day(1), "last_seen": day(12), "http_status": 200}


@pytest.mark.parametrize("status", [400, 403, 408, 429, 500, 502, 503, 504])
def test_a_bad_day_of_the_server_says_nothing_of_the_page(tmp_path: Path, status: int) -> None:
    data = built(tmp_path, PAGE, Answer(URL, day(9), b"Slow down!", status))
    assert comparison(data) == {"first_seen": day(1), "last_seen": day(1), "http_status": 200}
    assert codes(data) == []
    [run] = data.rows("SELECT responses_200, responses_4xx, responses_5xx FROM runs")
    assert list(run.values()) == [1, int(status < 500), int(status >= 500)]


@pytest.mark.parametrize(
    "location",
    ["/compare/birch-vs-alder", "https://www.shiporskip.io/compare/alder-vs-birch/", "alder-vs-birch?utm=1#top", ""],
)
def test_a_redirect_to_another_spelling_of_the_page_says_nothing_of_it(tmp_path: Path, location: str) -> None:
    # The page is out of a cache, and so older than the redirect to it.
    page = replace(PAGE, captured_at=day(9), headers=(("Age", "3600"),))
    data = built(tmp_path, page, without(301, 9, f"{SITE}/compare/birch-vs-alder", location=location))
    assert comparison(data)["http_status"] == 200
    moved = data.row("SELECT redirects_to FROM captures WHERE http_status = 301")
    assert moved == {"redirects_to": URL}


@pytest.mark.parametrize("location", [None, "http://[", "mailto:x@example.org", "//:99999/"])
def test_a_redirect_to_nowhere_is_still_one(tmp_path: Path, location: str | None) -> None:
    data = built(tmp_path, PAGE, without(301, 9, **({} if location is None else {"location": location})))
    assert comparison(data)["http_status"] == 301
    assert codes(data) == []


def test_the_latest_answer_is_the_one_made_last(tmp_path: Path) -> None:
    late = without(404, 9, age=str(5 * 86400))
    data = built(tmp_path, answered(replace(PAGE, captured_at=day(5))), late)
    assert comparison(data)["http_status"] == 200
    data.add([without(410, 7)])
    data.build()
    assert comparison(data) == {"first_seen": day(4), "last_seen": day(7), "http_status": 410}


WALL = b"""<!doctype html><html><head><title>Alder vs Birch | AI tool comparison</title></head><body>
<h1>Before you continue</h1><p>We value your privacy. Accept cookies to read Alder vs Birch.</p>
<button>Accept all</button></body></html>"""
CAPTCHA = b"""<!doctype html><html><head><title>Just a moment...</title></head><body><h1>shiporskip.io</h1>
<p>Verify you are human by completing the action below.</p><noscript>Enable JavaScript</noscript></body></html>"""


@pytest.mark.parametrize("body", [WALL, CAPTCHA, b"<html><body>OK</body></html>", b"Hello", b"{}"])
@pytest.mark.parametrize("url", [URL, f"{SITE}/tool/alder", f"{SITE}/reviewer/builder?category=Shelves"])
def test_a_wall_before_a_page_is_a_failure_and_no_data(tmp_path: Path, body: bytes, url: str) -> None:
    data = Data(tmp_path)
    wall = Answer(url, day(1), body)
    again: Storable = revisit(Capture(url, day(1), None), day(2))
    data.add([wall, again])
    data.build(read=read_page)
    assert data.row("SELECT parse_status FROM captures WHERE captured_at = ?", day(1)) == {"parse_status": "failed"}
    for table in ("listings", "listing_captures", "reviews", "personas"):
        assert data.rows(f"SELECT * FROM {table}") == []
    assert ("warning", "not_recognised") in [
        tuple(row.values()) for row in data.rows("SELECT severity, code FROM problems")
    ]
    assert {row["severity"] for row in data.rows("SELECT severity FROM problems")} == {"warning"}


def test_what_a_crawl_also_fetches_makes_no_problems(tmp_path: Path) -> None:
    xml = {"Content-Type": "application/xml"}
    data = Data(tmp_path)
    data.add(
        [
            Answer(
                f"{SITE}/robots.txt", day(1), b"User-agent: *\nCrawl-delay: 1\n", headers={"Content-Type": "text/plain"}
            ),
            Answer(f"{SITE}/robots.txt", day(2), b"", headers={"Content-Type": "text/plain"}),
            Answer(f"{SITE}/robots.txt", day(3), WALL, 404),
            Answer(f"{SITE}/sitemap.xml", day(4), b"<urlset/>", headers=xml),
            Answer(f"{SITE}/sitemap-2.xml.gz", day(5), b"\x1f\x8b", headers={"Content-Type": "application/gzip"}),
            Answer(f"{SITE}/sitemap.xml", day(6), WALL, 404),
            Answer(f"{SITE}/", day(7), WALL),
            Answer(f"{SITE}/categories", day(8), WALL),
            Answer(URL, day(9), WALL, 404),
            Answer(URL, day(10), b"", 410),
            Answer(f"{SITE}/tool/alder", day(11), WALL, 503),
            Answer(f"{SITE}/tool/alder", day(12), b"", 429, {"Retry-After": "120"}),
            Answer(f"{SITE}/tool/alder", day(13), b"", 302, {"Location": "/"}),
            Answer(URL, day(14), b"", 304),
        ]
    )
    report = data.build(read=read_page)
    assert report.statuses == {"ignored": 14}
    assert codes(data) == []


def test_an_empty_page_is_told_and_no_data(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([Answer(URL, day(1), b"", headers={"Content-Length": "0"})])
    data.build(read=read_page)
    assert codes(data) == ["empty_page"]
    assert data.rows("SELECT * FROM comparisons") == []


BODY = compared(ALDER, card("birch", name="Birch"), 1).record().block


def test_a_body_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    data = Data(tmp_path)
    packed = gzip.compress(BODY)
    data.add(
        [
            Answer(URL, day(1), BODY, headers={"Content-Length": str(len(BODY) + 1)}),
            Answer(URL, day(2), BODY, headers={"Content-Length": str(len(BODY))}),
            Answer(URL, day(3), packed[:-4], headers={"Content-Length": str(len(packed)), "Content-Encoding": "gzip"}),
            Answer(URL, day(4), b"", headers={"Content-Length": "9", "Content-Encoding": "gzip"}),
        ]
    )

    def read(body: bytes, *, url: str | None, content_type: str | None) -> Any:
        return (read_json if body else read_page)(body, url=url, content_type=content_type)

    data.build(read=read)
    rows = data.rows("SELECT parse_status, complete FROM captures ORDER BY captured_at")
    assert [tuple(row.values()) for row in rows] == [("incomplete", 0), ("ok", 1), ("incomplete", 0), ("failed", None)]
    problems = data.rows("SELECT severity, code, occurrences, message FROM problems ORDER BY code")
    assert [tuple(row.values()) for row in problems] == [
        (
            "warning",
            "body_cut",
            3,
            f"{URL}: the end of the answer is missing: {len(BODY):,} of {len(BODY) + 1:,} bytes came",
        ),
        ("warning", "empty_page", 1, f"{URL}: the page is empty"),
    ]


def stored(**words: Any) -> StoredRecord:
    facts: dict[str, Any] = {
        "file": "x.warc.gz", "offset": 0, "kind": "response", "url": URL, "captured_at": day(1),
        "content_type": "text/html", "http_status": 200, "http_headers": (), "sha256": "00" * 32, "size": 3,
        "run_id": None,
    }  # fmt: skip
    return StoredRecord(**facts | words)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), None),
        ((("content-length", " 4 "),), "3 of 4 bytes came"),
        ((("Content-Length", "3"),), None),
        ((("Content-Length", "2"),), None),
        ((("Content-Length", "4, 4"),), None),
        ((("Content-Length", "٤"),), None),
        ((("Content-Length", "-1"),), None),
        ((("Content-Length", "4"), ("Transfer-Encoding", "chunked")), None),
        ((("Content-Length", "3"), ("Content-Length", "4")), None),
    ],
)
def test_when_a_body_is_known_to_be_cut(headers: tuple[tuple[str, str], ...], expected: str | None) -> None:
    assert cut_because(stored(http_headers=headers), b"abc") == expected
    assert cut_because(stored(http_headers=headers, http_status=None, kind="resource"), b"abc") is None


@dataclass(frozen=True, slots=True)
class Truncated(StoredRecord):
    """A record of which the archive's reader tells what WARC-Truncated says."""

    truncated: str | None = None


def test_a_body_that_the_archive_says_was_cut(tmp_path: Path) -> None:
    names = StoredRecord.__dataclass_fields__
    record = Truncated(**{name: getattr(stored(), name) for name in names} | {"truncated": "length"})
    seen = observe(record, BODY, read_json, "test")
    assert (seen.capture["parse_status"], seen.capture["complete"], len(seen.cards)) == ("incomplete", 0, 2)
    assert [(each.severity, each.code) for each in seen.problems] == [("warning", "body_cut")]
    assert "it was cut off when it was captured (length)" in seen.problems[0].message
