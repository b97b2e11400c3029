"""Each fault does on the wire what it says."""

from __future__ import annotations

import gzip
import time
import zlib
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from samplesite.faults import ANSWER, PARAMETERS, SITE, WIRE, faults_of, striking
from samplesite.world import MARCH
from tests.samplesite import wire
from tests.serving import SampleSite

HOME = "/"


def pair(site: SampleSite) -> str:
    one, other = site.truth()["comparisons"][0]
    return f"/compare/{one}-vs-{other}"


def whole(site: SampleSite, target: str) -> bytes:
    """The body as it should be."""
    return wire.raw(site, target)[2]


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_status(site: SampleSite, status: int) -> None:
    site.faults([{"kind": "status", "status": status, "path": "^/tool/"}])
    line, headers, body = wire.raw(site, "/tool/x")
    assert line.split()[1] == str(status).encode()
    assert int(headers["content-length"]) == len(body)
    assert "retry-after" not in headers and "etag" not in headers
    assert wire.raw(site, HOME)[0] == b"HTTP/1.1 200 OK"


def test_retry_after(site: SampleSite) -> None:
    site.faults([{"kind": "status", "status": 429, "retry_after": 30}])
    assert wire.raw(site, HOME)[1]["retry-after"] == "30"
    site.faults([{"kind": "status", "status": 429, "retry_after": 30, "retry_as": "date"}])
    _, headers, _ = wire.raw(site, HOME)
    assert parsedate_to_datetime(headers["retry-after"]).timestamp() == MARCH + 30
    assert parsedate_to_datetime(headers["date"]).timestamp() == MARCH
    site.faults([{"kind": "status", "status": 429, "retry_after": 30, "retry_as": "wall_date"}])
    at = parsedate_to_datetime(wire.raw(site, HOME)[1]["retry-after"]).timestamp()
    assert abs(at - time.time() - 30) < 5


def test_chains_and_loops_of_redirects(site: SampleSite) -> None:
    site.faults(
        [
            {"kind": "redirect", "path": "^/a$", "to": "/b"},
            {"kind": "redirect", "path": "^/b$", "to": "/c", "status": 302},
            {"kind": "redirect", "path": "^/c$", "to": "/a", "status": 308},
        ]
    )
    found = [wire.raw(site, target) for target in ("/a", "/b", "/c")]
    assert [(line.split()[1], headers["location"]) for line, headers, _ in found] == [
        (b"301", "/b"), (b"302", "/c"), (b"308", "/a"),
    ]  # fmt: skip


def test_drip(site: SampleSite) -> None:
    size = len(whole(site, HOME))
    site.faults([{"kind": "drip", "bytes_per_second": size * 2}])
    with wire.connected(site) as connection:
        connection.sendall(wire.request(HOME))
        start, parts = time.monotonic(), 0
        while connection.recv(65536):
            parts += 1
        assert 0.3 < time.monotonic() - start < 3
    assert parts > 5


