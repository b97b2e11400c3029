"""The names under which a shared crawl keeps things in Redis. Pure.

What is about the site (whose turn it is, what was spent) is shared by all its crawls; what is about one task (where to
start, which kinds of page) by the processes with that task.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys of the task `spec` on the site `source`."""

    source: str
    spec: str

    @property
    def task(self) -> str:
        """The task, short: begins the name of each of its workers."""
        return hashlib.sha256(self.spec.encode()).hexdigest()[:12]

    @property
    def workers(self) -> str:
        """Of the site, hash: worker → until when (ms) it counts as alive, and its delay (ms)."""
        return f"verdictlog:{self.source}:workers"

    @property
    def turn(self) -> str:
        """Of the site, hash: ``holder``, the worker whose request is on its way; ``last_at``; ``held_until`` (ms)."""
        return f"verdictlog:{self.source}:turn"

    def requests(self, day: str) -> str:
        """Of the site, hash: archive → the requests in it that went on `day`."""
        return f"verdictlog:{self.source}:requests:{day}"

    @property
    def crawl(self) -> str:
        """Of the task, hash: ``id`` and ``started_at`` (ms) of the crawl that is not finished."""
        return self._of_task("crawl")

    @property
    def queue(self) -> str:
        """Of the task, sorted set: the canonical urls still to be asked for, in order."""
        return self._of_task("queue")

    @property
    def seen(self) -> str:
        """Of the task, set: the canonical urls that were found so far."""
        return self._of_task("seen")

    @property
    def claims(self) -> str:
        """Of the task, hash: canonical url → the worker it was handed out to, until its answer is dealt with."""
        return self._of_task("claims")

    @property
    def order(self) -> str:
        """Of the task: how many urls were queued so far, so that they leave in the order in which they came."""
        return self._of_task("order")

    @property
    def finished(self) -> str:
        """Of the task: the id of the crawl that finished last."""
        return self._of_task("finished")

    def _of_task(self, what: str) -> str:
        return f"verdictlog:{self.source}:{self.task}:{what}"
