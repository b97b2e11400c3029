"""The build: pages that are new in the archive are read into the cache, and a new dataset is derived from all of it.

A build works on a file of its own and puts it into place in one step, when all of it is done, checked and on the disk.
So a build that is killed, runs out of room or fails leaves the last good dataset as it was, and the next one does the
work. Where nothing is new, nothing is written.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from crawler.archive import ARCHIVE, Archive, ArchiveBusy, ArchiveError
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from crawler.plain_files import what_else
from dataset.building.derive import Basis, derive
from dataset.building.info import present_versions
from dataset.building.known import Known, known_of, read_only, read_only_uri
from dataset.building.lock import BuildBusy, BuildError, build_lock, cannot_write, stopped_by
from dataset.building.losses import lost_captures, words_of
from dataset.building.report import BuildReport, Progress
from dataset.judging.judged import FACT as LOG_FACT
from dataset.judging.judged import judged_of
from dataset.place import DATABASE_FILE, dataset_path
from dataset.readings.cache import Cache, Observe, cache_path, check_owner, discard
from dataset.readings.observe import Reader
from dataset.readings.parsing import observe_each
from dataset.readings.parsing.again import can_be_read_now
from dataset.schema import ddl

__all__ = ["BuildBusy", "BuildError", "BuildReport", "build", "with_cache"]

UNFINISHED = f".{DATABASE_FILE}.building"
"""Where a build works. What a dead build left there is removed by the next."""

NOTHING = Known({}, {})
"""What is known where there is no dataset that a build could go on from."""


def build(  # noqa: PLR0913  (each has a sensible default)
    data: Path,
    *,
    full: bool = False,
    allow_loss: bool = False,
    progress: Progress | None = None,
    read: Reader = read_page,
    parser_version: str | None = None,
    workers: int | None = None,
    dask: str | None = None,
) -> BuildReport:
    """Bring ``verdictlog.db`` in the folder `data` up to date with ``archive/`` beside it.

    `read` and `parser_version` are those of `crawler.pages`, if not given. `full` reads all pages again. `allow_loss`
    publishes a dataset also where the archive has lost captures of the present one. `workers` is the number of
    processes that read pages (None: one a core); `dask` the address of the scheduler of a Dask cluster, which reads
    them instead.
    Raises `BuildBusy` where another build is at work there, `BuildError` where it can't be done (the text says why,
    and what to do), `ArchiveError` where the archive can't be read.
    """
    report = BuildReport(dataset_path(data))
    version = present_parser() if parser_version is None else parser_version
    if not (data / ARCHIVE).is_dir():
        raise BuildError(
            f"{data}: there is no archive here to build from. Import pages first (`verdictlog import`), or name "
            "another data folder with --data"
        )
    observe = partial(observe_each, read=read, parser_version=version, workers=workers, dask=dask)
    with build_lock(data):
        draft = data / UNFINISHED
        try:
            _discard(draft)
            _Build(data, report, progress or (lambda stage, done: None), allow_loss=allow_loss).run(
                full, version, observe
            )
        except sqlite3.Error as error:
            raise stopped_by(report.database, error) from error
        except OSError as error:
            raise cannot_write(data, error) from error
        finally:
            _discard(draft)
    return report


def _discard(draft: Path) -> None:
    """Remove what a build left unfinished, if anything."""
    for each in (draft, draft.with_name(f"{draft.name}-journal")):
        try:
            each.unlink(missing_ok=True)
        except OSError:
            if each.exists():
                raise


def with_cache(data: Path, work: Callable[[], None], report: BuildReport) -> None:
    """Do `work`, which uses the cache of the folder `data`; where that is damaged, once more with a new one."""
    path = cache_path(data)
    try:
        work()
    except sqlite3.DatabaseError as error:
        if not _is_damaged(path):
            raise
        report.cache_refilled_because = str(error)
        discard(path)
        work()


def _is_damaged(path: Path) -> bool:
    """Whether the database at `path` is damaged. Raises `BuildError` where it is not a cache of ours."""
    check_owner(path)
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True)) as con:
            return bool(con.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError:
        return True


class _Build:
    """One build, under the lock."""

    def __init__(self, data: Path, report: BuildReport, progress: Progress, *, allow_loss: bool) -> None:
        self.allow_loss = allow_loss
        self.data = data
        self.report = report
        self.progress = progress
        self.archive = Archive(data / ARCHIVE)
        self.judged = judged_of(data)

    def run(self, full: bool, parser_version: str, observe: Observe) -> None:
        """Do the build, from looking at what there is to putting the result into place."""
        report = self.report
        versions = present_versions(parser_version)
        with report.stage("prepare"):
            published, report.rebuilt_because = self._where_to_start(full, versions)
            again = report.rebuilt_because is None and self._set_aside_is_read(observe)
            if again:
                published, report.rebuilt_because = NOTHING, "a page that could not be read last time can be read now"
            if report.rebuilt_because is None:
                report.judged_anew = published.facts.get(LOG_FACT) != self.judged.state
                if not report.judged_anew and next(self.archive.scan(published.read_to), None) is None:
                    self._set_tails_aside()
                    return
            check_owner(cache_path(self.data))
            if full:
                discard(cache_path(self.data))

        def work() -> None:
            with closing(Cache(cache_path(self.data), parser_version)) as cache, report.stage("read"):
                if again:
                    cache.forget_set_aside()
                ends = cache.fill(self.archive, observe, partial(self.progress, "read"))
                report.repeated = cache.count(ends, published.read_to)
            basis = Basis(cache.path, parser_version, ends, self.judged, versions)
            derive(self.data / UNFINISHED, basis, report, self.progress)

        with_cache(self.data, work, report)
        self._look_at_news(published)
        self.progress("publish", 0)
        with report.stage("publish"):
            self._publish()
            report.changed = True
            self._set_tails_aside()

    def _look_at_news(self, published: Known) -> None:
        """Note in the report which captures are new: all, where the published dataset could not be gone on from.

        Raises `BuildError` where captures of that one are lost, unless that is allowed.
        """
        report = self.report
        with closing(sqlite3.connect((self.data / UNFINISHED).absolute().as_uri(), uri=True)) as con:
            is_new = ""
            if report.rebuilt_because is None:
                con.execute("ATTACH ? AS old", (read_only_uri(report.database),))
                is_new = "WHERE capture_id NOT IN (SELECT capture_id FROM old.captures)"
            sql = f"SELECT parse_status, count(*) FROM main.captures {is_new} GROUP BY 1 ORDER BY 1"  # noqa: S608
            report.statuses = dict(con.execute(sql))
            if not self.allow_loss and (lost := lost_captures(report.database, con)):
                raise BuildError(words_of(lost, self.archive.folder))
        report.captures = sum(report.statuses.values())
        report.repeated = max(0, report.repeated - report.captures)

    def _publish(self) -> None:
        """Put the finished file into place, in one step."""
        draft = self.data / UNFINISHED
        _sync(draft)
        draft.replace(self.report.database)
        _sync(self.data)

    def _set_tails_aside(self) -> None:
        """Set torn tails aside where nobody is writing; a running crawl or import is left alone."""
        try:
            self.report.strays = self.archive.strays()
            sizes = {name: (self.archive.folder / name).stat().st_size for name in self.archive.files()}
            if any(size > self.archive.end_of(name) for name, size in sizes.items()):
                self.report.torn = self.archive.recover()
        except ArchiveBusy:
            self.report.archive_busy = True
        except (ArchiveError, OSError):
            # An archive that can't be written to can still be read; `verify` reports its tails.
            self.report.archive_read_only = True

    def _set_aside_is_read(self, observe: Observe) -> bool:
        """Whether any capture that a former build set aside can be read by now."""
        with read_only(self.report.database) as con:
            return can_be_read_now(con, self.archive, observe)

    def _where_to_start(self, full: bool, versions: dict[str, str]) -> tuple[Known, str | None]:
        """What the published dataset was made from; else nothing, and why it can't be gone on from."""
        database = self.report.database
        if (what := what_else(database)) is not None:
            raise BuildError(f"{database}: {what} lies here, where the dataset belongs. Move it away")
        if not database.exists():
            return NOTHING, "there was no dataset yet"
        try:
            with read_only(database) as con:
                [[application]] = con.execute("PRAGMA application_id")
                [[is_empty]] = con.execute("SELECT count(*) = 0 FROM sqlite_master")
                if is_empty:
                    return NOTHING, "the dataset was empty"
                if application != ddl.APPLICATION_ID:
                    raise BuildError(
                        f"{database}: this is a database, but not one of verdictlog. Move it away, or choose "
                        "another data folder with --data"
                    )
                if full:
                    return NOTHING, "a full build was asked for"
                known = known_of(con)
        except sqlite3.Error as error:
            return NOTHING, f"the dataset could not be read ({error})"
        for name, version in versions.items():
            if known.facts.get(name) != version:
                words = name.replace("_", " ")
                return NOTHING, f"its {words} was {known.facts.get(name)}, the present one is {version}"
        for name, read_to in known.read_to.items():
            path = self.archive.folder / name
            if not path.exists() or path.stat().st_size < read_to:
                return NOTHING, f"the archive has lost {name}, or a part of it, since the last build"
        return known, None


def _sync(path: Path) -> None:
    """See to it that `path` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
