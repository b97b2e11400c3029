"""The rows of Datasette's tables as HTML, made in one go: cell by cell in a template, they take half of a page's time.

The roles say again what a table is to those who hear it, as on a phone it is laid out otherwise. Every value is
escaped, unless it is markup already, and signs that steer are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from datasette.utils import to_css_class  # type: ignore[import-untyped]
from markupsafe import Markup, escape

from dataset.serving.site.texts import plainly

EMPTY = ("", "&nbsp;")
"""What an empty cell shows: on a phone it takes no room."""


def body_of_table(rows: Iterable[Iterable[dict[str, Any]]]) -> Markup:
    """The rows of a table page, each of cells as Datasette's ``display_rows`` have them."""
    classes: dict[str, str] = {}
    parts: list[str] = []
    for row in rows:
        parts.append('<tr role="row">')
        for cell in row:
            name = cell["column"]
            if name not in classes:
                classes[name] = escape(to_css_class(name))
            parts.append(
                f'<td class="col-{classes[name]} type-{escape(cell["value_type"])}" role="cell" '
                f'data-column="{escape(name)}">{escape(plainly(cell["value"]))}</td>'
            )
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704  (every part is escaped)


def body_of_query(rows: Iterable[Iterable[Any]], columns: Sequence[str]) -> Markup:
    """The rows that a query gave, each of the values of `columns`."""
    starts = [
        (f'<td class="col-{escape(to_css_class(name))}', f'" role="cell" data-column="{escape(name)}">')
        for name in columns
    ]
    parts: list[str] = []
    for row in rows:
        parts.append('<tr role="row">')
        for (start, rest), value in zip(starts, row, strict=False):
            text = escape(plainly(value))
            parts.append(f"{start}{'' if text not in EMPTY else ' nothing'}{rest}{text}</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704  (every part is escaped)
