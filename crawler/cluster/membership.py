"""A process as a member of a shared crawl: its connection to Redis, and all that it says and asks there.

A member is alive as long as it says so more often than its lease is long. What a member that fell silent had in hand
goes to the others.
"""

from __future__ import annotations

import hashlib
import platform
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit, urlunsplit

from redis import Redis, RedisError
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry
from scrapy_redis.connection import get_redis  # type: ignore[import-untyped]

from crawler.cluster import scripts
from crawler.cluster.keys import Keys
from crawler.cluster.turns import SharedPace
from crawler.fetch.options import CrawlError, CrawlOptions
from crawler.fetch.resume import MAX_AGE
from crawler.fetch.sharing import ClusterError

KEPT = 7 * 86400 * 1000
"""So long (milliseconds) after the last sign of life Redis keeps what an unfinished crawl has stored."""

LOOK_AGAIN = 50
"""When to look again (milliseconds) whether another's request has been answered."""

BATCH = 500
"""So many urls are queued in one step."""

TIMEOUTS = {"socket_timeout": 5.0, "socket_connect_timeout": 5.0, "retry_on_timeout": False}


class Handed(NamedTuple):
    """What the frontier handed out: a canonical url or None, with how much is queued and claimed."""

    url: str | None
    queued: int
    claimed: int


class Turn(NamedTuple):
    """The answer to who wants to send a request: go now (0), or wait so many seconds.

    `gap` is the time since the last request of any member, None for the first.
    """

    wait: float
    gap: float | None = None


class OverError(Exception):
    """The shared crawl is no more. `is_finished` says whether it came to its end."""

    def __init__(self, *, is_finished: bool) -> None:
        super().__init__("the shared crawl is no more")
        self.is_finished = is_finished


