"""The commands that deal with the dataset: `build`, `serve` and `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from verdictlog import console
from verdictlog.options import OK, TROUBLE, USAGE, Json, OwnData, folder_of, plain, stop

if TYPE_CHECKING:
    from dataset.building.build import BuildReport


def build_command(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Read all pages of the archive again.")] = False,
    allow_loss: Annotated[
        bool,
        typer.Option("--allow-loss", help="Publish even where the archive has lost captures of the present dataset."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Publish nothing: show what this version would rewrite in the dataset.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="With --diff: so many examples of each kind (5; with --json all)."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="With --diff: not examples, but all.")] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Read the pages on the Dask cluster whose scheduler is at this address (tcp://host:8786).",
        ),
    ] = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Bring the dataset up to date with the archive.

    Reads the pages that are new, and derives a new dataset from all of them; whoever has the dataset open sees the
    old one until the new one is whole. Exit code 1 where the dataset holds problems of severity error: data was
    lost, or a person must act. Where captures of the present dataset are no longer in the archive (is a disk not
    mounted?), nothing is published without --allow-loss.

    With --diff the dataset stays as it is. A second one is derived by the present parser and rules from the captures
    that it was made from, and what differs is shown, apart from what newer captures bring. With --json each value is
    a line of its own, and the last line sums up. Exit codes: 0 nothing would be rewritten; 3 something would; 1 it
    can't be told.

    \b
    Examples:
      verdictlog build
      verdictlog build --full --json
      verdictlog build --diff --limit 20
      verdictlog build --full --dask tcp://10.0.0.5:8786
    """  # noqa: D301
    from crawler.archive import ArchiveError  # noqa: PLC0415
    from dataset.building.build import BuildBusy, BuildError  # noqa: PLC0415
    from dataset.building.build import build as build_dataset  # noqa: PLC0415

    folder = folder_of(context, data)
    if diff:
        from verdictlog.build_diff import show_rewrites  # noqa: PLC0415

        others = {
            "--full": full,
            "--dask": dask is not None,
            "--allow-loss": allow_loss,
            "both --all and --limit": everything and limit is not None,
        }
        for other, is_given in others.items():
            if is_given:
                stop(f"--diff: it can't go together with {other}", USAGE)
        raise typer.Exit(show_rewrites(folder, None if everything else limit, everything=everything, json=json))
    if everything or limit is not None:
        stop(f"{'--all' if everything else '--limit'}: it says how much --diff shows; name that too", USAGE)
    try:
        with console.bar("building") as bar:
            report = build_dataset(folder, full=full, allow_loss=allow_loss, progress=console.stages(bar), dask=dask)
    except (BuildBusy, BuildError, ArchiveError) as error:
        stop(error)
    if json:
        console.print_json(plain(report))
    else:
        _tell_build(report)
    raise typer.Exit(TROUBLE if report.problems.get("error") or report.strays else OK)


def _tell_build(report: BuildReport) -> None:
    for tail in report.torn:
        console.warn(str(tail))
    for stray in report.strays:
        console.complain(f"the archive: {stray}")
    if report.cache_refilled_because:
        console.note(f"cache.db was damaged ({report.cache_refilled_because}): all pages were read again")
    if report.judged_anew:
        console.note("the judgements of people are others than before: they were applied")
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


def serve_command(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")] = 8001,
    base_url: Annotated[
        str, typer.Option(metavar="PATH", help="The path that a proxy in front serves it under.")
    ] = "/",
    robots: Annotated[
        str, typer.Option(metavar="WORD", help="Whether search engines may list it: allow or block.")
    ] = "allow",
    data: OwnData = None,
) -> None:
    """Open the dataset in Datasette. A new build shows at once, without a restart.

    \b
    Examples:
      verdictlog serve
      verdictlog serve --port 9000 --data /srv/verdicts
      verdictlog serve --base-url /verdicts/ --robots block
    """  # noqa: D301
    from dataset.serving.serve import serve as serve_dataset  # noqa: PLC0415
    from dataset.serving.web_headers import ROBOTS  # noqa: PLC0415

    if robots not in ROBOTS:
        stop(f"--robots {robots}: there is no such choice; choose from {', '.join(ROBOTS)}", USAGE)
    folder = folder_of(context, data)
    code = serve_dataset(
        folder, host, port, base_url=base_url, robots=robots, say=console.say, complain=console.complain
    )
    raise typer.Exit(code)


def status_command(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Tell what is in the archive and the dataset, the newest capture, and open problems.

    Exit code 1 where an open problem has severity error.

    \b
    Examples:
      verdictlog status
      verdictlog status --json | jq .dataset.newest_capture
    """  # noqa: D301
    from crawler.archive import ArchiveError  # noqa: PLC0415
    from dataset.asking.status import status as status_of  # noqa: PLC0415

    folder = folder_of(context, data)
    try:
        found = status_of(folder)
    except ArchiveError as error:
        stop(error)
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
    if found["scheduled"] is not None:
        _tell_scheduled(found["scheduled"])
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


def _tell_scheduled(run: dict[str, Any]) -> None:
    """The line about the last ``verdictlog run``."""
    if run["exit_code"] is None:
        outcome = "at work, or died before its end"
    else:
        outcome = f"exit code {run['exit_code']}"
        if run["changes"] is not None:
            outcome += f", {run['changes']:,} changes told"
        if run["message"]:
            outcome += f": {run['message']}"
    console.say(f"last `run`   {run['started_at']}  {outcome}")
