"""Small inputs that stopped something: each ends in time with a problem, and the pages beside it are read."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.crawler.pages.test_cost import read_apart
from tests.verdictlog.running import SAMPLES, SITE, manifest, run

HOSTILE = Path(__file__).parents[3] / "shared" / "cases" / "hostile"
GOOD = "fernway-vs-gatepost.html"
GOOD_URL = f"{SITE}/compare/fernway-local-ci-runner-vs-gatepost-agent-permissions-proxy"
AT = "2026-10-05T08:00:00Z"

OWN = {
    "own-closed.html": b"<html><body><p>x</body>" + b"<!---->" * 40 + b"x",
    "own-markup.bin": b"<!---->" * 40 + b"\xff",
    "own-attributes.html": b"<body><p " + b" ".join(b"a%d" % n for n in range(20_000)) + b">",
    "own-formatting.html": b"<body>" + b"".join(b"<p><b a=%d>" % n for n in range(4_000)),
    "own-depth.html": b"<body>" + b"<div><!--</div>-->" * 20_000,
    "own-number.html": (
        "<body><h1>The Skeptic</h1><h3>Gets excited about</h3><h3>Tired of</h3>"
        f"<h2>Developer Tools verdicts ({'9' * 30} tools, {'9' * 6_000} shipped)</h2></body></html>"
    ).encode(),
    "own-heading.html": b"<body><h3>Tired of</h3><p>x" + b"&nbsp;" * 40_000 + b"verdicts (</p></body></html>",
    "own-critic.html": (SAMPLES / GOOD)
    .read_bytes()
    .replace(b">Builder<", b">Builder:<")
    .replace(b">Skeptic<", b">:::<"),
}
"""One of each kind, made here; the cases that only developers have come beside them."""


def hostile() -> list[tuple[str, bytes]]:
    shared = sorted(HOSTILE.glob("*")) if HOSTILE.is_dir() else []
    return [*OWN.items(), *((path.name, path.read_bytes()) for path in shared if path.suffix in (".html", ".bin"))]


def url_of(name: str) -> str:
    stem = name.partition(".")[0]
    if "critic" in name:
        return GOOD_URL.replace("fernway", "furnway")
    return (
        f"{SITE}/reviewer/skeptic?category={stem}" if "reviewer" in name or "number" in name else f"{SITE}/tool/{stem}"
    )


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile cases (../shared/cases/hostile) are not on this machine")
def test_the_shared_cases_are_there() -> None:
    assert len(hostile()) >= len(OWN) + 7


@pytest.mark.parametrize(("name", "body"), hostile(), ids=[name for name, _ in hostile()])
def test_each_is_read_in_time_with_little_memory(name: str, body: bytes) -> None:
    assert "reader_failed" not in read_apart(body)


@pytest.mark.parametrize("name", [name for name, _ in hostile() if name.endswith(".bin")])
def test_a_bare_file_is_imported_or_refused_in_time(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(dict(hostile())[name])
    start = time.monotonic()
    ran = run("import", "--data", tmp_path / "data", "--captured-at", AT, tmp_path / name)
    assert time.monotonic() - start < 100  # with the start of the program on a busy machine; it went on for ever
    assert ran.code in (0, 1)


def test_the_pages_beside_them_are_read(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    entries = [{"file": GOOD, "url": GOOD_URL, "captured_at": AT, "content_type": "text/html"}]
    (pages / GOOD).write_bytes((SAMPLES / GOOD).read_bytes())
    for name, body in hostile():
        (pages / name).write_bytes(body)
        entries.append({"file": name, "url": url_of(name), "captured_at": AT, "content_type": "text/html"})
    data = tmp_path / "data"
    start = time.monotonic()
    assert run("import", "--data", data, manifest(pages, entries)).code == 0
    built = run("build", "--data", data)
    assert time.monotonic() - start < 2 * len(entries) + 100
    assert built.code in (0, 1)
    with closing(sqlite3.connect(data / "verdictlog.db")) as con:
        status = dict(con.execute("SELECT answered_url, parse_status FROM captures"))
        told = {url for (url,) in con.execute("SELECT DISTINCT url FROM problems")}
        critics = [name for (name,) in con.execute("SELECT name FROM personas")]
    assert len(status) == len(entries)
    assert status[GOOD_URL] == "ok"
    assert "Builder" in critics
    assert "" not in critics
    for entry in entries:
        is_read = status[entry["url"]] == "ok"
        assert is_read or any(entry["url"].partition("?")[0] in (each or "") for each in told), entry["file"]
