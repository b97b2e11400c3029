"""The command `export`."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verdictlog import console
from verdictlog.options import OK, USAGE, Json, OwnData, folder_of, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from sqlite3 import Connection

    from dataset.exports.folder import Progress
    from dataset.exports.whole import Relation, Row

FORMATS = ("csv", "json", "jsonl", "parquet")
PATIENCE = 2.0
"""Seconds after which an export shows how far it is."""


def export_command(
    context: typer.Context,
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this table or view. May be repeated.  [default: all for people]"),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")] = "csv",
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="The folder to write to; without it, or with -, one table goes to the output."
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Leave cells of CSV as they are, also those that a spreadsheet would run.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files of these names that no export has made.")
    ] = False,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Write whole tables and views to files, or one of them to standard output.

    Without --table these are all that are meant for people; a hidden one can be named. A folder also gets a
    description for programs (datapackage.json) and for people (README.md). The same dataset gives the same bytes.

    In CSV, a text that a spreadsheet could take for a formula (it begins with =, +, -, @, tab or a line break) has an
    apostrophe before it, and so has one that begins with an apostrophe; numbers are untouched. --raw leaves it out.

    \b
    Examples:
      verdictlog export --out verdicts/
      verdictlog export --format parquet --out verdicts/ --table listings --table reviews
      verdictlog export --table changes --format jsonl | gzip > changes.jsonl.gz
    """  # noqa: D301
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415
    from dataset.exports.folder import ExportError, export_folder  # noqa: PLC0415
    from dataset.exports.parquet import ParquetError  # noqa: PLC0415
    from dataset.exports.whole import NoSuchTableError, for_people, relation  # noqa: PLC0415

    if form not in FORMATS:
        stop(f"--format {form}: there is no such format; choose from {', '.join(FORMATS)}", USAGE)
    if raw and form != "csv":
        stop("--raw: only CSV has cells to leave as they are; the other formats always hold texts as they are", USAGE)
    try:
        relations = [relation(name) for name in dict.fromkeys(table)] if table else list(for_people())
    except NoSuchTableError as error:
        stop(f"--table: {error}", USAGE)
    folder = None if out in (None, "-") else Path(str(out))
    if folder is None and len(relations) > 1:
        stop("standard output takes one table: name it with --table, or a folder with --out", USAGE)
    if folder is None and json:
        stop("--json: it tells which files were written; name the folder for them with --out", USAGE)
    if folder is None and form == "parquet" and sys.stdout.isatty():
        stop("Parquet is no text to read: send it to a file or a program, or name a folder with --out", USAGE)
    try:
        with opened(folder_of(context, data), any_thread=True) as con, console.bar("exporting", after=PATIENCE) as bar:
            progress = _counter(con, relations, bar)
            if folder is None:
                _print(con, relations[0], form, raw=raw, progress=progress)
                raise typer.Exit(OK)
            made = export_folder(con, folder, relations, form, raw=raw, force=force, progress=progress)
    except (DatasetError, ExportError, ParquetError) as error:
        stop(error)
    rows, size = sum(each.rows for each in made), sum(each.bytes for each in made)
    if json:
        files = [asdict(each) for each in made]
        console.print_json({"folder": str(folder), "format": form, "files": files, "rows": rows, "bytes": size})
        return
    console.say(f"{folder}: {len(made):,} files, {rows:,} rows, {size / 1e6:,.1f} MB")


def _counter(con: Connection, relations: Sequence[Relation], bar: console.Bar) -> Progress:
    """What feeds the bar; it knows the total where there are only tables, which are quick to count."""
    from dataset.schema.tables import Table  # noqa: PLC0415

    total = None
    if all(isinstance(each, Table) for each in relations):
        counts = [con.execute(f'SELECT count(*) FROM "{each.name}"').fetchone()[0] for each in relations]  # noqa: S608
        total = sum(counts)
    done = 0

    def more(rows: int) -> None:
        nonlocal done
        done += rows
        bar.to(done, total)

    return more


def _print(con: Connection, of: Relation, form: str, *, raw: bool, progress: Progress) -> None:
    from dataset.exports.parquet import parquet_pieces  # noqa: PLC0415
    from dataset.exports.whole import batches, writer_of  # noqa: PLC0415

    if form == "parquet":
        with closing(parquet_pieces(con, of, progress=progress)) as pieces:
            for piece in pieces:
                console.print_stream(piece)
        return

    def counted() -> Iterator[list[Row]]:
        for rows in batches(con, of):
            progress(len(rows))
            yield rows

    for piece in writer_of(form, raw=raw)(of, counted()):
        console.print_stream(piece)
