"""The reading of captures by the workers of a Dask cluster: the extra ``verdictlog[cluster]``.

Captures are sent with their bytes, so the workers need no archive. How many are on their way at a time is bounded.
What a dead worker had is read by another. Each worker tells with what it sends back which versions it has, so that
no page is read by another parser than the build's own, also where a worker comes late.

The scheduler of the cluster remembers what kills workers: what four of them died of is not tried again. Those
captures are then read one by one, with nothing beside them, which shows which of them it was.
"""

from __future__ import annotations

import logging
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from dataset.building.lock import BuildError
from dataset.readings.observe import Observed, Reader
from dataset.readings.parsing.jobs import Job, chunks
from dataset.readings.parsing.remote import Answer, Versions, present_versions, read_packed

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 20.0
"""How long a scheduler may take to answer."""

PATIENCE = 60.0
"""How many seconds a cluster may be without any worker."""

LOOK_SECONDS = 1.0
"""How often the cluster is looked at."""

FEWEST_CHUNKS, MOST_CHUNKS = 4, 64
"""Bounds of how many chunks are on their way at a time: two for each thread of the workers lie between."""

UNTOUCHED = "The last good dataset is untouched. Run the build again, or without --dask to read the pages here"


class _Sent(NamedTuple):
    chunk: list[Job]
    future: Future[Answer]


def observe_on_cluster(jobs: Iterable[Job], read: Reader, parser_version: str, address: str) -> Iterator[Observed]:
    """What each of `jobs` gives, in order, read by the cluster whose scheduler is at `address` (``tcp://host:8786``).

    Raises `BuildError` where the extra is not installed, the scheduler can't be reached or is lost, there is no worker
    for too long, workers have other versions, or one capture kills worker after worker.
    """
    if find_spec("distributed") is None:
        raise BuildError("reading on a Dask cluster needs an extra; install it with: pip install 'verdictlog[cluster]'")
    import dask  # noqa: PLC0415  (an extra)
    from distributed import Client  # noqa: PLC0415  (an extra, and slow to import)

    # A chunk may be as large as one capture is. Dask would advise against it, for reasons that don't hold here.
    with _silent_log(), dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise BuildError(
                f"no Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, and give the "
                "address that it names, such as tcp://host:8786"
            ) from error
        try:
            yield from _Reading(client, address, read, parser_version).of(jobs)
        finally:
            client.close(timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]


