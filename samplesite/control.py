"""The control interface of the running site, at ``/_site/``: clock, layout, faults, caches, truth and log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from samplesite.answers import JSON, Answer
from samplesite.log import Log
from samplesite.series import OPENING, moment_of
from samplesite.site import Site
from samplesite.truth import changes

PREFIX = "/_site/"


class Control:
    """Answers requests below `PREFIX`."""

    def __init__(self, site: Site, log: Log) -> None:
        self.site, self.log = site, log
        self._posts: dict[str, Callable[[Any], object]] = {
            "clock": self._clock,
            "layout": self._layout,
            "faults": self._faults,
            "caches": self._caches,
            "log/clear": self._clear,
        }
        self._gets: dict[str, Callable[[dict[str, str]], object]] = {
            "truth": self._truth,
            "changes": self._changes,
            "log": lambda _: self.log.as_json(),
            "state": lambda _: self.site.state(),
        }

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """Return the response as JSON, or a 400 with the reason if the request is invalid."""
        path, _, query = target.removeprefix(PREFIX).partition("?")
        try:
            if method == "POST" and path in self._posts:
                return _json(200, self._posts[path](json.loads(body or b"null")))
            if method == "GET" and path in self._gets:
                return _json(200, self._gets[path]({key: each[-1] for key, each in parse_qs(query).items()}))
        except (ValueError, TypeError, KeyError, re.error) as wrong:
            return _json(400, {"error": f"{type(wrong).__name__}: {wrong}"})
        known = [f"POST {PREFIX}{each}" for each in self._posts] + [f"GET {PREFIX}{each}" for each in self._gets]
        return _json(404, {"error": f"{method} {target} is nothing here", "known": known})

    def _clock(self, said: dict[str, Any]) -> object:
        if set(said) not in ({"now"}, {"add_seconds"}):
            raise ValueError('give {"now": "2026-03-01T00:00:00Z"} or {"add_seconds": 86400}')
        clock = self.site.clock
        clock.set(moment_of(said["now"]) if "now" in said else clock.now + int(said["add_seconds"]))
        return self.site.state()

    def _layout(self, said: dict[str, Any]) -> object:
        self.site.set_layout(said["layout"], float(said.get("share", 1)))
        return self.site.state()

    def _faults(self, said: object) -> object:
        self.site.set_faults(said)
        return self.site.state()

    def _caches(self, said: object) -> object:
        self.site.caches.set(said)
        return self.site.state()

    def _clear(self, _: object) -> object:
        self.log.clear()
        return {}

    def _truth(self, query: dict[str, str]) -> object:
        return self.site.kind.truth(moment_of(query["at"]) if "at" in query else self.site.clock.now)

    def _changes(self, query: dict[str, str]) -> object:
        since = moment_of(query["since"]) if "since" in query else OPENING
        until = moment_of(query["until"]) if "until" in query else self.site.clock.now
        return changes(self.site.world, since, until)


def _json(status: int, said: object) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
    return Answer(status).with_body(body, Content_Type=JSON)
