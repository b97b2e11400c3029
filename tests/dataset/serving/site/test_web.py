"""The pages over HTTP: status, JSON beside each, redirects, a path prefix, hostile text; from a real server."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from dataset.serving.site.compare import ComparePage
from dataset.serving.site.home import HomePage
from dataset.serving.site.links import from_path, in_path, is_web_link
from dataset.serving.site.search import SearchPage
from dataset.serving.site.tool import ToolPage
from tests.dataset.captures import Data
from tests.publishing import served


@pytest.fixture(scope="module")
def address(data: Data) -> Iterator[str]:
    with served(data.folder) as server:
        yield server.address


def ask(address: str, path: str) -> tuple[int, dict[str, str], str]:
    """One request, redirects not followed."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    try:
        connection.request("GET", parts.path + path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("page", ["/", "/search", "/verdictlog", "/verdictlog/listings", "/nowhere"])
def test_each_page_names_the_site_that_it_was_read_from(address: str, page: str) -> None:
    footer = ask(address, page)[2].partition("<footer")[2]
    assert re.search(r'Source: <a href="(https://\S+/)"[^>]*>(\S+)</a>\.', footer), footer


@pytest.mark.parametrize("page", ["/tool/hostile", "/search", "/search?q=script&show=quotes", "/compare/cedar/hostile"])
def test_hostile_text_is_text(address: str, page: str) -> None:
    body = ask(address, page)[2]
    assert "&lt;script&gt;document.title" in body.replace("<mark>", "").replace("</mark>", "")
    assert "\u202e" not in body
    if page != "/search":
        assert "\\u202e" in body


def test_what_is_typed_is_text(address: str) -> None:
    typed = quote("\"><script>alert(1)</script>'")
    for page in (f"/search?q={typed}&category={typed}", f"/compare?left={typed}&right=x"):
        status, _, body = ask(address, page)
        assert status == 200
        assert "<script" not in body


@pytest.mark.parametrize(
    ("page", "json_path", "kind"),
    [
        ("/", "/home.json", HomePage),
        ("/tool/alder", "/tool/alder.json", ToolPage),
        ("/compare/alder/birch", "/compare/alder/birch.json", ComparePage),
        ("/search?q=shelves&verdict=skip", "/search.json?q=shelves&verdict=skip", SearchPage),
    ],
)
def test_json_beside_each_page(address: str, page: str, json_path: str, kind: Any) -> None:
    body = ask(address, page)[2]
    assert f'href="{json_path.replace("&", "&amp;")}"' in body
    status, headers, answer = ask(address, json_path)
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    assert list(json.loads(answer)) == [field.name for field in fields(kind)]


def test_json_holds_texts_as_they_are(address: str) -> None:
    said = json.loads(ask(address, "/tool/hostile.json")[2])
    assert said["name"].startswith("<script>document.title")
    assert "\u202e" in said["listings"][0]["description"]


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/tool/aspen", 301, "/tool/alder"),
        ("/tool/aspen.json", 301, "/tool/alder.json"),
        ("/compare/aspen/birch?left=x", 301, "/compare/alder/birch?left=x"),
        ("/compare?left=alder+shelves&right=birch", 302, "/compare/alder/birch"),
    ],
)
def test_redirects(address: str, path: str, status: int, location: str) -> None:
    found, headers, _ = ask(address, path)
    assert (found, headers["location"]) == (status, location)


def test_what_is_not_there(address: str) -> None:
    status, _, body = ask(address, "/tool/alder-shelf")
    assert status == 404
    assert '<a href="/tool/alder">Alder Shelves</a>' in body
    status, _, answer = ask(address, "/tool/alder-shelf.json")
    assert status == 404
    assert json.loads(answer)["near"][0] == {"path": "/tool/alder", "name": "Alder Shelves"}
    for path in ("/tool/%ff%00", "/compare/x/alder", f"/tool/{'x' * 10_000}", "/tool/~", "/tool/%3Cscript%3E"):
        assert ask(address, path)[0] == 404, path[:40]


def test_searches_that_try_everything(address: str) -> None:
    for typed in ("%22", "a%00b", "x" * 10_000, "NEAR(", "%ff%fe", "*", "%ed%a0%80", "%27;+DROP+TABLE+tools+--"):
        for ending in ("", ".json"):
            path = f"/search{ending}?q={typed}&persona={typed}&page=9e9"
            assert ask(address, path)[0] == 200, path[:60]


def test_under_a_path(data: Data) -> None:
    with served(data.folder, base_url="verdicts") as server:
        assert 'href="/verdicts/tool/alder.json"' in ask(server.address, "/tool/alder")[2]
        assert ask(server.address, "/tool/aspen")[1]["location"] == "/verdicts/tool/alder"


def test_datasettes_own_pages_lead_back(address: str) -> None:
    for page in ("/verdictlog", "/verdictlog/listings", "/verdictlog/listings/alder"):
        status, _, body = ask(address, page)
        assert status == 200
        assert '<a href="/verdictlog" aria-current=' in body
        assert '<a href="/">verdictlog</a>' in body


@pytest.mark.parametrize("word", ["alder", "gpt-4.1", "example:a/b", "~3f", "a b", "é", "x.json", "%41"])
def test_any_id_can_stand_in_a_path(word: str) -> None:
    assert from_path(in_path(word)) == word
    assert re.fullmatch(r"[\w~+-]+", in_path(word), re.ASCII)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/x", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("//a.example", False),
        ("a.example", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, link: bool) -> None:
    assert is_web_link(url) is link


def test_the_home_page_follows_a_new_build(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    shutil.copy(data.database, path)
    with served(tmp_path) as server:
        assert len(json.loads(ask(server.address, "/home.json")[2])["flips"]) == 2
        aside = tmp_path / "aside.db"
        shutil.copy(path, aside)
        with closing(sqlite3.connect(aside)) as con:
            con.execute("DELETE FROM changes WHERE persona = 'builder'")
            con.commit()
        aside.replace(path)
        assert len(json.loads(ask(server.address, "/home.json")[2])["flips"]) == 1
