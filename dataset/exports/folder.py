"""Exports into a folder: a file for each table and view, ``datapackage.json`` and ``README.md``.

All files are written to a temporary folder and moved into place at the end, the description last. So readers of the
folder only see complete files, and an export that fails or is killed leaves the files of the previous one. Files that
no export made are not overwritten; the ``datapackage.json`` in the folder lists the files that an export made.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from dataset.exports.datapackage import GUARD_RULE, PACKAGE_FILE, Facts, FileMade, citation, package, resource
from dataset.exports.parquet import write_parquet
from dataset.exports.whole import Relation, Row, batches, writer_of
from dataset.schema.metadata import ABSENT, CLAIMS, LICENSE, SUMMARY, TITLE

README_FILE = "README.md"
ASIDE = ".verdictlog-export"
"""The temporary folder, inside the folder of the export."""

Progress = Callable[[int], None]


class ExportError(Exception):
    """An export can't be made; the message says why and what to do."""


def write_table(
    con: sqlite3.Connection, of: Relation, form: str, target: Path, *, raw: bool = False, progress: Progress
) -> FileMade:
    """Write one table or view to the file `target`. `progress` gets the number of rows of each piece.

    Raises `dataset.exports.parquet.ParquetError`, `sqlite3.Error`, OSError.
    """
    if form == "parquet":
        count = write_parquet(con, of, target, progress=progress)
        with target.open("rb") as whole:
            digest = file_digest(whole, "sha256").hexdigest()
        return FileMade(target.name, count, target.stat().st_size, digest)
    count = size = 0
    running = sha256()

    def counted() -> Iterator[list[Row]]:
        nonlocal count
        for rows in batches(con, of):
            count += len(rows)
            progress(len(rows))
            yield rows

    with target.open("wb") as file:
        for piece in writer_of(form, raw=raw)(of, counted()):
            size += len(piece)
            running.update(piece)
            file.write(piece)
    return FileMade(target.name, count, size, running.hexdigest())


def export_folder(
    con: sqlite3.Connection,
    out: Path,
    relations: Sequence[Relation],
    form: str,
    *,
    raw: bool = False,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> list[FileMade]:
    """Write `relations` to files in the folder `out`, creating it if necessary, and return the files.

    `form` is one of ``csv``, ``json``, ``jsonl`` and ``parquet``; `raw` leaves cells of CSV unchanged; `force` also
    overwrites files that no export made. Files of the previous export that this one doesn't make are removed. Raises
    ExportError if other files in `out` are in the way or another export is writing to it; also as `write_table`.
    """
    names = [f"{each.name}.{form}" for each in relations]
    with _alone(out):
        ours = _made_before(out / PACKAGE_FILE) | _made_before(out / ASIDE / PACKAGE_FILE)
        _refuse_foreign(out, {*names, PACKAGE_FILE, README_FILE}, ours, force=force)
        with _aside(out) as aside:
            made = [
                write_table(con, each, form, aside / name, raw=raw, progress=progress)
                for each, name in zip(relations, names, strict=True)
            ]
            facts = Facts.of(con)
            _describe(aside, facts, relations, form, made, raw=raw)
            for name in (*names, README_FILE, PACKAGE_FILE):
                (aside / name).replace(out / name)
        for name in sorted(ours - {*names, README_FILE, PACKAGE_FILE}):
            if (out / name).is_file():
                (out / name).unlink()
    return made


def _describe(
    aside: Path, facts: Facts, relations: Sequence[Relation], form: str, made: Sequence[FileMade], *, raw: bool
) -> None:
    together = [each.name for each in relations]
    files = [resource(each, form, together, raw=raw, made=file) for each, file in zip(relations, made, strict=True)]
    described = json.dumps(package(facts, files), ensure_ascii=False, indent=1)
    (aside / PACKAGE_FILE).write_text(f"{described}\n", "utf-8")
    (aside / README_FILE).write_text(_readme(facts, relations, made, guarded=form == "csv" and not raw), "utf-8")


def _readme(facts: Facts, relations: Sequence[Relation], made: Sequence[FileMade], *, guarded: bool) -> str:
    rows = [
        f"| `{file.name}` | {file.rows:,} | {file.bytes:,} | {each.description} |"
        for each, file in zip(relations, made, strict=True)
    ]
    cells = ["## Cells", "", GUARD_RULE, "", "An empty cell is NULL.", ""] if guarded else []
    return "\n".join(
        [
            f"# {TITLE}",
            "",
            f"{SUMMARY} {CLAIMS} {ABSENT}",
            "",
            f"`{PACKAGE_FILE}` (a Frictionless Data Package) describes every file and column: types, keys, digests.",
            "",
            "## How to cite",
            "",
            f"> {citation(facts)}",
            "",
            "Two datasets with the same content hash have the same content.",
            "",
            "## Licence and source",
            "",
            f"{LICENSE}. Source: {', '.join(each.shown for each in facts.sources) or 'none'}.",
            "",
            *cells,
            "## Files",
            "",
            "| file | rows | bytes | contents |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Create the folder and lock it for one export; remove it afterwards if it is empty."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ExportError(f"{out}: this is a file, not a folder") from None
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError(f"{out}: another export is writing to this folder; wait until it is done") from None
        yield
    finally:
        with contextlib.suppress(OSError):
            out.rmdir()  # does nothing if it contains a file
        os.close(descriptor)


@contextlib.contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """Create the temporary folder, removing one that a killed export left behind."""
    aside = out / ASIDE
    if aside.is_dir():
        shutil.rmtree(aside)
    aside.mkdir()
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _made_before(description: Path) -> set[str]:
    """Return the files of the export described there; none if it doesn't describe an export of verdictlog."""
    try:
        told = json.loads(description.read_bytes())
        if "verdictlog" not in told:
            return set()
        names = {each["path"] for each in told["resources"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if isinstance(name, str) and Path(name).name == name} | {PACKAGE_FILE, README_FILE}


def _refuse_foreign(out: Path, wanted: set[str], ours: set[str], *, force: bool) -> None:
    folders = sorted(name for name in wanted if (out / name).is_dir())
    if folders:
        raise ExportError(f"{out}: {', '.join(folders)}: a folder with this name is in the way")
    foreign = sorted(name for name in wanted - ours if os.path.lexists(out / name))
    if foreign and not force:
        raise ExportError(
            f"{out}: no export made {', '.join(foreign)}; choose another folder with --out, or overwrite with --force"
        )
