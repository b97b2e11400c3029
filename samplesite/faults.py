"""Faults: each has a kind, parameters, and the paths and requests to which it applies.

`SITE` faults change the content of the site and its links, `ANSWER` faults change a response, `WIRE` faults change how
its bytes are sent. To add a fault, add one function (or one entry) here and a line in ``docs/sample-site.md``.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from samplesite.answers import HTML, Answer, http_date
from samplesite.views import Traits

COMMON = {"path", "kind", "times", "after", "every", "burst"}

WALL = {
    "captcha": "<h1>Are you human?</h1><p>Tick the box to go on.</p><form><input type=checkbox></form>",
    "consent": "<h1>We value your privacy</h1><p>Agree to all, or choose.</p><button>Agree</button>",
}

Said = Mapping[str, Any]


class Fault:
    """A fault: where and when it applies, and its parameters."""

    def __init__(self, said: object) -> None:
        """Make a fault from a description by the control interface. Raises ValueError."""
        if not isinstance(said, Mapping):
            raise ValueError("a fault must be an object")  # noqa: TRY004  (the control interface returns the text of a ValueError)
        self.said: Said = said
        self.kind = str(said.get("kind"))
        if self.kind not in PARAMETERS:
            raise ValueError(f"no fault is called {self.kind!r}; known: {', '.join(sorted(PARAMETERS))}")
        unknown = set(said) - COMMON - set(PARAMETERS[self.kind])
        if unknown:
            raise ValueError(f"the fault {self.kind} has no {sorted(unknown)[0]!r}")
        wrong = next(
            (name for name in sorted(set(said) & NUMBERS) if not isinstance(said[name], int | float | None)), None
        )
        if wrong:
            raise ValueError(f"{wrong} must be a number")
        self.path = re.compile(str(said.get("path", "")))
        self.times: int | None = said.get("times")
        self.after = int(said.get("after") or 0)
        self.every = int(said.get("every") or 1)
        self.burst = int(said.get("burst") or 1)
        if min(self.every, self.burst, 1 if self.times is None else self.times) < 1 or self.after < 0:
            raise ValueError("times, every and burst must be at least 1, after at least 0")
        self.hits = 0
        self.struck = 0

    def strikes(self, target: str) -> bool:
        """Return whether it applies to a request for `target` (path and query), and count the request."""
        if not self.path.search(target):
            return False
        self.hits += 1
        place = self.hits - self.after - 1
        if place < 0 or place % self.every >= self.burst or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True

    @property
    def is_of_site(self) -> bool:
        """Return whether it changes the content of the site, not the response."""
        return self.kind in SITE

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter."""
        value = self.said.get(name)
        return default if value is None else value


# What the site says of itself


def _www(fault: Fault, traits: Traits) -> Traits:
    host = fault.get("host")
    origin = f"http://{host}" if host else traits.origin.replace("//", "//www.", 1)
    return replace(traits, origin=origin, absolute=True)


SITE: dict[str, Callable[[Fault, Traits], Traits]] = {
    "offsite_links": lambda _, traits: replace(traits, offsite=True),
    "calendar": lambda _, traits: replace(traits, calendar=True),
    "reverse_pairs": lambda fault, traits: replace(traits, reverse=fault.get("answer", "page")),
    "www": _www,
    "disallow": lambda fault, traits: replace(traits, disallow=(*traits.disallow, *fault.get("paths", ["/"]))),
    "crawl_delay": lambda fault, traits: replace(traits, crawl_delay=float(fault.get("seconds", 1))),
    "no_sitemap": lambda _, traits: replace(traits, sitemap=False),
    "lastmod": lambda fault, traits: replace(traits, lastmod=fault.get("how", "none")),
}


# Answers


def error(status: int, **headers: str) -> Answer:
    """Return a small page that describes the error."""
    body = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n".encode()
    return Answer(status).with_body(body, Content_Type=HTML, **headers)


def _status(fault: Fault, _: Answer, now: float, wall: float) -> Answer:
    status = int(fault.get("status", 503))
    after = fault.get("retry_after")
    if after is None:
        return error(status)
    means = {"seconds": str(after), "date": "", "wall_date": ""}
    way = fault.get("retry_as", "seconds")
    if way != "seconds":
        means[way] = http_date(int((wall if way == "wall_date" else now) + after))
    return error(status, Retry_After=means[way])


