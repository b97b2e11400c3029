"""The command `changes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.options import OK, TROUBLE, USAGE, Json, OwnData, folder_of, moment, plain, stop

if TYPE_CHECKING:
    from sqlite3 import Connection

    from dataset.asking.lookup import Named
    from dataset.asking.reading_changes import ChangeSeen, Shown, Wanted
    from dataset.telling.told import Retracted


def changes_command(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME|run",
            help="Only changes seen at this time or later; run: what the last `run` told, and later.",
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only changes of this kind (verdict_flip, score, …). May be repeated."),
    ] = None,
    tool: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only changes of this tool, under all its listings: its name or any id. May be repeated.",
        ),
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Only changes of which the order of old and new is known for sure.")
    ] = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the N newest.")] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="How to write them: text, json, or atom (a feed).")
    ] = "text",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them to FILE; it is left alone where nothing changed.")
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="Send those not sent there before, through apprise (an extra). May be repeated."
        ),
    ] = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Tell what changed, between which two times, and which two captures show it.

    The newest change comes first. Of long texts only the words that differ are shown, as [-old-] and {+new+}. With
    --notify each change is sent once to each address, and one that turns out to be none is sent once as retracted; exit
    code 1 where a receiver fails, and the next time sends it what is missing.

    \b
    Examples:
      verdictlog changes --since 2026-11-01 --kind verdict_flip
      verdictlog changes --tool Fernway --confirmed --json
      verdictlog changes --kind verdict_flip --format atom --out flips.atom
      verdictlog changes --kind verdict_flip --confirmed --notify json://127.0.0.1:8080/alerts
    """  # noqa: D301
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415
    from dataset.asking.reading_changes import Wanted, changes_wanted, count_wanted  # noqa: PLC0415

    form = "json" if json else form
    if form not in FORMATS:
        stop(f"--format {form}: there is no such format; choose from {', '.join(FORMATS)}", USAGE)
    check_kinds(kind)
    folder = folder_of(context, data)
    since_time = moment(since, "--since") if since and since != "run" else None
    try:
        with opened(folder) as con:
            tools = tools_meant(con, tool)
            listings = None if tools is None else tuple(each.listing_id for each in tools)
            ids = since_run(folder, con) if since == "run" else None
            wanted = Wanted(since_time, tuple(kind or ()), listings, confirmed, ids)
            if notify:
                raise typer.Exit(_alert(folder, con, notify, wanted, json=form == "json"))
            if form == "atom":
                _put_out(_feed(con, wanted, tool or [], limit), out)
                raise typer.Exit(OK)
            found = list(changes_wanted(con, wanted, limit=limit))
            total = len(found) if limit is None else count_wanted(con, wanted)
    except DatasetError as error:
        stop(error)
    if form == "json":
        text = console.json_text({"changes": plain(found)})
    else:
        text = "".join(f"{console.plain(line)}\n" for line in change_lines(found))
    _put_out(text.encode("utf-8"), out)
    if not found:
        console.note("no changes" + (" of that kind, listing or time" if wanted != Wanted() else " yet"))
    elif total > len(found):
        console.note(f"the newest {len(found):,} of {total:,}")
    raise typer.Exit(OK)


FORMATS = ("text", "json", "atom")


def _feed(con: Connection, wanted: Wanted, tools: list[str], limit: int | None) -> bytes:
    from dataset.telling.feeds import feed_of  # noqa: PLC0415

    return feed_of(con, wanted, tools=tools, limit=limit)


def _put_out(content: bytes, out: Path | None) -> None:
    """Write `content` to standard output, or to the file `out` unless that holds it already."""
    from crawler.plain_files import what_else  # noqa: PLC0415

    if out is None:
        console.print_bytes(content)
        return
    found = what_else(out)
    if found is not None:
        stop(f"--out {out}: {found} lies there; name a file, or write to standard output without --out")
    try:
        if out.is_file() and out.read_bytes() == content:
            return
        aside = out.with_name(f".{out.name}.writing")
        aside.write_bytes(content)
        aside.replace(out)
    except OSError as error:
        stop(f"--out {out}: can't be written ({error.strerror or error})")


