"""The build: what is new in the archive goes into the dataset, which readers only ever see whole.

A build works on a file of its own (`dataset.building.drafts`) and puts it into place in one step, when all of it is
done, checked and on the disk. So a build that is killed, runs out of room or fails leaves the last good dataset as it
was, and the next one does the work. What comes out is the same whether the captures came at once or bit by bit, in this
order or another. A dataset made by another parser, schema or set of rules is made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

from crawler.archive import ARCHIVE, Archive, ArchiveBusy, ArchiveError
from crawler.clock import utc_now
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from crawler.plain_files import what_else
from dataset.building.derive import Basis, derive
from dataset.building.drafts import Draft
from dataset.building.info import present_versions
from dataset.building.known import Known, known_of, read_only
from dataset.building.lock import BuildBusy, BuildError, archive_in_use, build_lock, cannot_write, stopped_by
from dataset.building.losses import lost_captures, words_of
from dataset.building.report import BuildReport, Progress
from dataset.judging.judged import FACT as LOG_FACT
from dataset.judging.judged import judged_of
from dataset.place import dataset_path
from dataset.readings.intake import jobs_of
from dataset.readings.observe import Observed, Reader
from dataset.readings.parsing import Job, observe_each
from dataset.readings.parsing.again import can_be_read_now
from dataset.readings.runs import RUNNING
from dataset.schema import ddl
from dataset.tables.listing_net import FAILED_SQL

__all__ = ["BuildBusy", "BuildError", "BuildReport", "build"]

Observe = Callable[[Iterator[Job]], Generator[Observed, None, None]]
"""Gives what each capture says; closed when the build ends, however it ends."""

NOTHING = Known({}, {})
"""What a build that starts from the archive alone goes on from."""


def build(  # noqa: PLR0913  (each has a sensible default)
    data: Path,
    *,
    full: bool = False,
    allow_loss: bool = False,
    clock: Callable[[], datetime] = utc_now,
    progress: Progress | None = None,
    read: Reader = read_page,
    parser_version: str | None = None,
    workers: int | None = None,
    dask: str | None = None,
) -> BuildReport:
    """Bring ``verdictlog.db`` in the folder `data` up to date with ``archive/`` beside it.

    `read` and `parser_version` are those of `crawler.pages`, if not given. `full` starts from the archive alone.
    `allow_loss` publishes a dataset also where the archive has lost captures of the present one.
    `workers` is the number of processes that read pages (None: one a core); `dask` the address of the scheduler of a
    Dask cluster, which reads them instead. Where nothing is new, nothing is written.
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
    with build_lock(data):
        try:
            _Build(data, report, clock, progress or (lambda stage, done: None), allow_loss=allow_loss).run(
                full, version, partial(observe_each, read=read, parser_version=version, workers=workers, dask=dask)
            )
        except sqlite3.Error as error:
            raise stopped_by(report.database, error) from error
        except OSError as error:
            raise cannot_write(data, error) from error
        finally:
            with report.stage("publish"):
                Draft(data).discard()
    return report


