"""Whole tables from a real server: complete, torn visibly, never for ever."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from dataset.exports.parquet import write_parquet
from dataset.exports.whole import batches, for_people, relation, writer_of
from dataset.serving.live import SPARE, live_database
from dataset.serving.serve import make_app
from tests.asking import ask
from tests.publishing import HOSTILE, Server, get, make_dataset, served

MANY = 30_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    make_dataset(data / "verdictlog.db")
    with closing(sqlite3.connect(data / "verdictlog.db")) as con:
        con.executemany("INSERT INTO dataset_info VALUES (?, ?)", ((f"{n:06}", "v" * 500) for n in range(MANY)))
        con.execute("INSERT INTO dataset_info VALUES ('a formula', '=1+1')")
        con.commit()
    return data


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    with served(data) as server:
        yield server


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_every_table_is_there_with_every_row(data: Path, server: Server, form: str) -> None:
    with closing(sqlite3.connect(data / "verdictlog.db")) as con:
        for of in for_people():
            status, headers, body = ask(f"{server.address}/-/export/{of.name}.{form}")
            assert status == 200, of.name
            assert body == b"".join(writer_of(form)(of, batches(con, of))), of.name
            assert headers["content-disposition"] == f'attachment; filename="{of.name}.{form}"'
    rows = ask(f"{server.address}/-/export/dataset_info.{form}")[2]
    assert rows.count(b"v" * 500) == MANY


def test_parquet_is_the_file_that_the_command_writes(data: Path, server: Server, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "verdictlog.db", check_same_thread=False)) as con:
        for name in ("dataset_info", "vote_gap", "tools"):
            write_parquet(con, relation(name), tmp_path / name)
            status, headers, body = ask(f"{server.address}/-/export/{name}.parquet")
            assert status == 200, name
            assert body == (tmp_path / name).read_bytes(), name
            assert headers["content-type"] == "application/vnd.apache.parquet"
            assert headers["content-disposition"] == f'attachment; filename="{name}.parquet"'
    again = ask(f"{server.address}/-/export/tools.parquet", If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    assert 'href="/-/export/tools.parquet"' in get(f"{server.address}/verdictlog/tools")[1]


def test_without_polars_parquet_is_not_offered(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)  # as if it were not installed
    datasette = make_app(data)
    live = live_database(datasette)
    assert live is not None

    async def scene() -> None:
        await datasette.invoke_startup()
        answer = await datasette.client.get("/-/export/tools.parquet")
        assert answer.status_code == 404
        assert "pip install &#39;verdictlog[export]&#39;" in answer.text
        for page in ("/", "/verdictlog/tools"):
            body = (await datasette.client.get(page)).text
            assert "/-/export/tools.jsonl" in body
            assert ".parquet" not in body

    asyncio.run(scene())
    datasette.executor.shutdown()
    live.close()


def test_cells_are_safe_unless_raw(server: Server) -> None:
    assert b"\na formula,'=1+1\r" in ask(f"{server.address}/-/export/dataset_info.csv")[2]
    assert b"\na formula,=1+1\r" in ask(f"{server.address}/-/export/dataset_info.csv?_raw=1")[2]


def test_unknown_ones_are_not_found(server: Server) -> None:
    assert ask(f"{server.address}/-/export/listingz.csv")[0] == 404
    assert ask(f"{server.address}/-/export/sqlite_master.csv")[0] == 404


def test_head_sends_no_rows(server: Server) -> None:
    status, headers, body = ask(f"{server.address}/-/export/dataset_info.csv", method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["etag"] == ask(f"{server.address}/-/export/dataset_info.csv")[1]["etag"]


def test_the_description_fits_the_exports(server: Server) -> None:
    told = json.loads(ask(f"{server.address}/-/export/datapackage.json")[2])
    for each in told["resources"]:
        assert ask(f"{server.address}/-/export/{each['path']}", method="HEAD")[0] == 200
        assert [field["name"] for field in each["schema"]["fields"]] == [
            column.name for column in relation(each["name"]).columns
        ]


def slow_client(server: Server, form: str = "csv") -> socket.socket:
    """A client that has asked for much and taken little of it."""
    host, port = server.address.removeprefix("http://").split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(20)
    client.connect((host, int(port)))
    client.sendall(f"GET /-/export/dataset_info.{form} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert b" 200 " in client.recv(100)
    return client


@pytest.mark.long
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_slow_clients_stop_no_pages_and_their_places_come_back(data: Path, tmp_path: Path, form: str) -> None:
    path, noise = tmp_path / "verdictlog.db", random.Random(7)
    path.write_bytes((data / "verdictlog.db").read_bytes())
    with closing(sqlite3.connect(path)) as con:  # what nothing can compress
        con.executemany("UPDATE dataset_info SET value = ? WHERE key = ?",
                        ((noise.randbytes(500).hex(), f"{n:06}") for n in range(MANY)))  # fmt: skip
        con.commit()
    with served(tmp_path) as server:
        with ExitStack() as slow:
            for _ in range(SPARE):
                slow.enter_context(slow_client(server, form))
            status, headers, _ = ask(f"{server.address}/-/export/tools.csv")
            assert (status, "retry-after" in headers) == (503, True)
            assert ask(f"{server.address}/verdictlog/listings")[0] == 200
        deadline = time.monotonic() + 20
        while ask(f"{server.address}/-/export/tools.csv")[0] != 200:
            assert time.monotonic() < deadline, "a place of a client that went away stayed taken"
            time.sleep(0.05)
        assert HOSTILE.replace('"', '""').encode() in ask(f"{server.address}/-/export/tools.csv")[2]
        assert server.stop() == (0, "", "")


def test_an_export_is_of_one_build_while_others_land(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    path.write_bytes((data / "verdictlog.db").read_bytes())
    with served(tmp_path) as server:
        expected = ask(f"{server.address}/-/export/dataset_info.csv")[2]
        with slow_client(server) as client:
            make_dataset(path, marker="came meanwhile")
            assert b"came meanwhile" in ask(f"{server.address}/-/export/dataset_info.csv")[2]
            parts = []
            while part := client.recv(1 << 16):
                parts.append(part)
        body = b"".join(parts)
        assert body.count(b"v" * 100) >= MANY * 0.99
        assert body.endswith(b"0\r\n\r\n"), "the answer has its end"
        assert b"first build" in expected
        assert b"came meanwhile" not in body
