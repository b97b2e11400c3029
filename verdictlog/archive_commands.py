"""The commands that deal with the archive: `import` and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.options import OK, TROUBLE, USAGE, Json, OwnData, folder_of, plain, stop

if TYPE_CHECKING:
    from crawler.imports import ImportEvent, ImportReport
    from crawler.verify import VerifyEvent


def import_command(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, folders, manifest.jsonl, WARC, WET.")],
    captured_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the pages were captured, for files that do not say it themselves."),
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The url of a page, for a single file.")] = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Put captured pages into the archive.

    A capture that is there already is not added again. A manifest is a file of JSON lines with the keys file, url,
    captured_at and content_type.

    \b
    Examples:
      verdictlog import captures/manifest.jsonl
      verdictlog import crawl-2026.warc.gz old-crawls/
      verdictlog import page.html --url https://site.example/tool/x --captured-at 2026-11-19T00:00:00Z
    """  # noqa: D301
    from crawler.archive import ARCHIVE, Archive, ArchiveBusy, ArchiveError  # noqa: PLC0415
    from crawler.imports import UsageError, import_paths  # noqa: PLC0415

    folder = folder_of(context, data)
    try:
        with console.bar("importing") as bar:

            def progress(event: ImportEvent) -> None:
                bar.to(event.inputs_done, event.inputs)

            report = import_paths(
                Archive(folder / ARCHIVE), paths, captured_at=captured_at, url=url, clock=utc_now, progress=progress
            )
    except UsageError as error:
        stop(error, USAGE)
    except (ArchiveBusy, ArchiveError) as error:
        stop(error)
    if json:
        console.print_json(plain(report))
    else:
        _tell_import(report, folder / ARCHIVE)
    raise typer.Exit(TROUBLE if report.failures or report.strays else OK)


def _tell_import(report: ImportReport, archive: Path) -> None:
    for tail in report.torn:
        console.warn(str(tail))
    for stray in report.strays:
        console.complain(f"{archive / stray.file}: {stray.reason}")
    for text in report.notes:
        console.note(f"note: {text}")
    for failure in report.failures:
        console.complain(f"{failure.path}: {failure.message}")
    parts = [f"{report.added:,} added", f"{report.already_there:,} already there"]
    parts += [f"{report.skipped:,} passed over"] if report.skipped else []
    parts += [f"{len(report.failures):,} failed"] if report.failures else []
    console.say(f"imported into {archive}: " + ", ".join(parts))
    if report.added:
        console.note("next: verdictlog build")


def verify_command(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Check every byte of the archive: digests, lengths, offsets, torn files.

    Changes nothing. Exit code 1 where something is damaged or doubtful.

    \b
    Example:
      verdictlog verify --data /srv/verdicts
    """  # noqa: D301
    from crawler.archive import ARCHIVE, Archive, ArchiveError  # noqa: PLC0415
    from crawler.verify import verify as verify_archive  # noqa: PLC0415

    folder = folder_of(context, data)
    if not (folder / ARCHIVE).is_dir():
        stop(f"{folder / ARCHIVE}: there is no archive here. Name the data folder with --data", USAGE)
    try:
        with console.bar("verifying") as bar:

            def progress(event: VerifyEvent) -> None:
                bar.to(event.files_done, event.files, f"verifying {event.file}")

            report = verify_archive(Archive(folder / ARCHIVE), progress)
    except ArchiveError as error:
        stop(error)
    if json:
        console.print_json(plain(report))
    else:
        for finding in report.findings:
            place = finding.file if finding.offset is None else f"{finding.file} at {finding.offset:,}"
            console.say(f"{finding.severity}: {place}: {finding.message}")
        verdict = "all is well" if report.ok else "see above"
        console.say(f"{report.files:,} files, {report.records:,} records, {report.bytes:,} bytes: {verdict}")
    raise typer.Exit(OK if report.ok else TROUBLE)