@contextmanager
def _silent_log() -> Iterator[None]:
    """Keep Dask from printing what a `BuildError` says better."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [each.level for each in loggers]
    try:
        for each in loggers:
            each.setLevel(logging.CRITICAL)
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


def _name_of(job: Job) -> str:
    record = job[0]
    return f"{record.url or 'sha256:' + record.sha256} ({record.file}, offset {record.offset})"


class _Reading:
    """One build's use of a cluster."""

    def __init__(self, client: Client, address: str, read: Reader, parser_version: str) -> None:
        self.client = client
        self.address = address
        self.with_what = (read, parser_version)
        self.versions = present_versions()
        # Of this build alone: on a shared cluster, equal keys are the same task.
        self.token = f"verdictlog-{uuid4().hex}"
        self.count = 0
        self.line = client.scheduler_comm
        self.threads = 0
        self.looked_at = self.worked_at = monotonic()

    def of(self, jobs: Iterable[Job]) -> Iterator[Observed]:
        """What each of `jobs` gives, in order."""
        waiting: deque[_Sent] = deque()
        self._look()
        for chunk in chunks(jobs):
            waiting.append(self._send(chunk))
            if len(waiting) >= min(max(FEWEST_CHUNKS, 2 * self.threads), MOST_CHUNKS):
                yield from self._take_first(waiting)
        while waiting:
            yield from self._take_first(waiting)

    def _take_first(self, waiting: deque[_Sent]) -> list[Observed]:
        from distributed import KilledWorker  # noqa: PLC0415  (an extra)

        first = waiting.popleft()
        try:
            return self._result(first)
        except KilledWorker:
            # It, or what the workers had beside it.
            for other in waiting:
                other.future.cancel()  # type: ignore[no-untyped-call]
            found = [self._alone(job) for job in first.chunk]
            waiting.extend([self._send(waiting.popleft().chunk) for _ in range(len(waiting))])
            return found

    def _alone(self, job: Job) -> Observed:
        from distributed import KilledWorker  # noqa: PLC0415  (an extra)

        try:
            [observed] = self._result(self._send([job]))
        except KilledWorker as error:
            raise BuildError(
                f"worker after worker of the Dask cluster died while it read {_name_of(job)}: of memory, most likely. "
                f"The logs of the workers tell more. {UNTOUCHED}"
            ) from error
        return observed

    def _send(self, chunk: list[Job]) -> _Sent:
        self.count += 1
        read, parser_version = self.with_what
        packed = pickle.dumps((chunk, read, parser_version), pickle.HIGHEST_PROTOCOL)
        with self._told_plainly():
            future = self.client.submit(
                read_packed, packed, self.versions, key=f"{self.token}-{self.count}", pure=False
            )
        return _Sent(chunk, future)

    def _result(self, sent: _Sent) -> list[Observed]:
        while True:
            if monotonic() - self.looked_at > LOOK_SECONDS:
                self._look(sent)
            with self._told_plainly():
                try:
                    worker, versions, packed = sent.future.result(timeout=LOOK_SECONDS)
                except TimeoutError:
                    if sent.future.status == "error":
                        raise
                    continue
            if packed is None:
                raise BuildError(self._other_versions(worker, versions))
            self.worked_at = monotonic()
            found: list[Observed] = pickle.loads(packed)  # noqa: S301  (a cluster's workers are trusted, as docs say)
            return found

    def _look(self, sent: _Sent | None = None) -> None:
        """See to it that there is a cluster still, and count what it can do at a time."""
        with self._told_plainly():
            scheduler = self.client.scheduler
            if scheduler is None or self.client.scheduler_comm is not self.line:
                # What was sent while the line was down is lost, even where it is up again.
                raise ConnectionError("the connection was lost")
            cores: dict[str, int] = self.client.sync(  # type: ignore[no-untyped-call]
                scheduler.ncores, callback_timeout=CONNECT_SECONDS
            )
        self.threads = sum(cores.values())
        self.looked_at = monotonic()
        if self.threads:
            self.worked_at = self.looked_at
        elif self.looked_at - self.worked_at > PATIENCE:
            at = f" They had, among others, {_name_of(sent.chunk[0])}." if sent else ""
            raise BuildError(
                f"the Dask cluster at {self.address} has had no worker for {PATIENCE:g} seconds. Start some with "
                f"`dask worker {self.address}`; where some were there and died, their logs tell why.{at} {UNTOUCHED}"
            )

    def _other_versions(self, worker: str, versions: Versions) -> str:
        differs = ", ".join(
            f"{name} {versions.get(name)} (here: {wanted})"
            for name, wanted in self.versions.items()
            if versions.get(name) != wanted
        )
        return (
            f"the worker {worker} of the Dask cluster reads pages otherwise: it has {differs}. Give all workers the "
            f"same release of verdictlog and the same sites as this machine, and start them anew. {UNTOUCHED}"
        )

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Raises `BuildError` for all that may go wrong with a cluster, save that a task killed its workers."""
        from distributed import KilledWorker  # noqa: PLC0415  (an extra)
        from distributed.client import ClosedClientError  # noqa: PLC0415  (an extra)

        try:
            yield
        except (KilledWorker, BuildError):
            raise
        except (CancelledError, ClosedClientError, OSError) as error:
            raise BuildError(
                f"the Dask scheduler at {self.address} was lost while the pages were read ({_clipped(error)}). See "
                f"whether it still runs. {UNTOUCHED}"
            ) from error
        except Exception as error:
            raise BuildError(
                f"the Dask cluster at {self.address} could not read pages ({_clipped(error)}). Its scheduler and "
                "all its workers need this release of verdictlog, the same sites, and the Python of this machine. "
                f"{UNTOUCHED}"
            ) from error


def _clipped(error: BaseException) -> str:
    """What `error` says, in one short line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:300] + "…"
