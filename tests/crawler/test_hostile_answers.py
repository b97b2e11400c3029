"""What a site sends can end no crawl, and no later one: it costs the page, and leaves a problem behind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from crawler.archive import Archive
from tests.hostile import Hostile, Piece, answer, hostile
from tests.verdictlog.running import Folder

ROBOTS = answer(b"User-agent: *\nDisallow:\n")
GONE = answer(b"", status="404 Not Found")
PAGE = b"<title>A page</title><p>Nothing of ours"
LISTED = b"".join(b"<a href='/tool/%s'>x</a>" % name for name in (b"a", b"bad", b"c"))


def site(bad: Iterable[Piece], **others: bytes) -> dict[str, Iterable[Piece]]:
    """A site with three pages, of which /tool/bad answers with `bad`; `others` stand at the root."""
    pages = {"robots.txt": ROBOTS, "": answer(LISTED), "tool/a": answer(PAGE), "tool/c": answer(PAGE)}
    return {f"/{path}": [body] for path, body in {**pages, **others}.items()} | {"/tool/bad": bad}


class Crawled(Folder):
    """A data folder, and crawls of a hostile server into it."""

    def crawl(self, server: Hostile, *words: str, delay: str = "0") -> dict[str, object]:
        """Crawl the site; the sum, with the exit code under ``code``."""
        ran = self.run("crawl", server.url, "--delay", delay, "--timeout", "2", "--json", *words)
        end: dict[str, object] = json.loads(ran.out.splitlines()[-1])
        return end | {"code": ran.code}


@pytest.fixture
def data(tmp_path: Path) -> Crawled:
    return Crawled(tmp_path / "data")


# ---- what is sent back -----------------------------------------------------------------------------------------

VALIDATORS = {
    "control": 'ETag: "a\x07b"',
    "tab": 'ETag: "a\tb"',
    "escape": "Last-Modified: \x1b[31mred",
    "not ASCII": 'ETag: "ä"',
    "endless": f'ETag: "{"x" * 20_000}"',
    "endless date": f"Last-Modified: {'Mon, ' * 4000}",
}


@pytest.mark.parametrize("name", VALIDATORS)
def test_a_validator_is_sent_back_only_in_its_form(data: Crawled, name: str) -> None:
    pages = site([answer(PAGE, VALIDATORS[name])], **{"tool/a": answer(PAGE, 'ETag: W/"good"')})
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        codes = [data.crawl(server)["code"], data.crawl(server)["code"], data.crawl(server, "--fresh")["code"]]
        good, bad = server.sent("/tool/a"), server.sent("/tool/bad")
    assert codes == [0, 0, 0]
    assert b'If-None-Match: W/"good"\r\n' in good[-1]
    assert not any(b"If-None-Match" in each or b"If-Modified-Since" in each for each in bad)


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


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_costs_the_page_and_is_noted(data: Crawled, name: str) -> None:
    pages = site(BROKEN[name])
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        end = data.crawl(server)
        assert server.paths.count("/tool/bad") == 4
        assert server.paths.count("/tool/c") == 1
        bad = f"{server.url}tool/bad"
    assert (end["code"], end["reason"]) == (1, "finished")
    assert [url for url, _ in end["gave_up"]] == [bad]  # type: ignore[attr-defined]
    assert data.run("verify").code == 0
    data.run("build")
    [problem] = data.rows("SELECT severity, url, path, message FROM problems WHERE code = 'not_had'")
    assert problem["severity"] == "error"
    assert bad in problem["message"] and "no answer: " in problem["message"]


CUT: dict[str, list[Piece]] = {
    "a length that is too long": [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nabc"],
    "half a chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nabc"],
    "no last chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    "a chunk of no number": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n"],
    "an endless chunk line": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + b"1" * 200_000],
    "a slow body": [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 5.0],
}


@pytest.mark.parametrize("name", CUT)
def test_what_came_of_a_cut_answer_is_kept(data: Crawled, name: str) -> None:
    pages = site(CUT[name])
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        end = data.crawl(server)
    assert (end["code"], end["reason"]) == (1, "finished")
    kept = [(r, b) for r, b in Archive(data.path / "archive").scan() if r.kind == "response" and "bad" in str(r.url)]
    assert [(r.truncated, body) for r, body in kept] == [
        ("time" if name == "a slow body" else "disconnect", b"abc")
    ] * 4


def test_evidence_holds_the_head_as_it_was_received(data: Crawled) -> None:
    head = (
        b"HTTP/1.1 200 Fine, thanks\r\nx-ODD:   spaced \t\r\nb: 2\r\nX-odd: again\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    pages = site([head + b"3\r\nabc\r\n0\r\n\r\n"])
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        data.crawl(server)
    [file] = (data.path / "archive").glob("*.warc.gz")
    import gzip

    whole = gzip.decompress(file.read_bytes())
    assert head.replace(b"transfer-encoding", b"X-Archive-Orig-Transfer-Encoding") + b"abc" in whole
    for request in server.requests:
        assert request in whole


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
    pages = site([answer(PAGE)]) | {"/robots.txt": [answer(LEAVE[name])]}
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        end = data.crawl(server)
        assert "/tool/c" in server.paths
    assert end["reason"] == "finished"


# ---- where a site leads ----------------------------------------------------------------------------------------

NOWHERE = {
    "no address": "Location: http://[",
    "control": "Location: http://\x1b[31m/",
    "another scheme": "Location: file:///etc/passwd",
    "endless": f"Location: /tool/{'x' * 50_000}",
    "a port of no number": "Location: http://127.0.0.1:port/",
    "itself": "Location: /tool/bad",
    "another site": "Location: http://other.example/",
}


@pytest.mark.parametrize("name", NOWHERE)
def test_a_redirect_that_leads_nowhere_costs_the_page(data: Crawled, name: str) -> None:
    pages = site([answer(b"", NOWHERE[name], status="302 Found")])
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        end = data.crawl(server)
        assert server.paths.count("/tool/bad") == 1 and server.paths.count("/tool/c") == 1
    assert (end["code"], end["reason"]) == (0, "finished")
    data.run("build")
    problems = data.column("SELECT code FROM problems WHERE code LIKE '%redirect%'")
    assert problems == ([] if name == "another site" else [{"itself": "redirect_loop"}.get(name, "bad_redirect")])


def test_redirects_with_ever_new_queries_end(data: Crawled) -> None:
    def answers(path: str) -> Iterable[Piece]:
        if path.startswith("/tool/bad"):
            number = int(path.partition("=")[2] or 0) + 1
            return [answer(b"", f"Location: /tool/bad?n={number}", status="302 Found")]
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


@pytest.mark.parametrize("name", PAGES)
def test_links_that_name_no_page_are_not_followed(data: Crawled, name: str) -> None:
    pages = site([answer(b"".join(PAGES[name].replace(b"%d", b"%d" % n) for n in range(300)))])
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        assert data.crawl(server)["reason"] == "finished"
        assert len(server.paths) == 5


SITEMAPS: dict[str, bytes] = {
    "no XML": b"\0" * 1000,
    "deep": b"<urlset>" * 5000,
    "laughs": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
    "a file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
    "odd addresses": b"<urlset><url><loc>http://[</loc></url><url><loc>&#27;[31m</loc></url></urlset>",
}


@pytest.mark.parametrize("name", SITEMAPS)
def test_a_bad_sitemap_costs_only_itself(data: Crawled, name: str) -> None:
    pages = site([answer(PAGE)]) | {
        "/robots.txt": [answer(b"Sitemap: /sitemap.xml")],
        "/sitemap.xml": [answer(SITEMAPS[name])],
    }
    with hostile(lambda path: pages.get(path, [GONE])) as server:
        end = data.crawl(server)
        assert "/tool/c" in server.paths
    assert (end["code"], end["reason"]) == (0, "finished")
    if name in ("no XML", "deep"):
        data.run("build")
        assert data.column("SELECT severity FROM problems WHERE code = 'bad_sitemap'") == ["warning"]
