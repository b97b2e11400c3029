"""A Dask cluster of one's own: a scheduler and workers, each a process of its own; and readers that leave traces.

The workers run without a nanny, so a killed one stays dead.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.items import PageReading
from tests.dataset.captures import read_json
from tests.verdictlog.running import ROOT, environment
from tests.waiting import wait_until

TRACES = "VERDICTLOG_TEST_TRACES"
"""Names the folder in which the readers below leave traces."""


def slow_reader(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """`read_json`, in some milliseconds. Leaves a file that is called like its process."""
    time.sleep(0.003)
    (Path(os.environ[TRACES]) / str(os.getpid())).touch()
    return read_json(body, url=url, content_type=content_type)


def deadly_reader(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """`read_json`, which dies of pages whose url ends in ``-deadly``; of ``-deadly-once`` the first time alone."""
    mark = Path(os.environ[TRACES]) / "died"
    if url is not None and (url.endswith("-deadly") or (url.endswith("-deadly-once") and not mark.exists())):
        mark.touch()
        os._exit(9)
    return read_json(body, url=url, content_type=content_type)


class DaskCluster:
    """A scheduler on a free port, and the workers that were started for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, name: str, *words: str, **extra: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *words, "--no-dashboard"]
        where = {TRACES: str(self.folder)}
        with (self.folder / f"{name}-{len(self.workers)}.log").open("wb") as log:
            return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment(**where, **extra))

    def start_scheduler(self, **extra: str) -> None:
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", self.address.split(":")[-1], **extra)

    def start_worker(self, **extra: str) -> subprocess.Popen[bytes]:
        words = (self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--memory-limit", "0")
        worker = self._start("worker", *words, **extra)
        self.workers.append(worker)
        return worker

    def await_workers(self) -> None:
        """Wait until every worker is there, as its log says."""
        logs = [self.folder / f"worker-{number}.log" for number in range(len(self.workers))]
        wait_until(lambda: all(b"Registered to" in log.read_bytes() for log in logs), "all workers are there")

    def clients_seen(self) -> int:
        """How many builds have connected so far, as the scheduler's log says."""
        return (self.folder / "scheduler-0.log").read_bytes().count(b"Receive client connection")

    def stop(self) -> None:
        for process in (*self.workers, *([self.scheduler] if self.scheduler else [])):
            process.kill()
            process.wait()


@contextmanager
def dask_cluster(folder: Path, workers: int, **extra: str) -> Iterator[DaskCluster]:
    """A cluster of so many workers, all of which end with the block. `extra` is for the scheduler's environment."""
    folder.mkdir()
    cluster = DaskCluster(folder)
    try:
        cluster.start_scheduler(**extra)
        for _ in range(workers):
            cluster.start_worker()
        cluster.await_workers()
        yield cluster
    finally:
        cluster.stop()
