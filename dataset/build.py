"""The build: what is new in the archive goes into the dataset, which readers only ever see whole.

A build works on a copy of the last good dataset and puts it into place in one step, when all of it is done,
checked and on the disk. So a build that is killed, runs out of room or fails leaves the last good dataset as
it was, and the next one does the work. What comes out is the same whether the captures came at once or bit
by bit, in this order or another. A dataset made by another parser, schema or set of rules is made anew.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from time import perf_counter

from crawler.archive import ARCHIVE, Archive, ArchiveBusy, ArchiveError, TornTail
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from dataset import ddl
from dataset.content_hash import RunningHash
from dataset.inferred import FACT as MODEL_FACT
from dataset.inferred import inference_of
from dataset.info import known_facts, write_facts
from dataset.intake import jobs_of, take_in, write_progress
from dataset.label_rows import settle_labels
from dataset.lock import BuildBusy, BuildError, archive_in_use, build_lock, cannot_write
from dataset.moves import settle_moves
from dataset.observe import Observed, Reader
from dataset.parsing import observe_each
from dataset.refold import refold, settle_cards
from dataset.retractions import bring_over, settle_retractions, watch_changes
from dataset.revisits import link_revisits
from dataset.rows import Rows
from dataset.run_counts import RunCounts
from dataset.run_rows import write_runs
from dataset.runs import RUNNING, Runs
from dataset.schema import RULES_VERSION, SCHEMA_VERSION
from dataset.sums import sum_comparisons, sum_personas, sum_problems, sum_reviewer_verdicts
from dataset.times import utc_text
from dataset.touched import Touched

__all__ = ["BuildBusy", "BuildError", "BuildReport", "build"]

DATABASE = "verdictlog.db"
UNFINISHED = ".verdictlog.db.building"
"""Where a build works. What a dead build left there is removed by the next."""

Progress = Callable[[str, int], None]
"""Told of progress: the stage (read, fold, check, publish), and how many more of its things are done."""


@dataclass
class BuildReport:
    """What a build did. `rebuilt_because` is None for an incremental build; seconds are per stage.

    `personas_anew` says that the classifier of personas is another than at the last build, `persona_trouble` why it
    can't be used.
    """

    database: Path
    changed: bool = False
    rebuilt_because: str | None = None
    personas_anew: bool = False
    persona_trouble: str | None = None
    captures: int = 0
    repeated: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    listings: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    torn: list[TornTail] = field(default_factory=list)
    archive_busy: bool = False
    archive_read_only: bool = False
    content_hash: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time that the block takes to the stage `name`."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


def now() -> datetime:
    """The present time, UTC."""
    return datetime.now(UTC)


def build(  # noqa: PLR0913  (each has a sensible default)
    data: Path,
    *,
    full: bool = False,
    clock: Callable[[], datetime] = now,
    progress: Progress | None = None,
    read: Reader = read_page,
    parser_version: str | None = None,
    workers: int | None = None,
) -> BuildReport:
    """Bring ``verdictlog.db`` in the folder `data` up to date with ``archive/`` beside it.

    `read` and `parser_version` are those of `crawler.pages`, if not given. `full` starts from the archive alone.
    `workers` is the number of processes that read pages (None: one a core). Where nothing is new, nothing is written.
    Raises `BuildBusy` where another build is at work there, `BuildError` where it can't be done (the text says why,
    and what to do), `ArchiveError` where the archive can't be read.
    """
    report = BuildReport(data / DATABASE)
    version = present_parser() if parser_version is None else parser_version
    if not (data / ARCHIVE).is_dir():
        raise BuildError(
            f"{data}: there is no archive here to build from. Import pages first (`verdictlog import`), or name "
            "another data folder with --data"
        )
    with build_lock(data):
        try:
            _Build(data, report, clock, progress or (lambda stage, done: None)).run(full, read, version, workers)
        except sqlite3.Error as error:
            raise BuildError(
                f"{report.database}: the build stopped ({error}). Is there room on the disk, and may the folder be "
                "written to? The last good dataset is untouched; run the build again"
            ) from error
        except OSError as error:
            raise cannot_write(data, error) from error
        finally:
            with report.stage("publish"):
                _remove(data / UNFINISHED)
    return report


def _remove(path: Path) -> None:
    """Remove what a build left at `path`, if anything."""
    for each in (path, path.with_name(path.name + "-journal")):
        try:
            each.unlink(missing_ok=True)
        except OSError:
            if each.exists():
                raise


class _Build:
    """One build, under the lock."""

    def __init__(self, data: Path, report: BuildReport, clock: Callable[[], datetime], progress: Progress) -> None:
        self.data = data
        self.report = report
        self.clock = clock
        self.progress = progress
        self.archive = Archive(data / ARCHIVE)
        self.files = set(self.archive.files())
        self.runs = Runs()
        self.counts = RunCounts()
        self.inference = inference_of(data)

    def run(self, full: bool, read: Reader, parser_version: str, workers: int | None) -> None:
        """Do the build, from looking at what there is to putting the result into place."""
        report, unfinished = self.report, self.data / UNFINISHED
        versions = {
            "schema_version": str(SCHEMA_VERSION),
            "rules_version": str(RULES_VERSION),
            "parser_version": parser_version,
        }
        with report.stage("prepare"):
            _remove(unfinished)
            start, report.rebuilt_because = self._where_to_start(full, versions)
            records = self.archive.scan(start)
            first = next(records, None)
            report.persona_trouble = self.inference.trouble
            if report.rebuilt_because is None:
                report.personas_anew = known_facts(report.database).get(MODEL_FACT) != self.inference.state
            is_new = bool(first or report.rebuilt_because or report.personas_anew)
            if not is_new and not self._run_ended_unsaid():
                self._set_tails_aside()
                report.content_hash = known_facts(report.database).get("content_hash") or ""
                return
            if report.rebuilt_because is None:
                shutil.copyfile(report.database, unfinished)
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as con:
            # A file that came after the look at the folder is read too, and must not be read (and counted) again.
            jobs = jobs_of(chain([first] if first else [], records), self.runs, self.counts, self.files)
            self._work(con, observe_each(jobs, read, parser_version, workers=workers), versions)
        self.progress("publish", 0)
        with report.stage("publish"):
            _sync(unfinished)
            unfinished.replace(report.database)
            _sync(self.data)
            report.changed = True
            self._set_tails_aside()

    def _work(self, con: sqlite3.Connection, observed: Iterator[Observed], versions: dict[str, str]) -> None:
        """Write everything into the unfinished dataset `con`, and check it."""
        report = self.report
        is_new = report.rebuilt_because is not None
        with report.stage("prepare"):
            # The file is nobody's yet: a crash throws it away, so nothing needs to be undone or synced until the end.
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = MEMORY"):
                con.execute(f"PRAGMA {pragma}")
            con.execute("BEGIN")
            if is_new:
                ddl.create(con)
                watch_changes(con)
                bring_over(con, report.database, versions)
            else:
                watch_changes(con)
                ddl.watch_search(con)
        known = dict(con.execute("SELECT key, value FROM dataset_info")).get("content_hash") or "0"
        rows = Rows(con, RunningHash(int(known, 16)))
        touched = Touched()
        with report.stage("read"):
            for done in take_in(rows, observed, touched, self.counts):
                self.progress("read", done)
            in_use = archive_in_use(self.archive.folder)
            write_runs(rows, self.runs, self.counts, touched, archive_in_use=in_use)
            link_revisits(rows, touched)
        with report.stage("fold"):
            moves = settle_moves(rows, touched)
            settled, rivals = settle_cards(rows, touched.card_keys, touched.moved)
            touched.listings |= settled | settle_labels(rows, touched)
            touched.listings |= self.inference.affected(con)
            touched.problems |= self.inference.note_trouble(rows)
            told = partial(self.progress, "fold")
            touched.problems |= refold(rows, touched.listings, rivals, moves, self.inference, told)
        with report.stage("sum up"):
            settle_retractions(rows)
            sum_comparisons(rows, touched.comparison_urls, touched.listings, moves)
            sum_personas(rows)
            sum_reviewer_verdicts(rows, touched.personas)
            sum_problems(rows, touched.problems)
            write_progress(rows, self.archive, sorted(self.files))
            write_facts(rows, versions | self.inference.facts(), utc_text(self.clock()), len(self.files))
        with report.stage("search"):
            if is_new:
                ddl.rebuild_search(con)
            con.execute("COMMIT")
        self.progress("check", 0)
        with report.stage("check"):
            _check(con)
        report.captures, report.repeated = touched.captures, touched.repeated
        report.statuses = dict(sorted(touched.statuses.items()))
        report.listings = len(touched.listings)
        report.content_hash = rows.content.text()
        report.problems = dict(
            con.execute("SELECT severity, count(*) FROM problems GROUP BY severity ORDER BY severity")
        )

    def _set_tails_aside(self) -> None:
        """Set torn tails aside where nobody is writing; a running crawl or import is left alone."""
        try:
            sizes = {name: (self.archive.folder / name).stat().st_size for name in sorted(self.files)}
            if any(size > self.archive.end_of(name) for name, size in sizes.items()):
                self.report.torn = self.archive.recover()
        except ArchiveBusy:
            self.report.archive_busy = True
        except (ArchiveError, OSError):
            # An archive that can't be written to can still be read; `verify` tells of its tails.
            self.report.archive_read_only = True

    def _run_ended_unsaid(self) -> bool:
        """Whether the dataset shows a run at work, while nobody is writing to the archive any more."""
        with closing(sqlite3.connect(f"{self.report.database.absolute().as_uri()}?mode=ro", uri=True)) as con:
            [[running]] = con.execute("SELECT count(*) FROM runs WHERE outcome = ?", (RUNNING,))
        return bool(running) and not archive_in_use(self.archive.folder)

    def _where_to_start(self, full: bool, versions: dict[str, str]) -> tuple[dict[str, int], str | None]:
        """How far the archive was read, or that it must be read anew, and why."""
        database = self.report.database
        if full:
            return {}, "a full build was asked for"
        if not database.exists():
            return {}, "there was no dataset yet"
        try:
            with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as con:
                [[application]] = con.execute("PRAGMA application_id")
                [[is_empty]] = con.execute("SELECT count(*) = 0 FROM sqlite_master")
                if is_empty:
                    return {}, "the dataset was empty"
                if application != ddl.APPLICATION_ID:
                    raise BuildError(
                        f"{database}: this is a database, but not one of verdictlog. Move it away, or choose "
                        "another data folder with --data"
                    )
                facts = dict(con.execute("SELECT key, value FROM dataset_info"))
                start = dict(con.execute("SELECT file, read_to FROM archive_files"))
        except sqlite3.Error as error:
            return {}, f"the dataset could not be read ({error})"
        for name, version in versions.items():
            if facts.get(name) != version:
                words = name.replace("_", " ")
                return {}, f"its {words} was {facts.get(name)}, the present one is {version}"
        for name, read_to in start.items():
            path = self.archive.folder / name
            if not path.exists() or path.stat().st_size < read_to:
                return {}, f"the archive has lost {name}, or a part of it, since the last build"
        return start, None


def _check(con: sqlite3.Connection) -> None:
    """Raises `BuildError` where the finished dataset does not hold together."""
    wrong = con.execute("PRAGMA foreign_key_check").fetchmany(5)
    if wrong:
        where = ", ".join(sorted({f"{child} → {parent}" for child, _, parent, _ in wrong}))
        raise BuildError(f"the new dataset does not hold together ({where}); please report this")
    [[verdict]] = con.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise BuildError(f"the new dataset is damaged ({verdict}); is the disk sound?")


def _sync(path: Path) -> None:
    """See to it that `path` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
