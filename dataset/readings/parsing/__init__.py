"""The reading of many captures, in the order of the archive, on all cores where that pays, or on a Dask cluster.

Parsing is most of the work of a build, and what a page does to its parser nobody knows beforehand. So worker processes
read the pages (`dataset.readings.parsing.pool`), while this one writes: one where they are few, else one for each core.
Where the address of a Dask cluster is given, its workers read them (`dataset.readings.parsing.cluster`). What comes out
is the same, and in the same order, whoever reads.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import chain

from dataset.readings.observe import Observed, Reader, observe
from dataset.readings.parsing.cluster import observe_on_cluster
from dataset.readings.parsing.jobs import Job
from dataset.readings.parsing.pool import observe_in_pool, usable_cores

__all__ = ["POOL_BYTES", "POOL_FROM", "Job", "observe_each", "usable_cores"]

POOL_FROM = 400
"""From how many captures on more than one worker pays for its start."""

POOL_BYTES = 64 << 20
"""So many bytes of captures are worth them too, however few they are."""


def _peek(jobs: Iterator[Job], pool_from: int) -> tuple[list[Job], bool]:
    """The first of `jobs`, and whether there are so many that several workers pay."""
    first: list[Job] = []
    size = 0
    for job in jobs:
        first.append(job)
        size += len(job[1])
        if len(first) >= pool_from or size >= POOL_BYTES:
            return first, True
    return first, False


def observe_each(
    jobs: Iterator[Job],
    read: Reader,
    parser_version: str,
    *,
    workers: int | None = None,
    dask: str | None = None,
    pool_from: int = POOL_FROM,
) -> Generator[Observed, None, None]:
    """What each of `jobs` gives, in order. Close it where it is not used to its end: that ends the workers.

    `workers` is the number of processes (None: one a core; 1: this one, which a page that kills its reader would kill).
    `dask` is the address of the scheduler of a Dask cluster, whose workers then read everything. Raises `BuildError`
    where workers die whatever they read, or a cluster can't be used.
    """
    if dask is not None:
        yield from observe_on_cluster(jobs, read, parser_version, dask)
        return
    if workers == 1:
        for record, payload in jobs:
            yield observe(record, payload, read, parser_version)
        return
    first, is_much = _peek(jobs, pool_from)
    if first:
        processes = (usable_cores() if workers is None else workers) if is_much else 1
        yield from observe_in_pool(chain(first, jobs), read, parser_version, processes)