def _alert(folder: Path, con: Connection, addresses: list[str], wanted: Wanted, *, json: bool) -> int:
    """Send to each of `addresses` what was not sent there; the exit code."""
    from dataset.building.lock import BuildError, Busy, alert_lock  # noqa: PLC0415
    from dataset.readings.times import utc_text  # noqa: PLC0415
    from dataset.telling.alerts import AlertError, alert, receiver  # noqa: PLC0415
    from dataset.telling.told import MemoryLostError, remembered  # noqa: PLC0415

    try:
        receivers = [(address, receiver(address)) for address in addresses]
    except AlertError as error:
        stop(f"--notify: {error}", USAGE)
    code, told = OK, []
    try:
        with alert_lock(folder), remembered(folder) as memory:
            for address, send in receivers:
                try:
                    sent = alert(con, memory, address, send, wanted, lambda: utc_text(utc_now()))
                except AlertError as error:
                    console.complain(f"{error}; what is missing is sent the next time")
                    code = TROUBLE
                else:
                    told.append(plain(sent))
    except (Busy, BuildError, MemoryLostError) as error:
        stop(error)
    if json:
        console.print_json({"sent": told})
    else:
        for each in told:
            console.say(
                f"sent {each['changes']:,} changes and {each['retracted']:,} retractions "
                f"in {each['messages']:,} messages"
            )
    return code


def check_kinds(kinds: list[str] | None) -> None:
    """End the command where one of `kinds` is no kind of change."""
    from dataset.schema.history import CHANGE_KINDS  # noqa: PLC0415

    unknown = sorted(set(kinds or ()) - set(CHANGE_KINDS))
    if unknown:
        stop(f"--kind {unknown[0]}: there is no such kind of change; choose from {', '.join(CHANGE_KINDS)}", USAGE)


def since_run(folder: Path, con: Connection) -> list[str]:
    """The ids of the changes that the last `run` told of, and of those that none told yet."""
    from dataset.telling.told import RUN, MemoryLostError, last_run, remembered  # noqa: PLC0415

    if last_run(folder) is None:
        stop("--since run: there was no `verdictlog run` in this data folder yet; name a time", USAGE)
    try:
        with remembered(folder) as memory:
            return [*(memory.told_last() or ()), *(each.change_id for each in memory.news(RUN, con).changes)]
    except MemoryLostError as error:
        stop(error)


def tools_meant(con: Connection, tools: list[str] | None) -> list[Named] | None:
    """All listings of the tools that are named, None where none is. Ends the command at an unknown name."""
    from dataset.asking.lookup import NoSuchListingError  # noqa: PLC0415
    from dataset.asking.lookup import tools_meant as listings_of_tools  # noqa: PLC0415

    if tools is None:
        return None
    try:
        return listings_of_tools(con, tools)
    except NoSuchListingError as error:
        stop(f"--tool: {error}", USAGE)


def change_lines(changes: Iterable[ChangeSeen]) -> Iterator[str]:
    """`changes` by listing, with the captures that show them, line by line."""
    from dataset.telling import telling  # noqa: PLC0415

    for number, group in enumerate(telling.by_listing(changes)):
        if number:
            yield ""
        yield f"{telling.name_of(group[0])}  ({group[0].listing_id})"
        for between in telling.by_captures(group):
            for change in between:
                yield f"  {telling.line(change)}"
                if words := telling.quoted(change):
                    yield f"    {words}"
            yield f"    before  {_capture(between[0].before)}"
            yield f"    after   {_capture(between[0].after)}"


def tell_retracted(retracted: Iterable[Retracted]) -> None:
    """Print changes that were told before and are none any more."""
    from dataset.telling import telling  # noqa: PLC0415

    for number, each in enumerate(retracted):
        if number == 0:
            console.say("")
            console.say("told before, and no longer so, as older captures came in between:")
        console.say(f"  {telling.name_of(each)}  ({each.listing_id}): {telling.line(each)}")


def _capture(shown: Shown) -> str:
    status = f"  ({shown.http_status})" if shown.http_status not in (None, 200, 304) else ""
    return f"{shown.capture_id}  {shown.observed_at}  {shown.url or 'a file without url'}{status}"
