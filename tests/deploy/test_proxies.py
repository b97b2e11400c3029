"""The published site through nginx and through Caddy, set up as in ``deploy/``: a real server behind a real one."""

from __future__ import annotations

import gzip
import http.client
import json
import random
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.dataset.serving.test_web_headers import json_ld_of, links
from tests.deploy.webservers import in_front, missing
from tests.publishing import Server, make_dataset, served

BASE = "/verdicts"
BULK = 24_000_000
"""Bytes of a large export: more than sockets and web servers hold."""
BUILDS = 6
OWN = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary", "via"}
"""Headers that each server sets for itself."""


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key == name)


class Published(NamedTuple):
    """A server, and a web server in front of it.

    `kind` is that one's name, `host` its host and port, `folder` where its files are; `dataset` is what is served.
    """

    kind: str
    server: Server
    host: str
    folder: Path
    dataset: Path

    def ask(self, path: str, *, method: str = "GET", direct: bool = False, **headers: str) -> Answer:
        """The answer to one request, as it came: nothing unpacked, no redirect followed."""
        host = urlsplit(self.server.address).netloc if direct else self.host
        given = {"Host": self.host} | {key.replace("_", "-"): value for key, value in headers.items()}
        with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
            connection.request(method, path, headers=given)
            answer = connection.getresponse()
            return Answer(answer.status, [(k.lower(), v) for k, v in answer.getheaders()], answer.read())


