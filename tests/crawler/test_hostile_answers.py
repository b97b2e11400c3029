"""What a site sends can end no crawl, and no later one: it costs the page, and leaves a problem behind."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from crawler.archive import Archive
from tests.hostile import Hostile, Piece, answer, hostile
from tests.serving import Json
from tests.verdictlog.running import Folder

ROBOTS = answer(b"User-agent: *\nDisallow:\n")
GONE = answer(b"", status="404 Not Found")
PAGE = b"<title>A page</title><p>Nothing of ours"


def site(*bad: Iterable[Piece]) -> dict[str, Iterable[Piece]]:
    """A site with a page /tool/bad-0, /tool/bad-1, … for each of `bad`, and after each one that is gone."""
    pages: dict[str, Iterable[Piece]] = {"/robots.txt": [ROBOTS]}
    for number, each in enumerate(bad):
        pages |= {f"/tool/bad-{number}": each, f"/tool/good-{number}": [GONE]}
    links = "".join(f"<a href='{path}'>x</a>" for path in pages if path != "/robots.txt")
    return pages | {"/": [answer(links.encode())]}


class Crawled(Folder):
    """A data folder, and crawls of a hostile server into it."""

    def crawl(self, server: Hostile, *words: str) -> Json:
        """Crawl the site; the sum, with the exit code under ``code``."""
        ran = self.run("crawl", server.url, "--delay", "0", "--timeout", "1", "--json", *words)
        end: Json = json.loads(ran.out.splitlines()[-1])
        return end | {"code": ran.code}


def serving(pages: dict[str, Iterable[Piece]]) -> AbstractContextManager[Hostile]:
    """A server of `pages`, and of nothing else."""
    return hostile(lambda path: pages.get(path, [GONE]))


@pytest.fixture
def data(tmp_path: Path) -> Crawled:
    return Crawled(tmp_path / "data")


# ---- what is sent back -----------------------------------------------------------------------------------------

VALIDATORS = {
    "good": 'ETag: W/"good"',
    "control": 'ETag: "a\x07b"',
    "tab": 'ETag: "a\tb"',
    "escape": "Last-Modified: \x1b[31mred",
    "not ASCII": 'ETag: "ä"',
    "endless": f'ETag: "{"x" * 20_000}"',
    "endless date": f"Last-Modified: {'Mon, ' * 4000}",
}


def test_a_validator_is_sent_back_only_in_its_form(data: Crawled) -> None:
    pages = site(*([answer(PAGE, each)] for each in VALIDATORS.values()))
    with serving(pages) as server:
        codes = [data.crawl(server)["code"], data.crawl(server)["code"], data.crawl(server, "--fresh")["code"]]
        last = {name: server.sent(f"/tool/bad-{number}")[1:] for number, name in enumerate(VALIDATORS)}
    assert codes == [0, 0, 0]
    assert {len(each) for each in last.values()} == {2}
    sent_back = {name for name, heads in last.items() if b"If-None" in b"".join(heads) or b"If-Mod" in b"".join(heads)}
    assert sent_back == {"good"}
    assert all(b'If-None-Match: W/"good"\r\n' in each for each in last["good"])


# ---- what is no answer -----------------------------------------------------------------------------------------

BROKEN: dict[str, list[Piece]] = {
    "no HTTP": [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "nothing": [],
    "half a status line": [b"HTTP/1.1 2"],
    "half a head": [b"HTTP/1.1 200 OK\r\nContent-Type: text"],
    "no number": [b"HTTP/1.1 OK 200\r\n\r\n"],
    "a number of its own": [b"HTTP/1.1 2000 OK\r\n\r\n"],
    "no status": [b"HTTP/1.1\r\nContent-Length: 0\r\n\r\n"],
    "binary": [bytes(range(256)) * 8],
    "a header without a name": [b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    "a header with a NUL": [b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"],
    "a length below nothing": [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"],
    "an endless length": [b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc"],
    "an unknown transfer": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabc"],
    "a long line": [b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000 + b"\r\n\r\n"],
    "many headers": [b"HTTP/1.1 200 OK\r\n", b"A: x\r\n" * 50_000, b"\r\n"],
    "interim for ever": [b"HTTP/1.1 100 Continue\r\n\r\n" * 5000],
    "another protocol": [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    "half a head, slowly": [b"HTTP/1.1 200 OK\r\n", 5.0],
    "a byte at a time": [each for _ in range(10) for each in (b"HTTP/1.1 "[:1], 0.5)],
    "idle": [5.0],
}


def test_what_is_no_answer_costs_the_page_and_is_noted(data: Crawled) -> None:
    with serving(site(*BROKEN.values())) as server:
        end = data.crawl(server)
    bad = {f"/tool/bad-{number}": name for number, name in enumerate(BROKEN)}
    assert (end["code"], end["reason"]) == (1, "finished")
    assert {bad[url.removeprefix(server.url.rstrip("/"))] for url, _ in end["gave_up"]} == set(BROKEN)
    assert all("no answer: " in why and why.endswith(", 4 times") for _, why in end["gave_up"])
    assert {path: server.paths.count(path) for path in bad} == dict.fromkeys(bad, 4)
    assert all(path in server.paths for path in site(*BROKEN.values()))
    assert data.run("verify").code == 0
    assert data.run("build").code == 1
    problems = data.rows("SELECT severity, message FROM problems WHERE code = 'not_had' ORDER BY message")
    assert [each["severity"] for each in problems] == ["error"] * len(BROKEN)
    for url, why in end["gave_up"]:
        assert f"{url}: {why}" in [each["message"] for each in problems]


def test_problems_of_a_crawl_are_over_with_the_next_one(data: Crawled) -> None:
    pages = site(BROKEN["no HTTP"])
    with serving(pages) as server:
        data.crawl(server)
        pages["/tool/bad-0"] = [answer(PAGE)]
        assert data.crawl(server)["code"] == 0
    data.run("build")
    assert data.column("SELECT code FROM problems WHERE code = 'not_had'") == []


CUT: dict[str, list[Piece]] = {
    "a length that is too long": [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nabc"],
    "half a chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nabc"],
    "no last chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    "a chunk of no number": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n"],
    "an endless chunk line": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + b"1" * 200_000],
}


def test_what_came_of_a_cut_answer_is_kept(data: Crawled) -> None:
    slow: list[Piece] = [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 3.0]
    with serving(site(slow, *CUT.values())) as server:
        end = data.crawl(server)
    assert (end["code"], end["reason"]) == (1, "finished")
    kept = [(r, b) for r, b in Archive(data.path / "archive").scan() if r.kind == "response" and "/bad-" in str(r.url)]
    assert {r.truncated for r, _ in kept if str(r.url).endswith("bad-0")} == {"time"}
    assert {r.truncated for r, _ in kept if not str(r.url).endswith("bad-0")} == {"disconnect"}
    assert [body for _, body in kept] == [b"abc"] * 4 * (1 + len(CUT))


def test_evidence_holds_what_was_sent_and_received(data: Crawled) -> None:
    head = (
        b"HTTP/1.1 200 Fine, thanks\r\nx-ODD:   spaced \t\r\nb: 2\r\nX-odd: again\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    with serving(site([head + b"3\r\nabc\r\n0\r\n\r\n"])) as server:
        data.crawl(server)
    [file] = (data.path / "archive").glob("*.warc.gz")
    whole = gzip.decompress(file.read_bytes())
    assert head.replace(b"transfer-encoding", b"X-Archive-Orig-Transfer-Encoding") + b"abc" in whole
    assert all(request in whole for request in server.requests)


# ---- robots.txt ------------------------------------------------------------------------------------------------

NO_LEAVE: dict[str, list[Piece]] = {
    "cut off": [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\n"],
    "cut off in a chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nUser-agent: *\n"],
    "no HTTP": [b"no\r\n\r\n"],
    "slow": [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\n", 5.0],
    "bad gzip": [answer(b"User-agent: *", "Content-Encoding: gzip")],
    "endless redirects": [answer(b"", "Location: /robots.txt?again", status="302 Found")],
    "too many rules": [answer(b"User-agent: a\n" * 5000 + b"Disallow: /b\n" * 5000)],
    "an endless delay": [answer(b"User-agent: *\nCrawl-delay: 99999999999999999999")],
}


@pytest.mark.parametrize("name", NO_LEAVE)
def test_a_robots_txt_that_can_not_be_had_whole_allows_nothing(data: Crawled, name: str) -> None:
    pages = site([answer(PAGE)]) | {"/robots.txt": NO_LEAVE[name]}
    with hostile(lambda path: pages.get(path.partition("?")[0], [GONE])) as server:
        end = data.crawl(server)
        assert {path.partition("?")[0] for path in server.paths} == {"/robots.txt"}
    assert (end["code"], end["reason"]) == (1, "robots")


LEAVE: dict[str, bytes] = {
    "binary": bytes(range(256)) * 2000,
    "one line": b"Disallow: " + b"/" * 600_000,
    "wildcards": b"User-agent: *\n" + b"Disallow: /%s\n" % (b"*a" * 2000) * 100,
    "delays": b"User-agent: *\nCrawl-delay: -1\nCrawl-delay: nan\nCrawl-delay: 1e999\nCrawl-delay: x\n",
    "sitemaps": b"Sitemap: http://[\nSitemap: \x1b[31m\nSitemap: javascript:x\n" + b"Sitemap: /s.xml?\xff\n" * 2000,
}


@pytest.mark.parametrize("name", LEAVE)
def test_an_odd_robots_txt_is_read_as_far_as_it_makes_sense(data: Crawled, name: str) -> None:
    with serving(site([answer(PAGE)]) | {"/robots.txt": [answer(LEAVE[name])]}) as server:
        assert data.crawl(server)["reason"] == "finished"
        assert "/tool/bad-0" in server.paths


# ---- where a site leads ----------------------------------------------------------------------------------------

NOWHERE = {
    "no address": "Location: http://[",
    "control": "Location: http://\x1b[31m/",
    "another scheme": "Location: file:///etc/passwd",
    "endless": f"Location: /tool/{'x' * 50_000}",
    "a port of no number": "Location: http://127.0.0.1:port/",
    "itself": "Location: /tool/bad-5",
    "another site": "Location: http://other.example/",
}


def test_a_redirect_that_leads_nowhere_costs_the_page(data: Crawled) -> None:
    with serving(site(*([answer(b"", each, status="302 Found")] for each in NOWHERE.values()))) as server:
        end = data.crawl(server)
        assert set(site(*([] for _ in NOWHERE))) == set(server.paths)
        assert len(server.paths) == len(set(server.paths))
    assert (end["code"], end["reason"]) == (0, "finished")
    assert data.run("build").code == 0
    problems = data.rows("SELECT code, severity FROM problems WHERE code LIKE '%redirect%' ORDER BY code")
    assert {each["severity"] for each in problems} == {"warning"}
    assert [each["code"] for each in problems] == ["bad_redirect"] * (len(NOWHERE) - 2) + ["redirect_loop"]


def test_redirects_with_ever_new_queries_end(data: Crawled) -> None:
    def answers(path: str) -> Iterable[Piece]:
        if path.startswith("/tool/bad-0"):
            number = int(path.partition("=")[2] or 0) + 1
            return [answer(b"", f"Location: /tool/bad-0?n={number}", status="302 Found")]
        return site([]).get(path, [GONE])

    with hostile(answers) as server:
        end = data.crawl(server)
        assert sum(path.startswith("/tool/bad") for path in server.paths) == 6
    assert (end["code"], end["reason"]) == (0, "finished")


def test_sitemaps_in_a_circle_and_without_an_end_are_left(data: Crawled) -> None:
    def answers(path: str) -> Iterable[Piece]:
        if path == "/robots.txt":
            return [answer(b"Sitemap: /sitemap.xml")]
        if "sitemap" in path:
            number = int("".join(filter(str.isdigit, path)) or 0) + 1
            names = "".join(f"<sitemap><loc>/{n}</loc></sitemap>" for n in ("sitemap.xml", f"sitemap-{number}.xml"))
            return [answer(f"<sitemapindex>{names}</sitemapindex>".encode())]
        return site([answer(PAGE)]).get(path, [GONE])

    with hostile(answers) as server:
        end = data.crawl(server)
        maps = [path for path in server.paths if "sitemap" in path]
    assert maps == ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    assert (end["code"], end["reason"]) == (0, "finished")


PAGES = {
    "a session in each link": b"<a href='/tool/a;jsessionid=%d'>x</a>",
    "a query in each link": b"<a href='/tool/a?session=%d'>x</a>",
    "a calendar": b"<a href='/calendar/%d'>x</a>",
    "endless links": b"<a href='/tool/%d" + b"x" * 3000 + b"'>x</a>",
}


def test_links_that_name_no_page_are_not_followed(data: Crawled) -> None:
    bad = (answer(b"".join(link.replace(b"%d", b"%d" % n) for n in range(300))) for link in PAGES.values())
    pages = site(*([each] for each in bad))
    with serving(pages) as server:
        assert data.crawl(server)["reason"] == "finished"
        assert set(server.paths) == {*pages, "/tool/a"}


SITEMAPS: dict[str, bytes] = {
    "no XML": b"\0" * 1000,
    "deep": b"<urlset>" * 5000,
    "laughs": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
    "a file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
    "odd addresses": b"<urlset><url><loc>http://[</loc></url><url><loc>&#27;[31m</loc></url></urlset>",
}


def test_a_bad_sitemap_costs_only_itself(data: Crawled) -> None:
    names = [f"/sitemap-{number}.xml" for number in range(len(SITEMAPS))]
    maps = {path: [answer(each)] for path, each in zip(names, SITEMAPS.values(), strict=True)}
    robots = answer("".join(f"Sitemap: {path}\n" for path in names).encode())
    pages = site([answer(PAGE)]) | maps | {"/robots.txt": [robots]}
    with serving(pages) as server:
        end = data.crawl(server)
        assert set(server.paths) == set(pages)
    assert (end["code"], end["reason"]) == (0, "finished")
    data.run("build")
    assert set(data.column("SELECT severity FROM problems WHERE code = 'bad_sitemap'")) == {"warning"}
