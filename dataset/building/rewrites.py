"""What a new parser or new rules would rewrite in the published dataset, apart from what the world changed.

The published dataset tells how far it has read each file of the archive. The present code builds a dataset of its own
from exactly those captures, and the two are held against each other: whatever differs is the code's doing. Captures
that came later are the world's part: they are counted, not read; judgements that people added since are left out too.
The published file is only read. The lock of builds is held while it is looked at and compared, not while the trial is
built or told of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import ARCHIVE, Archive, capture_id
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from dataset.building.apart import built_apart
from dataset.building.compared import Comparison
from dataset.building.info import present_versions
from dataset.building.known import Known, known_of, read_only, read_only_uri
from dataset.building.lock import BuildError, build_lock
from dataset.building.regrouped import Regrouped, regroupings
from dataset.building.report import Progress
from dataset.judging.judged import FACT as LOG_FACT
from dataset.judging.judged import judged_until
from dataset.place import dataset_path
from dataset.readings.observe import CAPTURE_KINDS, Reader
from dataset.schema.ddl import APPLICATION_ID

OLD = "published"
"""What the published dataset is called in SQL while it is compared."""


@dataclass(frozen=True)
class Rewrites:
    """What would be rewritten: `versions` are (published, present) by name, `waiting` counts unread captures.

    `regrouped` are the tools that are put together or taken apart.
    """

    database: Path
    versions: Mapping[str, tuple[str | None, str]]
    found: Comparison
    waiting: int
    regrouped: list[Regrouped]

    @property
    def same_versions(self) -> bool:
        """Whether the published dataset was made by what would make it now."""
        return all(old == new for old, new in self.versions.values())


@contextmanager
def rewrites(
    data: Path,
    *,
    progress: Progress | None = None,
    read: Reader = read_page,
    parser_version: str | None = None,
    workers: int | None = None,
) -> Iterator[Rewrites]:
    """What the present code would rewrite in the dataset of the data folder `data`; to be read within the block.

    The words are those of `dataset.building.build.build`. Raises `BuildError` where there is nothing to compare with,
    or it can't be done (the text says what to do), `BuildBusy` where a build is at work, `ArchiveError`.
    """
    tell = progress or (lambda stage, done: None)
    database = dataset_path(data)
    if not database.is_file():
        raise BuildError(
            f"{database}: there is no dataset yet that anything could be rewritten in. Run `verdictlog build`, or name "
            "another data folder with --data"
        )
    archive = Archive(data / ARCHIVE)
    with build_lock(data):
        published = _published(database)
    _check_files(archive, published.read_to)
    version = present_parser() if parser_version is None else parser_version
    present = present_versions(version)
    judged = judged_until(data, published.facts.get(LOG_FACT))
    with built_apart(
        data, published.read_to, progress=progress, read=read, parser_version=version, workers=workers, judged=judged
    ) as con:
        try:
            waiting = _waiting(con, archive, published.read_to)
            tell("compare", 0)
            with build_lock(data):
                if _published(database) != published:
                    raise BuildError(
                        f"{database}: a build has published another dataset in the meantime. Run this again while "
                        "none is at work"
                    )
                found, regrouped = _compared(con, database)
        except sqlite3.Error as error:
            raise BuildError(
                f"{database}: can't be compared ({error}). Is there room on the disk? Else the dataset is damaged: "
                "`verdictlog build --full` makes it anew"
            ) from error
        versions = {name: (published.facts.get(name), new) for name, new in present.items()}
        yield Rewrites(database, versions, found, waiting, regrouped)


def _published(database: Path) -> Known:
    """What the dataset in the file `database` says. Raises `BuildError` where it doesn't say how far it has read."""
    try:
        with read_only(database) as con:
            [[application]] = con.execute("PRAGMA application_id")
            if application != APPLICATION_ID:
                raise BuildError(f"{database}: this is no dataset of verdictlog. Name another data folder with --data")
            con.execute("BEGIN")  # all that is known is of one state
            known = known_of(con)
    except sqlite3.Error as error:
        raise BuildError(
            f"{database}: it can't be told from which captures it was made ({error}), so what would be rewritten can't "
            "be told apart from what is new. `verdictlog build --full` makes it anew"
        ) from error
    return Known(known.facts, {name: read_to for name, read_to in known.read_to.items() if read_to > 0})


def _check_files(archive: Archive, read_to: Mapping[str, int]) -> None:
    """Raises `BuildError` where the archive lacks what the published dataset was made from."""
    there = set(archive.files())
    lost = [
        name for name, size in read_to.items() if name not in there or (archive.folder / name).stat().st_size < size
    ]
    if lost:
        words = ", ".join(lost[:3]) + (f" and {len(lost) - 3:,} more" if len(lost) > 3 else "")
        raise BuildError(
            f"{archive.folder}: the archive has lost {words}, or a part of it, since the last build. What went with "
            "its captures can't be told apart from what would be rewritten: put it back and run this again, or let "
            "`verdictlog build` make the dataset of what is left"
        )


def _waiting(con: sqlite3.Connection, archive: Archive, read_to: Mapping[str, int]) -> int:
    """How many captures lie in `archive` beyond `read_to` that the dataset in `con` does not know."""
    con.execute("BEGIN")
    con.execute("CREATE TABLE main._waiting (capture_id TEXT PRIMARY KEY)")
    con.executemany(
        "INSERT OR IGNORE INTO _waiting VALUES (?)",
        (
            (capture_id(record.url, record.captured_at, record.sha256),)
            for record, _ in archive.scan(read_to)
            if record.kind in CAPTURE_KINDS
        ),
    )
    con.execute("COMMIT")
    [[count]] = con.execute(
        "SELECT count(*) FROM _waiting w WHERE NOT EXISTS (SELECT 1 FROM captures c WHERE c.capture_id = w.capture_id)"
    )
    return int(count)


def _compared(con: sqlite3.Connection, database: Path) -> tuple[Comparison, list[Regrouped]]:
    """The dataset in `con` compared with the one in the file `database`."""
    con.execute(f"ATTACH ? AS {OLD}", (read_only_uri(database),))
    con.execute("BEGIN")
    found = Comparison(con, OLD)
    regrouped = regroupings(con, OLD)
    con.execute("COMMIT")
    con.execute(f"DETACH {OLD}")
    return found, regrouped
