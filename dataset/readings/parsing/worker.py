"""A process that reads captures for a build: it gets them on a pipe, and answers each with what it says.

Started as ``python -m dataset.readings.parsing.worker FD``, by `dataset.readings.parsing.pool` alone. It ends when the
other end of the pipe is closed, however the build ended. What one page may cost is bounded here: processor time, after
which the page is given up, and memory, without which a page could take the whole machine's.
"""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from crawler import sites
from dataset.readings.observe import Observed, Reader, not_observed, observe
from dataset.readings.parsing.jobs import Job

CPU_SECONDS = 2.0
"""How much processor time the reading of one page may take. The slowest real page takes a fiftieth of it."""

MEMORY = 2 << 30
"""How much memory a worker may have beyond what it starts with."""


class _TooCostly(BaseException):  # noqa: N818  (no reader may catch it as an error of its own)
    """The page in work has used up its time."""


def _too_costly(_number: int, _frame: FrameType | None) -> None:
    raise _TooCostly


def observe_within_budget(job: Job, read: Reader, parser_version: str) -> Observed:
    """What `job` says; a failed capture with the problem ``too_costly`` where it takes longer than `CPU_SECONDS`."""
    record, payload = job
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        try:
            return observe(record, payload, read, parser_version)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooCostly:
        message = f"reading it takes more than {CPU_SECONDS:g} seconds, so it was given up; it is kept in the archive"
        return not_observed(record, parser_version, "too_costly", message)


def main(descriptor: int) -> None:
    """Answer until the other end hangs up."""
    signal.signal(signal.SIGVTALRM, _too_costly)
    line = Connection(descriptor)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            sites.loaded()
            read, parser_version = line.recv()
        except (sites.SiteError, ImportError, AttributeError) as error:
            line.send(str(error))
            return
        _bound_memory()
        line.send(None)
        while True:
            for job in line.recv():
                line.send(observe_within_budget(job, read, parser_version))


def _bound_memory() -> None:
    """Let this process have no more than `MEMORY` beyond what it has now."""
    with suppress(OSError, ValueError):  # without /proc (not Linux), and where a lower bound was set already
        used = int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
