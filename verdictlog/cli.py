"""The `verdictlog` command: each subcommand calls one room and prints what it did.

Exit codes: 0 all is well; 1 something went wrong that a person should see (the rest was still done); 2 wrong usage.
"""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from crawler.archive import Archive, ArchiveBusy, ArchiveError
from crawler.imports import ImportEvent, ImportReport, UsageError, import_paths
from crawler.verify import VerifyEvent
from crawler.verify import verify as verify_archive
from dataset.build import ARCHIVE, BuildBusy, BuildError, BuildReport
from dataset.build import build as build_dataset
from dataset.status import status as status_of
from verdictlog import console

OK, TROUBLE, USAGE = 0, 1, 2
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""

app = typer.Typer(
    name="verdictlog",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 102},
)

DATA_HELP = "The data folder, with the archive and the dataset.  [default: ./data]"
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", envvar="VERDICTLOG_DATA", show_envvar=True, help=DATA_HELP, show_default=False
    ),
]
# Without the variable: else it would outdo a --data that stands before the command.
OwnData = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help=f"{DATA_HELP}  [env var: VERDICTLOG_DATA]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for other programs.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        console.say(f"verdictlog {version('verdictlog')}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    data: Data = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Keep pages of AI-tool verdicts as evidence, and make a dataset of them that can be searched and cited.

    \b
    A first look:
      verdictlog import saved-pages/ --captured-at 2026-11-19T00:00:00Z
      verdictlog build
      verdictlog serve

    Exit codes: 0 all is well; 1 something went wrong that a person should see (the rest was still done);
    2 wrong usage.
    """  # noqa: D301  (\b is click's sign to keep the lines below as they are)
    context.obj = data


def _folder(context: typer.Context, data: Path | None) -> Path:
    return data or context.obj or Path("data")


def _now() -> datetime:
    return datetime.now(UTC)


def _stop(message: object, code: int = TROUBLE) -> NoReturn:
    console.complain(str(message))
    raise typer.Exit(code)


@app.command("import")
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
    folder = _folder(context, data)
    try:
        with console.bar("importing") as bar:

            def progress(event: ImportEvent) -> None:
                bar.to(event.inputs_done, event.inputs)

            report = import_paths(
                Archive(folder / ARCHIVE), paths, captured_at=captured_at, url=url, clock=_now, progress=progress
            )
    except UsageError as error:
        _stop(error, USAGE)
    except (ArchiveBusy, ArchiveError) as error:
        _stop(error)
    if json:
        console.print_json(_plain(report))
    else:
        _tell_import(report, folder)
    raise typer.Exit(TROUBLE if report.failures else OK)


def _tell_import(report: ImportReport, folder: Path) -> None:
    for tail in report.torn:
        console.warn(str(tail))
    for text in report.notes:
        console.note(f"note: {text}")
    for failure in report.failures:
        console.complain(f"{failure.path}: {failure.message}")
    parts = [f"{report.added:,} added", f"{report.already_there:,} already there"]
    parts += [f"{report.skipped:,} passed over"] if report.skipped else []
    parts += [f"{len(report.failures):,} failed"] if report.failures else []
    console.say(f"imported into {folder / ARCHIVE}: " + ", ".join(parts))
    if report.added:
        console.note("next: verdictlog build")


@app.command("build")
def build_command(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Make the dataset anew from the whole archive.")] = False,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Bring the dataset up to date with the archive.

    Reads what is new; whoever has the dataset open sees the old one until the new one is whole. Exit code 1 where
    the dataset holds problems of severity error: data was lost, or a person must act.

    \b
    Examples:
      verdictlog build
      verdictlog build --full --json
    """  # noqa: D301
    folder = _folder(context, data)
    try:
        with console.bar("building") as bar:
            done: dict[str, int] = {}

            def progress(stage: str, more: int) -> None:
                done[stage] = done.get(stage, 0) + more
                bar.to(done[stage], None, stage)

            report = build_dataset(folder, full=full, clock=_now, progress=progress)
    except (BuildBusy, BuildError, ArchiveError) as error:
        _stop(error)
    if json:
        console.print_json(_plain(report))
    else:
        _tell_build(report)
    raise typer.Exit(TROUBLE if report.problems.get("error") else OK)


