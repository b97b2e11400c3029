"""A Redis of one's own, and crawls that share it, each a process of its own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis, RedisError

from tests.serving import SampleSite
from tests.verdictlog.running import ROOT, environment
from tests.waiting import TIMEOUT, wait_until

LEASE = 1.5

CRAWL = """
import sys
from pathlib import Path
from crawler.fetch.crawl import crawl
from crawler.fetch.options import CrawlOptions

url, data, redis, delay, lease, day_budget = sys.argv[1:]
report = crawl(CrawlOptions(
    urls=(url,), data=Path(data), delay=float(delay), cluster=redis, lease=float(lease),
    day_budget=int(day_budget) or None,
))
print(report.reason, report.counters.get("requests", 0), report.delay_kept, report.reason_text)
"""
"""As the command does it, with a lease that is short enough for a test."""


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A redis-server on a free port of this machine that keeps nothing; its address. Skips where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server here; scripts/install-system-packages installs it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"redis://127.0.0.1:{port}/0"
            wait_until(lambda: _answers(address), "Redis answers")
            yield address
        finally:
            process.kill()


def _answers(address: str) -> bool:
    try:
        with Redis.from_url(address) as server:
            return bool(server.ping())
    except RedisError:
        return False


class Member:
    """A crawl of `site` into `data` by a process of its own, shared over `redis`."""

    def __init__(
        self, site: SampleSite, data: Path, redis: str, *, delay: float, lease: float = LEASE, day_budget: int = 0
    ) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-c", CRAWL, site.url, str(data), redis, str(delay), str(lease), str(day_budget)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
        )

    def kill(self) -> None:
        """End it at once, without a chance to say goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=TIMEOUT)

    def end(self) -> list[str]:
        """Wait for its end: why it ended, how many requests it made, the shortest gap, why in words."""
        out, err = self.process.communicate(timeout=TIMEOUT)
        assert err == "", err[-3000:]
        assert self.process.returncode == 0
        reason, requests, gap, text = out.split(maxsplit=3)
        return [reason, requests, gap, text.strip()]
