"""The reading of many captures, in the order of the archive, on all cores where that pays.

Parsing is most of the work of a build. A few pages are read here and now; many are read by worker processes,
while this one writes. What comes out is the same, and in the same order, either way.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain

from crawler.archive import StoredRecord
from dataset.lock import BuildError
from dataset.observe import Observed, Reader, observe

Job = tuple[StoredRecord, bytes]

CHUNK_BYTES = 2 << 20
CHUNK_RECORDS = 50
"""How much is handed to a worker at a time: whichever is reached first."""

POOL_FROM = 400
"""From how many captures on the workers pay for their start."""

POOL_BYTES = 64 << 20
"""So many bytes of captures are worth the workers too, however few they are."""


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    chunk: list[Job] = []
    size = 0
    for record, payload in jobs:
        chunk.append((record, payload))
        size += len(payload)
        if size >= CHUNK_BYTES or len(chunk) >= CHUNK_RECORDS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _peek(jobs: Iterator[Job], pool_from: int) -> tuple[list[Job], bool]:
    """The first of `jobs`, and whether there are so many that worker processes pay."""
    first: list[Job] = []
    size = 0
    for job in jobs:
        first.append(job)
        size += len(job[1])
        if len(first) >= pool_from or size >= POOL_BYTES:
            return first, True
    return first, False


def _observe_all(jobs: list[Job], read: Reader, parser_version: str) -> list[Observed]:
    return [observe(record, payload, read, parser_version) for record, payload in jobs]


def _die_with_parent() -> None:
    """End this worker when the build that started it is gone, even if it was killed without a word."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def observe_each(
    jobs: Iterator[Job],
    read: Reader,
    parser_version: str,
    *,
    workers: int | None = None,
    pool_from: int = POOL_FROM,
) -> Iterator[Observed]:
    """What each of `jobs` gives, in order. `workers` is the number of processes (None: one a core; 1: none).

    Raises `BuildError` where the worker processes die (of memory, mostly).
    """
    workers = usable_cores() if workers is None else workers
    first, is_much = _peek(jobs, pool_from) if workers > 1 else ([], False)
    if not is_much:
        for record, payload in chain(first, jobs):
            yield observe(record, payload, read, parser_version)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_die_with_parent) as pool:
        waiting: deque[Future[list[Observed]]] = deque()
        try:
            for chunk in _chunks(chain(first, jobs)):
                # Ctrl-C goes to a whole group of processes. The workers, which start here, inherit that it is blocked:
                # so it ends this process alone, and this one ends them.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    future = pool.submit(_observe_all, chunk, read, parser_version)
                finally:
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                waiting.append(future)
                if len(waiting) > 2 * workers + 1:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise BuildError(
                "a worker process that reads pages was killed, most likely for want of memory. Free some memory "
                "and run the build again; the last good dataset is untouched"
            ) from error
        finally:
            for future in waiting:
                future.cancel()