def _redirect(fault: Fault, _: Answer, _now: float, _wall: float) -> Answer:
    return error(int(fault.get("status", 301)), Location=str(fault.get("to", "/")))


def _robots_status(fault: Fault, answer: Answer, now: float, wall: float) -> Answer:
    if fault.get("to") is not None:
        return _redirect(fault, answer, now, wall)
    return error(int(fault.get("status", 500)))


def _wrong_length(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    length = str(max(0, len(answer.body) + int(fault.get("by", 100))))
    return answer.with_headers(Content_Length=length).delivered(close=True)


def _bad_gzip(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    body = answer.body if answer.header("Content-Encoding") == "gzip" else gzip.compress(answer.body, mtime=0)
    half = len(body) // 2
    ways = {"corrupt": body[:half] + b"\xff\x00\xff\x00" * 8 + body[half + 32 :], "truncated": body[:half]}
    how = fault.get("how", "corrupt")
    return answer.with_body(ways.get(how, b"this is not gzip"), Content_Encoding="gzip")


def _wrong_charset(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    if not (answer.header("Content-Type") or "").startswith("text/html"):
        return answer
    plain = gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body
    body = plain.decode().encode(fault.get("uses", "windows-1252"), errors="xmlcharrefreplace")
    kind = f"text/html; charset={fault.get('declares', 'utf-8')}"
    return answer.with_body(body, Content_Type=kind, Content_Encoding=None)


def _captcha(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    said = WALL[fault.get("style", "captcha")]
    body = f"<!DOCTYPE html><html><head><title>One moment</title></head><body><main>{said}</main></body></html>\n"
    bare = replace(answer, status=200).with_headers(
        ETag=None, Last_Modified=None, Content_Encoding=None, Location=None, Content_Type=HTML
    )
    return bare.with_body(body.encode())


def _empty_body(_: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    return replace(answer, status=200).with_body(b"", Content_Encoding=None)


def _huge_sitemap() -> bytes:
    urls = (f"<url><loc>http://sample.example/tool/{number}</loc></url>\n" for number in range(200_000))
    return ('<?xml version="1.0"?><urlset>' + "".join(urls) + "</urlset>").encode()


BAD_SITEMAPS: dict[str, Callable[[], bytes]] = {
    "broken": lambda: b'<?xml version="1.0"?><urlset><url><loc>/tool/x</lo',
    "html": lambda: b"<!DOCTYPE html><html><body>No sitemap here</body></html>",
    "bad_gzip": lambda: b"\x1f\x8b\x08\x00broken",
    "huge": _huge_sitemap,
}


def _bad_sitemap(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    return answer.with_body(BAD_SITEMAPS[fault.get("how", "broken")](), Content_Encoding=None)


def _no_validators(_: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    return answer.with_headers(ETag=None, Last_Modified=None)


def _weak_etag(_: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    etag = answer.header("ETag")
    return answer.with_headers(ETag=f"W/{etag}") if etag and not etag.startswith("W/") else answer


def _huge(fault: Fault, answer: Answer, _now: float, _wall: float) -> Answer:
    size = fault.get("megabytes")
    if fault.get("compressed"):
        body = gzip.compress(b"<p>more</p>" * (int(size or 100) * 2**20 // 11), 9, mtime=0)
        return answer.with_body(body, Content_Encoding="gzip")
    if size is not None:
        return answer.with_body((b"<p>more and more</p>" * (int(size) * 2**20 // 20 + 1)), Content_Encoding=None)
    return answer.with_headers(Content_Length=None, Content_Encoding=None).delivered(endless=True, close=True)


ANSWER: dict[str, Callable[[Fault, Answer, float, float], Answer]] = {
    "status": _status,
    "redirect": _redirect,
    "robots_status": _robots_status,
    "captcha": _captcha,
    "empty_body": _empty_body,
    "bad_sitemap": _bad_sitemap,
    "no_validators": _no_validators,
    "weak_etag": _weak_etag,
    "wrong_charset": _wrong_charset,
    "bad_gzip": _bad_gzip,
    "huge": _huge,
    "wrong_length": _wrong_length,
}

OF_BODY = {"bad_sitemap", "wrong_charset", "bad_gzip", "huge", "wrong_length"}
"""Faults of a body; they don't apply to a 304, which has none."""

# The wire


WIRE: dict[str, Callable[[Fault, Answer], Answer]] = {
    "drip": lambda fault, answer: answer.delivered(rate=float(fault.get("bytes_per_second", 100))),
    "cut": lambda fault, answer: answer.delivered(share=float(fault.get("share", 0.5)), close=True),
    "hang": lambda fault, answer: answer.delivered(hang=float(fault.get("seconds", 3600))),
    "reset": lambda _, answer: answer.delivered(reset=True),
    "bad_status_line": lambda fault, answer: answer.delivered(
        status_line=str(fault.get("line", "HTTQ/1.1 2OO Fine")).encode(), close=True
    ),
}

PARAMETERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*SITE, *ANSWER, *WIRE), ()),
    "reverse_pairs": ("answer",),
    "www": ("host",),
    "disallow": ("paths",),
    "crawl_delay": ("seconds",),
    "lastmod": ("how",),
    "status": ("status", "retry_after", "retry_as"),
    "redirect": ("to", "status"),
    "robots_status": ("to", "status"),
    "captcha": ("style",),
    "bad_sitemap": ("how",),
    "wrong_charset": ("declares", "uses"),
    "bad_gzip": ("how",),
    "huge": ("megabytes", "compressed"),
    "wrong_length": ("by",),
    "drip": ("bytes_per_second",),
    "cut": ("share",),
    "hang": ("seconds",),
    "bad_status_line": ("line",),
}
"""All kinds of faults, with the names of their own parameters."""

NUMBERS = {"retry_after", "seconds", "status", "megabytes", "by", "bytes_per_second", "share", "times"}
"""Parameters that are numbers."""

CHOICES = {
    ("reverse_pairs", "answer"): ("page", "redirect"),
    ("lastmod", "how"): ("honest", "none", "now", "never", "random"),
    ("status", "retry_as"): ("seconds", "date", "wall_date"),
    ("captcha", "style"): tuple(WALL),
    ("bad_sitemap", "how"): tuple(BAD_SITEMAPS),
    ("bad_gzip", "how"): ("corrupt", "truncated", "plain"),
}
"""Parameters with a fixed set of values; the first is not always the default."""

PLACES = {
    "robots_status": re.compile(r"/robots\.txt"),
    "bad_sitemap": re.compile(r"/sitemap"),
}
"""Faults that only ever apply to these paths, even if they are given another path."""


def faults_of(said: object) -> list[Fault]:
    """Return the faults in a description by the control interface. Raises ValueError."""
    if not isinstance(said, list):
        raise ValueError("give a list of faults")  # noqa: TRY004
    faults = [Fault(each) for each in said]
    for fault in faults:
        for (kind, name), known in CHOICES.items():
            if fault.kind == kind and fault.get(name, known[0]) not in known:
                raise ValueError(f"{kind}: {name} must be one of {', '.join(known)}")
    return faults


def striking(faults: list[Fault], target: str) -> list[Fault]:
    """Return the faults that apply to this request."""
    return [
        fault
        for fault in faults
        if (fault.kind not in PLACES or PLACES[fault.kind].match(target)) and fault.strikes(target)
    ]


def shape(faults: list[Fault], traits: Traits) -> Traits:
    """Return the traits of the site with these faults."""
    for fault in faults:
        if fault.kind in SITE:
            traits = SITE[fault.kind](fault, traits)
    return traits


def spoil(faults: list[Fault], answer: Answer, now: float, wall: float) -> Answer:
    """Return the response with these faults; `now` is the site's time, `wall` the machine's."""
    for fault in faults:
        if fault.kind in ANSWER and not (answer.status == 304 and fault.kind in OF_BODY):
            answer = ANSWER[fault.kind](fault, answer, now, wall)
    for fault in faults:
        if fault.kind in WIRE:
            answer = WIRE[fault.kind](fault, answer)
    return answer
