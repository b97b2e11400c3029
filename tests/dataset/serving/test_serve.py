"""The server: what it says, how it follows new builds, and what becomes of hostile text. All with real processes."""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import re
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset.queries.canned import QUERIES
from dataset.schema import ddl
from dataset.schema.tables import TABLES, VIEWS
from dataset.serving.live import SPARE, live_database
from dataset.serving.serve import SETTINGS, ServeError, make_app, serve
from tests.dataset.captures import Data, answered, card, tool_page
from tests.publishing import HOSTILE, get, make_dataset, served

BUILDS = 25


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose dataset does not change."""
    data = tmp_path_factory.mktemp("data")
    make_dataset(data / "verdictlog.db")
    with served(data) as server:
        yield server.address


def marker(address: str) -> str:
    status, body = get(f"{address}/verdictlog/dataset_info.json?_shape=array&key=marker")
    assert status == 200, body
    return str(json.loads(body)[0]["value"])


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


# What it says


def test_no_dataset(tmp_path: Path) -> None:
    said: list[str] = []
    complaints: list[str] = []
    assert serve(tmp_path, port=0, say=said.append, complain=complaints.append) == 1
    assert said == []
    assert complaints == [f"There is no dataset at {tmp_path / 'verdictlog.db'} yet; run `verdictlog build` first."]


def test_port_taken(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    complaints: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve(tmp_path, port=port, say=pytest.fail, complain=complaints.append) == 1
    assert len(complaints) == 1
    assert f"127.0.0.1:{port}" in complaints[0]
    assert "--port" in complaints[0]


def test_no_such_host(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    complaints: list[str] = []
    assert serve(tmp_path, "no.such.host.invalid", 0, say=pytest.fail, complain=complaints.append) == 1
    assert "no.such.host.invalid" in complaints[0]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 99])
def test_a_file_that_is_no_dataset(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "verdictlog.db").write_bytes(content)
    with pytest.raises(ServeError, match=r"verdictlog\.db.*verdictlog build"):
        make_app(tmp_path)


def test_another_schema_version(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    con = sqlite3.connect(path)
    con.execute("PRAGMA user_version = 999")
    con.close()
    with pytest.raises(ServeError, match=r"schema version 999.*verdictlog build"):
        make_app(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_listens_when_it_says_so_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path) as server:
        # At once, with no second try: the address is told only when it answers.
        assert get(f"{server.address}/")[0] == 200
        assert server.stop(number) == (0, "", "")


def test_under_a_path(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path, base_url="verdicts") as server:
        address = server.address
        assert address.endswith("/verdicts")
        status, home = get(f"{address}/")
        assert status == 200
        assert 'href="/verdicts/verdictlog/listings"' in home
        assert get(f"{address}/verdictlog/listings")[0] == 200
        assert 'href="/verdicts/-/static-plugins/verdictlog/site.css"' in home
        assert get(f"{address}/-/static-plugins/verdictlog/site.css")[0] == 200
        assert 'href="/verdicts/-/static-plugins/verdictlog/verdictlog.css"' in get(f"{address}/verdictlog")[1]
        assert get(f"{address}/-/static-plugins/verdictlog/verdictlog.css")[0] == 200


# New builds


def test_a_build_shows_with_the_next_request(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with served(tmp_path) as server:
        address = server.address
        assert marker(address) == "first build"
        for build in ("second", "third"):
            make_dataset(path, marker=build)
            assert marker(address) == build
        # Row counts are remembered by Datasette: they must follow too.
        con = sqlite3.connect(path)
        con.execute("INSERT INTO dataset_info VALUES ('one more', 'x')")
        con.commit()
        con.close()
        assert "3 rows" in get(f"{address}/verdictlog/dataset_info")[1]
        assert re.search(r"dataset_info</a>\s*<span class=\"count\">3 rows", get(address)[1])


def test_no_request_fails_while_builds_land(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path, marker="build 0")
    wrong: list[str] = []
    seen: set[str] = set()
    done = threading.Event()
    pages = (
        "/verdictlog/dataset_info.json?_shape=array&key__startswith=marker",
        "/verdictlog/listings",
        "/verdictlog/evidence?listing=lantern",
        "/",
    )

    def read(address: str, first: int) -> None:
        turn = first
        while not done.is_set():
            page = pages[turn % len(pages)]
            turn += 1
            status, body = get(address + page)
            if status != 200:
                wrong.append(f"{page}: {status} {body[:300]}")
            elif page == pages[0]:
                markers = {row["value"] for row in json.loads(body)}
                seen.update(markers)
                if len(markers) != 1:
                    wrong.append(f"half of one build and half of another: {markers}")

    with served(tmp_path) as server:
        address, process = server.address, server.process
        get(address)
        before = open_files(process.pid)
        readers = [threading.Thread(target=read, args=(address, n)) for n in range(6)]
        for reader in readers:
            reader.start()
        most = 0
        for build in range(1, BUILDS + 1):
            make_dataset(path, marker=f"build {build}")
            most = max(most, open_files(process.pid))
        assert marker(address) == f"build {BUILDS}"
        done.set()
        for reader in readers:
            reader.join(timeout=30)
        assert wrong == []
        assert len(seen) > 3, "the readers met hardly any build: the test shows nothing"
        # While requests run, each may hold a snapshot of its own (its file, all connections to it) and a socket.
        assert most <= before + (len(readers) + 2) * (SETTINGS["num_sql_threads"] + SPARE + 2)


def build_with(data: Data, pct: int) -> None:
    """A real build, in which two listings have a share that they did not have before."""
    cards = [card("alder", name="Alder", panel_ship_pct=pct), card("birch", name="Birch", panel_ship_pct=pct)]
    data.add(answered(tool_page(one, pct + place / 10)) for place, one in enumerate(cards))
    data.build()


def test_no_build_writes_to_what_a_request_reads(tmp_path: Path) -> None:
    """Though builds write to the file before the last."""
    data = Data(tmp_path)
    build_with(data, 1)
    database = live_database(make_app(tmp_path))
    assert database is not None

    async def scene() -> None:
        async with database.request() as snapshot:
            whole = snapshot.read(0, snapshot.identity.size)
            for pct in range(2, 5):
                build_with(data, pct)
            assert snapshot.read(0, snapshot.identity.size) == whole
        await database.refresh()
        assert database.snapshot is not snapshot

    asyncio.run(scene())
    database.close()
    database.ds.executor.shutdown()


def test_no_request_fails_while_the_dataset_is_built(tmp_path: Path) -> None:
    data, wrong, done = Data(tmp_path), list[str](), threading.Event()

    def shares(address: str) -> set[int]:
        """What the two listings have: one number in all states of the dataset."""
        status, body = get(f"{address}/verdictlog/listings.json?_shape=array&_col=panel_ship_pct")
        found = {row["panel_ship_pct"] for row in json.loads(body)} if status == 200 else set()
        if len(found) != 1:
            wrong.append(f"{status} {body[:200]}")
        return found

    def read(address: str) -> None:
        while not done.is_set():
            shares(address)
            if (status := get(f"{address}/tool/alder")[0]) != 200:
                wrong.append(f"the page: {status}")

    build_with(data, 1)
    with served(tmp_path) as server:
        readers = [threading.Thread(target=read, args=(server.address,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for pct in range(2, 7):
            build_with(data, pct)
            if shares(server.address) != {pct}:
                wrong.append(f"the build of {pct} does not show")
        done.set()
        for reader in readers:
            reader.join(timeout=30)
        assert wrong == []
        assert server.stop() == (0, "", "")


def test_requests_on_one_connection_each_see_the_newest_build(tmp_path: Path) -> None:
    """As browsers and proxies make them: on a connection that stays open, one before the other is answered."""
    path = tmp_path / "verdictlog.db"
    builds = [tmp_path / str(build) / "verdictlog.db" for build in range(5)]  # an idle connection is closed
    for build, ready in enumerate(builds):
        make_dataset(ready, marker=f"build {build}")
    builds[0].replace(path)
    ask = b"GET /verdictlog/dataset_info.json?_shape=array&key=marker HTTP/1.1\r\nHost: x\r\n\r\n"
    with served(tmp_path) as server:
        host, port = server.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            for build, ready in enumerate(builds):
                if build:
                    ready.replace(path)
                client.sendall(ask * 3)
                answers = b""
                while answers.count(b"\r\n0\r\n\r\n") < 3:  # as each ends
                    piece = client.recv(1 << 16)
                    assert piece, "the server closed the connection"
                    answers += piece
                assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200"] * 3
                assert re.findall(rb'"value": "(.*?)"', answers) == [f"build {build}".encode()] * 3
        assert server.stop() == (0, "", "")


def test_a_request_sees_one_build_from_its_first_query_to_its_last(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path, marker="old")
    database = live_database(make_app(tmp_path))
    assert database is not None

    async def read() -> str:
        rows = await database.execute("SELECT value FROM dataset_info WHERE key = 'marker'")
        return str(rows.single_value())

    async def another_request() -> str:
        async with database.request():
            return await read()

    async def scene() -> None:
        async with database.request() as snapshot:
            first = await read()
            make_dataset(path, marker="new")
            # Another visitor: a task that does not inherit what this request holds.
            other = await asyncio.create_task(another_request(), context=contextvars.Context())
            assert (first, other, await read()) == ("old", "new", "old")
            assert snapshot.run(lambda con: con.execute("SELECT 1").fetchone()[0]) == 1
        with pytest.raises(IndexError):  # no connection is left in the old one
            snapshot.run(lambda con: None)
        assert await read() == "new"

    asyncio.run(scene())
    database.close()
    database.ds.executor.shutdown()


def test_a_cancelled_request_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    database = live_database(make_app(tmp_path))
    assert database is not None
    going = threading.Event()
    free = threading.Event()

    def slow(con: sqlite3.Connection) -> int:
        going.set()
        free.wait(10)
        return int(con.execute("SELECT 1").fetchone()[0])

    async def request() -> None:
        async with database.request():
            await database.execute_fn(slow)

    async def scene() -> None:
        task = asyncio.create_task(request())
        await asyncio.to_thread(going.wait, 10)
        snapshot = database.snapshot
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        make_dataset(path, marker="new")
        await database.refresh()
        assert snapshot is not database.snapshot
        assert str(path) in "".join(_targets(os.getpid())), "closed under a running query"
        free.set()

    asyncio.run(scene())
    database.ds.executor.shutdown()
    database.close()
    assert str(path) not in "".join(_targets(os.getpid()))


@pytest.mark.long
def test_two_hundred_builds_leave_no_open_files_behind(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    content = path.read_bytes()
    with served(tmp_path) as server:
        address, process = server.address, server.process
        marker(address)
        before = open_files(process.pid)
        for build in range(200):
            aside = tmp_path / "copy.db"
            aside.write_bytes(content)
            aside.replace(path)
            assert get(f"{address}/verdictlog/dataset_info.json")[0] == 200, build
        assert open_files(process.pid) <= before + 2
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        assert "(deleted)" not in "\n".join(line for line in maps.splitlines() if "verdictlog.db" in line)


def test_a_bad_file_is_refused_and_the_last_good_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with served(tmp_path) as server:
        bad = tmp_path / "bad.db"
        bad.write_bytes(b"nothing of ours" * 500)
        bad.replace(path)
        assert marker(server.address) == "first build"
        assert marker(server.address) == "first build"
        path.unlink()
        assert marker(server.address) == "first build"
        make_dataset(path, marker="good again")
        assert marker(server.address) == "good again"
        _, _, err = server.stop()
    assert err.count("last good dataset stays") == 1, err
    assert err.count("\n") == 1, err


def test_the_download_is_one_whole_file_while_builds_land(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path, marker="to be downloaded")
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE ballast (b BLOB)")
    con.execute("INSERT INTO ballast VALUES (randomblob(30000000))")
    con.commit()
    con.close()
    expected = path.read_bytes()
    with served(tmp_path) as server:
        address, process = server.address, server.process
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"GET /verdictlog.db HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            parts = [client.recv(4096)]
            make_dataset(path, marker="came meanwhile")
            assert marker(address) == "came meanwhile"
            while part := client.recv(1 << 20):
                parts.append(part)
        head, _, body = b"".join(parts).partition(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0]
        assert body == expected
        # The old file was only kept for that download.
        deadline = time.monotonic() + 10
        while any("(deleted)" in target for target in _targets(process.pid)):
            assert time.monotonic() < deadline, _targets(process.pid)
            time.sleep(0.05)


def _targets(pid: int) -> list[str]:
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return found


# Pages


def test_hostile_text_stays_text(shared: str) -> None:
    for page in (
        "/verdictlog/listings",
        "/verdictlog/listings/gravel-db",
        "/verdictlog/tools",
        "/verdictlog/reviews",
        "/verdictlog/listing?listing=gravel-db",
        "/verdictlog/quotes_with?words=alert",
        "/verdictlog/quotes_with?words=%3Cscript%3Ealert(1)%3C/script%3E",
        "/verdictlog?sql=select+name,website+from+listings",
        "/verdictlog/listings?_facet=name&_facet=website",
        "/verdictlog/listings?_search=%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        status, body = get(shared + page)
        assert status == 200, page
        assert "<script>alert" not in body, page
        assert "<img src=x" not in body, page
        assert not re.search(r'href\s*=\s*"?\s*javascript:', body, re.I), page
    assert "&lt;script&gt;alert(" in get(f"{shared}/verdictlog/listings")[1]
    assert json.loads(get(f"{shared}/verdictlog/listings/gravel-db.json?_shape=array")[1])[0]["name"] == HOSTILE


def test_only_http_urls_become_links(shared: str) -> None:
    listings = get(f"{shared}/verdictlog/listings")[1]
    assert '<a href="https://shiporskip.io/tool/lantern-notes">' in listings
    assert "javascript:alert(3)" in listings
    assert 'href="javascript:' not in listings


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/verdictlog",
        "/verdictlog/listings",
        "/verdictlog/listings/lantern-notes",
        "/verdictlog/evidence",
        "/verdictlog?sql=select+1",
        "/no-such-page",
    ],
)
def test_pages_ask_for_nothing_from_outside(shared: str, page: str) -> None:
    body = get(shared + page)[1]
    assets = re.findall(r"<(?:script|img|iframe|source|video|audio)[^>]*\bsrc=[\"']?([^\"'\s>]+)", body)
    assets += re.findall(r"<link[^>]*rel=\"stylesheet\"[^>]*href=\"([^\"]+)\"", body)
    assert assets, page
    for asset in assets:
        assert re.match(r"/[^/]", asset), f"{page} loads {asset}"
        assert get(f"{shared}{asset}")[0] == 200, asset
    for sheet in ("verdictlog", "site"):
        style = get(f"{shared}/-/static-plugins/verdictlog/{sheet}.css")[1]
        assert "url(" not in style
        assert "@import" not in style


def test_percentages_bear_their_sign_and_filters_still_work(shared: str) -> None:
    assert "75&nbsp;%" in get(f"{shared}/verdictlog/listings")[1]
    status, body = get(f"{shared}/verdictlog/listings.json?_shape=array&panel_ship_pct__in=50,75")
    assert status == 200
    assert {row["panel_ship_pct"] for row in json.loads(body)} == {50, 75}


def test_ids_lead_to_their_rows(shared: str) -> None:
    row = get(f"{shared}/verdictlog/listings/lantern-notes")[1]
    assert '<a href="/verdictlog/tools/t-lantern-notes">t-lantern-notes</a>' in row
    assert "/verdictlog/evidence?listing=lantern-notes" in row
    evidence = get(f"{shared}/verdictlog/evidence?listing=lantern-notes")[1]
    assert '<a href="/evidence/capture-1">capture-1</a>' in evidence


def test_home_names_every_table_and_question(shared: str) -> None:
    home = get(shared)[1]
    for name in [*(table.name for table in TABLES), *(view.name for view in VIEWS)]:
        assert f'href="/verdictlog/{name}"' in home, name
    for query in QUERIES:
        assert f'href="/verdictlog/{query.name}"' in home, query.name
    assert "2026-03-02T10:00:00Z" in home


def test_no_table_of_ours_is_hidden(shared: str) -> None:
    tables = json.loads(get(f"{shared}/verdictlog.json")[1])["tables"]
    assert [table["name"] for table in tables if table["hidden"] and "_fts" not in table["name"]] == []


def test_the_dataset_cannot_be_written_through_the_server(shared: str) -> None:
    assert get(f"{shared}/verdictlog?sql=delete+from+listings")[0] == 400
    assert get(f"{shared}/verdictlog/listings.json?_shape=array")[1].count("listing_id") == 3


def test_a_missing_page_is_a_page_not_a_traceback(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path) as server:
        assert get(f"{server.address}/verdictlog/listings/nobody")[0] == 404
        assert get(f"{server.address}/elsewhere")[0] == 404
        assert server.stop() == (0, "", "")


def test_sort_order_and_search(shared: str) -> None:
    rows = json.loads(get(f"{shared}/verdictlog/reviews.json?_shape=array")[1])
    assert [row["score"] for row in rows] == [88, 41, 0, None]
    found = json.loads(get(f"{shared}/verdictlog/reviews.json?_shape=array&_search=pencil")[1])
    assert [row["listing_id"] for row in found] == ["lantern-notes"]


def test_application_id_marks_our_files(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    con = sqlite3.connect(path)
    assert con.execute("PRAGMA application_id").fetchone()[0] == ddl.APPLICATION_ID
    con.execute("PRAGMA application_id = 0")
    con.close()
    with pytest.raises(ServeError, match="verdictlog build"):
        make_app(tmp_path)
