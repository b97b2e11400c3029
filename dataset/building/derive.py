"""From what captures show to the tables of a dataset: all that a build does between reading and publishing.

Captures are taken in as they come. Then all that they say together is worked out anew for what they touched, in this
order: which listings moved, which cards belong to which listing, which critics wrote which quotes, the listings
themselves with their history, which of them are one tool, and at last what sums up many rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from crawler.archive import Archive
from dataset.building.info import write_facts
from dataset.building.known import facts_of
from dataset.building.lock import BuildError, archive_in_use
from dataset.building.report import BuildReport, Progress
from dataset.judging.judged import Judged
from dataset.readings.intake import take_in, write_progress
from dataset.readings.observe import Observed
from dataset.readings.revisits import link_revisits
from dataset.readings.run_counts import RunCounts
from dataset.readings.runs import Runs
from dataset.readings.times import utc_text
from dataset.schema import ddl
from dataset.tables.content_hash import RunningHash
from dataset.tables.label_rows import settle_labels
from dataset.tables.matched import settle_tools
from dataset.tables.moves import settle_moves
from dataset.tables.refold import refold, settle_cards
from dataset.tables.retractions import settle_retractions
from dataset.tables.rows import Rows
from dataset.tables.run_rows import write_runs
from dataset.tables.sums import sum_comparisons, sum_personas, sum_problems, sum_reviewer_verdicts
from dataset.tables.touched import Touched

PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = MEMORY")
"""The file is nobody's yet: a crash throws it away, so nothing needs to be undone or synced until the end."""


@dataclass(frozen=True)
class Basis:
    """What a dataset is derived from, besides captures.

    `is_new` says that there is nothing yet in it; `published` is the file that people read, which has read each file
    of the archive as far as `read_before` says. `files` are the names of all files that are read now; what they tell of
    runs gathers in `runs` and `counts`. `judged` says what people hold for one tool.
    """

    versions: Mapping[str, str]
    is_new: bool
    published: Path
    read_before: Mapping[str, int]
    archive: Archive
    files: set[str]
    clock: Callable[[], datetime]
    judged: Judged = field(default_factory=Judged)
    runs: Runs = field(default_factory=Runs)
    counts: RunCounts = field(default_factory=RunCounts)


def derive(
    con: sqlite3.Connection, observed: Iterable[Observed], basis: Basis, report: BuildReport, progress: Progress
) -> None:
    """Write all that follows from `observed` into the unfinished dataset `con`, check it, and tell `report` of it.

    Raises `BuildError` where the result does not hold together, `sqlite3.Error` where it can't be written.
    """
    with report.stage("prepare"):
        rows = _opened(con, is_new=basis.is_new)
    touched = Touched(read_before=basis.read_before)
    with report.stage("read"):
        for done in take_in(rows, observed, touched, basis.counts):
            progress("read", done)
        in_use = archive_in_use(basis.archive.folder)
        write_runs(rows, basis.runs, basis.counts, touched, archive_in_use=in_use)
        link_revisits(rows, touched)
    with report.stage("fold"):
        moves = settle_moves(rows, touched)
        settled, rivals = settle_cards(rows, touched.card_keys, touched.moved)
        touched.listings |= settled | settle_labels(rows, touched)
        refold(rows, touched, rivals, moves, partial(progress, "fold"))
    with report.stage("match"):
        told_of_judgements = settle_tools(rows, touched, basis.judged)
    with report.stage("sum up"):
        settle_retractions(rows, basis.published, basis.versions, None if basis.is_new else touched.listings)
        sum_comparisons(rows, touched.comparison_urls, touched.listings, moves)
        sum_personas(rows, touched.personas)
        sum_reviewer_verdicts(rows, touched.personas)
        sum_problems(rows, touched.problems)
        write_progress(rows, basis.archive, sorted(basis.files))
        facts = {**basis.versions, **told_of_judgements}
        write_facts(rows, facts, utc_text(basis.clock()), len(basis.files))
    with report.stage("search"):
        if basis.is_new:
            ddl.rebuild_search(con)
        con.execute("COMMIT")
    if basis.is_new:
        progress("check", 0)
        with report.stage("check"):
            _check(con)
    report.captures, report.repeated = touched.captures, touched.repeated
    report.statuses = {status: count for status, count in sorted(touched.statuses.items()) if count}
    report.listings = len(touched.listings)
    report.content_hash = rows.content.text()
    report.problems = dict(con.execute("SELECT severity, count(*) FROM problems GROUP BY severity ORDER BY severity"))


def _opened(con: sqlite3.Connection, *, is_new: bool) -> Rows:
    """Make `con` ready to be written to, with empty tables if it `is_new`."""
    for pragma in PRAGMAS:
        con.execute(f"PRAGMA {pragma}")
    # What is added to a dataset is checked link by link, as it is written; a new one is checked at the end.
    con.execute(f"PRAGMA foreign_keys = {'OFF' if is_new else 'ON'}")
    con.execute("BEGIN")
    if is_new:
        ddl.create(con)
    else:
        ddl.watch_search(con)
        con.execute("PRAGMA defer_foreign_keys = ON")
    known = facts_of(con).get("content_hash") or "0"
    return Rows(con, RunningHash(int(known, 16)))


def _check(con: sqlite3.Connection) -> None:
    """Raises `BuildError` where the finished dataset does not hold together."""
    wrong = con.execute("PRAGMA foreign_key_check").fetchmany(5)
    if wrong:
        where = ", ".join(sorted({f"{child} → {parent}" for child, _, parent, _ in wrong}))
        raise BuildError(f"the new dataset does not hold together ({where}); please report this")
    [[verdict]] = con.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise BuildError(f"the new dataset is damaged ({verdict}); is the disk sound?")
