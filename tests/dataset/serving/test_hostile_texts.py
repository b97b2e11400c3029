"""What a page printed is only text wherever it is shown: every page and format of a dataset of hostile texts."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import sqlite3
from collections import deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

import pytest
from lxml import etree  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

from dataset.exports.whole import GUARDED
from dataset.schema import ddl
from dataset.schema.tables import TABLES
from tests.publishing import Server, insert, make_dataset, served

HOSTILE = (
    "=cmd|' /C calc'!A0 </script><script>alert(1)</script><img src=x onerror=alert(2)>]]>&lt;b&gt; -->"
    "\x00\x01\x1b[31m\x7f\x85\u202eelbat\u2066\u200b\ufeff\ufffe\U000e0041 {{7*7}} {%raw%} \" ' ` "
    "\r\n@x\t+1 \\ %00 ../../x"
)
SLUGS = (
    *("../../etc/passwd", "a/b", "=1+1", "<script>alert(1)</script>", "a.json", ".", ".."),
    *("a\x00b", "%2e%2e", "~2F", "\u202eba"),
)
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MOST_PAGES = 500
SEEN = {"first_seen": "2026-03-01T10:00:00Z", "last_seen": "2026-03-01T10:00:00Z"}


def make_hostile(path: Path) -> None:
    make_dataset(path)
    with contextlib.closing(sqlite3.connect(path)) as con:
        con.execute("PRAGMA ignore_check_constraints = ON")
        con.execute("PRAGMA foreign_keys = OFF")
        for number, slug in enumerate(SLUGS):
            tool = {"tool_id": f"t/{slug}", "slug": slug, "name": slug, "listing_count": 1, **SEEN}
            insert(con, "tools", **tool)
            urls = {"url": f"javascript:alert({number})", "website": f"data:text/html,{slug}"}
            listing = {"listing_id": slug, "name": slug, "source": "shiporskip", "tool_id": f"t/{slug}", "complete": 1}
            insert(con, "listings", **listing, **urls, **SEEN)
        for table in TABLES:
            keys = {*table.primary_key, *(name for names in table.unique for name in names)}
            for column in table.columns:
                steers = (
                    column.name in keys
                    or column.references
                    or column.type != "TEXT"
                    or column.name in ("url", "source")
                )
                closed = column.check and (" IN (" in column.check or "GLOB" in column.check)
                if column.type == "TEXT" and not steers and not closed:
                    con.execute(f"UPDATE {table.name} SET {column.name} = ? || {column.name}", (HOSTILE,))
        con.execute("INSERT INTO dataset_info VALUES ('half', CAST(x'eda080' AS TEXT))")
        ddl.rebuild_search(con)
        con.commit()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    make_hostile(data / "verdictlog.db")
    with served(data) as server:
        yield server


def ask(url: str) -> tuple[int, str, str, bytes]:
    try:
        with urlopen(url, timeout=30) as answer:
            return (
                answer.status,
                answer.headers["Content-Type"],
                answer.headers["Content-Disposition"] or "",
                answer.read(),
            )
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.headers["Content-Disposition"] or "", error.read()


def faults_of_html(body: str) -> Iterator[str]:
    if STEERING.search(unescape(re.sub(r"(?s)<textarea.*?</textarea>|value=\"[^\"]*\"|href=\"[^\"]*\"", "", body))):
        yield "a character that steers"
    page = LexborHTMLParser(body)
    for script in page.css("script"):
        if not script.attributes.get("src") and script.attributes.get("type") != "application/ld+json":
            yield f"a script: {script.text()[:80]}"
        elif script.attributes.get("type") == "application/ld+json":
            json.loads(script.text())
    for element in page.css("*"):
        for name, value in element.attributes.items():
            if name.startswith("on"):
                yield f"{name} on {element.tag}"
            if name in ("href", "src", "action") and re.match(r"\s*(?!https?:|/|#|\?|mailto:)[\w+.-]+:", value or ""):
                yield f"{name}={value!r}"
        if element.tag in ("img", "iframe", "object", "embed") or (element.tag == "base"):
            yield f"a {element.tag}"


def faults(url: str, kind: str, disposition: str, body: bytes) -> Iterator[str]:
    text = body.decode("utf-8")
    if kind.startswith("text/html"):
        yield from faults_of_html(text)
    elif "json" in kind and "jsonl" not in kind:
        json.loads(text)
    elif "jsonl" in kind:
        for line in text.split("\n"):
            json.loads(line or "null")
    elif "xml" in kind:
        etree.fromstring(body)
    elif url.partition("?")[0].endswith(".csv") and "_raw=1" not in url:
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                if cell.startswith(tuple(set(GUARDED) - {"'"})) and not re.fullmatch(r"-?[\d.e+-]+", cell):
                    yield f"a cell that a spreadsheet runs: {cell[:40]!r}"
    if disposition and not re.fullmatch(r'attachment; filename="[\w-]+\.\w+"', disposition):
        yield f"a file name: {disposition!r}"


def test_every_text_is_only_text_on_every_page_and_in_every_format(server: Server) -> None:
    start = f"{server.address}/"
    waiting, met, wrong, kinds = deque([start, f"{start}-/feeds/changes.atom"]), {start}, list[str](), set[str]()
    for name in ("listings", "tools", "reviews", "changes"):
        waiting += [
            f"{start}verdictlog/{name}.{form}"
            for form in ("csv", "csv?_stream=on&_dl=1", "json", "json?_nl=on&_shape=array")
        ]
    asked = 0
    while waiting and asked < MOST_PAGES:
        url = waiting.popleft()
        asked += 1
        status, kind, disposition, body = ask(url)
        kinds.add(kind.partition(";")[0])
        if status >= 500:
            wrong.append(f"{status}: {url}")
        if kind.startswith(("application/octet-stream", "application/vnd.", "image/")):
            continue
        wrong += [f"{fault}: {url}" for fault in faults(url, kind, disposition, body)]
        if kind.startswith("text/html"):
            for link in LexborHTMLParser(body.decode()).css("a[href], link[href]"):
                near = urldefrag(urljoin(url, link.attributes["href"] or ""))[0]
                group = re.sub(r"\d+", "0", re.sub(r"=[^&]*", "=", near)) if "?" in near else near
                if near.startswith(start) and group not in met and len(near) < 4000:
                    met.add(group)
                    waiting.append(near)
    assert wrong == []
    assert asked > 100
    assert {"text/html", "application/json", "application/atom+xml"} <= kinds


def test_csv_of_tables_is_guarded_and_raw_is_not(server: Server) -> None:
    address = f"{server.address}/verdictlog/listings.csv?_col=name&_col=panel_ship_pct&_size=3"
    rows = list(csv.reader(io.StringIO(ask(address)[3].decode(), newline="")))
    assert rows[1][1].startswith("'=cmd")
    raw = list(csv.reader(io.StringIO(ask(f"{address}&_raw=1")[3].decode(), newline="")))
    assert [cell.removeprefix("'") for row in rows for cell in row] == [cell for row in raw for cell in row]
