"""The command `show`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.options import OK, USAGE, Json, OwnData, folder_of, moment, plain, stop

if TYPE_CHECKING:
    from dataset.asking.as_of import ListingAsOf, ReviewAsOf, Standing


def show_command(
    context: typer.Context,
    listing: Annotated[str, typer.Argument(metavar="LISTING", help="Its id, a former id, or its name.")],
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As it was at this time; a day alone means its end.  [default: now]"),
    ] = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Show a listing and its reviews, as they are or as they were.

    Goes by when the pages were made. Says where nothing shows that it was still so: then it is the last known state.

    \b
    Examples:
      verdictlog show Fernway
      verdictlog show fernway-local-ci-runner --as-of 2026-03-31
    """  # noqa: D301
    from dataset.asking.as_of import listing_as_of  # noqa: PLC0415
    from dataset.asking.lookup import NoSuchListingError, listings_meant  # noqa: PLC0415
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415
    from dataset.readings.times import utc_text  # noqa: PLC0415

    at = moment(as_of, "--as-of", to_the_end=True) if as_of else utc_text(utc_now())
    try:
        with opened(folder_of(context, data)) as con:
            meant = listings_meant(con, listing)
            if len(meant) > 1:
                stop(f"{listing!r} may be any of these; name one by its id: {', '.join(map(str, meant))}", USAGE)
            found = listing_as_of(con, meant[0].listing_id, at)
    except NoSuchListingError as error:
        stop(error, USAGE)
    except DatasetError as error:
        stop(error)
    if json:
        console.print_json(plain(found))
    elif found.known is not None:
        _tell(found, found.known)
    if found.known is None:
        stop(f"{found.listing_id}: nothing shows it by {found.as_of}; it was first seen at {found.first_seen}")
    raise typer.Exit(OK)


def _tell(found: ListingAsOf, known: Standing) -> None:
    console.say(f"{found.fields['name'] or found.listing_id}  ({found.listing_id})")
    console.say(f"as of {found.as_of}: {_known(found.withdrawn_at, known)}")
    if found.same_tool:
        console.say(f"the same tool is listed as {', '.join(found.same_tool)}; see verdictlog match explain")
    console.say("")
    shown = {name: value for name, value in found.fields.items() if value is not None and name != "name"}
    if found.url:
        shown["url"] = found.url
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        sign = "%" if name.endswith("_pct") else ""
        _fold(f"{name:<{width}}  ", f"{value}{sign}")
    for review in found.reviews:
        console.say("")
        _tell_review(review)


def _known(withdrawn_at: str | None, known: Standing) -> str:
    if withdrawn_at is not None:
        return f"withdrawn, first seen without it at {withdrawn_at}; this is what was shown last"
    words = f"version {known.version}, so since {known.valid_from} at the latest"
    return f"{words}; {_last(known)}" if known.is_last_known else words


def _last(known: Standing) -> str:
    words = f"last known state, last seen so at {known.last_confirmed}"
    return f"{words}, first seen otherwise at {known.valid_to}" if known.valid_to else words


def _tell_review(review: ReviewAsOf) -> None:
    from dataset.telling.telling import short_persona  # noqa: PLC0415

    parts = [f"{review.score}/100"] if review.score is not None else []
    parts += [review.verdict] if review.verdict is not None else []
    head = f"{short_persona(review.persona)}: {' · '.join(parts)}" if parts else f"{short_persona(review.persona)}:"
    console.say(f"{head}  ({review.review_id}, {_since(review.known)})")
    _fold("  ", f"“{review.quote}”")


def _since(known: Standing) -> str:
    return _last(known) if known.is_last_known else f"so since {known.valid_from} at the latest"


def _fold(label: str, text: str) -> None:
    """Print a long text in lines below each other, to the right of its label."""
    lines = textwrap.wrap(" ".join(text.split()), 100 - len(label), break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(lines or [""]):
        console.say((label if number == 0 else " " * len(label)) + line)