@dataclass
class Membership:
    """A member of the shared crawl for `options` on the Redis at `url`; a context manager.

    Raises `CrawlError` where the options don't fit a shared crawl, `ClusterError` where Redis can't be reached.
    """

    options: CrawlOptions
    url: str

    def __enter__(self) -> Self:
        options = self.options
        if options.dry_run:
            raise CrawlError("a dry run is not shared; leave out --cluster")
        self.keys = Keys(options.site(), options.spec)
        self.worker = f"{self.keys.task}/{uuid.uuid4().hex[:12]}"
        self.archive = hashlib.sha256(f"{platform.node()}\n{options.data.resolve()}".encode()).hexdigest()[:12]
        self.server = self._connect()
        self._scripts = {text: self.server.register_script(text) for text in vars(scripts).values() if _is_script(text)}
        self.delay = 0.0
        self._lost: str | None = None
        self._join()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ClusterError):
            self.leave(is_done=False)  # nothing any more, unless the crawl could not even begin
        self.server.close()

    def _connect(self) -> Redis:
        try:
            # Whether it is there at all is told at once; what happens later on may pass.
            with get_redis(url=self.url, retry=Retry(NoBackoff(), 0), **TIMEOUTS) as probe:
                probe.ping()
            patient = Retry(ExponentialBackoff(cap=2.0, base=0.1), 4)
            server: Redis = get_redis(url=self.url, retry=patient, decode_responses=True, **TIMEOUTS)
        except (RedisError, OSError, ValueError) as error:
            raise ClusterError(f"{self.shown} can't be reached ({error}); is a redis-server running there?") from error
        return server

    @property
    def shown(self) -> str:
        """The address of Redis, without its password."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return "the Redis of --cluster"
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, place, parts.path, "", ""))

    @property
    def spec(self) -> str:
        """The task and the shared crawl, in a form that can be compared."""
        return f"{self.options.spec} {self.crawl_id}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Scrapy's settings that put shared parts in the place of those for one process."""
        from crawler.settings import DOWNLOADER_MIDDLEWARES  # noqa: PLC0415  (Scrapy's, only where it runs)

        alone = "crawler.fetch.politeness.PolitenessMiddleware"
        shared = {"crawler.cluster.turns.SharedTurns": DOWNLOADER_MIDDLEWARES[alone], alone: None}
        return {
            "SCHEDULER": "crawler.cluster.frontier.SharedFrontier",
            "DOWNLOADER_MIDDLEWARES": {**DOWNLOADER_MIDDLEWARES, **shared},
        }

    def pace(self, floor: float, timer: Callable[[], float]) -> SharedPace:
        """The pace of this process, whose holds all members keep."""
        return SharedPace(floor, share=self.hold, timer=timer)

    def _say(self, script: str, keys: Sequence[str], words: Iterable[object]) -> Any:
        """Run a script. Raises `ClusterError` where Redis does not answer."""
        with self._asking():
            return self._scripts[script](keys=list(keys), args=[str(word) for word in words])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Raises `ClusterError` where Redis does not answer; after that at once, without trying again."""
        if self._lost is not None:
            raise ClusterError(self._lost)
        try:
            yield
        except (RedisError, OSError) as error:
            self._lost = (
                f"{self.shown} does not answer any more ({error}); what was fetched is kept, "
                "and the same command goes on once Redis is back"
            )
            raise ClusterError(self._lost) from error

    @property
    def _lease(self) -> int:
        return _ms(self.options.lease)

    def _join(self) -> None:
        keys, fresh = self.keys, int(self.options.fresh)
        names = (keys.workers, keys.crawl, keys.queue, keys.seen, keys.claims, keys.order)
        max_age = _ms(MAX_AGE.total_seconds())
        words = (f"{keys.task}/", self.worker, self._lease, uuid.uuid4().hex[:12], max_age, fresh)
        said, others = self._say(scripts.JOIN, names, words)
        if said == "busy":
            raise ClusterError(
                f"--fresh would end a crawl that {others} other(s) are at work on; stop these first, or join them "
                f"without --fresh (one that was killed counts for {self.options.lease:g} seconds)"
            )
        self.crawl_id = str(said)
        self.others = int(others)

    def beat(self) -> None:
        """Say that this member is alive."""
        keys = self.keys
        names = (keys.workers, keys.crawl, keys.queue, keys.seen, keys.claims, keys.order)
        self._say(scripts.BEAT, names, (self.worker, self._lease, _ms(self.delay), KEPT))

    def add(self, urls: Sequence[tuple[int, str]], *, settled: str | None = None) -> int:
        """Queue the canonical `urls`, each with its rank, that were not found before; how many are queued then.

        The claim `settled` is settled in the same step as the last of them. Raises `OverError`.
        """
        keys, queued = self.keys, 0
        names = (keys.crawl, keys.queue, keys.seen, keys.claims, keys.order)
        for at in range(0, max(1, len(urls)), BATCH):
            is_last = at + BATCH >= len(urls)
            flat = [word for pair in urls[at : at + BATCH] for word in pair]
            queued = self._say(
                scripts.ADD, names, (self.crawl_id, self.worker, settled if settled and is_last else "", *flat)
            )
            if queued < 0:
                raise self._over()
        return queued

    def next(self, claims: Iterable[str]) -> Handed:
        """Claim the next url; `claims` are those that this member knows to have. Raises `OverError`."""
        keys = self.keys
        names = (keys.crawl, keys.queue, keys.claims, keys.workers)
        words = (self.crawl_id, self.worker, self._lease, _ms(self.delay), *claims)
        state, *rest = self._say(scripts.NEXT, names, words)
        if state == "over":
            raise self._over()
        queued, claimed, *url = rest
        return Handed(str(url[0]) if url else None, int(queued), int(claimed))

    def pass_on(self, claim: str, to: str) -> bool:
        """The page `claim` led to the page `to`: claim that instead; False where it was found before."""
        keys = self.keys
        names = (keys.crawl, keys.seen, keys.claims)
        is_new = self._say(scripts.HAND_OVER, names, (self.crawl_id, self.worker, claim, to))
        if is_new < 0:
            raise self._over()
        return bool(is_new)

    def look(self) -> tuple[int, int]:
        """How much is queued, and how much is claimed by any member. Raises `OverError`."""
        keys = self.keys
        queued, claimed = self._say(scripts.LOOK, (keys.crawl, keys.queue, keys.claims), (self.crawl_id,))
        if queued < 0:
            raise self._over()
        return int(queued), int(claimed)

    def leave(self, *, is_done: bool) -> bool:
        """Leave the crawl, and give back what is claimed. Where `is_done` and nothing is left: True, it is finished."""
        keys = self.keys
        names = (keys.crawl, keys.queue, keys.seen, keys.claims, keys.order, keys.finished, keys.workers, keys.turn)
        words = (self.crawl_id, self.worker, int(is_done), f"{keys.task}/")
        return bool(self._say(scripts.LEAVE, names, words))

    def _over(self) -> OverError:
        with self._asking():
            return OverError(is_finished=self.server.get(self.keys.finished) == self.crawl_id)

    def spent(self, day: str, count: int) -> None:
        """The archive of this member holds `count` requests of `day`."""
        with self._asking():
            self.server.hset(self.keys.requests(day), self.archive, str(count))

    def know(self, urls: Iterable[str]) -> None:
        """The canonical `urls` need not be queued: their answers are in the archive of this member."""
        with self._asking():
            for some in batched(urls):
                self.server.sadd(self.keys.seen, *some)

    def queued(self) -> list[str]:
        """The canonical urls that are still to be asked for, in order."""
        with self._asking():
            return [str(url) for url in self.server.zrange(self.keys.queue, 0, -1)]

    def take(self, day: str, budget: int | None, *, refusal: str | None = None) -> Turn:
        """Take the turn to send a request. Raises `ValueError` with the `refusal`, or where the budget is used up.

        `budget` is for all members together; `refusal` says why this one may send no more.
        """
        if refusal is not None:
            raise ValueError(refusal)
        keys = self.keys
        words = (self.worker, self._lease, _ms(self.delay), self.archive, -1 if budget is None else budget, LOOK_AGAIN)
        state, *rest = self._say(scripts.TAKE, (keys.workers, keys.turn, keys.requests(day)), words)
        if state == "spent":
            raise ValueError(f"the budget of {budget:,} requests a day is used up for {day} (UTC) by all members")
        ms = int(rest[0])
        return Turn(ms / 1000) if state == "wait" else Turn(0.0, None if ms < 0 else ms / 1000)

    def release(self, sent_ago: float, pause: float) -> None:
        """The request that went `sent_ago` seconds ago is answered: let others have the turn, after `pause` seconds."""
        self._say(scripts.RELEASE, (self.keys.turn,), (self.worker, _ms(sent_ago), _ms(pause)))

    def hold(self, seconds: float) -> None:
        """Let no request of any member go for so long."""
        self._say(scripts.HOLD, (self.keys.turn,), (_ms(seconds),))


def batched(urls: Iterable[str]) -> Iterator[list[str]]:
    """`urls` in lists that are not too long for one step."""
    rest = iter(urls)
    while some := list(islice(rest, BATCH)):
        yield some


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _is_script(value: object) -> bool:
    return isinstance(value, str) and "redis.call" in value and "KEYS" in value
