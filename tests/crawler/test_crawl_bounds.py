"""A crawl is bounded, whatever a site sends: its memory, and how many pages it asks for."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.hostile import Hostile, Piece, answer, hostile
from tests.serving import ROOT
from tests.verdictlog.running import environment

MB = 1 << 20
BUDGET = "1000" if os.environ.get("VERDICTLOG_TEST_LONG") == "1" else "120"
ROBOTS = answer(b"User-agent: *\nDisallow:\nSitemap: /sitemap.xml\n")
MEASURED = """
import re, sys
from pathlib import Path
from verdictlog.cli import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system shows no peak of memory")


def peak(server: Hostile, data: Path, *words: str) -> int:
    """The most memory (bytes) that a crawl of `server` took."""
    command = [sys.executable, "-c", MEASURED, "crawl", server.url, "--data", str(data), "--delay", "0", *words]
    done = subprocess.run(
        command, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr[-2000:]
    return int(done.stderr.split()[-1]) * 1024


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The memory that a small crawl takes."""
    with hostile(lambda path: [ROBOTS if path == "/robots.txt" else answer(b"<a href='/tool/a'>x</a>")]) as server:
        return peak(server, tmp_path_factory.mktemp("usual"))


def endless_head() -> Iterator[Piece]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"".join(b"X-%d: v\r\n" % number for number in range(5000))


def bomb(size: int) -> bytes:
    return gzip.compress(b"<p>" * (size // 3), 1, mtime=0)


@needs_proc
def test_an_endless_head_takes_no_memory(usual: int, tmp_path: Path) -> None:
    def answers(path: str) -> Iterable[Piece]:
        return endless_head() if path.startswith("/tool") else [answer(b"<a href='/tool/a'>x</a>")]

    with hostile(answers) as server:
        assert peak(server, tmp_path) < usual + 20 * MB


@needs_proc
@pytest.mark.long
def test_bombs_take_no_more_than_the_bounds_allow(usual: int, tmp_path: Path) -> None:
    def answers(path: str) -> Iterable[Piece]:
        if path in ("/robots.txt", "/"):
            return [ROBOTS if path != "/" else answer(b"<a href='/tool/a'>x</a><a href='/tool/b'>x</a>")]
        if path == "/sitemap.xml":
            return [answer(bomb(400 * MB))]
        if path == "/tool/a":
            return [answer(bomb(400 * MB), "Content-Encoding: gzip")]
        return [b"HTTP/1.1 200 OK\r\n\r\n", *[b"<p>" * 100_000] * 400]

    with hostile(answers) as server:
        assert peak(server, tmp_path) < usual + 400 * MB


def growing(path: str) -> Iterable[Piece]:
    """Each page has new cookies, many headers, links and redirects to new pages."""
    if path == "/robots.txt":
        return [ROBOTS]
    if "sitemap" in path:
        number = int("".join(filter(str.isdigit, path)) or 0)
        urls = "".join(f"<url><loc>/tool/s{number}-{n}?{'x' * 1500}</loc></url>" for n in range(500))
        return [answer(f"<urlset>{urls}</urlset>".encode())]
    name = path.rpartition("/")[2]
    cookies = [f"Set-Cookie: {name}{number}={'x' * 900}" for number in range(50)]
    if name.endswith("r"):
        return [answer(b"", f"Location: {path}r", *cookies, status="302 Found")]
    links = "".join(f"<a href='/tool/{name}{n}r'>x</a><a href='/other/{name}{n}{'y' * 90}'>x</a>" for n in range(500))
    return [answer(links.encode(), *cookies, f"ETag: {'e' * 200}")]


@needs_proc
def test_memory_does_not_grow_with_what_was_sent(tmp_path: Path) -> None:
    with hostile(growing) as server:
        few, many = (peak(server, tmp_path / budget, "--budget", budget) for budget in ("20", BUDGET))
    assert many < few + 30 * MB


def scrapy(server: Hostile, data: Path, **settings: int) -> None:
    """Crawl with Scrapy's own command, which takes settings."""
    given = {"VERDICTLOG_DATA": data, "VERDICTLOG_DELAY": 0.001, **settings}
    words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "site", "-a", f"url={server.url}", *words],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


ENDLESS = {
    "DEPTH_LIMIT": ("/category/%s", 1),
    "MAX_LISTS": ("/category/%s", 7),
    "MAX_URLS": ("/tool/%s", 7),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_pages_that_lead_on_for_ever_end(tmp_path: Path, name: str) -> None:
    path_of, links = ENDLESS[name]

    def answers(path: str) -> Iterable[Piece]:
        last = path.rpartition("/")[2]
        found = (path_of % f"{last}{number}" for number in range(links))
        return [ROBOTS if path == "/robots.txt" else answer("".join(f"<a href='{p}'>x</a>" for p in found).encode())]

    with hostile(answers) as server:
        scrapy(server, tmp_path, **{name: 20}, VERDICTLOG_BUDGET=200)
        asked = [path for path in server.paths if path not in ("/robots.txt", "/sitemap.xml", "/")]
    assert 18 <= len(asked) <= 20
