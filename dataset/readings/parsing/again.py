"""Another try at captures that were set aside: the process that read them died or hung.

That may have been the machine's fault, so each build tries them before anything else. Where one can be read now, the
dataset is made anew, as if it had been read at first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from crawler.archive import Archive, ArchiveError
from dataset.readings.observe import Observed
from dataset.readings.parsing.jobs import Job

MOST = 20
"""How many are tried: where pages that hang pile up, builds must not take for ever."""

SET_ASIDE_SQL = """
SELECT c.warc_file, c.warc_offset FROM problems p JOIN captures c ON c.capture_id = p.capture_id
 WHERE p.code = 'reader_died' AND c.parse_status = 'failed' ORDER BY p.last_seen DESC, p.problem_id LIMIT ?
"""


def can_be_read_now(
    con: sqlite3.Connection, archive: Archive, observe: Callable[[Iterator[Job]], Generator[Observed, None, None]]
) -> bool:
    """Whether `observe` reads any of the captures that the dataset `con` has as set aside."""
    places = con.execute(SET_ASIDE_SQL, (MOST,)).fetchall()
    with closing(observe(_jobs(archive, places))) as observed:
        return any(each.capture["parse_status"] != "failed" for each in observed)


def _jobs(archive: Archive, places: list[tuple[str, int]]) -> Iterator[Job]:
    for file, offset in places:
        try:
            yield archive.read(file, offset)
        except ArchiveError:
            continue  # damaged since; `verify` reports it
