"""The reading of captures by worker processes of this machine, while this process writes.

Whole bodies are handed to the workers, and finished rows come back. Packing and unpacking both takes about a
twentieth of the time that the reading takes, so workers that opened the archive themselves would gain little.
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

from dataset.building.lock import BuildError
from dataset.readings.observe import Observed, Reader
from dataset.readings.parsing.jobs import Job, chunks, observe_all


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _die_with_parent() -> None:
    """End this worker when the build that started it is gone, even if it was killed without a word."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def observe_in_pool(jobs: Iterable[Job], read: Reader, parser_version: str, workers: int) -> Iterator[Observed]:
    """What each of `jobs` gives, in order, read by so many worker processes.

    Raises `BuildError` where the worker processes die (of memory, mostly).
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_die_with_parent) as pool:
        waiting: deque[Future[list[Observed]]] = deque()
        try:
            for chunk in chunks(jobs):
                # Ctrl-C goes to a whole group of processes. The workers, which start here, inherit that it is blocked:
                # so it ends this process alone, and this one ends them.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    future = pool.submit(observe_all, chunk, read, parser_version)
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