def test_cut(site: SampleSite) -> None:
    body = whole(site, HOME)
    site.faults([{"kind": "cut", "share": 0.25}])
    _, headers, received = wire.raw(site, HOME, "")
    assert int(headers["content-length"]) == len(body)
    assert received == body[: len(body) // 4]


@pytest.mark.parametrize("by", [50, -50])
def test_wrong_length(site: SampleSite, by: int) -> None:
    body = whole(site, HOME)
    site.faults([{"kind": "wrong_length", "by": by}])
    _, headers, received = wire.raw(site, HOME, "")
    assert received == body
    assert int(headers["content-length"]) == len(body) + by


@pytest.mark.parametrize("how", ["corrupt", "truncated", "plain"])
def test_bad_gzip(site: SampleSite, how: str) -> None:
    site.faults([{"kind": "bad_gzip", "how": how}])
    for accepted in ("", "Accept-Encoding: gzip\r\n"):
        _, headers, body = wire.raw(site, HOME, accepted + wire.CLOSE)
        assert (headers["content-encoding"], int(headers["content-length"])) == ("gzip", len(body))
        with pytest.raises((OSError, EOFError, zlib.error)):
            gzip.decompress(body)


def test_wrong_charset(site: SampleSite) -> None:
    site.faults([{"kind": "wrong_charset"}])
    target = pair(site)
    _, headers, body = wire.raw(site, target, "Accept-Encoding: gzip\r\n" + wire.CLOSE)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "·" in body.decode("windows-1252")
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    site.faults([{"kind": "wrong_charset", "declares": "utf-16", "uses": "utf-8"}])
    _, headers, body = wire.raw(site, target)
    assert headers["content-type"].endswith("charset=utf-16")
    assert "·" in body.decode()
    assert wire.raw(site, "/robots.txt")[1]["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("style", "words"), [("captcha", b"human"), ("consent", b"privacy")])
def test_captcha(site: SampleSite, style: str, words: bytes) -> None:
    site.faults([{"kind": "captcha", "style": style}])
    line, headers, body = wire.raw(site, pair(site))
    assert line == b"HTTP/1.1 200 OK" and words in body and b"Panel ship" not in body
    assert "etag" not in headers


def test_empty_body(site: SampleSite) -> None:
    site.faults([{"kind": "empty_body"}])
    line, headers, body = wire.raw(site, HOME)
    assert (line, headers["content-length"], body) == (b"HTTP/1.1 200 OK", "0", b"")


def test_hang(site: SampleSite) -> None:
    site.faults([{"kind": "hang", "seconds": 0.4}])
    start = time.monotonic()
    assert wire.raw(site, HOME)[0] == b"HTTP/1.1 200 OK"
    assert 0.4 <= time.monotonic() - start < 3
    site.faults([{"kind": "hang"}])
    with wire.connected(site, timeout=0.3) as connection:
        connection.sendall(wire.request(HOME))
        with pytest.raises(TimeoutError):
            connection.recv(1)
    time.sleep(0.05)
    entry = site.log()[-1]
    assert entry["status"] is None and entry["bytes_sent"] == 0 and entry["done_at"] > entry["at"]


def test_reset(site: SampleSite) -> None:
    site.faults([{"kind": "reset"}])
    with wire.connected(site) as connection:
        connection.sendall(wire.request(HOME))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert site.log()[-1]["bytes_sent"] == 0


def test_bad_status_line(site: SampleSite) -> None:
    site.faults([{"kind": "bad_status_line"}])
    assert not wire.raw(site, HOME)[0].startswith(b"HTTP/")
    site.faults([{"kind": "bad_status_line", "line": "HTTP/1.1 twohundred"}])
    assert wire.raw(site, HOME)[0] == b"HTTP/1.1 twohundred"


def test_huge(site: SampleSite) -> None:
    site.faults([{"kind": "huge"}])
    with wire.connected(site) as connection:
        connection.sendall(wire.request(HOME))
        received = 0
        while received < 8 * 2**20:
            received += len(connection.recv(2**20))
    site.faults([{"kind": "huge", "megabytes": 3}])
    _, headers, body = wire.raw(site, HOME)
    assert int(headers["content-length"]) == len(body) >= 3 * 2**20
    site.faults([{"kind": "huge", "megabytes": 5, "compressed": True}])
    body = wire.raw(site, HOME)[2]
    assert len(body) < 100_000 and len(gzip.decompress(body)) > 4.9 * 2**20


def test_offsite_links(site: SampleSite) -> None:
    site.faults([{"kind": "offsite_links"}])
    body = whole(site, pair(site))
    assert b'href="https://elsewhere.example/' in body and b'href="//other.example/' in body
    site.faults([{"kind": "offsite_links"}, {"kind": "www"}])
    assert b'href="//other.example/' in whole(site, pair(site))


def test_calendar(site: SampleSite) -> None:
    assert wire.raw(site, "/calendar/2026-02")[0].split()[1] == b"404"
    site.faults([{"kind": "calendar"}])
    assert b'href="/calendar/2026-02"' in whole(site, HOME)
    assert b'href="/calendar/2027-01"' in whole(site, "/calendar/2026-12")
    assert b'href="/calendar/2025-12"' in whole(site, "/calendar/2026-01")


def test_reverse_pairs(site: SampleSite) -> None:
    one, other = site.truth()["comparisons"][0]
    there, back = f"/compare/{one}-vs-{other}", f"/compare/{other}-vs-{one}"
    site.faults([{"kind": "reverse_pairs"}])
    assert back.encode() in whole(site, "/compare") and there.encode() in whole(site, "/compare")
    assert back.encode() in gzip.decompress(whole(site, "/sitemaps/sitemap-compare-1.xml.gz"))
    assert whole(site, back) != whole(site, there)
    site.faults([{"kind": "reverse_pairs", "answer": "redirect"}])
    line, headers, _ = wire.raw(site, back)
    assert (line.split()[1], headers["location"]) == (b"301", there)


def test_www(site: SampleSite) -> None:
    site.faults([{"kind": "www"}])
    assert b"Sitemap: http://www.sample/sitemap.xml" in whole(site, "/robots.txt")
    assert b"<loc>http://www.sample/tool/" in whole(site, "/sitemaps/sitemap-tools.xml")
    body = whole(site, HOME)
    assert b'href="http://www.sample/compare"' in body and b'href="/' not in body
    site.faults([{"kind": "www", "host": "www.localhost:1"}])
    assert b"http://www.localhost:1/sitemap.xml" in whole(site, "/robots.txt")


def test_disallow_and_crawl_delay(site: SampleSite) -> None:
    site.faults([{"kind": "disallow", "paths": ["/reviewer/", "/tool/x*"]}, {"kind": "crawl_delay", "seconds": 0.5}])
    lines = whole(site, "/robots.txt").decode().splitlines()
    assert lines[3:6] == ["Disallow: /reviewer/", "Disallow: /tool/x*", "Crawl-delay: 0.5"]


def test_robots_status(site: SampleSite) -> None:
    for status in (403, 404, 500):
        site.faults([{"kind": "robots_status", "status": status}])
        assert wire.raw(site, "/robots.txt")[0].split()[1] == str(status).encode()
        assert wire.raw(site, HOME)[0].split()[1] == b"200"
    site.faults([{"kind": "robots_status", "to": "/elsewhere", "status": 302}])
    line, headers, _ = wire.raw(site, "/robots.txt")
    assert (line.split()[1], headers["location"]) == (b"302", "/elsewhere")


def test_no_sitemap(site: SampleSite) -> None:
    site.faults([{"kind": "no_sitemap"}])
    assert b"Sitemap" not in whole(site, "/robots.txt")
    for target in ("/sitemap.xml", "/sitemaps/sitemap-tools.xml"):
        assert wire.raw(site, target)[0].split()[1] == b"404"


@pytest.mark.parametrize("how", ["broken", "html", "bad_gzip", "huge"])
def test_bad_sitemap(site: SampleSite, how: str) -> None:
    site.faults([{"kind": "bad_sitemap", "how": how}])
    body = whole(site, "/sitemap.xml")
    assert whole(site, "/sitemaps/sitemap-compare-1.xml.gz") == body
    assert (len(body) > 8_000_000) == (how == "huge")
    assert b"</urlset>" in body if how == "huge" else b"</urlset>" not in body
    assert b"Panel" not in whole(site, HOME)


def test_validators(site: SampleSite) -> None:
    etag = wire.raw(site, HOME)[1]["etag"]
    site.faults([{"kind": "weak_etag"}])
    weak = wire.raw(site, HOME)[1]["etag"]
    assert weak == f"W/{etag}"
    line, headers, _ = wire.raw(site, HOME, f"If-None-Match: {weak}\r\n{wire.CLOSE}")
    assert (line.split()[1], headers["etag"]) == (b"304", weak)
    site.faults([{"kind": "no_validators"}])
    assert not {"etag", "last-modified"} & set(wire.raw(site, HOME)[1])


def test_faults_of_a_body_pass_over_a_304(site: SampleSite) -> None:
    etag = wire.raw(site, HOME)[1]["etag"]
    site.faults([{"kind": "bad_gzip"}, {"kind": "huge"}, {"kind": "wrong_length"}])
    line, headers, body = wire.raw(site, HOME, f"If-None-Match: {etag}\r\n{wire.CLOSE}")
    assert (line.split()[1], body) == (b"304", b"") and "content-length" not in headers


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, "xxxxxxxxxx"),
        ({"times": 2}, "xx........"),
        ({"after": 3, "times": 1}, "...x......"),
        ({"every": 4}, "x...x...x."),
        ({"every": 4, "burst": 2, "after": 1}, ".xx..xx..x"),
        ({"every": 3, "times": 2}, "x..x......"),
        ({"path": "^/nowhere"}, ".........."),
    ],
)
def test_when_a_fault_strikes(when: dict[str, object], struck: str) -> None:
    faults = faults_of([{"kind": "reset", **when}])
    assert "".join("x" if striking(faults, "/tool/a?b=c") else "." for _ in range(10)) == struck


