"""The benchmark of serving asks for what it says, of a dataset that it can use again, and stops at any failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench.results import quiet
from bench.serving import Asked, first_views, measured
from bench.serving_data import REVIEWS, VERSIONS, made, make
from bench.serving_paths import REFERENCE, paths_of
from dataset.queries.canned import QUERIES

TOOLS = 4


class Server(ThreadingHTTPServer):
    """A server that lets many come at once."""

    request_queue_size = 64
    daemon_threads = True


class Unready(BaseHTTPRequestHandler):
    """Answers 503 to what is called so, and 200 to all else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/unready" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Unready)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_anything_but_a_page_stops_it(address: str) -> None:
    kinds = {REFERENCE: ["/"], "kind": ["/ready", "/unready"]}
    with pytest.raises(RuntimeError, match="/unready answers 503"):
        first_views(address, kinds)
    with pytest.raises(RuntimeError, match="/unready answers 503"):
        measured(address, kinds, 1, 1, quiet)


def test_the_reference_has_a_turn_before_each_kind(address: str) -> None:
    kinds = {REFERENCE: ["/"], "kind": ["/ready"]}
    assert first_views(address, kinds).keys() == kinds.keys()
    found = measured(address, kinds, 2, 3, quiet)
    assert {kind: (len(each.own), len(each.reference)) for kind, each in found.items()} == {
        REFERENCE: (48, 48),
        "kind": (48, 48),
    }


def test_a_kind_is_held_against_the_reference_beside_it() -> None:
    assert Asked([3.0] * 20, [1.5] * 20).ratio == 2


def test_a_dataset_is_used_again_where_it_is_the_one(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    assert made(path, TOOLS) is None
    sizes = make(path, TOOLS)
    assert made(path, TOOLS) == sizes
    assert made(path, TOOLS + 1) is None
    with closing(sqlite3.connect(path)) as con:
        assert con.execute("SELECT count(*) FROM reviews").fetchone()[0] == sizes.reviews == TOOLS * REVIEWS
        assert con.execute("SELECT count(*) FROM review_versions").fetchone()[0] == sizes.versions
        assert sizes.versions == TOOLS * REVIEWS * VERSIONS
        con.execute("UPDATE dataset_info SET value = 'another' WHERE key = 'input_digest'")
        con.commit()
    assert made(path, TOOLS) is None
    path.write_text("no dataset", "utf-8")
    assert made(path, TOOLS) is None


def test_questions_are_asked_with_and_without_words() -> None:
    kinds = paths_of(20_000)
    for query in QUERIES:
        bare, typed = kinds[f"query: {query.name}"][:2]
        assert bare == f"/verdictlog/{query.name}"
        words = dict(parse_qsl(urlsplit(typed).query))
        assert words
        assert words.keys() <= set(query.params), "what it does not ask for changes nothing"
        assert len(set(kinds[f"query: {query.name}"])) > 20
