"""A dataset built beside the published one, to be held against it: nobody ever reads it, and nothing is left of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp

from crawler.archive import ARCHIVE, Archive
from crawler.clock import utc_now
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from dataset.building.derive import Basis, derive
from dataset.building.info import present_versions
from dataset.building.lock import BuildError, cannot_write
from dataset.building.report import BuildReport, Progress
from dataset.judging.judged import Judged, judged_of
from dataset.place import DATABASE_FILE
from dataset.readings.intake import jobs_of
from dataset.readings.observe import Reader
from dataset.readings.parsing import observe_each


@contextmanager
def built_apart(
    data: Path,
    read_to: Mapping[str, int],
    *,
    progress: Progress | None = None,
    read: Reader = read_page,
    parser_version: str | None = None,
    workers: int | None = None,
    judged: Judged | None = None,
) -> Iterator[sqlite3.Connection]:
    """A dataset of what the archive of `data` held up to `read_to` (offsets by file), beside the published one.

    It has no name in the folder, so nothing is left of it, however the block or the process ends. The rest is as for
    `dataset.building.build.build`; no lock is taken. `judged` are the judgements, if not those of the folder.

    Raises `BuildError` and `ArchiveError`.
    """
    version = present_parser() if parser_version is None else parser_version
    judged = judged_of(data) if judged is None else judged
    try:
        handle, name = mkstemp(prefix=f".{DATABASE_FILE}.apart-", dir=data)
    except OSError as error:
        raise cannot_write(data, error) from error
    os.close(handle)
    scratch = Path(name)
    try:
        con = sqlite3.connect(scratch.absolute().as_uri(), uri=True, isolation_level=None)
    finally:
        scratch.unlink()
    archive = Archive(data / ARCHIVE)
    basis = Basis(
        present_versions(version),
        is_new=True,
        published=scratch,  # as where there was no dataset: what the published one told is no part of it
        read_before={},
        archive=archive,
        files=set(archive.files()) & read_to.keys(),
        clock=utc_now,
        judged=judged,
    )
    jobs = jobs_of(archive.scan(until=read_to), basis.runs, basis.counts, basis.files)
    with closing(con), closing(observe_each(jobs, read, version, workers=workers)) as observed:
        try:
            derive(con, observed, basis, BuildReport(scratch), progress or (lambda stage, done: None))
        except sqlite3.Error as error:
            raise BuildError(
                f"{data}: the trial build stopped ({error}). Is there room on the disk for a second dataset? "
                "The published one is untouched"
            ) from error
        yield con