@pytest.fixture(scope="module", params=["nginx", pytest.param("caddy", marks=pytest.mark.long)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    if reason := missing(request.param):
        pytest.skip(reason)
    data, web, noise = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("web"), random.Random(7)
    make_dataset(data / "verdictlog.db", marker="build 0")
    with closing(sqlite3.connect(data / "verdictlog.db")) as con:
        rows = ((f"{n:06}", noise.randbytes(4000).hex()) for n in range(BULK // 8000))
        con.executemany("INSERT INTO dataset_info VALUES (?, ?)", rows)
        con.commit()
    with served(data, base_url=BASE) as server, in_front(request.param, server.address, web) as host:
        yield Published(request.param, server, host, web, data / "verdictlog.db")


def test_every_link_leads_somewhere(site: Published) -> None:
    seen: set[str] = set()
    for page in ("/tool/lantern-notes", "/verdictlog/listings?_facet=category", "/"):
        for link in sorted(links(f"http://{site.host}{BASE}{page}", site.ask(BASE + page).body.decode())):
            parts = urlsplit(link)
            kind = re.sub(r"(?<=/export/)\w+", "", parts.path) + re.sub(r"=[^&]*", "", parts.query)
            if parts.netloc != site.host or kind in seen or parts.path.endswith(".db"):
                continue
            seen.add(kind)
            assert parts.path.startswith(f"{BASE}/"), link
            assert site.ask(f"{parts.path}?{parts.query}", method="HEAD").status == 200, link
    assert len(seen) > 40


def test_redirects_stay_under_the_prefix(site: Published) -> None:
    for path, target in (
        ("", "/"),
        ("/tool/t-lantern-notes-2", "/tool/lantern-notes"),
        ("/-/feeds/tool/lantern-notes-2.atom", "/-/feeds/tool/t-lantern-notes.atom"),
        ("/verdictlog/listings/", "/verdictlog/listings"),
    ):
        answer = site.ask(BASE + path)
        assert answer.status in (301, 302), path
        assert answer.header("location").removeprefix(f"http://{site.host}") == BASE + target
        assert site.ask(BASE + target).status == 200


def test_addresses_are_those_that_people_use(site: Published) -> None:
    """Both ways: the server is asked for what was asked for, and names itself as the world knows it."""
    # What is not found, Datasette asks for once more, spelled in its own way: that it was a/../b shows there.
    again = site.ask(f"{BASE}/verdictlog/listings/a%2F%2E%2E%2Fb").header("location")
    assert again.removeprefix(f"http://{site.host}") == f"{BASE}/verdictlog/listings/a~2F~2E~2E~2Fb"
    assert b'value="a+b&amp;c d"' in site.ask(f"{BASE}/search?q=a%2Bb%26c+d").body
    own = f"http://{site.host}{BASE}"
    assert f'href="{own}/-/feeds/flips.atom"'.encode() in site.ask(f"{BASE}/-/feeds/flips.atom").body
    assert json_ld_of(site.ask(f"{BASE}/").body.decode())["url"] == f"{own}/"
    told = site.ask("/robots.txt")
    assert (told.status, told.body) == (200, site.ask(f"{BASE}/robots.txt").body)
    assert b"Disallow: /verdicts/-/" in told.body


def test_answers_come_through_as_they_are(site: Published) -> None:
    pages = (
        "/",
        "/verdictlog/listings.json?_shape=array",
        "/-/static-plugins/verdictlog/site.css",
        "/-/feeds/flips.atom",
        "/nothing",
    )
    for page in (*pages, "/-/export/tools.csv", "/-/export/tools.parquet", "/-/export/datapackage.json"):
        direct, through = (site.ask(BASE + page, direct=each, Origin="https://x.example") for each in (True, False))
        assert (through.status, through.body) == (direct.status, direct.body), page
        assert through.header("access-control-allow-origin") == "*"
        assert through.header("content-security-policy").startswith("default-src 'none'; ")
        given = [sorted(each for each in answer.headers if each[0] not in OWN) for answer in (direct, through)]
        assert given[0] == given[1], page
    assert site.ask(f"{BASE}/", method="POST").status == 405
    asked = site.ask(f"{BASE}/verdictlog.json", method="OPTIONS", Origin="https://x.example")
    assert (asked.status, asked.header("access-control-allow-methods")) == (204, "GET, HEAD, OPTIONS")


def test_texts_are_packed_and_known_again(site: Published) -> None:
    for page in ("/", "/verdictlog/listings.json?_shape=array", "/-/static-plugins/verdictlog/site.css",
                 "/-/static/table.js", "/-/feeds/changes.atom", "/-/export/listings.csv",
                 "/-/export/listings.jsonl"):  # fmt: skip
        plain, packed = site.ask(BASE + page), site.ask(BASE + page, Accept_Encoding="gzip")
        assert packed.header("content-encoding") == "gzip", page
        assert "accept-encoding" in packed.header("vary").lower()
        assert gzip.decompress(packed.body) == plain.body
        assert site.ask(BASE + page, If_None_Match='"another"').status == 200
        for known in (plain, packed):
            for encoding in ("identity", "gzip"):
                again = site.ask(BASE + page, If_None_Match=known.header("etag"), Accept_Encoding=encoding)
                assert (again.status, again.body) == (304, b""), (page, known.header("etag"), encoding)


def test_a_large_export_comes_whole_and_never_lies_on_the_disk(site: Published) -> None:
    page = f"{BASE}/-/export/dataset_info.csv"
    with slow_reader(site, page) as answer:
        time.sleep(1)  # in which a web server that may would have put it there
        assert open_files(site.folder) == []
        rest = answer.read()
    whole = site.ask(page, direct=True).body
    assert len(whole) > BULK
    assert rest == whole[1000:]
    assert site.ask(f"{BASE}/verdictlog.db").body == site.dataset.read_bytes()


@contextmanager
def slow_reader(site: Published, page: str) -> Iterator[http.client.HTTPResponse]:
    """The rest of an answer of which somebody took 1,000 bytes."""
    with closing(http.client.HTTPConnection(site.host, timeout=30)) as connection:
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.request("GET", page)
        with connection.getresponse() as answer:
            assert len(answer.read(1000)) == 1000
            yield answer


def open_files(folder: Path) -> list[str]:
    """The files in `folder` that any process has open, deleted ones included, but for a web server's log."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            found.add(str(entry.readlink()))
    return sorted(each for each in found if each.startswith(f"{folder}/") and not each.endswith("/log"))


def test_no_request_fails_while_builds_land(site: Published, tmp_path: Path) -> None:
    content, wrong, seen, done = site.dataset.read_bytes(), list[str](), set[str](), threading.Event()
    marker = f"{BASE}/verdictlog/dataset_info.json?_shape=array&key__in=marker,marker_again"
    pages = (marker, f"{BASE}/tool/lantern-notes", marker, f"{BASE}/-/export/tools.csv")

    def read(turn: int) -> None:
        while not done.is_set():
            page, turn = pages[turn % len(pages)], turn + 1
            answer = site.ask(page)
            markers = {row["value"] for row in json.loads(answer.body)} if page == marker else set()
            seen.update(markers)
            if answer.status != 200 or len(markers) > 1:
                wrong.append(f"{page}: {answer.status} {answer.body[:200]!r}")

    readers = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for reader in readers:
        reader.start()
    for build in range(1, BUILDS + 1):
        (tmp_path / "aside.db").write_bytes(content)
        with closing(sqlite3.connect(tmp_path / "aside.db")) as con:
            con.execute("UPDATE dataset_info SET value = ? WHERE key LIKE 'marker%'", (f"build {build}",))
            con.commit()
        (tmp_path / "aside.db").replace(site.dataset)
        if f"build {build}".encode() not in site.ask(marker).body:
            wrong.append(f"build {build} does not show with the next request")
    done.set()
    for reader in readers:
        reader.join(timeout=30)
    assert wrong == []
    assert len(seen) > 2, "the readers met hardly any build: the test shows nothing"


def test_an_export_that_broke_off_is_seen_to_be_torn(site: Published) -> None:
    """The last test: it ends the server."""
    with slow_reader(site, f"{BASE}/-/export/dataset_info.json") as answer:
        site.server.process.kill()
        site.server.process.wait()
        try:
            rest = answer.read()
        except (http.client.IncompleteRead, ConnectionError):
            rest = b""
        else:
            assert site.kind == "caddy", "that of Debian 12 ends any answer as if it were whole: docs/publishing.md"
        assert not rest.endswith(b"]\n")
    assert site.ask(f"{BASE}/").status == 502
