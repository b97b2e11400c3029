"""Datasette's own command shows the whole site, beside other plugins; no header that caches ignore changes a page."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from dataset.schema.metadata import METADATA_FILE
from tests.publishing import get, make_dataset, served

PLUGIN = """
from datasette import hookimpl

@hookimpl
def register_routes():
    return [(r"/-/beside$", lambda datasette, request: __import__("datasette").Response.text("beside"))]

@hookimpl
def prepare_connection(conn, database):
    conn.create_function("from_beside", 0, lambda: "beside")
    if database == "verdictlog":
        conn.execute("create temp table beside (a)")
"""
PAGES = (
    *(
        "/",
        "/verdictlog",
        "/verdictlog/listings",
        "/verdictlog/listings/lantern-notes",
        "/tool/lantern-notes",
        "/search?q=notes",
    ),
    *(
        "/changes",
        "/compare/lantern-notes/gravel-db",
        "/personas",
        "/-/feeds/changes.atom",
        "/-/export/listings.csv",
        "/robots.txt",
    ),
    *(
        "/verdictlog/evidence?listing=lantern-notes",
        "/verdictlog.db",
        "/verdictlog/listings.json?_shape=array",
        "/home.json",
    ),
)


@contextlib.contextmanager
def stock(data: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`datasette serve` on the dataset in `data`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "verdictlog.db", "-m", str(METADATA_FILE), "-p", str(port), *words]
    process = subprocess.Popen(command, cwd=data, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(URLError):
                get(f"{address}/-/versions.json")
                break
            time.sleep(0.1)
        yield address, process
    finally:
        process.kill()
        process.communicate()


def test_the_stock_command_shows_the_whole_site(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "another.db")) as con:
        con.execute("CREATE TABLE mine (a)")
        con.execute("INSERT INTO mine VALUES (7)")
        con.commit()
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "beside.py").write_text(PLUGIN)
    with stock(tmp_path, "another.db", "--plugins-dir", "plugins") as (address, _), served(tmp_path) as ours:
        for page in PAGES:
            with urlopen(address + page, timeout=20) as one, urlopen(ours.address + page, timeout=20) as other:
                same = one.read().replace(address.encode(), b"")
                if page not in ("/verdictlog/listings", "/verdictlog"):  # settings differ there
                    assert same == other.read().replace(ours.address.encode(), b""), page
        assert get(f"{address}/-/beside") == (200, "beside")
        assert get(f"{address}/another/mine.json?_shape=array") == (200, '[{"rowid": 1, "a": 7}]')
        assert json.loads(get(f"{address}/verdictlog.json?sql=select+from_beside()+as+b&_shape=array")[1]) == [
            {"b": "beside"}
        ]
        assert get(f"{address}/verdictlog.json?sql=select+fts3_tokenizer('simple')")[0] == 400
        assert get(f"{address}/verdictlog.json?sql=select+*+from+pragma_database_list")[0] == 400
        make_dataset(tmp_path / "verdictlog.db", marker="second")
        assert "second" in get(f"{address}/verdictlog/dataset_info.json?_shape=array&key=marker")[1]


def test_the_stock_command_refuses_what_it_can_not_show(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        con.execute("PRAGMA user_version = 999")
    with stock(tmp_path) as (_, process):
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "schema version 999" in out
    assert "Traceback" not in out


def test_a_page_follows_from_its_address_alone(tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    others: tuple[Mapping[str, str], ...] = (
        {"Accept": "application/json"},
        {"Accept": "text/csv", "Accept-Language": "de", "Accept-Encoding": "gzip, br"},
        {"Cookie": "ds_actor=x; ds_messages=y", "Authorization": "Bearer x", "Referer": "https://elsewhere.example/"},
        {
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-For": "1.2.3.4",
            "X-Original-URL": "/",
            "Forwarded": "host=evil.example",
        },
        {
            "User-Agent": "x",
            "X-Requested-With": "XMLHttpRequest",
            "X-HTTP-Method-Override": "POST",
            "Range": "bytes=0-3",
        },
    )

    def ask(url: str, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        try:
            with urlopen(Request(url, headers=dict(headers)), timeout=20) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read()

    with served(tmp_path) as server:
        for page in (*PAGES, "/nothing", "/verdictlog/nothing.json", "/verdictlog?sql=x", "/search?nothing=1"):
            plain = ask(server.address + page, {})
            for headers in others:
                assert ask(server.address + page, headers) == plain, (page, headers)


@pytest.mark.parametrize(
    ("page", "known"),
    [
        ("/search?query=notes", "q, show, page"),
        ("/changes?form=flip", "kind"),
        ("/tool/lantern-notes?x=1", "it takes none"),
        ("/search.json?query=notes", "q, show, page"),
        ("/-/feeds/flips.atom?since=2026", "it takes none"),
        ("/-/export/listings.csv?raw=1", "_raw"),
    ],
)
def test_a_parameter_that_is_not_understood_is_refused(tmp_path: Path, page: str, known: str) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path) as server:
        status, body = get(server.address + page)
    assert status == 400
    assert known in body
    assert page.partition("?")[2].partition("=")[0] in body


def test_it_comes_with_the_wheel() -> None:
    listed = subprocess.run([sys.executable, "-m", "datasette", "plugins"], capture_output=True, text=True, check=True)
    ours = [each for each in json.loads(listed.stdout) if each["name"] == "verdictlog"]
    assert len(ours) == 1
    assert ours[0]["static"]
    assert ours[0]["templates"]
    assert shutil.which("datasette", path=str(Path(sys.executable).parent))
