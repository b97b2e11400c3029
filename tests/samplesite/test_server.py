"""HTTP as it should be, the log, the process, and that nobody else can reach it."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time

import pytest

from samplesite.__main__ import EXAMPLES, main
from samplesite.server import NotLoopbackError, check_host
from tests.samplesite import wire
from tests.serving import ROOT, SampleSite, sample_site, start_site

HOME = "/"


def every_body(site: SampleSite) -> list[tuple[str, int, bytes]]:
    targets = [f"/tool/{slug}" for slug in site.truth()["listings"]]
    targets += [f"/compare/{a}-vs-{b}" for a, b in site.truth()["comparisons"][:20]]
    found = []
    for target in (*targets, "/", "/compare", "/sitemap.xml", "/sitemaps/sitemap-compare-1.xml.gz", "/categories"):
        page = site.request("GET", target, headers={"Host": "sample"})
        found.append((page.headers.get("etag", ""), page.status, page.body))
    return found


def test_two_processes_serve_the_same_bytes() -> None:
    with sample_site(seed=3, tools=9) as one, sample_site(seed=3, tools=9) as other:
        other.clock("2026-03-20T00:00:00Z")
        every_body(other)
        for site in (one, other):
            site.clock("2026-03-09T12:00:00Z")
        bodies = every_body(one)
        assert bodies == every_body(other)
    with sample_site(seed=4, tools=9, start="2026-03-09T12:00:00Z") as another:
        assert every_body(another) != bodies


def test_a_connection_is_kept_alive(site: SampleSite) -> None:
    with wire.connected(site) as connection:
        for target in (HOME, "/compare", "/nothing", HOME):
            connection.sendall(wire.request(target, ""))
            assert wire.one_answer(connection).startswith(b"HTTP/1.1 404" if target == "/nothing" else b"HTTP/1.1 200")
    assert [entry["path"] for entry in site.log()] == [HOME, "/compare", "/nothing", HOME]


def test_requests_that_come_at_once_are_answered_in_order(site: SampleSite) -> None:
    site.faults([{"kind": "hang", "seconds": 0.2, "path": "^/compare$"}])
    with wire.connected(site) as connection:
        connection.sendall(wire.request("/compare", "") + wire.request("/categories", "") + wire.request(HOME))
        received = wire.all_of(connection)
    places = [
        received.index(words)
        for words in (b"HTTP/1.1", b">Comparisons</h1>", b">Categories</h1>", b">The Sample Desk</h1>")
    ]
    assert places == sorted(places)


def test_a_request_in_pieces(site: SampleSite) -> None:
    with wire.connected(site) as connection:
        for part in (b"GET / HT", b"TP/1.1\r\nHost: x\r", b"\n\r", b"\n"):
            connection.sendall(part)
            time.sleep(0.02)
        assert wire.one_answer(connection).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://x/ HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET / HTTP/1.0\r\n\r\n", b"200"),
    ],
)
def test_bad_requests_and_old_ones_end_the_connection(site: SampleSite, sent: bytes, status: bytes) -> None:
    with wire.connected(site) as connection:
        connection.sendall(sent)
        assert wire.all_of(connection).split()[1] == status


def test_head_has_the_headers_of_get(site: SampleSite) -> None:
    head = site.request("HEAD", HOME)
    get = site.get(HOME)
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


def test_headers_of_a_page(site: SampleSite) -> None:
    page = site.get("/compare")
    assert page.headers["date"] == "Sun, 01 Mar 2026 00:00:00 GMT"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert int(page.headers["content-length"]) == len(page.body)


def test_compressed_where_the_client_takes_it(site: SampleSite) -> None:
    plain = site.get(HOME)
    packed = site.get(HOME, Accept_Encoding="br, gzip;q=0.8")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    for said in ("identity", "br", "gzip;q=0", "gzip; q=0.0"):
        assert "content-encoding" not in site.get(HOME, Accept_Encoding=said).headers


def test_unchanged_pages_are_not_sent_again(site: SampleSite) -> None:
    slug = next(slug for slug, said in site.truth()["listings"].items() if said["tool"] == "tool-2")
    target = f"/tool/{slug}"
    page = site.get(target, Accept_Encoding="gzip")
    etag, modified = page.headers["etag"], page.headers["last-modified"]
    again = site.get(target, If_None_Match=etag, Accept_Encoding="gzip")
    assert (again.status, again.body) == (304, b"")
    assert (again.headers["etag"], again.headers["last-modified"]) == (etag, modified)
    assert "date" in again.headers and "content-type" not in again.headers
    assert site.get(target, If_None_Match=f'"x", {etag}').status == 304
    assert site.get(target, If_Modified_Since=modified).status == 304
    assert site.get(target, If_None_Match='"x"', If_Modified_Since=modified).status == 200, "an ETag outweighs a date"
    assert site.get(target, If_Modified_Since="Sat, 31 Jan 2026 00:00:00 GMT").status == 200
    assert site.get(target, If_Modified_Since="no date").status == 200
    site.advance(300 * 86_400)
    assert site.get(target, If_None_Match=etag, If_Modified_Since=modified).status == 200
    assert site.get(target, If_Modified_Since=modified).status == 200


def test_another_layout_is_another_page(site: SampleSite) -> None:
    target = "/tool/" + next(iter(site.truth()["listings"]))
    page = site.get(target)
    site.advance(60)
    site.layout("lists")
    assert site.get(target, If_None_Match=page.headers["etag"]).status == 200
    assert site.get(target, If_Modified_Since=page.headers["last-modified"]).status == 200


def test_the_log(site: SampleSite) -> None:
    before = time.monotonic()
    site.get("/reviewer/skeptic?category=Models", X_Trace="yes")
    site.get(HOME)
    first, second = site.log()
    assert first["number"] + 1 == second["number"]
    assert before < first["at"] <= first["done_at"] < second["at"] < time.monotonic()
    assert abs(first["wall"] - time.time()) < 60
    assert (first["method"], first["path"], first["host"]) == (
        "GET", "/reviewer/skeptic?category=Models", f"{site.host}:{site.port}",
    )  # fmt: skip
    assert first["headers"]["x-trace"] == "yes"
    assert (second["status"], second["fault"], second["site_time"]) == (200, None, "2026-03-01T00:00:00Z")
    assert second["bytes_sent"] > len(site.get(HOME).body)
    site.clear_log()
    assert site.log() == []


def test_the_clock_stands_until_it_is_moved_or_runs(site: SampleSite) -> None:
    assert site.truth()["now"] == "2026-03-01T00:00:00Z"
    site.advance(90)
    assert site.get(HOME).headers["date"] == "Sun, 01 Mar 2026 00:01:30 GMT"
    with pytest.raises(ValueError, match="opened"):
        site.clock("2020-01-01T00:00:00Z")
    with sample_site(tools=2, running=True) as running:
        deadline = time.monotonic() + 10
        while running.truth()["now"] == "2026-03-01T00:00:00Z" and time.monotonic() < deadline:
            time.sleep(0.1)
        assert "2026-03-01T00:00:00Z" < running.truth()["now"] < "2026-03-01T00:01:00Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to(number: int) -> None:
    site = start_site(tools=2)
    try:
        with wire.connected(site) as open_connection:
            open_connection.sendall(wire.request(HOME, ""))
            wire.one_answer(open_connection)
            site.process.send_signal(number)
            assert site.process.wait(timeout=10) == 0
    finally:
        site.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_it_refuses_to_listen_beyond_this_machine(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotLoopbackError, match="only listens on this machine"):
        check_host(host)
    assert main(["--host", host]) == 2
    said = capsys.readouterr()
    assert "only listens on this machine" in said.err and said.out == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_is_fine(host: str) -> None:
    assert check_host(host) == host


@pytest.mark.parametrize("words", [["--start", "yesterday"], ["--start", "2020-01-01"], ["--layout", "x"]])
def test_options_that_make_no_sense(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "samplesite", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr


def test_the_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert EXAMPLES.strip() in capsys.readouterr().out