class _Build:
    """One build, under the lock."""

    def __init__(
        self,
        data: Path,
        report: BuildReport,
        clock: Callable[[], datetime],
        progress: Progress,
        *,
        allow_loss: bool = False,
    ) -> None:
        self.allow_loss = allow_loss
        self.data = data
        self.report = report
        self.clock = clock
        self.progress = progress
        self.archive = Archive(data / ARCHIVE)
        self.files = set(self.archive.files())
        self.judged = judged_of(data)

    def run(self, full: bool, parser_version: str, observe: Observe) -> None:
        """Do the build, from looking at what there is to putting the result into place."""
        report, draft = self.report, Draft(self.data)
        versions = present_versions(parser_version)
        with report.stage("prepare"):
            draft.discard()
            published, report.rebuilt_because = self._where_to_start(full, versions)
            if report.rebuilt_because is None and self._set_aside_is_read(observe):
                published, report.rebuilt_because = NOTHING, "a page that could not be read last time can be read now"
            records = self.archive.scan(published.read_to)
            first = next(records, None)
            if first and report.rebuilt_because is None and self._has_failed_listing():
                # What was left out with it is known to a whole build only.
                published, report.rebuilt_because = NOTHING, "a listing could not be derived last time"
                records = self.archive.scan()
                first = next(records, None)
            if report.rebuilt_because is None:
                report.judged_anew = published.facts.get(LOG_FACT) != self.judged.state
            is_new = bool(first or report.rebuilt_because or report.judged_anew)
            if not is_new and not self._run_ended_unsaid():
                self._set_tails_aside()
                report.content_hash = published.facts.get("content_hash") or ""
                return
            if report.rebuilt_because is None:
                former = draft.begin_from_published(lambda spare: _sound(spare, versions))
                # The one that it begins from may have read less of the archive than the published one.
                first, records = None, self.archive.scan((former or published).read_to)
            else:
                draft.begin_anew()
        with closing(sqlite3.connect(draft.path, isolation_level=None)) as con:
            # A file that came after the look at the folder is read too, and must not be read (and counted) again.
            basis = Basis(
                versions,
                is_new=report.rebuilt_because is not None,
                published=report.database,
                read_before=published.read_to,
                archive=self.archive,
                files=self.files,
                clock=self.clock,
                judged=self.judged,
            )
            jobs = jobs_of(chain([first] if first else [], records), basis.runs, basis.counts, self.files)
            with closing(observe(jobs)) as observed:
                derive(con, observed, basis, report, self.progress)
            if basis.is_new and (lost := lost_captures(report.database, con)) and not self.allow_loss:
                raise BuildError(words_of(lost, self.archive.folder))
        self.progress("publish", 0)
        with report.stage("publish"):
            draft.publish(keep_former=report.rebuilt_because is None)
            report.changed = True
            self._set_tails_aside()

    def _set_tails_aside(self) -> None:
        """Set torn tails aside where nobody is writing; a running crawl or import is left alone."""
        try:
            sizes = {name: (self.archive.folder / name).stat().st_size for name in sorted(self.files)}
            self.report.strays = self.archive.strays()
            if any(size > self.archive.end_of(name) for name, size in sizes.items()):
                self.report.torn = self.archive.recover()
        except ArchiveBusy:
            self.report.archive_busy = True
        except (ArchiveError, OSError):
            # An archive that can't be written to can still be read; `verify` tells of its tails.
            self.report.archive_read_only = True

    def _run_ended_unsaid(self) -> bool:
        """Whether the dataset shows a run at work, while nobody is writing to the archive any more."""
        with read_only(self.report.database) as con:
            [[running]] = con.execute("SELECT count(*) FROM runs WHERE outcome = ?", (RUNNING,))
        return bool(running) and not archive_in_use(self.archive.folder)

    def _set_aside_is_read(self, observe: Observe) -> bool:
        """Whether any capture that a former build set aside can be read by now."""
        with read_only(self.report.database) as con:
            return can_be_read_now(con, self.archive, observe)

    def _has_failed_listing(self) -> bool:
        """Whether the dataset lacks a listing that could not be derived."""
        with read_only(self.report.database) as con:
            return con.execute(FAILED_SQL).fetchone() is not None

    def _where_to_start(self, full: bool, versions: dict[str, str]) -> tuple[Known, str | None]:
        """What the published dataset knows that can be gone on from; else nothing, and why it must be made anew."""
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


def _sound(database: Path, versions: dict[str, str]) -> Known | None:
    """What the dataset in the file `database` knows; None where it can't be read or is not of these `versions`."""
    try:
        with read_only(database) as con:
            known = known_of(con)
    except sqlite3.Error:
        return None
    return known if all(known.facts.get(name) == version for name, version in versions.items()) else None
