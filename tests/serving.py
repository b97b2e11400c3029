"""A running sample site for tests: `with sample_site(seed=7, tools=12) as site: ... site.url`."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).parents[1]
START = "2026-03-01T00:00:00Z"

Json = dict[str, Any]


class Page(NamedTuple):
    """An answer: status, headers (names in lower case; the last of a name), body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes


class SampleSite:
    """The server process of a sample site, and control of it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        """The address of the home page, with a slash at its end."""
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80

    def request(self, method: str, target: str, body: object = None, headers: Json | None = None) -> Page:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, target, None if body is None else json.dumps(body), headers or {})
            response = connection.getresponse()
            return Page(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, target: str, **headers: str) -> Page:
        """A page of the site; ``_`` in the name of a header stands for ``-``."""
        return self.request("GET", target, headers={key.replace("_", "-"): value for key, value in headers.items()})

    def control(self, method: str, what: str, body: object = None) -> Any:
        """A request to control; fails with the site's words where it is refused."""
        page = self.request(method, f"/_site/{what}", body)
        said = json.loads(page.body)
        if page.status != 200:
            raise ValueError(said["error"])
        return said

    def clock(self, now: str) -> None:
        """Set the site's time (ISO 8601)."""
        self.control("POST", "clock", {"now": now})

    def advance(self, seconds: int) -> None:
        """Move the site's time on."""
        self.control("POST", "clock", {"add_seconds": seconds})

    def layout(self, name: str, share: float = 1.0) -> None:
        """Show pages in another layout."""
        self.control("POST", "layout", {"layout": name, "share": share})

    def faults(self, faults: Sequence[Json]) -> None:
        """Replace the list of faults."""
        self.control("POST", "faults", list(faults))

    def caches(self, caches: Sequence[Json], choose: str = "alternate") -> None:
        """Replace the caches in front of the site."""
        self.control("POST", "caches", {"caches": list(caches), "choose": choose})

    def truth(self, at: str | None = None) -> Any:
        """All that is true, now or at a moment."""
        return self.control("GET", "truth" + (f"?at={quote(at)}" if at else ""))

    def changes(self, since: str | None = None, until: str | None = None) -> list[Json]:
        """Every true change after `since` (the opening of the site), up to `until` (the site's time)."""
        asked = [f"{name}={quote(value)}" for name, value in (("since", since), ("until", until)) if value]
        found: list[Json] = self.control("GET", "changes?" + "&".join(asked))
        return found

    def log(self) -> list[Json]:
        """The requests that the site received, without those to control."""
        found: list[Json] = self.control("GET", "log")
        return found

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.control("POST", "log/clear")

    def state(self) -> Any:
        """What is set."""
        return self.control("GET", "state")

    def stop(self) -> int:
        """End the process; its exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return code


def start_site(*, seed: int = 7, tools: int = 12, start: str = START, **options: object) -> SampleSite:
    """Start a sample site; `stop` it after use. An option given as True stands alone (``running=True``)."""
    words = ["--port", "0", "--seed", str(seed), "--tools", str(tools), "--start", start]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    process = subprocess.Popen(
        [sys.executable, "-m", "samplesite", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline().split()
    if line[:1] != ["serving"]:
        process.kill()
        raise RuntimeError(f"the sample site did not start: exit code {process.wait()}")
    return SampleSite(process, line[1])


@contextmanager
def sample_site(*, seed: int = 7, tools: int = 12, start: str = START, **options: object) -> Iterator[SampleSite]:
    """A running sample site, ended at the end of the block."""
    site = start_site(seed=seed, tools=tools, start=start, **options)
    try:
        yield site
    finally:
        if site.process.poll() is None:
            site.stop()