def _tell_build(report: BuildReport) -> None:
    for tail in report.torn:
        console.warn(str(tail))
    if not report.changed:
        console.say(f"{report.database}: nothing new in the archive, nothing to do")
    else:
        if report.rebuilt_because:
            console.note(f"built from the whole archive: {report.rebuilt_because}")
        read = ", ".join(f"{count:,} {status}" for status, count in sorted(report.statuses.items()))
        console.say(f"{report.database}: {report.captures:,} new captures" + (f" ({read})" if read else ""))
    counts = [f"{count:,} {severity}" for severity, count in report.problems.items() if count]
    if counts:
        console.note(f"open problems: {', '.join(counts)}; see verdictlog status, or the table problems")


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")] = 8001,
    base_url: Annotated[
        str, typer.Option(metavar="PATH", help="The path that a proxy in front serves it under.")
    ] = "/",
    data: OwnData = None,
) -> None:
    """Open the dataset in Datasette. A new build shows at once, without a restart.

    \b
    Examples:
      verdictlog serve
      verdictlog serve --port 9000 --data /srv/verdicts
    """  # noqa: D301
    from dataset.serve import serve as serve_dataset  # noqa: PLC0415  (Datasette takes a second to import)

    raise typer.Exit(serve_dataset(_folder(context, data), host, port, base_url=base_url))


@app.command()
def status(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Tell what is in the archive and the dataset, the newest capture, and open problems.

    Exit code 1 where an open problem has severity error.

    \b
    Examples:
      verdictlog status
      verdictlog status --json | jq .dataset.newest_capture
    """  # noqa: D301
    folder = _folder(context, data)
    try:
        found = status_of(folder)
    except ArchiveError as error:
        _stop(error)
    dataset: dict[str, Any] | None = found["dataset"]
    if json:
        console.print_json(found)
    else:
        _tell_status(found)
    unreadable = dataset is not None and "unreadable" in dataset
    errors = dataset is not None and not unreadable and dataset["problems"]["error"]["count"]
    raise typer.Exit(TROUBLE if unreadable or errors else OK)


def _tell_status(found: dict[str, Any]) -> None:
    archive, dataset = found["archive"], found["dataset"]
    console.say(f"data folder  {found['folder']}")
    console.say(f"archive      {archive['files']:,} files, {archive['bytes'] / 1e6:,.1f} MB")
    if dataset is None:
        console.say("dataset      none yet; next: " + ("verdictlog build" if archive["files"] else "verdictlog import"))
        return
    if "unreadable" in dataset:
        console.complain(dataset["unreadable"])
        return
    if archive["unbuilt_bytes"]:
        console.warn(
            f"{archive['unbuilt_bytes']:,} bytes of the archive are not in the dataset; next: verdictlog build"
        )
    console.say(f"newest page  {dataset['newest_capture'] or '-'}")
    run = dataset["last_run"]
    if run:
        console.say(f"last run     {run['started_at']}  {run['outcome']}  {run['command']}")
    console.say("")
    kinds = sorted(dataset["captures"].items())
    statuses = ("ok", "incomplete", "failed", "ignored")
    console.table("captures", ["kind", *statuses], [[kind, *(by.get(s, 0) for s in statuses)] for kind, by in kinds])
    console.say("")
    console.table("rows", ["table", "count"], list(dataset["rows"].items()))
    for severity, problems in dataset["problems"].items():
        if problems["count"]:
            console.say("")
            rows = [[p["code"], p["occurrences"], p["message"]] for p in problems["first"]]
            console.table(f"{severity}: {problems['count']:,} open", ["code", "times", "message"], rows)


@app.command()
def verify(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Check every byte of the archive: digests, lengths, offsets, torn files.

    Changes nothing. Exit code 1 where something is damaged or doubtful.

    \b
    Example:
      verdictlog verify --data /srv/verdicts
    """  # noqa: D301
    folder = _folder(context, data)
    if not (folder / ARCHIVE).is_dir():
        _stop(f"{folder / ARCHIVE}: there is no archive here. Name the data folder with --data", USAGE)
    try:
        with console.bar("verifying") as bar:

            def progress(event: VerifyEvent) -> None:
                bar.to(event.files_done, event.files, f"verifying {event.file}")

            report = verify_archive(Archive(folder / ARCHIVE), progress)
    except ArchiveError as error:
        _stop(error)
    if json:
        console.print_json(_plain(report))
    else:
        for finding in report.findings:
            place = finding.file if finding.offset is None else f"{finding.file} at {finding.offset:,}"
            console.say(f"{finding.severity}: {place}: {finding.message}")
        verdict = "all is well" if report.ok else "see above"
        console.say(f"{report.files:,} files, {report.records:,} records, {report.bytes:,} bytes: {verdict}")
    raise typer.Exit(OK if report.ok else TROUBLE)


def _plain(value: Any) -> Any:
    """A report as plain values that JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def main() -> None:
    """Run the command line. Ctrl-C, a closed pipe and a full disk behind standard output end it without a fuss."""
    console.prepare()
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            console.note("stopped")
        raise
    except KeyboardInterrupt:
        console.note("stopped")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        console.close_output()
        sys.exit(TROUBLE)
    except OSError as error:
        reason = error.strerror or str(error)
        where = error.filename or "standard output"
        console.complain(f"{where}: {reason}")
        if error.filename is None:
            console.close_output()
        sys.exit(TROUBLE)
