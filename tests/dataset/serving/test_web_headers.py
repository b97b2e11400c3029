"""What every answer bears, asked of a real server; and the server behind a real proxy under a path prefix."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from protego import Protego

from dataset.exports.whole import for_people
from dataset.serving.live import live_database
from dataset.serving.serve import make_app
from dataset.serving.web_exports import FORMATS
from dataset.serving.web_headers import CONTENT_SECURITY_POLICY, is_known
from tests.asking import ask
from tests.browser.chromium import Chromium, find_chromium
from tests.proxying import proxied
from tests.publishing import get, make_dataset, served

PAGES = ("/", "/verdictlog", "/verdictlog/listings", "/verdictlog/listings.json", "/verdictlog/listings/gravel-db")
EXPORT = "/-/export/listings.csv"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    make_dataset(data / "verdictlog.db")
    return data


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with served(data) as server:
        yield server.address


@pytest.mark.parametrize(
    "page", [*PAGES, EXPORT, "/-/feeds/changes.atom", "/-/static-plugins/verdictlog/verdictlog.css", "/nothing/at/all"]
)
def test_headers_of_every_answer(address: str, page: str) -> None:
    _, headers, _ = ask(address + page)
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["access-control-allow-origin"] == "*"
    assert "x-robots-tag" not in headers


def test_the_policy_takes_nothing_but_the_servers_own_files() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"


@pytest.mark.parametrize(
    "page",
    [
        *("/", "/verdictlog", "/verdictlog/listings?_facet=entry&entry=Free", "/verdictlog/listings/gravel-db"),
        *("/verdictlog?sql=select+1", "/verdictlog/listing?listing=gravel-db", "/verdictlog/nothing", "/-/metadata"),
    ],
)
def test_no_page_holds_a_script_or_style_that_the_policy_would_stop(address: str, page: str) -> None:
    body = ask(address + page)[2].decode()
    assert not re.search(r"<style\b|<script>|<[^>]+\s(?:on\w+|style)\s*=", body)
    for script in re.findall(r"<script\b[^>]*>", body):
        assert re.search(r' src="/|type="application/ld\+json"', script)


@pytest.mark.skipif(find_chromium() is None, reason="chromium is not installed (scripts/install-system-packages)")
def test_in_a_browser_the_pages_work_and_a_smuggled_script_does_not(address: str) -> None:
    with Chromium() as browser:
        browser.open(f"{address}/verdictlog/listings")
        assert browser.script("DATASETTE_ALLOW_FACET") is True
        assert browser.script("document.querySelectorAll('th .dropdown-menu-icon').length") > 5
        smuggled = """new Promise(done => {
            document.addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
            const script = document.createElement('script');
            script.textContent = 'window.smuggled = true; ';
            document.body.append(script);
            setTimeout(() => done('it ran: ' + window.smuggled), 3000);
        })"""
        assert browser.script(smuggled) == "script-src-elem"


@pytest.mark.parametrize("page", [*PAGES, EXPORT, "/-/feeds/changes.atom", "/-/export/datapackage.json"])
def test_who_has_it_already_gets_304(address: str, page: str) -> None:
    status, headers, _ = ask(address + page)
    tag = headers["etag"]
    assert status == 200
    for known in (tag, f'"other", {tag}', tag if tag.startswith("W/") else f"W/{tag}"):
        status, again, body = ask(address + page, If_None_Match=known)
        assert (status, body, again["etag"]) == (304, b"", tag)
    assert ask(address + page, If_None_Match='"other"')[0] == 200


def test_tags_follow_the_content(tmp_path: Path) -> None:
    path = tmp_path / "verdictlog.db"
    make_dataset(path)
    with served(tmp_path) as server:
        before = {page: ask(server.address + page)[1]["etag"] for page in (*PAGES, EXPORT)}
        make_dataset(path, marker="another")
        for page, tag in before.items():
            status, headers, _ = ask(server.address + page, If_None_Match=tag)
            assert status == 200, page
            assert headers["etag"] != tag
            assert headers["cache-control"] == "no-cache"


def test_exports_of_other_forms_have_other_tags(address: str) -> None:
    pages = (EXPORT, f"{EXPORT}?_raw=1", "/-/export/listings.json", "/-/export/reviews.csv")
    assert len({ask(address + page)[1]["etag"] for page in pages}) == len(pages)


def test_what_is_no_page_of_the_dataset_has_no_tag(address: str) -> None:
    assert "etag" not in ask(f"{address}/-/versions.json")[1]
    assert "etag" not in ask(f"{address}/verdictlog/nothing")[1]
    assert "etag" not in ask(f"{address}/verdictlog/listings", Cookie="a=b")[1], "that answer is private"


TOLD_BY_DATASETTE = ("databases", "settings", "versions", "plugins", "metadata", "actor", "threads", "allow-debug")


def test_no_page_tells_where_on_the_machine_things_lie(data: Path, address: str) -> None:
    about_itself = [f"/-/{name}{end}" for name in TOLD_BY_DATASETTE for end in ("", ".json")]
    for page in (*PAGES, *about_itself, "/evidence/capture-1", "/evidence/capture-1/raw", "/nothing/at/all"):
        body = ask(address + page)[2].decode()
        for folder in (data, Path(sys.prefix), Path(__file__).parents[3]):
            assert str(folder) not in body, page
    assert json.loads(ask(f"{address}/-/databases.json")[2])[0]["path"] == "verdictlog.db"
    assert [ask(f"{address}/-/threads{end}")[0] for end in ("", ".json")] == [404, 404]


def test_a_page_that_a_time_limit_cut_short_has_no_tag(data: Path) -> None:
    """Datasette leaves out a facet that did not get ready; the next try may have it."""
    datasette = make_app(data)
    live = live_database(datasette)
    assert live is not None
    slow = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT sum(i) FROM n) > 0"
    page = f"/verdictlog/listings?{urlencode({'_where': slow, '_facet': 'entry', '_nocount': 1})}"

    async def tag_within(milliseconds: int) -> str | None:
        datasette._settings["facet_time_limit_ms"] = milliseconds
        answer = await datasette.client.get(page)
        assert answer.status_code == 200
        tag: str | None = answer.headers.get("etag")
        return tag

    async def scene() -> None:
        await datasette.invoke_startup()
        datasette._settings["sql_time_limit_ms"] = datasette._settings["facet_suggest_time_limit_ms"] = 60_000
        assert await tag_within(5) is None
        assert await tag_within(60_000) is not None, "one page's trouble is not another's"

    asyncio.run(scene())
    datasette.executor.shutdown()
    live.close()


def test_is_known() -> None:
    assert is_known('"a", W/"b"', '"b"')
    assert is_known("*", '"b"')
    assert all(is_known(f'"a", {weak}"b-{how}"', '"b"') for how in ("gzip", "br", "zstd") for weak in ("", "W/"))
    assert not is_known('"b-c"', '"b"')
    assert not is_known(None, '"b"')
    assert not is_known('"bb"', 'W/"b"')


def test_it_can_only_be_read(address: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        status, headers, _ = ask(f"{address}/verdictlog/listings", method=method)
        assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    status, headers, _ = ask(address + EXPORT, method="OPTIONS", Origin="https://elsewhere.example")
    assert (status, headers["access-control-allow-methods"]) == (204, "GET, HEAD, OPTIONS")
    assert "If-None-Match" in headers["access-control-allow-headers"]


def test_robots_are_the_operators_choice(data: Path, address: str) -> None:
    allowed = Protego.parse(ask(f"{address}/robots.txt")[2].decode())
    for path, may in (
        ("/", True),
        ("/verdictlog/listings/gravel-db", True),
        ("/-/feeds/changes.atom", True),
        ("/verdictlog/listings?_sort=name", False),
        (EXPORT, False),
    ):
        assert allowed.can_fetch(address + path, "bot") == may, path
    with served(data, base_url="/verdicts/", robots="block") as server:
        _, headers, body = ask(f"{server.address}/robots.txt")
        blocked = Protego.parse(body.decode())
        assert not blocked.can_fetch(f"{server.address}/", "bot")
        assert blocked.can_fetch(server.address.removesuffix("verdicts"), "bot"), "the rest of the site is not ours"
        assert headers["x-robots-tag"] == "noindex, nofollow"


# Behind a proxy


def links(url: str, body: str) -> set[str]:
    found = re.findall(r"<(?:a|link|script|form)\b[^>]*?\b(?:href|src|action)=\"([^\"]+)\"", body)
    return {urljoin(url, unescape(link)) for link in found}


@pytest.mark.parametrize("strips", [True, False], ids=["strips the prefix", "keeps it"])
def test_behind_a_proxy_every_link_leads_somewhere(data: Path, strips: bool) -> None:
    with (
        served(data, base_url="/verdicts/") as server,
        proxied(server.address.removesuffix("/verdicts"), "/verdicts/", strips=strips) as proxy,
    ):
        seen: set[str] = set()
        followed = 0
        for page in (
            "/",
            "/verdictlog",
            "/verdictlog/listings?_size=1&_facet=category",
            "/verdictlog/listings/gravel-db",
            "/verdictlog/listing?listing=gravel-db",
            "/verdictlog?sql=select+1",
        ):
            url = f"{proxy}/verdicts{page}"
            status, body = get(url)
            assert status == 200, url
            for link in sorted(links(url, body)):
                # Absolute links are https, as the proxy says the world sees it; the proxy itself speaks http.
                parts = urlsplit(link)
                if parts.netloc != urlsplit(proxy).netloc:
                    continue
                assert parts.path.startswith("/verdicts/"), f"{page}: {link}"
                assert "/verdicts/verdicts" not in link
                path = re.sub(r"/export/\w+", "/export/", parts.path)  # one table's is as good as another's
                kind = f"{path}?{','.join(sorted(each.partition('=')[0] for each in parts.query.split('&')))}"
                if kind not in seen:
                    seen.add(kind)
                    followed += 1
                    assert ask(link.replace("https://", "http://"))[0] == 200, f"{page}: {link}"
        assert followed > 50
        feed = get(f"{proxy}/verdicts/-/feeds/flips.atom")[1]
        host = urlsplit(proxy).netloc
        assert f"https://{host}/verdicts/-/feeds/flips.atom" in feed
        told = json_ld_of(get(f"{proxy}/verdicts/")[1])
        assert told["url"] == f"https://{host}/verdicts/"
        assert ask(told["distribution"][-1]["contentUrl"].replace("https://", "http://"))[0] == 200


def test_redirects_keep_the_prefix(data: Path) -> None:
    """Also Datasette's own, whether or not a proxy took the prefix off."""
    with served(data, base_url="/verdicts/") as server:
        for asked, target in (
            ("/verdictlog/listings/", "/verdictlog/listings"),
            ("/verdictlog/listings/?_sort=name", "/verdictlog/listings?_sort=name"),
            ("/-/config", "/-/settings"),
            ("/tool/lantern-notes-2", "/tool/lantern-notes"),
        ):
            for prefix in ("", "/verdicts"):
                connection = HTTPConnection(urlsplit(server.address).netloc, timeout=20)
                connection.request("GET", prefix + asked)
                with closing(connection), connection.getresponse() as answer:
                    assert answer.headers["Location"] == f"/verdicts{target}", prefix + asked


def json_ld_of(home: str) -> Any:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', home, re.S)
    return json.loads(block)


def test_home_describes_the_dataset_to_machines(address: str) -> None:
    told = json_ld_of(get(f"{address}/")[1])
    assert (told["@context"], told["@type"]) == ("https://schema.org/", "Dataset")
    # What Google's guide for datasets demands, and what it recommends.
    assert 50 <= len(told["description"]) <= 5000
    assert told["name"]
    for key in ("creator", "license", "url", "keywords", "temporalCoverage", "variableMeasured", "isAccessibleForFree"):
        assert told[key], key
    assert told["temporalCoverage"] == "2026-03-01T10:00:00Z/2026-03-02T10:00:00Z"
    downloads = told["distribution"]
    assert all(each["@type"] == "DataDownload" and each["encodingFormat"] for each in downloads)
    wanted = {f"{address}/-/export/{of.name}.{form}" for of in for_people() for form in FORMATS}
    assert {each["contentUrl"] for each in downloads} == wanted | {f"{address}/verdictlog.db"}
    assert {"panel_verdict", "score"} <= {each["name"] for each in told["variableMeasured"]}