def test_several_faults_and_what_the_log_says(site: SampleSite) -> None:
    site.faults([{"kind": "status", "status": 503}, {"kind": "cut", "share": 0.5}, {"kind": "offsite_links"}])
    line, headers, body = wire.raw(site, HOME)
    assert line.split()[1] == b"503" and len(body) == int(headers["content-length"]) // 2
    entry = site.log()[-1]
    assert (entry["status"], entry["fault"]) == (503, "status+cut")
    assert [(each["hits"], each["struck"]) for each in site.state()["faults"]] == [(1, 1)] * 3
    site.faults([])
    wire.raw(site, HOME)
    assert site.log()[-1]["fault"] is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "cut", "bytes_per_second": 5},
        {"kind": "status", "status": "404"},
        {"kind": "lastmod", "how": "maybe"},
        {"kind": "reset", "every": 0.5},
        {"kind": "reset", "path": "("},
        "reset",
    ],
)
def test_what_makes_no_sense_is_refused(site: SampleSite, said: object) -> None:
    with pytest.raises(ValueError, match=r"[Ee]rror: "):
        site.control("POST", "faults", [said])
    assert site.state()["faults"] == []


def test_every_kind_is_tried() -> None:
    assert set(PARAMETERS) == set(SITE) | set(ANSWER) | set(WIRE)
    text = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    assert [kind for kind in PARAMETERS if f'"kind": "{kind}"' not in text] == []
