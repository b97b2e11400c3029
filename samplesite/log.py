"""The server's log of requests and responses, with times. It doesn't contain control requests."""

from __future__ import annotations

import time
from typing import Any

from samplesite.series import iso
from samplesite.site import Given, Request

Json = dict[str, Any]


class Entry:
    """A request. It is added when its header has been received; the other fields are filled in later."""

    __slots__ = ("at", "done_at", "given", "number", "request", "sent", "site_time", "status", "wall")

    def __init__(self, number: int, request: Request, at: float, site_time: int) -> None:
        self.number, self.request, self.at, self.site_time = number, request, at, site_time
        self.wall = time.time()
        self.done_at: float | None = None
        self.given: Given | None = None
        self.status: int | None = None
        self.sent = 0

    def as_json(self) -> Json:
        """Return the entry as plain values."""
        given, request = self.given, self.request
        return {
            "number": self.number,
            "at": self.at,
            "done_at": self.done_at,
            "wall": self.wall,
            "method": request.method,
            "host": request.host,
            "path": request.target,
            "headers": dict(request.headers),
            "status": self.status,
            "bytes_sent": self.sent,
            "fault": given.fault if given else None,
            "site_time": iso(self.site_time),
            "cache": given.cache if given else None,
            "copied_at": iso(given.copied) if given and given.copied is not None else None,
        }


class Log:
    """All requests since the log was last cleared, in the order in which their headers were received."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._number = 0

    def begin(self, request: Request, at: float, site_time: int) -> Entry:
        """Add a request."""
        self._number += 1
        entry = Entry(self._number, request, at, site_time)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Clear the log; the numbering continues."""
        self._entries.clear()

    def as_json(self) -> list[Json]:
        """Return the log as plain values."""
        return [entry.as_json() for entry in self._entries]
