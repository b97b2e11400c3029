"""The command `evidence`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from verdictlog import console
from verdictlog.options import OK, USAGE, Json, OwnData, folder_of, stop

if TYPE_CHECKING:
    from dataset.asking.evidence import CaptureRead, ChangeRead, Read


def evidence_command(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="CAPTURE|CHANGE", help="The id of a capture or of a change.")],
    field: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Only this column of listings or reviews; for a capture.")
    ] = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Show the very words on an archived page from which values were read, and where they stand.

    A place is the number of the block on the page, the signs from and to in the page's text as it is read (blocks
    parted by line breaks), and in HTML the elements around it. Where it can't be told for sure, that is said.

    \b
    Examples:
      verdictlog evidence d6dc38fe4e80cc6b --field panel_verdict
      verdictlog evidence 0e1bc0922003e4f6
    """  # noqa: D301
    from dataclasses import asdict  # noqa: PLC0415

    from crawler.items import CARD_FIELDS  # noqa: PLC0415
    from dataset.asking.evidence import REVIEW_PARTS, ArchiveError, capture_read, change_read  # noqa: PLC0415
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415

    known = dict.fromkeys((*CARD_FIELDS, *REVIEW_PARTS))
    if field is not None and field not in known:
        stop(f"--field {field}: there is no such field; choose from {', '.join(known)}", USAGE)
    folder = folder_of(context, data)
    try:
        with opened(folder) as con:
            change = change_read(con, folder, what)
            capture = None if change is not None else capture_read(con, folder, what, field)
    except (DatasetError, ArchiveError) as error:
        stop(error)
    found = change or capture
    if found is None:
        stop(f"{what!r} is the id of no capture and of no change; verdictlog changes and the dataset tell ids", USAGE)
    if json:
        key = "change" if change is not None else "capture"
        console.print_json({key: _plain(asdict(found))})
    elif change is not None:
        _tell_change(change)
    elif capture is not None:
        _tell_capture(capture)
    raise typer.Exit(OK)


def _plain(value: Any) -> Any:
    """`value` with places by name."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _tell_change(change: ChangeRead) -> None:
    old, new = (value if value is not None else "(empty)" for value in (change.old_value, change.new_value))
    about = f"{change.listing_id}" + (f", review {change.review_id}" if change.review_id else "")
    console.say(f"{change.field} of {about}")
    console.say(f"changed between {change.seen_before} and {change.seen_after}")
    for name, value, capture in (("before", old, change.before), ("after", new, change.after)):
        console.say("")
        console.say(f"{name}: {value}")
        _tell_capture(capture)


def _tell_capture(capture: CaptureRead) -> None:
    console.say(f"  {capture.answered_url or capture.url or 'a file without url'}")
    console.say(f"  capture {capture.capture_id}, captured {capture.captured_at}, as of {capture.observed_at}")
    if capture.content_of:
        console.say(f"  found unchanged; the words are those of capture {capture.content_of}")
    console.say(f"  {capture.warc_file}, offset {capture.warc_offset:,}")
    digest = "" if capture.digest_is_right else "  THIS IS NOT THE DIGEST OF THE BYTES IN THE ARCHIVE"
    console.say(f"  sha256 {capture.sha256}{digest}")
    if capture.why:
        console.say(f"  {capture.why}")
    for value in capture.values:
        _tell_value(value)


def _tell_value(read: Read) -> None:
    whose = f", review {read.review}" if read.review else ""
    console.say(f"  {read.field} ({read.listing_id or read.side}{whose}): {read.value or '(empty)'}")
    for words in read.words or ():
        path = f", {words.path}" if words.path else ""
        console.say(f"    block {words.block}, signs {words.start:,} to {words.end:,}{path}")
        console.say(f"      “{words.text}”")
    if read.why:
        console.say(f"    {read.why}")
