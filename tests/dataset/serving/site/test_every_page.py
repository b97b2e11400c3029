"""Every kind of page over HTTP: valid HTML, nothing that runs, the same under a path, and its JSON beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset.serving.site.registry import PAGES as KINDS
from tests.dataset.captures import Data
from tests.dataset.serving.site.evidence_data import AFTER, HOSTILE, HOSTILE_PAIR, ROBOTS, SITE, capture_at
from tests.dataset.serving.site.shape import Shape
from tests.dataset.serving.site.test_web import ask
from tests.dataset.serving.site.whole import whole
from tests.publishing import served

OURS = (
    *("/", "/search", "/search?q=shelves", "/search?show=quotes", "/compare", "/compare?left=x&right=y"),
    *("/tool/alder", "/tool/birch", "/tool/dogwood", "/tool/hostile", "/tool/fir"),
    *("/compare/alder/birch", "/compare/cedar/hostile", "/personas", "/persona/builder", "/agreement"),
    *("/changes", "/changes?kind=verdict_flip&tool=alder&since=x"),
    *("/evidence/{hostile}", "/evidence/{after}", "/evidence/{robots}"),
)
DATASETTES = (
    *("/verdictlog", "/verdictlog/listings", "/verdictlog/reviews?_facet=verdict&verdict=skip&_sort=score"),
    *("/verdictlog/listings/hostile", "/verdictlog/problems", "/verdictlog/vote_gap", "/verdictlog/evidence"),
    *(
        "/verdictlog/tools?_nocol=slug&_size=2",
        "/verdictlog?sql=select+:a+from+tools&a=1",
        "/verdictlog?sql=select+from",
    ),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def ids(data: Data) -> dict[str, str]:
    """The captures that stand in addresses."""
    wanted = {"hostile": (HOSTILE, HOSTILE_PAIR), "robots": (ROBOTS, f"{SITE}/robots.txt")}
    return {name: capture_at(data, *given) for name, given in wanted.items()} | {"after": capture_at(data, AFTER)}


@pytest.fixture(scope="module")
def address(data: Data) -> Iterator[str]:
    with served(data.folder, base_url="/verdicts/") as server:
        yield server.address


def test_each_kind_is_here() -> None:
    for kind in KINDS:
        assert any(re.fullmatch(kind.path, page.partition("?")[0]) for page in OURS), kind.name


@pytest.mark.parametrize("page", [*OURS, *DATASETTES])
def test_html_is_valid_and_nothing_in_it_runs(address: str, ids: dict[str, str], page: str) -> None:
    status, headers, body = ask(address, page.format(**ids))
    assert status == (400 if page.endswith("sql=select+from") else 200)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert body.startswith("<!DOCTYPE html>")
    shape = Shape(body)
    assert shape.wrong == []
    for tag, given in shape.found:
        assert tag not in ("style", "img", "iframe", "object")
        if tag == "script":
            assert given.get("type") == "application/ld+json" or str(given.get("src")).startswith("/verdicts/")
        for name, value in given.items():
            assert name != "style"
            assert not name.startswith("on"), name
            if name in ("href", "action", "src"):
                assert re.match(r"/verdicts/|#|\?|https?://", str(value)), f"<{tag}> leads to {value}"
                if tag == "a" and "://" in str(value) and not page.startswith("/verdictlog"):
                    assert given["rel"] == "nofollow noopener external"


@pytest.mark.parametrize("page", OURS)
def test_json_stands_beside_it(address: str, ids: dict[str, str], page: str) -> None:
    body = ask(address, page.format(**ids))[2]
    (beside,) = {
        str(given["href"])
        for tag, given in Shape(body).found
        if tag == "link" and given.get("type") == "application/json"
    }
    assert re.match(r"/verdicts/\w[^?]*\.json(\?|$)", beside)
    status, headers, answer = ask(address, beside.removeprefix("/verdicts"))
    assert status == 200
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"
    assert len(json.loads(answer)) > 0


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ("<p><div></div></p>", "<div> stands within <p>"),
        ("<ul><div></div></ul>", "<div> stands right within <ul>"),
        ("<table><tbody><tr><td></td></tr><tr></tr></tbody></table>", "the rows of a table have [0, 1] cells"),
        ("<p>", "</main> closes nothing"),
        ("<i></b></i>", "</b> closes nothing"),
        ('<p id="x"></p><p id="x"></p>', "the id x is given twice"),
        ('<p id="x" id="y"></p>', "<p> has an attribute twice"),
        ('<label for="x"></label>', "for=x leads nowhere"),
        ('<a href="#x"></a>', "#x leads nowhere"),
        ("<h1></h1><h3></h3>", "h3 after h1"),
        ("a&b=c", "a bare &"),
        ("<a><a></a></a>", "<a> stands within another of"),
        ("<li></li>", "<li> stands within <main>"),
    ],
)
def test_what_is_wrong_would_be_seen(html: str, wrong: str) -> None:
    around = '<html lang="en"><head><title>x</title></head><body><main>{}</main></body></html>'
    head = "" if "<h1>" in html else "<h1></h1>"
    assert any(each.startswith(wrong) for each in Shape(around.format(head + html)).wrong)
    assert Shape(around.format("<h1>fine</h1>")).wrong == []


def test_pages_of_an_empty_dataset(tmp_path: Path) -> None:
    """A dataset without a single row has pages as well."""
    empty = Data(tmp_path)
    empty.add([])
    empty.build()
    with served(tmp_path) as server:
        for page in (
            "/",
            "/search",
            "/compare",
            "/personas",
            "/changes",
            "/agreement",
            "/verdictlog",
            "/verdictlog/tools",
        ):
            status, _, body = ask(server.address, page)
            assert status == 200, page
            assert Shape(body).wrong == [], page
