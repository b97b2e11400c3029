"""Alerts: each change goes out once to each receiver, also where a receiver fails; a retraction once too."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dataset.building.lock import alert_lock
from tests.publishing import HOSTILE, insert, make_dataset
from tests.verdictlog.running import Folder


class Receiver:
    """An HTTP receiver on this machine; `status` is what it answers with, 500 after it took `most` messages."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.most = -1
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                if len(receiver.got) == receiver.most:
                    receiver.status = 500
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 200:
                    receiver.got.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://user:secret-word@127.0.0.1:{self.server.server_address[1]}/alerts"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "data")
    make_dataset(made.database)
    return made


def change(folder: Folder, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder.database)) as con:
        con.execute(sql, values)
        con.commit()


def test_each_change_goes_out_once(folder: Folder, receiver: Receiver) -> None:
    first = folder.run("changes", "--notify", receiver.address)
    assert (first.code, first.err) == (0, "")
    assert "sent 2 changes" in first.out
    [message] = receiver.got
    assert message["title"].startswith("2 changes: ")
    assert "panel ship → skip, between 2026-03-01 and 2026-03-02 (confirmed)" in message["message"]
    assert "https://shiporskip.io/tool/2" in message["message"]
    assert HOSTILE in message["title"] or HOSTILE[:20] in message["message"]
    again = folder.run("changes", "--notify", receiver.address, "--json")
    assert (again.code, again.json) == (0, {"sent": [{"messages": 0, "changes": 0, "retracted": 0}]})
    assert len(receiver.got) == 1
    assert b"secret-word" not in (folder.path / "told.db").read_bytes()


def test_the_same_words_of_the_same_bracket_are_one_change(folder: Folder, receiver: Receiver) -> None:
    folder.run("changes", "--notify", receiver.address)
    change(folder, "UPDATE changes SET change_id = 'another', after_capture_id = 'capture-1' WHERE field = 'tagline'")
    assert "sent 0 changes" in folder.run("changes", "--notify", receiver.address).out


def test_what_is_not_chosen_goes_out_when_it_is(folder: Folder, receiver: Receiver) -> None:
    assert "sent 1 changes" in folder.run("changes", "--kind", "verdict_flip", "--notify", receiver.address).out
    assert "sent 1 changes" in folder.run("changes", "--notify", receiver.address).out
    assert len(receiver.got) == 2


def test_a_receiver_that_fails_gets_it_the_next_time(folder: Folder, receiver: Receiver) -> None:
    receiver.status = 500
    failed = folder.run("changes", "--notify", receiver.address)
    assert (failed.code, failed.out) == (1, "")
    assert "did not accept an alert" in failed.err
    assert "secret-word" not in failed.err
    receiver.status = 200
    assert folder.run("changes", "--notify", receiver.address).code == 0
    assert len(receiver.got) == 1


def test_a_receiver_that_is_not_there_does_not_keep_it_from_others(folder: Folder, receiver: Receiver) -> None:
    ran = folder.run("changes", "--notify", "json://127.0.0.1:1/", "--notify", receiver.address)
    assert ran.code == 1
    assert len(receiver.got) == 1


def test_a_retraction_goes_out_once_and_only_where_the_change_did(folder: Folder, receiver: Receiver) -> None:
    folder.run("changes", "--kind", "text", "--notify", receiver.address)
    change(folder, "DELETE FROM changes")
    assert "sent 0 changes and 1 retractions" in folder.run("changes", "--notify", receiver.address).out
    assert receiver.got[-1]["title"].startswith("1 retracted: ")
    assert "- retracted, because" in receiver.got[-1]["message"]
    assert "sent 0 changes and 0 retractions" in folder.run("changes", "--notify", receiver.address).out
    assert len(receiver.got) == 2


def test_what_the_program_reads_otherwise_is_no_alert(folder: Folder, receiver: Receiver) -> None:
    change(folder, "DELETE FROM changes WHERE field = 'tagline'")
    folder.run("changes", "--notify", receiver.address)
    make_dataset(folder.database)
    change(folder, "INSERT INTO dataset_info VALUES ('parser_version', 'another')")
    assert "sent 0 changes" in folder.run("changes", "--notify", receiver.address).out
    change(folder, "UPDATE captures SET captured_at = '2031-01-01T00:00:00Z' WHERE capture_id = 'capture-2'")
    change(folder, "UPDATE changes SET change_id = 'new', new_value = 'news' WHERE field = 'tagline'")
    assert "sent 1 changes" in folder.run("changes", "--notify", receiver.address).out


def many_changes(folder: Folder) -> None:
    with closing(sqlite3.connect(folder.database)) as con:
        names = [row[1] for row in con.execute("PRAGMA table_info(changes)")]
        row = dict(zip(names, con.execute("SELECT * FROM changes WHERE field = 'tagline'").fetchone(), strict=True))
        for number in range(60):
            insert(con, "changes", **row | {"change_id": f"many-{number}", "new_value": f"{number} " * 40})
        con.commit()


def test_many_changes_go_out_in_several_messages(folder: Folder, receiver: Receiver) -> None:
    many_changes(folder)
    assert "sent 62 changes" in folder.run("changes", "--notify", receiver.address).out
    assert len(receiver.got) > 2
    assert max(len(each["message"]) for each in receiver.got) < 4000


def test_a_receiver_that_fails_in_the_middle_gets_the_rest_once(folder: Folder, receiver: Receiver) -> None:
    many_changes(folder)
    receiver.most = 2
    assert folder.run("changes", "--notify", receiver.address).code == 1
    assert len(receiver.got) == 2
    receiver.status, receiver.most = 200, -1
    # A new parser in between is no reason to lose what was not sent.
    change(folder, "INSERT INTO dataset_info VALUES ('parser_version', 'another')")
    assert folder.run("changes", "--notify", receiver.address).code == 0
    lines = [line for each in receiver.got for line in each["message"].splitlines() if line.startswith("- ")]
    assert len(lines) == 62


@pytest.mark.parametrize("address", ["nowhere", "no-such-service://x", ""])
def test_an_address_that_apprise_can_not_use(folder: Folder, address: str) -> None:
    ran = folder.run("changes", "--notify", address)
    assert (ran.code, ran.out) == (2, "")
    assert "apprise can't send to this kind of address" in ran.err


def test_two_at_once_send_nothing_twice(folder: Folder, receiver: Receiver) -> None:
    with alert_lock(folder.path):
        ran = folder.run("changes", "--notify", receiver.address)
    assert (ran.code, receiver.got) == (1, [])
    assert "is sending alerts of this folder already" in ran.err
