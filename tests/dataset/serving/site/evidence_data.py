"""Real bytes in an archive, read by the real reader: two sample pages a week apart, a hostile one, and odd captures."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import NewRecord
from crawler.pages import parser_version, read_page
from tests.dataset.captures import Capture, Data, Storable
from tests.dataset.crawls import revisit

SAMPLES = Path(__file__).parents[4] / "samples"
SITE = "https://verdicts.example"
PAIR = f"{SITE}/compare/fernway-local-ci-runner-vs-gatepost-agent-permissions-proxy"
HOSTILE_PAIR = f"{SITE}/compare/fernway-local-ci-runner-vs-harrow-tool-use-and-caching"

TAGLINE = "Runs your CI pipeline on a laptop, byte for byte"
SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
HOSTILE_TAGLINE = f"{SCRIPT} \u202eelbat =1+1"
ESCAPED = HOSTILE_TAGLINE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
LONG_LINE = "word" * 6000

BEFORE, AFTER, HOSTILE, ROBOTS, PACKED, UNCHANGED = (f"2026-10-{day:02}T08:00:00Z" for day in (5, 12, 6, 1, 21, 8))


@dataclass(frozen=True)
class Bytes(Capture):
    """One record with these very bytes; an HTTP answer where it has a `status`, else a file."""

    body: bytes = b""

    def record(self) -> NewRecord:
        if self.status is None:
            return NewRecord("resource", self.url, self.captured_at, self.content_type, self.body)
        lines = [f"HTTP/1.1 {self.status} Status", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        block = "\r\n".join([*lines, "", ""]).encode() + self.body
        return NewRecord("response", self.url, self.captured_at, "application/http; msgtype=response", block)


def sample(name: str) -> bytes:
    """The bytes of a sample page."""
    return (SAMPLES / name).read_bytes()


def hostile_page() -> bytes:
    """A sample page with a tagline that tries everything, a script of its own, and a line without end."""
    page = sample("fernway-vs-harrow.html").decode().replace(TAGLINE, ESCAPED)
    script = "<script>document.title='taken'</script>"
    return page.replace("</body>", f"{script}<p>{LONG_LINE}</p></body>", 1).encode()


def captures() -> list[Storable]:
    """All captures."""
    first = Bytes(PAIR, BEFORE, None, body=sample("fernway-vs-gatepost.html"), status=200)
    packed = gzip.compress(sample("fernway-vs-gatepost-a-week-later.html"), mtime=0)
    return [
        first,
        Bytes(PAIR, AFTER, None, body=sample("fernway-vs-gatepost-a-week-later.html"), status=200),
        Bytes(HOSTILE_PAIR, HOSTILE, None, body=hostile_page(), status=200),
        Bytes(f"{SITE}/robots.txt", ROBOTS, None, body=b"User-agent: *\nAllow: /\n", content_type="text/plain"),
        Bytes(PAIR, PACKED, None, body=packed, status=200, headers=(("Content-Encoding", "gzip"),)),
        revisit(first, UNCHANGED),
    ]


def archived(folder: Path) -> Data:
    """A data folder with all of them, built by the real reader."""
    data = Data(folder)
    data.add(captures())
    data.build(read=read_page, parser_version=parser_version())
    return data


def capture_at(data: Data, at: str, url: str = PAIR) -> str:
    """The id of the capture of `url` at a time."""
    return str(data.row("SELECT capture_id FROM captures WHERE captured_at = ? AND url = ?", at, url)["capture_id"])
