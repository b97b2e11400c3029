"""The command `crawl`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verdictlog import console
from verdictlog.interrupts import INTERRUPTED
from verdictlog.options import OK, TROUBLE, USAGE, OwnData, folder_of, plain, stop

if TYPE_CHECKING:
    from crawler.fetch.crawl import CrawlReport
    from crawler.fetch.run import CrawlRun

KINDS = ("compare", "tool", "reviewer")
MEANINGS = {
    "finished": "all pages were asked for",
    "budget": "the budget is used up; the same command goes on where this one ended",
    "interrupted": "stopped; the same command goes on where this one ended",
    "wait": "the site asked for a rest",
    "robots": "robots.txt could not be had",
    "site_failing": "the site does not answer",
    "site_changed": "the site changed",
    "archive": "the archive could not be written",
    "error": "a mistake in verdictlog",
}

Only = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND", help=f"Ask only for pages of this kind: {', '.join(KINDS)}. May be repeated."),
]
Contact = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        envvar="VERDICTLOG_CONTACT",
        help="An e-mail address or url at which the site's owner can reach you. Needed for any other machine.",
    ),
]
Delay = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", min=0, help="The shortest time between two requests (at least 1, but on this machine)."
    ),
]
Budget = Annotated[int | None, typer.Option(metavar="N", min=1, help="Make at most N requests now.")]
DayBudget = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Make at most N requests to this site a day (UTC).")
]


def wanted_kinds(only: list[str] | None) -> tuple[str, ...]:
    """The kinds of page that `only` leaves. Ends the command where one of them is none."""
    unknown = sorted(set(only or ()) - set(KINDS))
    if unknown:
        stop(f"--only {unknown[0]}: there is no such kind of page; choose from {', '.join(KINDS)}", USAGE)
    return tuple(kind for kind in KINDS if not only or kind in only)


def crawl_command(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="A site's root, a sitemap, or single pages.")],
    only: Only = None,
    contact: Contact = None,
    delay: Delay = None,
    budget: Budget = None,
    day_budget: DayBudget = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long one answer may take.", show_default=True)
    ] = 60,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew, even where a run was left unfinished.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask for the site's map only, and tell what a crawl would take.")
    ] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Go on though the site's pages show less than they used to.")
    ] = False,
    items: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what each page says to FILE (.jsonl, .json or .csv).")
    ] = None,
    data: OwnData = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line: events, at last the sum.")
    ] = False,
) -> None:
    """Fetch a site's pages into the archive, politely.

    One request at a time, a second or more apart, as robots.txt allows. Every answer is kept as it came. A crawl that
    was stopped or killed less than a day ago is gone on with. Exit code 1 where a person must see to something.

    \b
    Examples:
      verdictlog crawl https://site.example/ --contact you@example.org
      verdictlog crawl https://site.example/ --dry-run
      verdictlog crawl https://site.example/sitemap.xml --only compare --budget 500
    """  # noqa: D301
    from crawler.archive import ArchiveError  # noqa: PLC0415
    from crawler.fetch.crawl import crawl  # noqa: PLC0415
    from crawler.fetch.options import CrawlError, CrawlOptions  # noqa: PLC0415

    kinds = wanted_kinds(only)
    if items is not None and items.suffix not in FEED_FORMATS:
        stop(f"--items {items}: the name must end in {', '.join(FEED_FORMATS)}", USAGE)
    options = CrawlOptions(
        urls=tuple(urls),
        data=folder_of(context, data),
        kinds=kinds,
        delay=delay,
        budget=budget,
        day_budget=day_budget,
        contact=contact,
        timeout=timeout,
        fresh=fresh,
        dry_run=dry_run,
        accept_changes=accept_changes,
        command="crawl",
    )
    feeds = {items.absolute().as_uri(): {"format": FEED_FORMATS[items.suffix], "overwrite": True}} if items else {}
    try:
        options.site()
        with console.line() as line:
            report = crawl(
                options,
                listener=_json_event if json else tell_event,
                index_progress=lambda done: line(f"looking through the archive: {done:,} records"),
                watch=lambda run: line(tell_progress(run)),
                settings={"FEEDS": feeds} if feeds else {},
            )
    except CrawlError as error:
        stop(error, USAGE)
    except ArchiveError as error:
        stop(error)
    if json:
        console.print_json_line({"event": "end", **plain(report), "waiting": report.waiting_by_kind})
    else:
        _tell(report, dry_run=dry_run)
    if report.reason == "interrupted":
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(OK if report.all_is_well else TROUBLE)


FEED_FORMATS = {".jsonl": "jsonlines", ".json": "json", ".csv": "csv"}


def _json_event(event: str, facts: Mapping[str, object]) -> None:
    console.print_json_line({"event": event, **facts})


def tell_event(event: str, facts: Mapping[str, object]) -> None:
    """Tell people of what they may want to know at once."""
    match event:
        case "resumed":
            console.note(
                f"going on with a crawl of {facts['started_at']}: {facts['pages']:,} answers are there already"
            )
        case "robots":
            delay = facts["crawl_delay"]
            console.note(
                f"robots.txt: {facts['status']}" + (f", asks for {delay:g} seconds between requests" if delay else "")
            )
        case "waiting":
            console.warn(f"{facts['url']}: {facts['why']}; waiting {facts['seconds']:g} seconds")
        case "gave_up":
            console.warn(f"{facts['url']}: {facts['why']}; left out")
        case "bad_sitemap":
            console.warn(f"{facts['url']}: {facts['why']}; what could be read of it is used")


def _duration(seconds: float) -> str:
    """`seconds` as people say it."""
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86400
    if days >= 2:
        return f"{days:.1f} days"
    if hours >= 2:
        return f"{hours:.1f} hours"
    if minutes >= 2:
        return f"{minutes:.0f} minutes"
    return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"


def tell_progress(run: CrawlRun) -> str:
    """The line of progress."""
    now = run.progress()
    parts = [f"{now.requests:,} asked", f"{now.queued:,} queued", f"{now.parsed:,} parsed"]
    parts += [f"{now.failed:,} failed"] if now.failed else []
    parts += [f"{now.unchanged:,} unchanged"] if now.unchanged else []
    parts += [f"every {now.delay:.1f} s", f"{_duration(now.queued * now.delay)} left"]
    parts += [f"waiting {now.waiting:.0f} s"] if now.waiting > 5 else []
    return " · ".join(parts)


def _tell(report: CrawlReport, *, dry_run: bool) -> None:
    """The table at the end."""
    count = report.counters.get
    for tail in report.torn:
        console.warn(str(tail))
    if dry_run:
        _tell_plan(report)
        return
    rows: list[list[object]] = [
        ["requests", count("requests", 0)],
        ["200", count("responses_200", 0)],
        ["304 not modified", count("responses_304", 0)],
        ["redirects", count("responses_3xx", 0)],
        ["4xx", count("responses_4xx", 0)],
        ["5xx", count("responses_5xx", 0)],
        ["no answer", count("no_answer", 0)],
        ["tried again", count("retries", 0)],
        ["disallowed by robots.txt", count("disallowed", 0)],
        ["bytes", count("bytes", 0)],
        ["pages read", count("pages_parsed", 0)],
        ["pages that can't be read", count("pages_failed", 0)],
        ["unchanged since last time", count("unchanged", 0)],
        ["left out", len(report.gave_up)],
        ["still to be asked for", len(report.waiting)],
    ]
    shown = [row for row in rows if row[1] or row[0] in ("requests", "pages read")]
    console.table(f"{report.source}: {MEANINGS[report.reason]}", ["", "count"], shown)
    if report.delay_kept is not None:
        console.note(f"shortest time between two requests: {report.delay_kept:.2f} s")
    if report.reason in ("finished", "budget"):
        if report.reason_text:
            console.note(report.reason_text)
    elif report.reason != "interrupted":
        console.complain(report.reason_text or MEANINGS[report.reason])
    console.note("next: verdictlog build")


def _tell_plan(report: CrawlReport) -> None:
    kinds = report.waiting_by_kind
    rows: list[list[object]] = [[kind, number] for kind, number in kinds.items()]
    rows.append(["all", sum(kinds.values())])
    console.table(f"{report.source}: a crawl would ask for", ["kind", "pages"], rows)
    console.say(
        f"at one request every {report.delay:g} seconds that takes {_duration(sum(kinds.values()) * report.delay)}, "
        "and more where pages link to pages that the site's map leaves out"
    )
    if report.reason not in ("finished", "budget"):
        console.complain(report.reason_text or MEANINGS[report.reason])
