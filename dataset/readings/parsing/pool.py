"""The reading of captures by worker processes of this machine, while this process writes.

A worker that dies (killed for want of memory, a fault in a parser) or hangs costs the capture that it had in work, and
nothing else: the worker answers capture by capture, so it is known which one that was, and another worker goes on with
the next. The capture is tried once more by itself where a worker died, for the page need not have been the cause; then
it is set aside, a ``failed`` capture with a problem.

Whole bodies are handed to the workers, and finished rows come back. Packing and unpacking both takes about a
twentieth of the time that the reading takes, so workers that opened the archive themselves would gain little.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from multiprocessing import Pipe
from queue import Empty, SimpleQueue
from typing import Any

from dataset.building.lock import BuildError
from dataset.readings.observe import Observed, Reader, not_observed
from dataset.readings.parsing.jobs import Job, chunks

WALL_SECONDS = 20.0
"""How long a worker may be silent over one page. Its own bound on processor time is ten times tighter."""

START_SECONDS = 120.0
"""How long a worker may take to start."""

DEATHS = 200
"""After so many deaths in a row, with no page read in between, it is the machine that is at fault: the build ends."""

UNTOUCHED = "the last good dataset is untouched"


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One worker process and the line to it."""

    def __init__(self, read: Reader, parser_version: str) -> None:
        self.line, theirs = Pipe()
        with theirs:
            # In a session of its own: Ctrl-C goes to this process alone, which ends the workers.
            self.process = subprocess.Popen(  # noqa: S603  (this very program)
                [sys.executable, "-P", "-m", "dataset.readings.parsing.worker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        try:
            self.line.send((read, parser_version))
            trouble = self.answer(START_SECONDS) or ""
        except (OSError, EOFError, TimeoutError):
            trouble = f"it ended with the code {self.process.poll()}" if self.process.poll() else "it does not answer"
        if trouble:
            self.end()
            raise BuildError(
                f"a process that reads pages can't be started ({trouble}). Is there enough memory, and is this "
                f"installation whole? Build again; {UNTOUCHED}"
            )

    def answer(self, seconds: float) -> Any:
        """What it sends next. Raises `TimeoutError`, and `EOFError` or `OSError` where it died."""
        if not self.line.poll(seconds):
            raise TimeoutError
        return self.line.recv()

    def end(self) -> None:
        """End it, whatever it does."""
        self.line.close()
        self.process.kill()
        self.process.wait()


class _Pool:
    """The workers of one build: each is lent to one thread at a time, and started when it is needed."""

    def __init__(self, read: Reader, parser_version: str) -> None:
        self.read = read
        self.parser_version = parser_version
        self.is_closed = False
        self.deaths = 0
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: set[_Worker] = set()

    def observe(self, chunk: list[Job]) -> list[Observed]:
        """What each of `chunk` gives."""
        found: list[Observed] = []
        again = False
        while len(found) < len(chunk):
            worker = self._lend()
            before = len(found)
            try:
                # What was read when a worker died is tried by itself.
                part = chunk[before : before + 1] if again else chunk[before:]
                worker.line.send(part)
                for _ in part:
                    found.append(worker.answer(WALL_SECONDS))
                    self.deaths = 0
                    again = False
            except TimeoutError:
                self._drop(worker)
                message = f"the process that read it was silent for {WALL_SECONDS:g} seconds, so it was ended"
                found.append(self._set_aside(chunk[len(found)], "reader_died", message))
                again = False
            except (EOFError, OSError):
                self._drop(worker)
                self._count_death()
                if again and len(found) == before:
                    message = "the process that read it died twice, for want of memory or by a fault of a parser"
                    found.append(self._set_aside(chunk[len(found)], "reader_died", message))
                    again = False
                else:
                    again = True
            else:
                self._idle.put(worker)
        return found

    def stop(self) -> None:
        """Let the threads that wait for a worker find that it is gone."""
        self.is_closed = True
        for worker in list(self._all):
            worker.process.kill()

    def close(self) -> None:
        """End all workers. No thread may use one any more."""
        for worker in self._all:
            worker.end()

    def _lend(self) -> _Worker:
        if self.is_closed:
            raise BuildError("the build was stopped")
        with suppress(Empty):
            return self._idle.get_nowait()
        worker = _Worker(self.read, self.parser_version)
        self._all.add(worker)
        if self.is_closed:
            worker.process.kill()
        return worker

    def _drop(self, worker: _Worker) -> None:
        worker.end()
        self._all.discard(worker)

    def _count_death(self) -> None:
        self.deaths += 1
        if self.deaths >= DEATHS:
            raise BuildError(
                f"processes that read pages die one after the other ({self.deaths} so far), most likely for want of "
                f"memory. Free some and build again; {UNTOUCHED}"
            )

    def _set_aside(self, job: Job, code: str, message: str) -> Observed:
        again = f"{message}. It is kept in the archive, and the next build tries it again"
        return not_observed(job[0], self.parser_version, code, again)


def observe_in_pool(jobs: Iterable[Job], read: Reader, parser_version: str, workers: int) -> Iterator[Observed]:
    """What each of `jobs` gives, in order, read by so many worker processes.

    Raises `BuildError` where workers can't be started, or die whatever they read.
    """
    pool = _Pool(read, parser_version)
    waiting: deque[Future[list[Observed]]] = deque()
    with closing(pool), ThreadPoolExecutor(workers) as threads:
        try:
            for chunk in chunks(jobs):
                waiting.append(threads.submit(pool.observe, chunk))
                if len(waiting) > 2 * workers + 1:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.stop()
            for future in waiting:
                future.cancel()
