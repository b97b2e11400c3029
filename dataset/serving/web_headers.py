"""What every answer of the server bears, whichever page it is: rights of scripts, caching, reading from elsewhere.

- **Read-only.** Anything but GET, HEAD and OPTIONS is answered with 405.
- **Content-Security-Policy.** Scripts and styles come from the server's own files; none stands inside a page. One that
  some text smuggled into a page would not run. An answer may bring a policy of its own: the bytes of captures are for
  no browser to run.
- **Caching.** A page is a function of the dataset, the code and its address: its ETag is made of the first two. Caches
  may keep it and have to ask (``no-cache``); the answer to who has it already is 304, before anything is computed. A
  page that lacks what a time limit cut short gets no ETag.
- **Other origins** may read everything (CORS): all of it is public, and nothing depends on who asks.
- **A path prefix** is taken off what a proxy passes on, so proxies that keep it and those that strip it do the same. It
  is put back where Datasette corrects an address, and leaves it out.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import datasette as datasette_package  # type: ignore[import-untyped]

from dataset.exports.datapackage import software
from dataset.serving.csv_cells import with_safe_cells
from dataset.serving.live import LiveDatabase
from dataset.serving.web_types import AsgiApp, Message, Receive, Send

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

Headers = list[tuple[bytes, bytes]]

READING = ("GET", "HEAD", "OPTIONS")
CODE = Path(__file__).parents[1]
ROBOTS = ("allow", "block")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"),
        *("connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
"""The policy of every page; see the module's text."""
PACKED = re.compile(r'-(?:br|gzip|zstd)"$')
"""What some web servers (Apache, Caddy) put to the end of the tag of what they packed."""

RAW = re.compile(rb"(?:^|&)_raw=1(?:&|$)")
"""What asks for cells of CSV as they are."""

PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, If-None-Match, If-Modified-Since, Range"),
    (b"access-control-max-age", b"86400"),
]


@cache
def code_version() -> str:
    """What tells this code from any other: versions, and every file that takes part in a page."""
    running = sha256(f"{software()} {datasette_package.__version__}".encode())
    for path in sorted(CODE.rglob("*")):
        if path.suffix in (".py", ".html", ".css", ".js", ".svg"):
            running.update(str(path.relative_to(CODE)).encode() + b"\0" + path.read_bytes())
    return running.hexdigest()


def entity_tag(datasette: Datasette, content_tag: str, *more: str) -> str:
    """The (strong) ETag of what follows from the content, the code, the settings and `more`."""
    parts = (content_tag, code_version(), datasette.setting("base_url"), robots_of(datasette), *more)
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether a client that sends ``If-None-Match`` has what `tag` (strong or weak) stands for, be it packed."""
    known = {PACKED.sub('"', each.strip()).removeprefix("W/") for each in (if_none_match or "").split(",")}
    return "*" in known or tag.removeprefix("W/") in known


def robots_of(datasette: Datasette) -> str:
    """What the operator chose for search engines: ``allow`` or ``block``."""
    return str((datasette.plugin_config("verdictlog") or {}).get("robots", ROBOTS[0]))


def robots_txt(datasette: Datasette) -> str:
    """The robots.txt of the operator's choice."""
    base = datasette.setting("base_url")
    if robots_of(datasette) == "block":
        return f"User-agent: *\nDisallow: {base}\n"
    # Every combination of filters and orders is a page of its own: without end, and nothing new.
    allowed = "".join(f"Allow: {base}-/{each}/\n" for each in ("feeds", "static", "static-plugins"))
    return f"User-agent: *\nDisallow: {base}*?\nDisallow: {base}-/\n{allowed}"


def _header(scope: Message, name: bytes) -> str | None:
    values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return ", ".join(values) if values else None


def _without_prefix(scope: Message, base: str) -> Message:
    """`scope` as a proxy passes it on that takes the prefix off."""
    raw = scope.get("raw_path") or scope["path"].encode()
    if base == "/" or not raw.startswith(base.encode()):
        return scope
    return {**scope, "path": "/" + scope["path"].removeprefix(base), "raw_path": b"/" + raw[len(base.encode()) :]}


def _with_prefix(location: bytes, base: bytes) -> bytes:
    """The address of a redirect, below `base`."""
    return location if location.startswith(base) or not location.startswith(b"/") else base + location[1:]


def _is_page(path: str) -> bool:
    """Whether `path` is a function of the dataset; what Datasette tells of itself under ``/-/`` is not."""
    return not path.startswith("/-/") or path.startswith(("/-/static/", "/-/static-plugins/"))


def _needs_guard(scope: Message) -> bool:
    """Whether the answer is CSV of Datasette's. Exports (``/-/export/``) see to their cells themselves."""
    path: str = scope["path"]
    return path.endswith(".csv") and not path.startswith("/-/") and not RAW.search(scope["query_string"])


async def _answer(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def with_headers(datasette: Datasette, app: AsgiApp, live: LiveDatabase) -> AsgiApp:
    """`app` with all that the module promises; `live` is what it serves, held for the present request."""
    base = datasette.setting("base_url")
    always: dict[bytes, bytes] = {
        b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-resource-policy": b"cross-origin",
        b"access-control-allow-origin": b"*",
        b"access-control-expose-headers": b"Link, ETag, Content-Disposition",
    }
    if robots_of(datasette) == "block":
        always[b"x-robots-tag"] = b"noindex, nofollow"

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        page_tag = f"W/{entity_tag(datasette, live.snapshot.content_tag)}"

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {
                    key.lower(): value for key, value in message.get("headers", ()) if key.lower() != b"set-cookie"
                }
                if b"location" in headers:
                    headers[b"location"] = _with_prefix(headers[b"location"], base.encode())
                cookies = [(key, value) for key, value in message.get("headers", ()) if key.lower() == b"set-cookie"]
                if message["status"] == 200 and b"no-store" not in headers.get(b"cache-control", b""):
                    if _is_page(scope["path"]) and not live.was_cut_short:
                        headers.setdefault(b"etag", page_tag.encode())
                    headers.setdefault(b"cache-control", b"no-cache")
                own = {key: value for key, value in headers.items() if key == b"content-security-policy"}
                message = {**message, "headers": [*(headers | always | own).items(), *cookies]}
            await send(message)

        if scope["method"] not in READING:
            await _answer(send_with, 405, [(b"allow", ", ".join(READING).encode())])
        elif scope["method"] == "OPTIONS":
            await _answer(send_with, 204, PREFLIGHT)
        elif scope["path"] == base.rstrip("/") and base != "/":
            await _answer(send_with, 301, [(b"location", base.encode())])
        else:
            scope = _without_prefix(scope, base)
            known = _header(scope, b"if-none-match")
            if known and known != "*" and _is_page(scope["path"]) and is_known(known, page_tag):
                await _answer(send_with, 304, [(b"etag", page_tag.encode()), (b"cache-control", b"no-cache")])
            else:
                await app(scope, receive, with_safe_cells(send_with) if _needs_guard(scope) else send_with)

    return answer
