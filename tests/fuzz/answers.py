"""Hostile answers: a server mutates status lines, headers, encodings, chunks, sitemaps, robots.txt and redirects.

Each crawl of it must end by itself, with a documented exit code and without a mistake of ours; its archive must verify,
and build. ``python -m tests.fuzz.answers --answers 20000 --seed 1`` prints the seed of each crawl that fails;
``--only SEED`` does that crawl again.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.hostile import Hostile, Piece, hostile
from tests.verdictlog.running import ROOT, Folder

PAGES = 160
"""Pages of a site: with its lists, sitemaps and retries it gives some two hundred answers."""

BUDGET = 220
PAGE = (ROOT / "samples" / "fernway-vs-gatepost.html").read_bytes()
ENDS = {"finished", "budget", "robots", "site_failing", "site_changed", "wait"}
"""How a crawl may end."""

TOKENS = (
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b":",
        b": ",
        b";",
        b",",
        b'"',
        b"\xff",
        b"\x1b[31m",
        b"%",
        b"%zz",
        b"\xe2\x80\xae",
    ),
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0", b"HTTP/9.9", b"ICY 200 OK", b" 100 Continue\r\n\r\n", b" 999 ", b" 099 "),
    *(b"-1", b"0", b"9" * 20, b"ffffffffffffffff", b"1e999", b"nan", b"Fri, 99 Zzz 0000 99:99:99 GMT"),
    *(
        b"Content-Length: 5\r\n",
        b"Content-Length: -5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: br\r\n",
    ),
    *(b"Content-Encoding: gzip, gzip, gzip\r\n", b"Content-Type: text/html; charset=utf-7\r\n", b"Retry-After: 0\r\n"),
    *(b'ETag: "\x01"\r\n', b"Last-Modified: \xff\r\n", b"Set-Cookie: a=b\r\n", b"Location: //[\r\n", b"Location: \r\n"),
    *(
        b"User-agent: *\n",
        b"Disallow: *$*\n",
        b"Crawl-delay: 0.0001\n",
        b"Sitemap: \n",
        b"<loc>",
        b"</url>",
        b"<![CDATA[",
    ),
    *(
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"&a;",
        b"<a href='",
        b"<a href=//[>",
        b"<!--",
        b"<template>",
        b"<svg>",
        b"<table>",
    ),
)


@dataclass
class Site:
    """The server's answers: the same for the same seed, path and number of the request."""

    seed: int
    asked: int = 0

    def answers(self, path: str) -> Iterable[Piece]:
        """What is sent for `path`."""
        self.asked += 1
        chance = Random(f"{self.seed} {path} {self.asked}")
        sent = _honest(path, chance)
        is_spared = path in ("/", "/robots.txt") and chance.random() < 0.8
        if is_spared or chance.random() < 0.3:
            return [sent]
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            sent = _mutated(sent, chance)
        return [sent[: len(sent) // 2], sent[len(sent) // 2 :]] if chance.random() < 0.3 else [sent]


def _honest(path: str, chance: Random) -> bytes:
    """An answer before it is mutated: of the kind that `path` has, in one of many codings."""
    bare, media = path.partition("?")[0], "text/html; charset=utf-8"
    if bare == "/robots.txt":
        body, media = b"User-agent: *\nDisallow: /no\nSitemap: /sitemap.xml\nSitemap: /sitemap-1.xml.gz\n", "text/plain"
    elif "sitemap" in bare:
        named = (f"<url><loc>{_path(chance)}</loc></url>" for _ in range(20))
        body, media = f"<urlset>{''.join(named)}</urlset>".encode(), "application/xml"
        body = gzip.compress(body, mtime=0) if bare.endswith(".gz") else body
    elif bare in ("/", "/tools"):
        body = b"".join(b"<li><a href='/compare/t%d-vs-u'>x</a>" % number for number in range(PAGES))
    else:
        body = PAGE + "".join(f"<a href='{_path(chance)}'>x</a>" for _ in range(5)).encode()
    if chance.random() < 0.15 and bare not in ("/", "/robots.txt"):
        to = chance.choice(("/", bare + "?x", "https://other.example/", _path(chance)))
        return f"HTTP/1.1 {chance.choice((301, 302, 307, 308))} Moved\r\nLocation: {to}\r\n\r\n".encode()
    status = chance.choice(
        ("200 OK",) * 8 + ("304 Not Modified", "404 Not Found", "410 Gone", "503 Busy\r\nRetry-After: 0")
    )
    return _sent(status, media, body, chance)


def _path(chance: Random) -> str:
    return f"/compare/t{chance.randrange(PAGES * 2)}-vs-u"


def _sent(status: str, media: str, body: bytes, chance: Random) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media}", 'ETag: "a"', "Last-Modified: Thu, 19 Nov 2026 12:00:00 GMT"]
    match chance.randrange(4):
        case 0:
            body, head = gzip.compress(body, mtime=0), [*head, "Content-Encoding: gzip"]
        case 1:
            body, head = zlib.compress(body), [*head, "Content-Encoding: deflate"]
    if chance.random() < 0.3:
        head.append("Transfer-Encoding: chunked")
        pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    else:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def _mutated(sent: bytes, chance: Random) -> bytes:
    """`sent`, changed in one place: mostly in its head."""
    head = sent.find(b"\r\n\r\n") + 4
    at = chance.randrange(head if head > 3 and chance.random() < 0.6 else len(sent) + 1)
    match chance.randrange(7):
        case 0:
            return sent[:at]
        case 1:
            return sent[:at] + chance.choice(TOKENS) + sent[at:]
        case 2:
            return sent[:at] + bytes([chance.randrange(256)]) + sent[at + 1 :]
        case 3:
            return sent[:at] + sent[at + chance.randrange(1, 40) :]
        case 4:
            start = chance.randrange(len(sent) + 1)
            return sent[:at] + sent[start : start + chance.randrange(200)] + sent[at:]
        case 5:
            return sent[:at] + chance.choice(TOKENS) * chance.choice((2, 50, 3000)) + sent[at:]
        case _:
            start = sent.rfind(b"\n", 0, at) + 1
            return sent[:start] + chance.choice(TOKENS) + sent[start:]


def fuzz(seed: int, folder: Path, budget: int = BUDGET) -> int:
    """Crawl twice, verify and build, from `seed`; how many answers there were. Raises `AssertionError`."""
    site, data = Site(seed), Folder(folder / f"data-{seed}")
    with hostile(site.answers) as server:
        for words in ((), ("--fresh",)):
            _crawl(server, data, "--budget", str(budget // 2), *words)
    assert data.run("verify").code == 0, "the archive does not verify"
    assert data.run("build").code in (0, 1), "the archive does not build"
    found = data.column("SELECT message FROM problems WHERE code = 'mistake'")
    assert found == [], f"mistakes: {found}"
    return site.asked


def _crawl(server: Hostile, data: Folder, *words: str) -> None:
    ran = data.run("crawl", server.url, "--delay", "0", "--timeout", "2", "--json", *words)
    end = json.loads(ran.out.splitlines()[-1])
    assert ran.code in (0, 1), f"exit code {ran.code}"
    assert end["reason"] in ENDS, f"{end['reason']}: {end['reason_text']}"


def main() -> int:
    """Fuzz until there were so many answers; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the one crawl of this seed")
    options = parser.parse_args()
    asked, seed, failed = 0, options.seed if options.only is None else options.only, 0
    while asked < options.answers:
        with tempfile.TemporaryDirectory() as folder:
            try:
                asked += fuzz(seed, Path(folder))
            except AssertionError as error:
                failed += 1
                asked += BUDGET
                print(f"seed {seed}: {error}", file=sys.stderr)  # noqa: T201
        seed += 1
        if options.only is not None:
            break
    print(f"{asked:,} answers, up to seed {seed - 1}; {failed} crawls failed")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
