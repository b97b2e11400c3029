"""The command `categories`."""

from __future__ import annotations

from typing import Annotated

import typer

from verdictlog import console
from verdictlog.options import OK, Json, OwnData, folder_of, stop


def categories_command(
    context: typer.Context,
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only those that the mapping doesn't know, which stay as printed.")
    ] = False,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """List the canonical categories, the spellings mapped to each, and how many listings bear them.

    Sites spell one category in many ways. The column category_canonical holds the name that the mapping
    (normalize/categories.yml) gives it; a category that the mapping doesn't know passes through as printed.

    \b
    Examples:
      verdictlog categories
      verdictlog categories --unmapped --json
    """  # noqa: D301
    from dataset.asking.category_use import category_use  # noqa: PLC0415
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415

    try:
        with opened(folder_of(context, data)) as con:
            uses = [each for each in category_use(con) if not (unmapped and each.is_known)]
    except DatasetError as error:
        stop(error)
    if json:
        console.print_json({"categories": [each._asdict() for each in uses]})
    elif uses:
        rows = [
            (each.category, each.listings, "; ".join(each.listed[1:]) if each.is_known else "(not mapped)")
            for each in uses
        ]
        console.table("", ("category", "listings", "also spelled"), rows)
    else:
        console.note("the mapping knows every category")
    raise typer.Exit(OK)
