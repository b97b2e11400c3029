"""What a new parser or new rules would rewrite in the published dataset, apart from what the world changed.

The published dataset names how far it has read each file of the archive. The present code derives a dataset beside it
from exactly those captures, and the two are compared: whatever differs is the code's doing. Captures that came later
are the world's part: they are counted, no more; judgements that people added since are left out too. The published file
is only read; what is read of pages is kept in the cache, so the next build need not read them again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crawler.archive import ARCHIVE, Archive
from crawler.pages import parser_version as present_parser
from crawler.pages import read_page
from dataset.building.build import UNFINISHED, with_cache
from dataset.building.compare import Comparison
from dataset.building.derive import Basis, derive
from dataset.building.info import present_versions
from dataset.building.known import Known, known_of, read_only, read_only_uri
from dataset.building.lock import BuildError, build_lock, cannot_write
from dataset.building.report import BuildReport, Progress
from dataset.judging.judged import FACT as LOG_FACT
from dataset.judging.judged import judged_until
from dataset.place import dataset_path
from dataset.readings.cache import Cache, cache_path
from dataset.readings.observe import Reader
from dataset.readings.parsing import observe_each
from dataset.schema.ddl import APPLICATION_ID

WAITING = """
SELECT count(*) FROM (SELECT DISTINCT capture_id FROM cache.captures WHERE reader = ?)
 WHERE capture_id NOT IN (SELECT capture_id FROM old.captures)
"""


@dataclass(frozen=True)
class Rewrites:
    """What would be rewritten: `versions` are (published, present) by name, `waiting` counts captures not built yet."""

    database: Path
    versions: Mapping[str, tuple[str | None, str]]
    found: Comparison
    waiting: int

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
    database, trial = dataset_path(data), data / UNFINISHED
    if not database.is_file():
        raise BuildError(
            f"{database}: there is no dataset yet that anything could be rewritten in. Run `verdictlog build`, or name "
            "another data folder with --data"
        )
    version = present_parser() if parser_version is None else parser_version
    versions = present_versions(version)
    with build_lock(data):
        published = _published(database)
        archive = Archive(data / ARCHIVE)
        _check_files(archive, published.read_to)
        report = BuildReport(trial)
        judged = judged_until(data, published.facts.get(LOG_FACT))

        def work() -> None:
            observe = partial(observe_each, read=read, parser_version=version, workers=workers)
            with closing(Cache(cache_path(data), version)) as cache:
                cache.fill(archive, observe, partial(tell, "read"))
            derive(trial, Basis(cache.path, version, published.read_to, judged, versions), report, tell)

        try:
            with_cache(data, work, report)
            tell("compare", 0)
            with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as con:
                for name, path in (("new", trial), ("old", database), ("cache", cache_path(data))):
                    con.execute(f"ATTACH ? AS {name}", (read_only_uri(path),))
                [[waiting]] = con.execute(WAITING, (version,))
                both = {name: (published.facts.get(name), new) for name, new in versions.items()}
                yield Rewrites(database, both, Comparison(con), waiting)
        except sqlite3.Error as error:
            raise BuildError(
                f"{data}: the two datasets can't be compared ({error}). Is there room on the disk for a second one? "
                f"Else {database.name} is damaged: `verdictlog build --full` makes it anew"
            ) from error
        except OSError as error:
            raise cannot_write(data, error) from error
        finally:
            trial.unlink(missing_ok=True)


def _published(database: Path) -> Known:
    """What the dataset in the file `database` says. Raises `BuildError` where it doesn't say how far it has read."""
    try:
        with read_only(database) as con:
            [[application]] = con.execute("PRAGMA application_id")
            if application != APPLICATION_ID:
                raise BuildError(f"{database}: this is no dataset of verdictlog. Name another data folder with --data")
            return known_of(con)
    except sqlite3.Error as error:
        raise BuildError(
            f"{database}: it does not say from which captures it was made ({error}), so what would be rewritten can't "
            "be separated from what is new. `verdictlog build --full` makes it anew"
        ) from error


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
            "its captures can't be separated from what would be rewritten: put it back and run this again, or let "
            "`verdictlog build` make the dataset of what is left"
        )
